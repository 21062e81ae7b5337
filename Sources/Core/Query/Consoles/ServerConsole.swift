import BerthKit

/// Gives commands to a server that runs.
public struct ServerConsole: Sendable {
  private let kind: Console.Kind
  private let endpoint: Endpoint
  private let peer: Peer
  private let password: String
  private let connector: any Connector
  private let seconds: Double

  /// - Parameters:
  ///   - peer: who has to be there before the password is told.
  ///   - seconds: how long one command may take, the login included.
  public init(
    _ kind: Console.Kind, at endpoint: Endpoint, of peer: Peer, password: String, through connector: any Connector,
    seconds: Double
  ) {
    self.kind = kind
    self.endpoint = endpoint
    self.peer = peer
    self.password = password
    self.connector = connector
    self.seconds = seconds
  }

  /// Gives one command, over a connection of its own. It is sent once and never again.
  ///
  /// - Returns: what the server says, fit for a terminal; often nothing.
  /// - Throws: ``ConnectionFailure`` or ``AnswerFailure``.
  public func run(_ command: String) async throws -> String {
    try Self.requireSayable(command)
    switch kind {
    case .stdin: throw AnswerFailure.unsayable("anything over a port")
    case .sourceRCON, .minecraftRCON:
      guard !password.utf8.contains(0) else { throw AnswerFailure.unsayable("a password with a zero in it") }
      var console = SourceRCON(try await connection(), isMinecraft: kind == .minecraftRCON)
      let text = ServerText.lines(try await console.run(command, password: password))
      return kind == .minecraftRCON ? ServerText.withoutColours(text, mark: "§") : text
    case .quake3RCON: return try await runQuake3(command, connection())
    case .teeworlds: return try await TeeworldsConsole.run(command, password: password, over: connection())
    case .palworldREST:
      return ServerText.lines(
        try await Palworld.send(
          Palworld.call(command), to: endpoint, of: peer, password: password, through: connector, seconds: seconds))
    }
  }

  static func requireSayable(_ command: String) throws {
    // To most servers a second line would be a second command.
    guard !command.hasControlCharacter else { throw AnswerFailure.unsayable("a command with control characters") }
    guard command.contains(where: { $0 != " " }) else { throw AnswerFailure.unsayable("an empty command") }
  }

  private func connection() async throws -> any Connection {
    try await connector.open(endpoint, to: peer, seconds: seconds, bytes: AnswerLimits.bytes)
  }

  /// Nothing marks the end of an answer, so that quiet ends it.
  private func runQuake3(_ command: String, _ connection: any Connection) async throws -> String {
    guard command.utf8.count <= 900 else { throw AnswerFailure.unsayable("a command of more than 900 bytes") }
    try await connection.send(try Quake3.commandRequest(command, password: password))
    guard let first = try await connection.receive(within: nil) else { throw ConnectionFailure.silent }
    var printed = Array(try Quake3.printed(first))
    while let next = try await connection.receive(within: AnswerLimits.quietSeconds) {
      printed += try Quake3.printed(next)
    }
    return try Quake3.reply(printed)
  }
}
