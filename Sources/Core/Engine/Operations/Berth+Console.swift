import BerthKit
import BerthQuery
import BerthRender
import Synchronization

extension Berth {
  /// Gives one command to a running instance, over a connection of its own.
  ///
  /// - Parameter seconds: how long it may take.
  /// - Throws: `no-console` where its plugin declares none, `not-running`, `no-answer`, `bad-answer`, `wrong-password`, or
  ///   `bad-command` for what the console has no words for.
  public func console(_ command: String, of record: InstanceRecord, seconds: Int) async throws -> ConsoleReply {
    let manifest = try plugin(record.key.app).manifest
    guard let console = manifest.console else { throw BerthError.noConsole(record) }
    guard let role = console.role, let transport = console.kind.transport else {
      return try await type(command, record, manifest, seconds: Double(seconds))
    }
    let conversation = try await conversation(
      with: record, manifest, role: role, transport, language: console.kind.rawValue,
      seconds: Double(seconds), orElse: .noConsole(record))
    return try await conversation.speak {
      // A value that the plugin no longer takes is as none.
      guard let password = conversation.password else { throw AnswerFailure.wrongPassword }
      let text = try await ServerConsole(
        console.kind, at: conversation.endpoint, of: conversation.peer, password: password, through: host.connector,
        seconds: conversation.seconds
      ).run(command)
      return ConsoleReply(
        record: record, command: command, text: SecretMask.masked(text, secrets: conversation.secrets))
    }
  }

  /// Gives one command to a service that reads its standard input. What it logs next is taken for its answer.
  private func type(
    _ command: String, _ record: InstanceRecord, _ manifest: Manifest, seconds: Double
  ) async throws -> ConsoleReply {
    guard let service = manifest.consoleService else { throw BerthError.noConsole(record) }
    try await requireRunning(record, service: service.id)
    let path = paths.consoleInput(record.key.app, record.key.id.text)
    let unit = UnitName.service(record.key.app, service.id, record.key.id.text)
    let start = host.clock.journalTime
    let former = try await messages(of: unit, since: start).count
    try await BerthError.speaking(
      record.title, in: Console.Kind.stdin.rawValue, at: path, seconds: seconds,
      instance: record.key
    ) {
      try await InputConsole(path, through: host.connector, seconds: seconds).run(command)
    }
    var lines: ArraySlice<String> = []
    // Until nothing more has come in a while; most commands are answered at once or not at all.
    for _ in 0..<8 {
      try await Task.sleep(for: .milliseconds(250))
      let now = try await messages(of: unit, since: start).dropFirst(former)
      if !now.isEmpty, now.count == lines.count { break }
      lines = now
    }
    let secrets = try host.registry.settings(of: record.uid).filter { $0.isSecret && $0.value.utf8.count >= 6 }
    let text = ServerText.lines(lines.joined(separator: "\n"))
    return ConsoleReply(
      record: record, command: command, text: SecretMask.masked(text, secrets: secrets.map(\.value)))
  }

  private func messages(of unit: String, since start: String) async throws -> [String] {
    let found = Mutex<[String]>([])
    try await host.logs.entries(of: [unit], since: start, last: nil, follow: false, namesUnits: false) { entry in
      found.withLock { $0.append(entry.message) }
    }
    return found.withLock { $0 }
  }

  /// Makes sure that an instance has a console, before anybody is asked for commands.
  ///
  /// - Throws: `no-console`.
  public func requireConsole(of record: InstanceRecord) throws {
    guard try plugin(record.key.app).manifest.console != nil else { throw BerthError.noConsole(record) }
  }
}
