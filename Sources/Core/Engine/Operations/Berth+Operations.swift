import BerthExecution
import BerthKit
import BerthPlan
import BerthStore
import Foundation

extension Berth {
  /// The newest operations, newest first, and whether each is at work now.
  public func operations(newest count: Int) throws -> [(operation: OperationRecord, holder: String?)] {
    try host.registry.journal.newest(count).map { ($0, holder(of: $0)) }
  }

  /// One operation, who is at work on it, and what it has begun that can be taken back.
  public func operation(_ number: Int64) throws -> (operation: OperationRecord, holder: String?, begun: [String]) {
    guard let operation = try host.registry.journal.operation(number) else { throw BerthError.unknownOperation(number) }
    return (operation, holder(of: operation), try receipts(of: operation).map(\.summary))
  }

  private func holder(of operation: OperationRecord) -> String? {
    operation.state.isOpen ? host.locks.holder(of: operationLockPath(operation.token)) : nil
  }

  /// Ends operations that broke off, newest first: each is finished or taken back as a whole.
  ///
  /// - Parameters:
  ///   - number: one operation; nil for all that are open.
  ///   - abandons: whether what cannot be taken back is left as it is, and the operation closed all the same.
  /// - Throws: `unknown-operation`, or `busy` when somebody is at work on it.
  public func recover(_ number: Int64? = nil, abandons: Bool = false) async throws -> [RecoveryReport] {
    var open = try host.registry.journal.open().reversed().map { $0 }
    if let number {
      guard let operation = try host.registry.journal.operation(number) else {
        throw BerthError.unknownOperation(number)
      }
      open = open.filter { $0.id == operation.id }
    }
    var reports: [RecoveryReport] = []
    for operation in open {
      if let holder = holder(of: operation) {
        if number != nil { throw BerthError.stillRunning(operation, holder: holder) }
        continue
      }
      reports.append(try await recover(operation, abandons: abandons))
    }
    // What could not be put back waits there.
    if reports.allSatisfy(\.leftovers.isEmpty) { sweep() }
    await sweepReleases()
    for backup in try brokenClones() { try await dropClone(backup) }
    settleForBoot()
    return reports
  }

  /// Recovers operations that broke off, before another operation begins, and tells the person. An operation that cannot be
  /// recovered stays open: the error of the next step names it.
  ///
  /// - Parameter records: the instances of the next operation; nil or none for all operations. An instance that was never
  ///   whole does not count, since recovery would take it away.
  func recoverBroken(_ records: [InstanceRecord]?) async {
    let uids = records.flatMap { $0.isEmpty ? nil : $0 }.map { Set($0.filter { $0.state != .installing }.map(\.uid)) }
    for operation in (try? openOperations()) ?? [] {
      guard uids.map({ uids in operation.openItems.contains { uids.contains($0.uid) } }) ?? true else { continue }
      guard let report = try? await recover(operation.id).first, report.ending != .stuck else { continue }
      options.notice(
        "operation \(operation.id) (\(operation.title)) had broken off and was "
          + (report.ending == .finished ? "finished" : "taken back"))
    }
  }

  private func recover(_ operation: OperationRecord, abandons: Bool) async throws -> RecoveryReport {
    let purpose = "recovering operation \(operation.id)"
    var locks: [any HeldLock] = [try await operationLock(operation.token, purpose)]
    defer { for lock in locks { lock.release() } }
    defer { host.ports.releaseClaims() }
    for item in operation.items { locks.append(try await instanceLock(item.key, purpose)) }
    let receipts = try receipts(of: operation)
    var plan = try finishable(operation)
    if plan == nil { plan = await served(operation) }
    if plan != nil || receipts.contains(where: { $0.undo.needsManager || $0.undo == .reloadManager }) {
      try await requireManager(startsSandbox: true)
    }
    try options.begins()
    let executor = Executor(host: host, options: options.execution, faults: options.faults)
    if operation.state == .finishing {
      let left = await Executor.removeSetAside(receipts, host)
      try host.registry.journal.end(operation.id, .done, at: host.clock.timestamp())
      return RecoveryReport(operation: operation, ending: .finished, leftovers: left)
    }
    if let plan { return await finish(operation, plan, receipts, executor) }
    let leftovers = await executor.takeBack(operation: operation.id, receipts: receipts)
    if operation.verb == "backup" { noteBroken(operation) }
    sweepBroken(operation, receipts)
    if !leftovers.isEmpty, abandons {
      try keepAbandoned(receipts)
      try host.registry.journal.end(
        operation.id, .undone, at: host.clock.timestamp(), error: leftovers.joined(separator: "\n"))
    }
    return RecoveryReport(operation: operation, ending: leftovers.isEmpty ? .undone : .stuck, leftovers: leftovers)
  }

