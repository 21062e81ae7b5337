import BerthKit
import BerthStore

extension Berth {
  /// What a clone would do, with nothing changed: the backup of its source, and the instance that is made from it.
  public func planClone(_ source: InstanceRecord, _ request: RestoreRequest) async throws -> Plan {
    try await planBackup([source], BackupWish(reason: .clone))
  }

  /// Makes a new instance from another one's data, through a backup that goes again afterwards.
  ///
  /// The source is stopped only for what its plugin does not call hot.
  public func clone(_ source: InstanceRecord, _ request: RestoreRequest) async throws -> ControlOutcome {
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
