import BerthKit
import BerthQuery

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
