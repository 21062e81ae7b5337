import BerthKit

/// What can be asked of instances that exist.
public enum Control: String, Sendable, CaseIterable {
  case start, stop, restart, enable, disable
}

extension Berth {
  /// Starts, stops, restarts, enables or disables instances.
  ///
  /// - Returns: for each instance its report, or what went wrong with it. One that fails does not stop the others.
  public func control(
    _ verb: Control, _ records: [InstanceRecord]
  ) async throws -> [(record: InstanceRecord, result: Result<InstanceReport, BerthError>)] {
    try await requireManager()
    defer { host.ports.releaseClaims() }
    var failures: [String: BerthError] = [:]
    for record in records {
      do { try await control(verb, record) } catch let error where !(error is CancellationError) {
        failures[record.uid] = error as? BerthError ?? BerthError("failed", .failure, "\(error)")
      }
    }
    let reports = try await reports(records, withProcesses: true)
    return zip(records, reports).map { record, report in
      (record, failures[record.uid].map { .failure($0) } ?? .success(report))
    }
  }

  private func control(_ verb: Control, _ record: InstanceRecord) async throws {
    guard record.state == .ready else { throw BerthError.incomplete(record) }
    let lock = try await instanceLock(record.key, "\(verb.rawValue) \(record.title)")
    defer { lock.release() }
    switch verb {
    case .start: try await host.start(record)
    case .stop: try await host.stop(record)
    case .restart:
      // The services are named too, since restarting a target does not start what has failed in it.
      try await host.manager.resetFailed(record.units)
      try await host.manager.restart([record.target] + record.units)
      try await host.requireRunning(record)
    case .enable: try await host.manager.enable([record.target])
    case .disable: try await host.manager.disable([record.target])
    }
  }
}
