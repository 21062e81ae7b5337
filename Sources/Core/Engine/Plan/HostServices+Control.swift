import BerthKit

/// Orders to the service manager: one for all instances they concern, and one question afterwards.
extension HostServices {
  /// What went wrong, by the instance's uid.
  typealias Failures = [String: BerthError]

  /// Starts instances and waits until every service's probe has passed.
  ///
  /// - Returns: `port-in-use` where someone else listens on a port, `not-ready` with the last log lines.
  func start(_ records: [InstanceRecord]) async throws -> Failures {
    let states = try await states(of: records)
    var failures: Failures = [:]
    for record in records where !Self.isActive(record, states) { failures[record.uid] = portConflict(record) }
    let free = records.filter { failures[$0.uid] == nil }
    guard !free.isEmpty else { return failures }
    try await manager.resetFailed(free.flatMap(\.units))
    try await manager.start(free.map(\.target))
    return failures.merging(try await notRunning(free)) { first, _ in first }
  }

  /// - Throws: what ``start(_:)-([InstanceRecord])`` returns for this one.
  func start(_ record: InstanceRecord) async throws {
    if let error = try await start([record])[record.uid] { throw error }
  }

  /// Stops instances. Units that are not loaded are stopped already, and a half-made instance may have none.
  func stop(_ records: [InstanceRecord]) async throws {
    let units = records.flatMap { [$0.target] + $0.units }
    let states = try await manager.states(matching: units)
    let active = units.filter { Status(states[$0]) != .stopped && Status(states[$0]) != .failed }
    if !active.isEmpty { try await manager.stop(active) }
    try await manager.resetFailed(records.flatMap(\.units))
  }

  /// Restarts instances and waits as ``start(_:)-([InstanceRecord])`` does.
  func restart(_ records: [InstanceRecord]) async throws -> Failures {
    try await manager.resetFailed(records.flatMap(\.units))
    // The services are named too, since restarting a target does not start what has failed in it.
    try await manager.restart(records.flatMap { [$0.target] + $0.units })
    return try await notRunning(records)
  }

  /// Whether any service of the instance is up or on its way.
  func isActive(_ record: InstanceRecord) async throws -> Bool {
    Self.isActive(record, try await states(of: [record]))
  }

  /// The last lines that units wrote, for an error's cause; nothing when the journal cannot be read.
  func lastLines(of units: [String], count: Int) async -> [String] {
    let lines = LineCollector()
    try? await logs.entries(of: units, since: nil, last: count, follow: false) { await lines.add($0.message) }
    return await lines.lines
  }

  private func states(of records: [InstanceRecord]) async throws -> [String: UnitState] {
    try await manager.states(matching: records.flatMap(\.units))
  }

  private static func isActive(_ record: InstanceRecord, _ states: [String: UnitState]) -> Bool {
    record.units.contains { ![.stopped, .failed].contains(Status(states[$0])) }
  }

  private func portConflict(_ record: InstanceRecord) -> BerthError? {
    for port in record.ports {
      if let owner = ports.listener(on: port.port) { return .portInUse(port.port, role: port.role, owner: owner) }
      guard ports.claim(port.port) else {
        return .portInUse(port.port, role: port.role, owner: PortAllocator.otherBerth)
      }
    }
    return nil
  }

  private func notRunning(_ records: [InstanceRecord]) async throws -> Failures {
    let states = try await states(of: records)
    var failures: Failures = [:]
    for record in records {
      guard let unit = record.units.first(where: { states[$0]?.active != "active" }) else { continue }
      let log = await lastLines(of: [unit], count: 12)
      failures[record.uid] = .notReady(record, unit: unit, state: states[unit], log: log)
    }
    return failures
  }
}

private actor LineCollector {
  private(set) var lines: [String] = []
  func add(_ line: String) { lines.append(line) }
}
