import BerthPlan
extension Executor {
  /// Neighbours that are prepared, noted and done together.
  static func groups(_ steps: [PlannedStep], atOnce: Int) -> [Range<Int>] {
    var groups: [Range<Int>] = []
    var start = 0
    var owners: Set<PlannedStep.Owner> = []
    for index in steps.indices {
      let step = steps[index]
      let isOrder = step.phase == .halt || step.phase >= .jobs
      if index > start {
        let isSameBatch = step.step.batch != nil && step.isLike(steps[start])
        let limit = isOrder ? atOnce : 500
        // Two jobs of one instance run one after the other.
        if !isSameBatch || index - start >= limit || (isOrder && owners.contains(step.owner)) {
          groups.append(start..<index)
          start = index
          owners = []
        }
      }
      owners.insert(step.owner)
    }
    if start < steps.count { groups.append(start..<steps.count) }
    return groups
  }
}

extension Executor {
  /// Plans what follows a plan in the same operation, as often as others claim something meanwhile.
  func extended(_ plan: Plan, by next: @Sendable () async throws -> Plan) async throws -> Plan {
    while true {
      try Task.checkCancellation()
      let generation = try host.registry.journal.generation()
      let more = try await next()
      guard try host.claimPorts(of: more) else { continue }
      let isOurs = try host.registry.journal.extend(
        operation, by: more.steps.count, plan: try Self.kept(plan.followed(by: more)),
        claims: host.claims(of: more), at: generation)
      if isOurs { return more }
    }
  }
}

extension PlannedStep.Owner {
  /// The instance's uid, when it is one.
  package var uid: String? { if case .instance(let uid) = self { uid } else { nil } }
}