  /// A backup that broke off is one that failed.
  private func noteBroken(_ operation: OperationRecord) {
    for item in operation.openItems where item.action == InstanceChange.Action.backup.rawValue {
      let run = BackupRun(
        instance: item.uid, key: item.key, instanceName: item.name, startedAt: operation.startedAt,
        endedAt: host.clock.timestamp(), reason: .asked, error: "it broke off", backup: nil, pause: 0, duration: 0)
      do { try host.registry.backups.noteRun(run) } catch {
        options.notice("the result could not be noted: \(BerthError(anything: error).summary)")
      }
    }
  }

  /// Carries on with an operation. What fails again leaves it open, and does not keep others from being recovered.
  private func finish(
    _ operation: OperationRecord, _ plan: Plan, _ receipts: [Receipt], _ executor: Executor
  ) async -> RecoveryReport {
    do {
      let outcome = try await executor.resume(plan, operation: operation.id, from: operation.begun, receipts: receipts)
      return RecoveryReport(
        operation: operation, ending: .finished, leftovers: outcome.failures.values.map(\.summary).sorted())
    } catch {
      return RecoveryReport(operation: operation, ending: .stuck, leftovers: [Executor.text(error)])
    }
  }

  /// What was set aside and could not be put back is somebody's data, and waits where nothing sweeps it away.
  private func keepAbandoned(_ receipts: [Receipt]) throws {
    for (aside, path) in receipts.flatMap(\.undo.setAside) where aside != path && host.files.exists(aside) {
      try host.files.makeFolder(paths.abandoned, mode: 0o700, owner: nil)
      let name = aside.split(separator: "/").last.map(String.init) ?? "data"
      try host.files.move(aside, to: "\(paths.abandoned)/\(name)")
      options.notice("kept in \(paths.abandoned)/\(name)")
    }
  }

  /// The plan of an operation that is finished instead of taken back: orders, and what is past a point of no return.
  func finishable(_ operation: OperationRecord) throws -> Plan? {
    guard let plan = try kept(operation) else { return nil }
    guard !plan.isOrder else { return plan }
    return plan.steps.prefix(operation.begun).contains(where: \.step.isPointOfNoReturn) ? plan : nil
  }

  /// The plan of an operation that brought data, and whose services have started on it and run: they may have gone on with
  /// it, and taking it back would lose that.
  private func served(_ operation: OperationRecord) async -> Plan? {
    guard let plan = try? kept(operation), !plan.isOrder,
      let start = plan.steps.lastIndex(where: { if case .start = $0.step { true } else { false } }),
      start < operation.begun,
      // What starts for a job that brings data has not seen all of it, and that job may not be done twice.
      !plan.steps[start...].contains(where: { if case .runJob = $0.step { true } else { false } })
    else { return nil }
    let records = plan.changes.map(\.record)
    guard let states = try? await host.states(of: records) else { return nil }
    return records.flatMap(\.units).allSatisfy { states[$0]?.active == "active" } ? plan : nil
  }

  private func kept(_ operation: OperationRecord) throws -> Plan? {
    guard operation.state == .begun, let text = try host.registry.journal.plan(of: operation.id) else { return nil }
    return try JSONDecoder().decode(Plan.self, from: Data(text.utf8))
  }

  func receipts(of operation: OperationRecord) throws -> [Receipt] {
    try host.registry.journal.receipts(of: operation.id).flatMap {
      try JSONDecoder().decode([Receipt].self, from: Data($0.utf8))
    }
  }

  // MARK: Sweeping

  /// Files that a broken write of the operation's process has left beside their target.
  private func sweepBroken(_ operation: OperationRecord, _ receipts: [Receipt]) {
    let prefix = ".berth-\(operation.token.prefix { $0 != "-" })-"
    let folders = Set(receipts.flatMap(\.undo.writtenPaths).map { ($0 as NSString).deletingLastPathComponent })
    for folder in folders {
      for name in (try? host.files.list(folder)) ?? [] where name.hasPrefix(prefix) {
        try? host.files.remove("\(folder)/\(name)")
      }
    }
  }

  /// What was set aside by operations that no longer know of it.
  private func sweep() {
    for path in leftovers() { try? host.files.remove(path) }
  }

  /// What operations that have ended could not clear away; nothing as long as one is at work.
  func leftovers() -> [String] {
    guard let open = try? host.registry.journal.open(), open.isEmpty, let records = try? host.registry.all() else {
      return []
    }
    let folders = records.flatMap { record -> [(folder: String, prefixes: [String])] in
      let own = paths.own(record)
      let inside = (own, [".berth-aside-", ".berth-restoring-"])
      guard let directory = record.directory else { return [inside] }
      let name = directory.dropFirst(ScopePaths.folder(of: directory).count + 1)
      return [
        inside, (paths.instance(record.key), [".berth-aside-"]),
        (ScopePaths.folder(of: directory), ["\(name).berth-restoring-"]),
      ]
    }
    let left = folders.flatMap { folder, prefixes in
      ((try? host.files.list(folder)) ?? []).filter { name in prefixes.contains(where: name.hasPrefix) }
        .map { "\(folder)/\($0)" }
    }
    return ["\(paths.state)/restoring", paths.trash].filter(host.files.isFolder) + left
  }
}
