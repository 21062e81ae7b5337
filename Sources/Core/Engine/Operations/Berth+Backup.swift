import BerthExecution
import BerthKit
import BerthPlan
import BerthPlanning
import BerthStore

/// An instance with its new backup, or what went wrong with it.
public struct BackupOutcome: Sendable {
  public let record: InstanceRecord
  public let result: Result<BackupRecord, BerthError>
}

extension Berth {
  /// What backups would do, with nothing changed.
  public func planBackup(_ records: [InstanceRecord], _ wish: BackupWish) async throws -> Plan {
    try await ask(backingUp("backup", records, wish, catalog())).answer(about: records.count)
  }

  /// Backs instances up, one after the other, so that each is stopped no longer than its own copy takes.
  ///
  /// What an instance's policy no longer keeps is removed afterwards.
  ///
  /// - Returns: for each instance its backup, or what went wrong with it; unless the others go on, `untried` for those
  ///   behind one that failed.
  public func backup(_ records: [InstanceRecord], _ wish: BackupWish) async throws -> [BackupOutcome] {
    try await requireManager()
    let catalog = catalog()
    var outcomes: [BackupOutcome] = []
    var hasFailed = false
    for record in records {
      guard !hasFailed || options.execution.keepsGoing else {
        outcomes.append(BackupOutcome(record: record, result: .failure(.untried(record))))
        continue
      }
      do {
        let backup = try await backup(record, wish, with: catalog)
        outcomes.append(BackupOutcome(record: record, result: .success(backup)))
      } catch let error as CancellationError { throw error } catch {
        hasFailed = true
        outcomes.append(BackupOutcome(record: record, result: .failure(BerthError(anything: error))))
      }
    }
    return outcomes
  }

  /// Backs one instance up. How it went is remembered, whatever it was, unless it is only for a clone.
  ///
  /// - Parameter catalog: the plugins, where they were read already.
  func backup(
    _ record: InstanceRecord, _ wish: BackupWish, with catalog: PluginCatalog? = nil
  ) async throws -> BackupRecord {
    let catalog = catalog ?? self.catalog()
    guard wish.reason != .clone else { return try await makeBackup(record, wish, catalog) }
    let startedAt = host.clock.timestamp()
    let from = ContinuousClock.now
    func note(_ backup: BackupRecord?, _ error: (any Error)?) {
      let run = BackupRun(
        instance: record.uid, key: record.key, instanceName: record.name, startedAt: startedAt,
        endedAt: host.clock.timestamp(),
        reason: wish.reason, error: error.map(Executor.text), backup: backup?.id, pause: backup?.pause ?? 0,
        duration: (ContinuousClock.now - from) / .seconds(1))
      do { try host.registry.backups.noteRun(run) } catch {
        options.notice("the result could not be noted: \(BerthError(anything: error).summary)")
      }
    }
    let backup: BackupRecord
    do { backup = try await makeBackup(record, wish, catalog) } catch {
      note(nil, error)
      throw error
    }
    note(backup, nil)
    do { try await prune([record]) } catch { options.notice("older backups were not removed: \(Executor.text(error))") }
    return backup
  }

  private func makeBackup(
    _ record: InstanceRecord, _ wish: BackupWish, _ catalog: PluginCatalog
  ) async throws -> BackupRecord {
    // What broke off is no backup that has failed when it was for a clone.
    let verb = wish.reason == .clone ? "clone" : "backup"
    let plan = try await carryOut(backingUp(verb, [record], wish, catalog)).whole().plan.whole()
    guard let id = plan.backups.first?.id else { throw BerthError.noArchive(record) }
    return try host.registry.backups.find(id)
  }

  private func backingUp(
    _ verb: String, _ records: [InstanceRecord], _ wish: BackupWish, _ catalog: PluginCatalog
  ) -> Operation {
    Operation(verb, present: records, needs: .manager, with: catalog) { session in
      var builder = try await session.planBuilder(verb, apps: Set(records.map(\.key.app)))
      for record in records {
        guard let present = builder.present(record) else {
          builder.refuse(record, BerthError.gone(record))
          continue
        }
        try builder.backup(present, wish)
      }
      return builder.plan
    }
  }

  /// Those of the instances whose plugin declares something to back up. A plugin that is gone is an error later.
  public func withBackupSets(_ records: [InstanceRecord]) -> [InstanceRecord] {
    let catalog = catalog()
    let without = Set(records.map(\.key.app)).filter { (try? catalog.plugin($0).manifest.backup.isEmpty) == true }
    return records.filter { !without.contains($0.key.app) }
  }

  // MARK: Retention

  /// The schedule and retention of each instance: its own, and what its plugin says where it has none.
  func policies(of records: [InstanceRecord]) -> [BackupPolicy] {
    var declared: [String: BackupPolicy] = [:]
    for app in Set(records.map(\.key.app)) { declared[app] = try? plugin(app).manifest.backupPolicy }
    return records.map { ($0.backup ?? BackupPolicy()).filled(from: declared[$0.key.app] ?? BackupPolicy()) }
  }

  /// What stays of the backups of instances, and why, and what goes.
  ///
  /// - Parameters:
  ///   - retention: instead of each instance's own, which is not about backups that a panel asked for.
  ///   - isPanels: whether it is about those alone.
  public func planPrune(
    _ records: [InstanceRecord], _ retention: Retention? = nil, isPanels: Bool = false
  ) throws -> [RetentionRules.Verdict] {
    guard let now = UTCTime(host.clock.timestamp()) else { return [] }
    return try zip(records, policies(of: records)).map { record, policy in
      RetentionRules.judge(
        try host.registry.backups.of(instance: record.uid).filter {
          retention != nil && !isPanels || ($0.reason == .panel) == isPanels
        }, by: retention ?? policy.keep, at: now,
        isGood: { $0.checked == nil && host.problem(with: $0) == nil })
    }
  }

  /// Removes the backups that retention no longer keeps.
  ///
  /// - Returns: what was removed.
  @discardableResult
  public func prune(
    _ records: [InstanceRecord], _ retention: Retention? = nil, isPanels: Bool = false
  ) async throws -> [BackupRecord] {
    var gone: [BackupRecord] = []
    for (record, policy) in zip(records, policies(of: records)) {
      guard retention ?? policy.keep != nil else { continue }
      let lock = try await instanceLock(record.key, "removing backups of \(record.title)")
      defer { lock.release() }
      try options.begins()
      let verdicts = try planPrune([record], retention, isPanels: isPanels)
      for backup in verdicts.flatMap(\.goes) {
        try drop(backup)
        gone.append(backup)
      }
    }
    return gone
  }

  /// The archive goes before its row: what is listed without an archive is shown as missing, never as good.
  func drop(_ backup: BackupRecord) throws {
    try host.files.remove(backup.path)
    try host.files.remove(paths.backupIndex(backup.id))
    try host.registry.backups.remove([backup.id])
    let folder = ScopePaths.folder(of: backup.path)
    for folder in [folder, ScopePaths.folder(of: folder)] { host.files.removeFolderIfEmpty(folder) }
  }
}
