import BerthKit

extension Berth {
  /// The instances of the scope with their live status; one question to the manager for all.
  ///
  /// - Parameters:
  ///   - app: only this app's.
  ///   - labels: only those that carry all of these.
  public func list(app: String? = nil, labels: [String: String] = [:]) async throws -> [InstanceReport] {
    let found = try host.registry.instances(app: app)
    if let app, found.isEmpty { _ = try plugin(app) }
    let records = found.filter { record in
      labels.allSatisfy { record.labels[$0.key] == $0.value }
    }
    return try await reports(records, withProcesses: false, withJobs: true)
  }

  /// One instance with its live status and main processes.
  public func status(of key: InstanceKey) async throws -> InstanceReport {
    let records = [try record(key)]
    return try await reports(records, withProcesses: true, withJobs: true)[0]
  }

  /// - Parameter withJobs: whether it is asked what became of jobs that nobody waited for, too.
  func reports(
    _ records: [InstanceRecord], withProcesses: Bool, withJobs: Bool = false
  ) async throws -> [InstanceReport] {
    guard !records.isEmpty else { return [] }
    // One unit is asked for by name, a whole list by pattern.
    let patterns =
      records.count == 1
      ? records[0].units : Set(records.flatMap { UnitName.patterns($0.key.app, services: $0.services) }).sorted()
    let jobPatterns = Set(records.map { jobPattern(of: $0, isAlone: records.count == 1) }).sorted()
    async let failures = withJobs ? host.manager.failedUnits(matching: jobPatterns) : []
    let states: [String: UnitState]
    do { states = try await host.manager.states(matching: patterns) } catch let error as BerthError
      where error.kind == .unavailable
    {
      try await requireManager()
      throw error
    }
    let enabled = try host.manager.enabledUnits()
    let broken = try openOperations().reduce(into: [String: Int64]()) { broken, operation in
      for item in operation.openItems { broken[item.uid] = operation.id }
    }
    let runs = try host.registry.backups.lastRuns(of: records.count == 1 ? records[0].uid : nil)
    let processes = withProcesses ? try await host.manager.mainProcesses(of: records.flatMap(\.units)) : [:]
    let engines = await host.engineAnswers(for: records.filter { $0.isActive(states) })
    let failed = failedJobs(records, among: try await failures)
    var jobs: [String: [JobReport]] = [:]
    for record in withProcesses && withJobs ? records : [] {
      jobs[record.uid] = try await self.jobs(of: record, failed: failed[record.uid] ?? [])
    }
    return try records.map { record in
      // One that is looked at by itself.
      let newest = withProcesses ? try host.registry.backups.of(instance: record.uid).last : nil
      return InstanceReport(
        record, states: states, enabled: enabled, processes: processes, paths: paths, brokenOff: broken[record.uid],
        lastRun: runs[record.uid], backupProblem: try newest.flatMap(host.problem(withChainOf:)),
        problem: withProcesses ? problem(of: record, states) : nil, engines: engines,
        failedJobs: failed[record.uid] ?? [], jobs: jobs[record.uid])
    }
  }

  /// Who keeps an instance from running that should, or whose service has failed, by being on its port.
  private func problem(of record: InstanceRecord, _ states: [String: UnitState]) -> String? {
    guard record.units.contains(where: { [.failed, .starting, .stopped].contains(Status(states[$0])) }) else {
      return nil
    }
    // The ports of what runs are its own.
    guard !record.units.contains(where: { Status(states[$0]) == .running }) else { return nil }
    return host.foreignPort(of: record)?.summary
  }

  // MARK: Which instance

  func record(_ key: InstanceKey) throws -> InstanceRecord {
    guard let record = try host.registry.instance(key) else {
      throw BerthError.unknownInstance(key.id.text, app: key.app, known: [])
    }
    return record
  }

  /// The instance that a person means: by id, by name, or by an unambiguous prefix of the id.
  ///
  /// - Parameter text: nil means `default`, or the only instance there is.
  /// - Throws: `unknown-app`, `no-instance`, `unknown-instance` or `ambiguous-instance`.
  public func find(_ text: String?, app: String) throws -> InstanceRecord {
    // Most say the id, and the others need not be read then.
    if let id = try? InstanceID(text ?? InstanceID.default.text),
      let record = try host.registry.instance(InstanceKey(app: app, id: id))
    {
      return record
    }
    let records = try all(app: app)
    guard let text else {
      if let record = records.first(where: { $0.key.id == .default }) ?? (records.count == 1 ? records[0] : nil) {
        return record
      }
      throw BerthError.ambiguousInstance(nil, app: app, matches: records.map(\.name.text))
    }
    if let record = records.first(where: { $0.key.id.text == text }) { return record }
    if let record = records.first(where: { $0.name.text == text }) { return record }
    let matches = text.utf8.count >= 8 ? records.filter { $0.key.id.text.hasPrefix(text) } : []
    switch matches.count {
    case 1: return matches[0]
    case 0: throw BerthError.unknownInstance(text, app: app, known: records.flatMap { [$0.name.text, $0.key.id.text] })
    default: throw BerthError.ambiguousInstance(text, app: app, matches: matches.map(\.key.id.text))
    }
  }

  /// All instances of an app, at least one.
  public func all(app: String) throws -> [InstanceRecord] {
    let records = try host.registry.instances(app: app)
    if records.isEmpty {
      _ = try plugin(app)
      throw BerthError.noInstance(app)
    }
    return records
  }

  // MARK: Ports and logs

  /// Every port of every instance, those that are stopped included, in order of number.
  public func portUses() throws -> [PortUse] {
    try host.registry.instances().flatMap { record in
      record.ports.map { PortUse(port: PortReport($0), record: record) }
    }.sorted { ($0.port.port, $0.port.transport) < ($1.port.port, $1.port.transport) }
  }

  /// Hands over what an instance's services wrote.
  ///
  /// - Parameter namesUnits: whether an entry says which unit wrote it.
  public func logs(
    of record: InstanceRecord, service: String? = nil, since: String?, last: Int?, follow: Bool,
    namesUnits: Bool = false,
    each: @Sendable @escaping (LogEntry) async throws -> Void
  ) async throws {
    // Jobs and what backs an instance up have logs of their own.
    if let service, !record.services.contains(service), !host.hasUnit(service, of: record) {
      throw BerthError.unknownService(service, of: [record])
    }
    let units = service.map { [UnitName.service(record.key.app, $0, record.key.id.text)] } ?? record.units
    try await host.logs.entries(of: units, since: since, last: last, follow: follow, namesUnits: namesUnits, each: each)
  }
}
