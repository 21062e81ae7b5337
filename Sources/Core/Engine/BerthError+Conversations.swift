import BerthKit
import BerthQuery

extension BerthError {
  static func noQuery(_ record: InstanceRecord) -> BerthError {
    BerthError(
      "no-query", .usage, "\(record.title) cannot be asked who plays: its plugin declares no 'query' for it",
      remedy: .berth("app", "show", record.key.app))
  }

  public static func playersUnknown(_ title: String) -> BerthError {
    BerthError("players-unknown", .failure, "\(title) does not say how many play", remedy: .berth("players", "--help"))
  }

  static func noConsole(_ record: InstanceRecord) -> BerthError {
    BerthError(
      "no-console", .usage, "\(record.title) takes no commands: its plugin declares no 'console' for it",
      remedy: .berth("app", "show", record.key.app))
  }

  /// - Parameter remedy: what helps an instance on which an operation broke off; nil for a whole one.
  static func notRunning(
    _ record: InstanceRecord, service: ServiceReport, remedy: Remedy?
  ) -> BerthError {
    let verb = service.status == .starting ? "status" : "start"
    return BerthError(
      "not-running", .failure,
      "\(record.title) is not running: its service '\(service.name)' is \(service.status.rawValue)",
      at: service.unit, remedy: remedy ?? .berth(verb, record.key.app, "--instance", "\(record.key.id)"))
  }

  /// Speaks, and says in words of Berth's what went wrong.
  ///
  /// - Parameters:
  ///   - subject: who is spoken to.
  ///   - language: the protocol.
  ///   - instance: how commands name the instance; nil where nobody can be helped by one.
  public static func speaking<Answer>(
    _ subject: String, in language: String, at place: String, seconds: Double, instance: InstanceKey? = nil,
    _ body: () async throws -> Answer
  ) async throws -> Answer {
    let logs = instance.map { Remedy.berth("logs", $0.app, "--instance", "\($0.id)") }
    let restart = instance.map { Remedy.berth("restart", $0.app, "--instance", "\($0.id)") }
    do { return try await body() } catch let failure as ConnectionFailure {
      let what =
        switch failure {
        case .foreign(let owner):
          throw BerthError(
            "foreign-listener", .notAllowed,
            "the port of \(subject) is not its own service's: it belongs to \(owner), who was told nothing", at: place,
            remedy: restart ?? .berth("doctor"))
        case .refused: "nobody listens there"
        case .silent: "nothing came within \(seconds.formatted) s"
        case .closed: "it closed in the middle of its answer"
        case .tooLarge(let bytes): "it sent more than \(bytes / 1024) KiB"
        case .failed(let reason): reason
        }
      throw BerthError(
        "no-answer", .failure, "\(subject) gave no whole answer in '\(language)': \(what)", at: place, remedy: logs)
    } catch let failure as AnswerFailure {
      switch failure {
      case .garbage(let reason):
        throw BerthError(
          "bad-answer", .failure, "what \(subject) answers is not in '\(language)': \(reason)", at: place, remedy: logs)
      case .wrongPassword:
        throw BerthError(
          "wrong-password", .notAllowed, "\(subject) refuses the password that its settings have", at: place,
          remedy: restart)
      case .unsayable(let what):
        throw BerthError(
          "bad-command", .usage, "'\(language)' cannot say \(what)", at: place, remedy: .berth("console", "--help"))
      }
    }
  }
}

extension Double {
  /// Without a fraction where there is none.
  fileprivate var formatted: String { self == rounded() ? String(Int(self)) : String(self) }
}
