/// How an app is asked who plays.
public struct PlayerQuery: Sendable, Equatable, Codable {
  /// What it speaks.
  public enum Kind: String, Sendable, Codable, CaseIterable {
    /// Valve's server queries: Source games, and many others.
    case a2s
    /// The server browser of Armagetron Advanced 0.2.
    case armagetron
    /// The first packets of Luanti, formerly Minetest, which tell no more than that it answers.
    case luanti
    /// Server List Ping of Minecraft 1.7 and newer.
    case minecraft
    case mumble
    /// The REST interface of Palworld, with the password of its console.
    case palworldREST = "palworld-rest"
    /// `getstatus` of Quake III Arena and its descendants.
    case quake3
    /// Teeworlds 0.6 and 0.7.
    case teeworlds

    public var transport: TransportProtocol {
      switch self {
      case .a2s, .armagetron, .luanti, .mumble, .quake3, .teeworlds: .udp
      case .minecraft, .palworldREST: .tcp
      }
    }

    /// Whether it answers only those who know a password.
    public var needsPassword: Bool { self == .palworldREST }

    /// Whether it ever says how many play.
    public var tellsCount: Bool { self != .luanti }
  }

  public var kind: Kind
  /// The port role that answers.
  public var role: String

  public init(_ kind: Kind, port role: String) {
    self.kind = kind
    self.role = role
  }
}
