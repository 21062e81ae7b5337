import BerthKit

/// An operation: who did what, and how it ended.
public struct OperationReport: Report {
  public let operation: OperationRecord
  /// Who is at work on it now.
  public let holder: String?
  /// Steps that were begun and can be taken back; nil in a list.
  public let begun: [String]?

  public init(_ operation: OperationRecord, holder: String?, begun: [String]? = nil) {
    (self.operation, self.holder, self.begun) = (operation, holder, begun)
  }

  /// `running`, `incomplete`, or how it ended.
  public var status: String {
    guard operation.state.isOpen else { return operation.state.rawValue }
    return holder == nil ? "incomplete" : "running"
  }

  public var remedy: Remedy? {
    status == "incomplete" ? .berth("operations", "recover", "\(operation.id)") : nil
  }

  public var fields: ReportFields {
    [
      "id": operation.id, "verb": operation.verb, "command": operation.command, "status": status,
      "user_id": operation.person.id, "user": operation.person.name, "sudo_user": operation.person.sudoUser,
      "started_at": operation.startedAt, "ended_at": operation.endedAt, "error": operation.error, "remedy": remedy,
      "holder": holder, "steps": operation.steps, "steps_begun": operation.begun, "begun": begun,
      "instances": operation.items.map(Item.init),
    ]
  }

  private struct Item: Report {
    let item: OperationRecord.Item

    var fields: ReportFields {
      .instance(item.key, item.name) + ["action": item.action, "outcome": item.outcome, "error": item.error]
    }
  }
}

/// What became of an operation that had broken off.
public struct RecoveryReport: Report {
  public enum Ending: String, Sendable, Codable {
    /// All of it was done.
    case finished
    /// All of it was taken back.
    case undone
    /// Taken back but for what is named.
    case stuck
  }

  public let operation: OperationRecord
  public let ending: Ending
  /// What could not be taken back, or why it could not be finished; a line each.
  public let leftovers: [String]

  public var fields: ReportFields {
    [
      "id": operation.id, "verb": operation.verb, "ending": ending, "instances": operation.items.map(\.title),
      "leftovers": leftovers,
    ]
  }
}
