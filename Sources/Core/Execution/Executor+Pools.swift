import BerthKit
import BerthPlan

extension Executor {
  /// The steps without those by which an instance would leave a pool of which another one has not come back: it may be the
  /// last one that serves.
  func staying(_ steps: [PlannedStep], _ plan: Plan) -> [PlannedStep] {
    guard !failures.isEmpty else { return steps }
    return steps.filter { planned in
      guard case .leavePool(let record, let place) = planned.step, place.comesBack else { return true }
      let isAlone = plan.changes.contains { change in
        let other = change.record
        return failures[other.uid] != nil && other.uid != record.uid && other.key.app == place.app
          && other.pool == place.pool
      }
      if isAlone { failures[record.uid] = .untried(record) }
      return !isAlone
    }
  }

  /// Puts instances back into their pools after an order, whatever became of it: who is in a pool is not for an order to
  /// say. A proxy passes over those that refuse.
  func comeBack(_ plan: Plan) async {
    let places = plan.steps.compactMap { planned in
      if case .joinPool(_, let place) = planned.step { place } else { nil }
    }
    guard !places.isEmpty else { return }
    // A cancelled task could not run what is needed.
    let problem = await Task.detached { [host] () async -> String? in
      do { try await host.join(places) } catch { return Executor.text(error) }
      return nil
    }.value
    if let problem { options.notice("not all are back in their pools: \(problem)") }
  }
}
