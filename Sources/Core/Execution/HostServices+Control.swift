import BerthKit
import BerthRender

/// Orders to the service manager: one for all instances they concern, and one question afterwards.
extension HostServices {
  /// What went wrong, by the instance's uid.
  package typealias Failures = [String: BerthError]

  /// Starts instances and waits until every service's probe has passed.
  ///
  /// - Parameter isAwaited: whether to wait; else the manager is told to start them, and what becomes of it is seen later.
  /// - Returns: `port-in-use` where someone else listens on a port, `not-ready` with the last log lines.
  package func start(
    _ orders: [(record: InstanceRecord, units: [String])], isAwaited: Bool = true
  ) async throws -> Failures {
    let states = try await states(of: orders.map(\.record))
    let idle = orders.map(\.record).filter { !$0.isActive(states) }
    // A program of the host's has the same look in its unit, with its own rights.
    var failures = try unreadableFiles(of: idle.filter { !$0.images.isEmpty })
    let engines = await engineAnswers(for: idle)
    for record in idle {
      failures[record.uid] =
        try engines.foreign(to: record, paths) ?? portConflict(record) ?? failures[record.uid]
      for folder in paths.pins(of: record.key) { files.unpin(folder) }
    }
    let free = orders.filter { failures[$0.record.uid] == nil }
    guard !free.isEmpty else { return failures }
    try await forgetFailures(of: free.flatMap { $0.record.chosen($0.units) }, states)
    try await awaitPorts(of: free.map(\.record))
    let begun = clock.journalTime
    let units = free.flatMap { $0.units.isEmpty ? [$0.record.target] : $0.units }
    guard isAwaited else {
      try await manager.begin(.start, units)
      return failures
    }
    try await manager.start(units)
    return failures.merging(try await notRunning(free, since: begun)) { first, _ in first }
  }

  /// Stops units. Those that are not loaded are stopped already, and a half-made instance may have none.
  package func stop(_ units: [String]) async throws {
    let states = try await manager.states(matching: units)
    let active = units.filter { Status(states[$0]).isUp }
    if !active.isEmpty { try await stopActive(active) }
    try await forgetFailures(of: units, states)
  }

  /// One that has ended since it was looked at is perhaps no longer loaded, and the manager refuses to stop it.
  private func stopActive(_ units: [String]) async throws {
    do { try await manager.stop(units) } catch let error as BerthError where error.code == "manager-refused" {
      let states = try await manager.states(matching: units)
      let active = units.filter { Status(states[$0]).isUp }
      guard active.count < units.count else { throw error }
      if !active.isEmpty { try await manager.stop(active) }
    }
  }

  /// Restarts services and waits as ``start(_:)`` does.
  ///
  /// - Returns: `unreadable-file` too, for a service that goes on as it is: once stopped, it would not start.
  package func restart(
    _ orders: [(record: InstanceRecord, units: [String])], isAwaited: Bool = true
  ) async throws -> Failures {
    let unreadable = try unreadableFiles(of: orders.map(\.record))
    let orders = orders.filter { unreadable[$0.record.uid] == nil }
    guard !orders.isEmpty else { return unreadable }
    return try await restartReadable(orders, isAwaited: isAwaited).merging(unreadable) { first, _ in first }
  }

  /// Instances whose user may not read a config file that Berth wrote. A container may have users of its own, and so only what
  /// nobody can read counts there, such as a FIFO: its program would wait for it until it is given up.
  private func unreadableFiles(of records: [InstanceRecord]) throws -> Failures {
    guard !records.isEmpty else { return [:] }
    let written = try registry.checksumsByInstance()
    return records.reduce(into: [:]) { failures, record in
      guard let paths = written[record.uid]?.keys.sorted() else { return }
      for path in paths {
        guard let reason = unreadability(of: path, record) else { continue }
        failures[record.uid] = .unreadableFile(path, of: (record.key.app, record.key.id.text), reason)
        return
      }
    }
  }

