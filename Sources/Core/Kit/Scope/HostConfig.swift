/// What a person says of the host as a whole, in `host.yaml`.
public struct HostConfig: Sendable, Equatable {
  /// The web proxy that instances are reached by; nil for none.
  public var proxy: ProxyConfig?

  /// Where the files lie by which game panels find instances.
  public var registrations: Registrations
  /// What such a file stands for.
  public var registrationStyle: RegistrationStyle

  /// The ranges of addresses that networks of Docker Compose are cut from, the first with room first.
  public var addressPools: [Subnet] = AddressPool.standard

  /// Where plugins are looked up by name, the first that has one first.
  public var indexes: [PluginIndexPlace] = []

  /// What a file for game panels stands for.
  public enum RegistrationStyle: String, Sendable, CaseIterable {
    /// One instance, which has a script of its own.
    case instance
    /// All instances of an app, which one script speaks for.
    case app
  }

  /// A folder for files by which game panels find instances.
  public enum Registrations: Sendable, Equatable {
    /// The scope's own.
    case standard
    /// No such files are made.
    case none
    case folder(String)

    /// The folder; nil for none.
    public func folder(else standard: String?) -> String? {
      switch self {
      case .standard: standard
      case .none: nil
      case .folder(let path): path
      }
    }
  }

  public init(
    proxy: ProxyConfig? = nil, registrations: Registrations = .standard, style: RegistrationStyle = .instance
  ) {
    self.proxy = proxy
    self.registrations = registrations
    registrationStyle = style
  }
}

/// A web proxy of the host.
public struct ProxyConfig: Sendable, Equatable {
  public enum Kind: String, Sendable, Codable, CaseIterable { case caddy, nginx }

  public var kind: Kind
  /// Where the certificate of a host name lies, with `{host}` for the name; nil for none. Only nginx is told: Caddy gets
  /// its own.
  public var certificates: String?
  /// Where the key of that certificate lies.
  public var keys: String?

  public init(_ kind: Kind, certificates: String? = nil, keys: String? = nil) {
    self.kind = kind
    self.certificates = certificates
    self.keys = keys
  }

  /// The files of a host name's certificate and key; nil when none are configured.
  public func certificate(of host: String) -> (certificate: String, key: String)? {
    guard let certificates, let keys else { return nil }
    return (certificates.replacing("{host}", with: host), keys.replacing("{host}", with: host))
  }
}
