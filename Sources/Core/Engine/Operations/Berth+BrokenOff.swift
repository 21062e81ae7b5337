import BerthKit
import BerthPlan

/// Instances on which an operation broke off.
extension Berth {
  /// Those of a plan that nothing may be done to before they are recovered, by uid. What is whole can be started and stopped
  /// all the same, and everything can be stopped: a full disk, which keeps an operation from being recovered, is no reason to
  /// keep a service from ending.
  func brokenOff(_ plan: Plan) throws -> [String: BerthError] {
    var errors: [String: BerthError] = [:]
    let open = try openOperations()
    for change in plan.changes {
      let record = change.record
      if let operation = open.first(where: { $0.openItems.contains { $0.uid == record.uid } }) {
        if plan.isOrder, record.isMade, change.action == .stop || isUntouched(record, by: operation) {
          options.notice(
            "operation \(operation.id) (\(operation.title)) broke off, and could not be recovered yet; run: "
              + "\(Remedy.berth("operations", "recover", "\(operation.id)"))")
        } else {
          errors[record.uid] = .incomplete(record, operation: operation)
        }
      } else if !record.isMade, ![.make, .remove, .keep].contains(change.action) {
        errors[record.uid] = .incomplete(record, operation: nil)
      }
    }
    return errors
  }

  /// Whether an operation that broke off has changed nothing of an instance, or all.
  private func isUntouched(_ record: InstanceRecord, by operation: OperationRecord) -> Bool {
    if operation.state == .finishing { return true }
    do {
      if let plan = try finishable(operation), !plan.isOrder { return false }
      return try receipts(of: operation).filter { receipt in
        switch receipt.owner {
        case .instance(let uid): uid == record.uid
        case .app(let app): app == record.key.app
        case .all: true
        }
      }.allSatisfy { try host.isAsBefore($0.undo, record) }
    } catch { return false }
  }
}

extension InstanceRecord {
  /// Whether its installation came to its end, and no removal has begun.
  fileprivate var isMade: Bool { ![.installing, .removing].contains(state) }
}
