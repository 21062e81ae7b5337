import BerthKit

/// What can be asked of instances that exist.
public enum Control: String, Sendable, CaseIterable {
  case start, stop, restart, enable, disable
}

extension Berth {
  /// Starts, stops, restarts, enables or disables instances.
  ///
  /// - Returns: for each instance its report, or what went wrong with it.
  public func control(_ verb: Control, _ records: [InstanceRecord]) async throws -> [ControlOutcome] {
    try await requireManager()
    defer { host.ports.releaseClaims() }
    let outcome = try await carryOut(plan(verb, records), hostLock: nil)
    return try await outcomes(records, outcome)
  }

  /// What an order would do.
  public func plan(_ verb: Control, _ records: [InstanceRecord]) -> Plan {
    Plan(
      verb: verb.rawValue,
      records.map { record in
        let (action, step): (InstanceChange.Action, Step) =
          switch verb {
          case .start: (.start, .start(record))
          case .stop: (.stop, .stop(record, units: []))
          case .restart: (.restart, .restart(record, units: []))
          case .enable: (.enable, .enable([record.target]))
          case .disable: (.disable, .disable([record.target]))
          }
        return InstanceSteps(InstanceChange(action, record, reasons: ["asked for"]), [.activate: [step]])
      })
  }
}
