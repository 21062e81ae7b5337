import BerthKit
import BerthStore

extension Berth {
  /// What a clone would do, with nothing changed: the backup of its source, and the instance that is made from it.
  public func planClone(_ source: InstanceRecord, _ request: RestoreRequest) async throws -> Plan {
    defer { host.ports.releaseClaims() }
    let copying = try await planBackup([source], BackupWish(reason: .clone))
    guard
      let head = copying.steps.lazy.compactMap({ if case .archive(let work) = $0.step { work.draft.head } else { nil } }
      ).first
    else { return copying }
    let token = host.clock.uuid()
    let work = RestoreWork(head: head, staging: paths.restoring(source, token, isNew: true), token: token, isCopy: true)
    let making = try await makePlan(request, head, work, as: nil)
    return Plan(verb: "clone", changes: copying.changes + making.changes, steps: copying.steps + making.steps)
  }

  /// Makes a new instance from another one's data, through a backup that goes again afterwards.
  ///
  /// The source is stopped only for what its plugin does not call hot.
  public func clone(_ source: InstanceRecord, _ request: RestoreRequest) async throws -> ControlOutcome {
    // Whatever is wrong with the request is found before anything is copied.
    _ = try await planClone(source, request)
    let backup = try await backup(source, BackupWish(reason: .clone, note: "for the clone \(request.newName ?? "")"))
    var restore = request
    restore.backup = backup.id
    let result: Result<ControlOutcome, any Error>
    do { result = .success(try await self.restore(restore)) } catch { result = .failure(error) }
    do {
      let lock = try await instanceLock(source.key, "removing the backup of a clone")
      defer { lock.release() }
      try drop(backup)
    } catch { options.notice("the backup \(backup.file) was not removed: \(Executor.text(error))") }
    return try result.get()
  }
}
