/// When a service counts as running.
public struct ReadyProbe: Sendable, Equatable, Codable {
  /// What is looked at.
  public enum Check: Sendable, Equatable, Codable {
    /// `tcp`: the service listens on the port; `udp`: it has bound it.
    case port(TransportProtocol, role: String)
    case http(HTTPCheck)
    /// A program inside the container that ends with 0.
    case exec([Template])
  }

  /// An answer of a web server.
  public struct HTTPCheck: Sendable, Equatable, Codable {
    public var role: String
    /// Such as `/health`.
    public var path: String
    /// The host name that is asked for; the address itself when nil.
    public var host: Template?
    /// The status codes that mean ready.
    public var statuses: [Int]

    public init(role: String, path: String, host: Template? = nil, statuses: [Int] = [200]) {
      self.role = role
      self.path = path
      self.host = host
      self.statuses = statuses
    }
  }

  /// Seconds until the start counts as failed, unless it says otherwise.
  public static let defaultTimeout = 60

  public var check: Check
  /// Seconds until the start counts as failed.
  public var timeout: Int

  public init(_ check: Check, timeout: Int = defaultTimeout) {
    self.check = check
    self.timeout = timeout
  }

  public init(_ transport: TransportProtocol, _ role: String, timeout: Int = defaultTimeout) {
    self.init(.port(transport, role: role), timeout: timeout)
  }

  /// Whether a program inside a container is asked.
  public var isExec: Bool { if case .exec = check { true } else { false } }

  /// The port role that is asked; nil for a program.
  public var role: String? {
    switch check {
    case .port(_, let role): role
    case .http(let check): check.role
    case .exec: nil
    }
  }
}
