/// The protocol of a port.
public enum TransportProtocol: String, Sendable, Codable, CaseIterable, Comparable {
  case tcp, udp

  public static func < (left: TransportProtocol, right: TransportProtocol) -> Bool { left.rawValue < right.rawValue }
}

/// A named port of an app: `game`, `query`, `http`.
public struct PortRole: Sendable, Equatable, Codable {
  /// A role whose number is another's plus an offset.
  public struct Follows: Sendable, Equatable, Codable {
    public var role: String
    public var offset: Int

    public init(role: String, offset: Int) {
      self.role = role
      self.offset = offset
    }
  }

  public var role: String
  /// One protocol, or both on one number.
  public var protocols: [TransportProtocol]
  /// The number to try first, 1…65535; nil for a role that follows another.
  public var defaultNumber: Int?
  /// The address that the app listens on; `0.0.0.0` unless said otherwise.
  public var bind: String
  public var follows: Follows?
  /// The service that opens it; nil when it is the app's as a whole. An instance without that service has no such port.
  public var service: String?
  /// The port inside the container, 1…65535; nil when it is the same one there.
  public var target: Int?
  /// Whether an installation on a terminal asks for its number.
  public var isAsked: Bool
  public var help: String?

  public init(
    _ role: String, _ protocols: [TransportProtocol], default defaultNumber: Int? = nil, bind: String = "0.0.0.0",
    follows: Follows? = nil, service: String? = nil, target: Int? = nil, asked isAsked: Bool = false,
    help: String? = nil
  ) {
    self.role = role
    self.protocols = protocols
    self.defaultNumber = defaultNumber
    self.bind = bind
    self.follows = follows
    self.service = service
    self.target = target
    self.isAsked = isAsked
    self.help = help
  }

  /// Whether it is bound to every IPv6 address. An engine publishes such a port on every IPv4 address, too.
  public var isOnEveryAddress: Bool { bind == "::" }
}
