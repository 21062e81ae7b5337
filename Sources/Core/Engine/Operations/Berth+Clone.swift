import BerthExecution
import BerthKit
import BerthPlan
import BerthPlanning
import BerthStore

extension Berth {
  /// What a clone would do, with nothing changed: the backup of its source, and the instance that is made from it.
  public func planClone(_ source: InstanceRecord, _ request: RestoreRequest) async throws -> Plan {
    let copying = try await planBackup([source], BackupWish(reason: .clone))
    guard let head = copying.backups.first else { return copying }
    let token = host.clock.uuid()
    let work = RestoreWork(head: head, staging: paths.restoring(source, token, isNew: true), token: token, isCopy: true)
    let cloning = Operation("clone", with: catalog()) { try await $0.makePlan(request, head, work, as: nil) }
    let making = try await ask(cloning, PlanningSession(self, cloning.catalog))
    return Plan(verb: "clone", changes: copying.changes + making.changes, steps: copying.steps + making.steps)
  }

  /// Makes a new instance from another one's data, through a backup that goes again afterwards.
  ///
  /// The source is stopped only for what its plugin does not call hot.
  public func clone(_ source: InstanceRecord, _ request: RestoreRequest) async throws -> ControlOutcome {
    // Whatever is wrong with the request is found before anything is copied.
    _ = try await planClone(source, request)
    // Whoever finds a backup of a clone and not this lock finds one that broke off.
    let lock = try await host.locks.take(
      cloneLockPath(source.key), purpose: "clone \(source.title)", wait: options.wait)
    defer { lock.release() }
    let backup = try await backup(source, BackupWish(reason: .clone, note: "for the clone \(request.newName ?? "")"))
    var restore = request
    restore.backup = backup.id
    let result: Result<ControlOutcome, any Error>
    do { result = .success(try await self.restore(restore)) } catch { result = .failure(error) }
    do { try await dropClone(backup) } catch {
      options.notice("the backup \(backup.file) was not removed: \(Executor.text(error))")
    }
    return try result.get()
  }

  /// Backups that clones which broke off have left.
  func brokenClones() throws -> [BackupRecord] {
    try host.registry.backups.all().filter {
      $0.reason == .clone && host.locks.holder(of: cloneLockPath($0.key)) == nil
    }
  }

  func dropClone(_ backup: BackupRecord) async throws {
    let lock = try await instanceLock(backup.key, "removing the backup of a clone")
    defer { lock.release() }
    try drop(backup)
  }

  private func cloneLockPath(_ key: InstanceKey) -> String { "\(paths.locks)/\(key.app)@\(key.id)-clone.lock" }
}
