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
    /// The external console of Teeworlds.
    case teeworlds

    public var transport: TransportProtocol { self == .quake3RCON ? .udp : .tcp }
  }

  public var kind: Kind
  /// The port role that listens to commands.
  public var role: String
  /// What it wants to know before it obeys; a secret.
  public var password: Template

  public init(_ kind: Kind, port role: String, password: Template) {
    self.kind = kind
    self.role = role
    self.password = password
  }
}
