import BerthKit
import BerthQuery

extension BerthError {
  static func noQuery(_ record: InstanceRecord) -> BerthError {
    BerthError(
      "no-query", .usage, "\(record.title) cannot be asked who plays: its plugin declares no 'query' for it",
      remedy: "berth app show \(record.key.app)")
  }

  static func noConsole(_ record: InstanceRecord) -> BerthError {
    BerthError(
      "no-console", .usage, "\(record.title) takes no commands: its plugin declares no 'console' for it",
      remedy: "berth app show \(record.key.app)")
  }

  /// - Parameter remedy: what helps an instance on which an operation broke off; nil for a whole one.
  static func notRunning(
    _ record: InstanceRecord, service: InstanceReport.ServiceReport, remedy: String?
  ) -> BerthError {
    let verb = service.status == .starting ? "status" : "start"
    return BerthError(
      "not-running", .failure,
      "\(record.title) is not running: its service '\(service.name)' is \(service.status.rawValue)",
      at: service.unit, remedy: remedy ?? "berth \(verb) \(record.key.app) --instance \(record.key.id)")
  }

  /// Nobody answered, or not to the end.
  static func noConversation(_ conversation: Berth.Conversation, _ failure: ConnectionFailure) -> BerthError {
    let record = conversation.record
    let what =
      switch failure {
      case .refused: "nobody listens there"
      case .silent: "nothing came within \(conversation.seconds.formatted) s"
      case .closed: "it closed in the middle of its answer"
      case .tooLarge(let bytes): "it sent more than \(bytes / 1024) KiB"
      case .failed(let reason): reason
      }
    return BerthError(
      "no-answer", .failure, "\(record.title) gave no whole answer in '\(conversation.language)': \(what)",
      at: conversation.endpoint.description, remedy: "berth logs \(record.key.app) --instance \(record.key.id)")
  }

  /// What came is of no use.
  static func badConversation(_ conversation: Berth.Conversation, _ failure: AnswerFailure) -> BerthError {
    let record = conversation.record
    let place = conversation.endpoint.description
    switch failure {
    case .garbage(let reason):
      return BerthError(
        "bad-answer", .failure, "what \(record.title) answers is not in '\(conversation.language)': \(reason)",
        at: place,
        remedy: "berth logs \(record.key.app) --instance \(record.key.id)")
    case .wrongPassword:
      return BerthError(
        "wrong-password", .notAllowed, "\(record.title) refuses the password that its settings have", at: place,
        remedy: "berth restart \(record.key.app) --instance \(record.key.id)")
    case .unsayable(let what):
      return BerthError(
        "bad-command", .usage, "'\(conversation.language)' cannot say \(what)", at: place,
        remedy: "berth console --help")
    }
  }
}

extension Double {
  /// Without a fraction where there is none.
  fileprivate var formatted: String { self == rounded() ? String(Int(self)) : String(self) }
}
