import BerthKit
import BerthPlan

extension Executor {
  /// Tells at once that one of several instances failed, where the others go on. How it stands is said at the end.
  func tellFailure(of uid: String) {
    guard options.keepsGoing, titles.count > 1, let title = titles[uid], let error = failures[uid] else { return }
    options.notice("\(title) failed, and the others go on: \(error.summary)")
  }

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
      let isUp = record.isActive(states) && !record.units.contains { states[$0]?.waitsForRestart == true }
      options.notice("\(record.title): all is taken back, and it \(isUp ? "runs\(version)" : "does not run")")
    }
  }
}
