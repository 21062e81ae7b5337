import BerthKit
import BerthQuery
import BerthRender

/// What an instance said to a command.
public struct ConsoleReply: Sendable, Encodable {
  /// The instance.
  public let record: InstanceRecord
  public let command: String
  /// Fit for a terminal, and without the instance's secrets; often empty.
  public let text: String

  private enum CodingKeys: String, CodingKey {
    case app, command, reply
    case instanceID = "instance_id"
    case instanceName = "instance_name"
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(record.key.app, forKey: .app)
    try container.encode(record.key.id, forKey: .instanceID)
    try container.encode(record.name, forKey: .instanceName)
    try container.encode(command, forKey: .command)
    try container.encode(text, forKey: .reply)
  }
}

extension Berth {
  /// Gives one command to a running instance, over a connection of its own.
  ///
  /// - Parameter seconds: how long it may take.
  /// - Throws: `no-console` where its plugin declares none, `not-running`, `no-answer`, `bad-answer`, `wrong-password`, or
  ///   `bad-command` for what the console has no words for.
  public func console(_ command: String, of record: InstanceRecord, seconds: Int) async throws -> ConsoleReply {
    let manifest = try plugin(record.key.app).manifest
    guard let console = manifest.console else { throw BerthError.noConsole(record) }
    let conversation = try await conversation(
      with: record, manifest, role: console.role, console.kind.transport, language: console.kind.rawValue,
      seconds: Double(seconds), orElse: .noConsole(record))
    return try await conversation.speak {
      // A value that the plugin no longer takes is as none.
      guard let password = conversation.password else { throw AnswerFailure.wrongPassword }
      let text = try await ServerConsole(
        console.kind, at: conversation.endpoint, password: password, through: host.connector,
        seconds: conversation.seconds
      ).run(command)
      return ConsoleReply(
        record: record, command: command, text: SecretMask.masked(text, secrets: conversation.secrets))
    }
  }

  /// Makes sure that an instance has a console, before anybody is asked for commands.
  ///
  /// - Throws: `no-console`.
  public func requireConsole(of record: InstanceRecord) throws {
    guard try plugin(record.key.app).manifest.console != nil else { throw BerthError.noConsole(record) }
  }
}
