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
    var failures: HostServices.Failures = [:]
    var locks: [any HeldLock] = []
    defer { for lock in locks { lock.release() } }
    for record in records {
      do { locks.append(try await lock(record, for: verb)) } catch let error as BerthError {
        failures[record.uid] = error
      }
    }
    let ready = records.filter { failures[$0.uid] == nil }
    if !ready.isEmpty { failures.merge(try await carryOut(verb, ready)) { first, _ in first } }
    let reports = try await reports(records, withProcesses: true)
    return zip(records, reports).map { record, report in
      (record, failures[record.uid].map { .failure($0) } ?? .success(report))
    }
  }

  private func lock(_ record: InstanceRecord, for verb: Control) async throws -> any HeldLock {
    guard record.state == .ready else { throw BerthError.incomplete(record) }
    return try await instanceLock(record.key, "\(verb.rawValue) \(record.title)")
  }

  private func carryOut(_ verb: Control, _ records: [InstanceRecord]) async throws -> HostServices.Failures {
    switch verb {
    case .start: return try await host.start(records)
    case .stop: try await host.stop(records)
    case .restart: return try await host.restart(records)
    case .enable: try await host.manager.enable(records.map(\.target))
    case .disable: try await host.manager.disable(records.map(\.target))
    }
    return [:]
  }
}
