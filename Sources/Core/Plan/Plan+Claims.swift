import BerthKit

extension Plan {
  /// The uids of instances that enter the registry with it, or are others there.
  package var registered: Set<String> {
    Set(steps.compactMap { if case .register(let registration) = $0.step { registration.record.uid } else { nil } })
  }

  /// The uids of instances that leave the registry, or whose names and ports are freed there.
  package var forgotten: Set<String> {
    Set(
      steps.compactMap { planned in
        switch planned.step {
        case .forget(let record), .keep(let record): record.uid
        default: nil
        }
      })
  }
}