  /// Why a service of the instance cannot read a config file; nil where it can, and where nothing tells.
  private func unreadability(of path: String, _ record: InstanceRecord) -> String? {
    guard record.images.isEmpty else { return isOdd(path) ? "it is no regular file" : nil }
    guard files.mayRead(path, record.user.map { FileOwner(user: $0) }) else {
      return "it is no regular file, or its owner and mode or those of its folder keep the service from it"
    }
    return !files.exists(path) && isNeeded(path, by: record) ? "it is not there" : nil
  }

  /// Whether a unit of the instance does not start without a file. The registry knows files of former plugins, too.
  private func isNeeded(_ path: String, by record: InstanceRecord) -> Bool {
    let home = paths.instance(record.key)
    guard let folder = ScopePaths.ownFolders.first(where: { path.hasPrefix("\(home)/\($0)/") }) else { return false }
    let name = String(path.dropFirst("\(home)/\(folder)/".count))
    return record.services.contains { service in
      let unit = try? files.read(paths.unit(UnitName.service(record.key.app, service)))
      return unit.map { UnitRenderer.unit($0, needs: name, in: folder) } ?? false
    }
  }

  /// Whether something else than a file or a link stands at a path.
  private func isOdd(_ path: String) -> Bool {
    guard files.exists(path), !files.isFile(path) else { return false }
    let folder = ScopePaths.folder(of: path)
    return files.realPath(path) == files.realPath(folder) + path.dropFirst(folder.count)
  }

  private func restartReadable(
    _ orders: [(record: InstanceRecord, units: [String])], isAwaited: Bool
  ) async throws -> Failures {
    let beside = orders.flatMap { order in
      order.units.isEmpty ? [] : order.record.units.filter { !order.units.contains($0) }
    }
    let states = try await manager.states(matching: beside)
    let others = beside.filter { Status(states[$0]).isUp }
    try await manager.resetFailed(orders.flatMap { $0.record.chosen($0.units) })
    unpinRemoved(orders.map(\.record))
    let begun = clock.journalTime
    // The services are named too, since restarting a target does not start what has failed in it.
    let units = orders.flatMap { $0.record.chosen($0.units, withTarget: true) }
    guard isAwaited else {
      try await manager.begin(.restart, units)
      return [:]
    }
    try await manager.restart(units)
    // What depends on a restarted service is restarted by the manager itself, which does not wait for it.
    if !others.isEmpty { try await manager.start(others) }
    // What was stopped beside them may stay so.
    let upBefore = Set(others)
    let expected = orders.map { order in
      (
        record: order.record,
        units: order.units.isEmpty ? [] : order.units + order.record.units.filter(upBefore.contains)
      )
    }
    let failures = try await notRunning(expected, since: begun)
    // A service that cannot have its own port back at once gets another chance when it can.
    let late = expected.filter { failures[$0.record.uid] != nil }
    guard try await awaitPorts(of: late.map(\.record)) else { return failures }
    return failures.filter { uid, _ in !late.contains { $0.record.uid == uid } }
      .merging(try await start(late)) { _, now in now }
  }

  /// Waits for ports that only closed connections keep.
  ///
  /// - Returns: whether there were any.
  @discardableResult
  private func awaitPorts(of records: [InstanceRecord]) async throws -> Bool {
    let ports = records.flatMap(\.ports).map(\.port).filter { $0.transport == .tcp }
    var seconds = 0
    while seconds <= PortNumber.linger, ports.contains(where: self.ports.isLingering) {
      seconds += 1
      try await Task.sleep(for: .seconds(1))
    }
    return seconds > 0
  }

  /// Takes away pins of what instances have removed since: such a one keeps the manager from running any command of its
  /// unit, those that would take it away too.
  func unpinRemoved(_ records: [InstanceRecord]) {
    for folder in records.flatMap({ paths.pins(of: $0.key) }) { files.unpinRemoved(folder) }
  }

