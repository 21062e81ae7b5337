/// How an app takes commands while it runs.
public struct Console: Sendable, Equatable, Codable {
  /// What it speaks.
  public enum Kind: String, Sendable, Codable, CaseIterable {
    case minecraftRCON = "minecraft-rcon"
    /// The REST interface of Palworld.
    case palworldREST = "palworld-rest"
    /// `rcon` of Quake III Arena and its descendants.
    case quake3RCON = "quake3-rcon"
    case sourceRCON = "source-rcon"
    /// Nothing but lines on the standard input of the app's first service.
    case stdin
    /// The external console of Teeworlds.
    case teeworlds

    /// Nil where no port is listened on.
    public var transport: TransportProtocol? {
      switch self {
      case .stdin: nil
      case .quake3RCON: .udp
      case .minecraftRCON, .palworldREST, .sourceRCON, .teeworlds: .tcp
      }
    }
  }

  /// A command that an app is known to take.
  public struct Command: Sendable, Equatable, Codable {
    /// As it is typed, without what follows it.
    public var word: String
    public var help: String

    public init(_ word: String, help: String) {
      self.word = word
      self.help = help
    }
  }

  public var kind: Kind
  /// The port role that listens to commands; nil where none does.
  public var role: String?
  /// What it wants to know before it obeys, a secret; nil where it asks for nothing.
  public var password: Template?
  /// The command that shows ``message`` to all who play; nil where there is none.
  public var announce: Template?
  /// Some of the commands that it takes, for people and panels to choose from.
  public var commands: [Command]

  /// What stands for the text in ``announce``.
  public static let message = "message"

  public init(
    _ kind: Kind, port role: String? = nil, password: Template? = nil, announce: Template? = nil,
    commands: [Command] = []
  ) {
    self.kind = kind
    self.role = role
    self.password = password
    self.announce = announce
    self.commands = commands
  }
}
