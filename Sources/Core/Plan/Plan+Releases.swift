import BerthKit

extension Plan {
  /// The releases that it needs and that are not there, in an order that is the same for everybody who wants locks.
  package var releases: [Release] {
    Set(steps.compactMap { if case .makeRelease(let release) = $0.step { release } else { nil } })
      .sorted { ($0.app, $0.name) < ($1.app, $1.name) }
  }
}

extension Release {
  /// Whether an instance runs it.
  package func isOf(_ record: InstanceRecord) -> Bool { record.key.app == app && record.release == name }
}
