import BerthKit
import BerthQuery

/// Who plays on an instance, as its server tells it. What it does not tell is null.
public struct PlayersReport: Sendable, Encodable {
  /// The instance that was asked.
  public let record: InstanceRecord
  /// What it said.
  public let server: ServerReport

  private enum Key: String, CodingKey {
    case app, server, map, version, count, players
    case limit = "max"
    case instanceID = "instance_id"
    case instanceName = "instance_name"
  }

  private struct Player: Encodable {
    let player: ServerReport.Player

    private enum Key: String, CodingKey { case name, score, seconds }

    func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: Key.self)
      try container.encode(player.name, forKey: .name)
      try container.encode(player.score, forKey: .score)
      try container.encode(player.seconds, forKey: .seconds)
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(record.key.app, forKey: .app)
    try container.encode(record.key.id, forKey: .instanceID)
    try container.encode(record.name, forKey: .instanceName)
    try container.encode(server.name, forKey: .server)
    try container.encode(server.map, forKey: .map)
    try container.encode(server.version, forKey: .version)
    try container.encode(server.count, forKey: .count)
    try container.encode(server.limit, forKey: .limit)
    try container.encode(server.players?.map(Player.init), forKey: .players)
  }
}

extension Berth {
  /// Asks a running instance who plays.
  ///
  /// - Parameter seconds: how long the server may take.
  /// - Throws: `no-query` where its plugin declares none, `not-running`, `no-answer`, `bad-answer` or `wrong-password`.
  public func players(of record: InstanceRecord, seconds: Int = 5) async throws -> PlayersReport {
    let manifest = try plugin(record.key.app).manifest
    guard let query = manifest.query else { throw BerthError.noQuery(record) }
    let conversation = try await conversation(
      with: record, manifest, role: query.role, query.kind.transport, language: query.kind.rawValue,
      seconds: Double(seconds), orElse: .noQuery(record))
    return try await conversation.speak {
      let server = try await ServerQuery(
        query.kind, at: conversation.endpoint, of: conversation.peer, password: conversation.password,
        through: host.connector, seconds: conversation.seconds
      ).ask()
      return PlayersReport(record: record, server: server)
    }
  }
}