  /// Runs one job of each instance and waits until all have ended.
  func runJobs(_ jobs: [(record: InstanceRecord, job: String)]) async throws -> Failures {
    let units = jobs.map { UnitName.service($0.record.key.app, $0.job, $0.record.key.id.text) }
    try await manager.resetFailed(units)
    unpinRemoved(jobs.map(\.record))
    let begun = clock.journalTime
    try await manager.start(units)
    let states = try await manager.states(matching: units)
    var failures: Failures = [:]
    for ((record, job), unit) in zip(jobs, units) {
      // A job that has ended well is no longer active, and is perhaps not even loaded.
      guard let state = states[unit], state.active != "inactive" else { continue }
      failures[record.uid] = .jobFailed(job, record, unit: unit, log: await lastLines(of: [unit], since: begun))
    }
    // The manager would keep a unit that failed in mind, also when its instance is taken back. One that a timer starts too
    // counts as failed until it has run well.
    let forgotten = zip(jobs, units).filter { job, unit in
      states[unit]?.active == "failed"
        && !(job.record.state == .ready && files.exists(paths.unit(UnitName.timer(job.record.key.app, job.job))))
    }.map(\.1)
    if !forgotten.isEmpty { try await manager.resetFailed(forgotten) }
    return failures
  }

  /// Whether an instance has a unit for a service, a job or a program of a backup set.
  package func hasUnit(_ part: String, of record: InstanceRecord) -> Bool {
    let (app, id) = (record.key.app, record.key.id.text)
    return ManifestValidator.isPart(part)
      && (files.exists(paths.unit(UnitName.service(app, part))) || files.exists(paths.container(app, part, id)))
  }

  /// The last lines that units wrote in this run of theirs, for an error's cause; nothing when the journal cannot be read.
  func lastLines(of units: [String], since begun: String) async -> [String] {
    // On a busy host the journal has them a moment after the unit has failed.
    for _ in 0..<8 {
      let lines = LineCollector()
      try? await logs.entries(of: units, since: begun, last: 12, follow: false, namesUnits: false) {
        await lines.add($0.message)
      }
      let found = await lines.lines
      guard found.isEmpty, (try? await Task.sleep(for: .seconds(0.3))) != nil else { return found }
    }
    return []
  }

  package func states(of records: [InstanceRecord]) async throws -> [String: UnitState] {
    try await manager.states(matching: records.flatMap(\.units))
  }

  /// Failures, and starts that were counted. A unit that the manager has not loaded has neither.
  private func forgetFailures(of units: [String], _ states: [String: UnitState]) async throws {
    let loaded = units.filter { states[$0] != nil }
    if !loaded.isEmpty { try await manager.resetFailed(loaded) }
  }

  private func portConflict(_ record: InstanceRecord) throws -> BerthError? {
    if let foreign = foreignPort(of: record) { return foreign }
    for port in record.ports {
      guard try ports.claim(port.port) else {
        return .portInUse(port.port, role: port.role, owner: PortNumber.otherBerth, of: record)
      }
    }
    return nil
  }

  /// Somebody who listens on a port of an instance none of whose services does.
  package func foreignPort(of record: InstanceRecord) -> BerthError? {
    for port in record.ports {
      if let owner = ports.listener(on: port.port) {
        return .portInUse(port.port, role: port.role, owner: owner, of: record)
      }
    }
    return nil
  }

  private func notRunning(
    _ orders: [(record: InstanceRecord, units: [String])], since begun: String
  ) async throws -> Failures {
    let states = try await states(of: orders.map(\.record))
    var failures: Failures = [:]
    for (record, units) in orders {
      guard let unit = record.chosen(units).first(where: { states[$0]?.active != "active" }) else { continue }
      // A unit that refused to start for this reason says so in its log; here it has an error of its own.
      if !record.isActive(states.filter { $0.value.active == "active" }), let foreign = foreignPort(of: record) {
        failures[record.uid] = foreign
        continue
      }
      let log = await lastLines(of: [unit], since: begun)
      failures[record.uid] = .notReady(record, unit: unit, state: states[unit], log: log)
    }
    return failures
  }
}

private actor LineCollector {
  private(set) var lines: [String] = []
  func add(_ line: String) { lines.append(line) }
}
