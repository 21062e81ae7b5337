import BerthKit

extension Berth {
  /// What a removal would do, with nothing changed.
  public func planRemove(_ key: InstanceKey, keepsData: Bool) throws -> Plan {
    RemovePlanner(record: try record(key), paths: paths, keepsData: keepsData).plan()
  }

  /// Removes an instance; with `keepsData` its folder, id and settings stay.
  public func remove(_ key: InstanceKey, keepsData: Bool) async throws -> Plan {
    let plan = try planRemove(key, keepsData: keepsData)
    try await requireManager()
    try await execute(plan, lock: try await hostLock("removing \(plan.instance.title)"))
    host.files.removeFolderIfEmpty("\(paths.instances)/\(key.app)")
    if let directory = plan.instance.directory, !keepsData { host.files.removeFolderIfEmpty(directory) }
    return plan
  }
}
