import BerthKit

extension Plan {
  /// The uids of instances that enter the registry with it, or are others there.
  var registered: Set<String> {
    Set(steps.compactMap { if case .register(let registration) = $0.step { registration.record.uid } else { nil } })
  }

  /// The uids of instances that leave the registry, or whose names and ports are freed there.
  var forgotten: Set<String> {
    Set(
      steps.compactMap { planned in
        switch planned.step {
        case .forget(let record), .keep(let record): record.uid
        default: nil
        }
      })
  }
}

extension HostServices {
  /// What a plan claims: instances that enter the registry or leave it, as they will be and as they are.
  func claims(of plan: Plan) throws -> [InstanceRecord] {
    let registered = plan.registered
    let uids = registered.union(plan.forgotten)
    guard !uids.isEmpty else { return [] }
    return try registry.all().filter { uids.contains($0.uid) }
      + plan.changes.map(\.record).filter { registered.contains($0.uid) }
  }
}
