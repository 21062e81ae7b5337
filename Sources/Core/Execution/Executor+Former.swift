import BerthKit
import BerthPlan

extension Executor {
  /// Tells how the instances stand that were to be changed, once all that was done with them is taken back.
  ///
  /// - Parameter uids: only these; nil for all of the plan.
  func tellFormer(_ plan: Plan, of uids: Set<String>? = nil) async {
    let changes = plan.changes.filter {
      [.change, .restore].contains($0.action) && uids?.contains($0.record.uid) ?? true
    }
    let records = changes.compactMap { try? host.registry.instance($0.record.key) }
    guard !records.isEmpty, let states = try? await host.manager.states(matching: records.flatMap(\.units)) else {
      return
    }
    for record in records {
      let version = record.version.map { " in its former version, \($0)" } ?? " as before"
      let isUp = record.isActive(states)
      options.notice("\(record.title): all is taken back, and it \(isUp ? "runs\(version)" : "does not run")")
    }
  }
}
