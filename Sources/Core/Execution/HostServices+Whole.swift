import BerthKit
import BerthPlan

extension HostServices {
  /// Whether what a step may have changed of an instance is as it was before it. Whether services run, and
  /// are in their pools, does not count.
  package func isAsBefore(_ undo: Undo, _ record: InstanceRecord) throws -> Bool {
    switch undo {
    case .nothing, .reloadManager, .reloadProxy, .enable, .disable, .start, .stop, .restart, .leavePool, .joinPool,
      .removeUnpacked, .removeRelease, .removeUsers, .dropBackup:
      true
    case .makeUsers(let names): users.missing(names).isEmpty
    case .register(let registrations):
      try registrations.allSatisfy { former in
        try registry.instance(former.record.key) == former.record
          && Set(registry.settings(of: former.record.uid)) == Set(former.settings)
      }
    case .settle(let uid, let state): try registry.all().first { $0.uid == uid }?.state == state
    case .removePath(let path): isBeside(path, record) || !files.exists(path)
    case .whileAside(let aside, _): !files.exists(aside)
    case .removeFolder(let path, _, let isShared): isShared || isBeside(path, record) || !files.exists(path)
    case .recordChecksum(let checksum, let path, _): try registry.checksum(of: path) == checksum
    case .rewrite(let file, _): isText(file)
    case .putBack(let aside, let path): isBeside(path, record) || !files.exists(aside)
    case .restoreUnits(_, let former, let added, _):
      former.allSatisfy(isText) && !added.contains(where: files.exists)
    case .restorePool(let site, let hadText): hadText ? isText(site.file) : !files.exists(site.file.path)
    case .putFolderBack(let order, _): !files.exists(order.aside)
    case .several(let undos): try undos.allSatisfy { try isAsBefore($0, record) }
    // What a program has done is not known.
    case .forget, .runUnits, .tellSettings, .restoreData, .haltContainers, .releaseContainers, .moveFolders: false
    }
  }

  /// Whether a file has a text. What cannot be read, such as a folder or an endless file in its place, has another.
  func isText(_ file: FileWrite) -> Bool { (try? files.read(file.path))?.isSame(as: file.text) == true }

  /// Whether it is only for a backup.
  private func isBeside(_ path: String, _ record: InstanceRecord) -> Bool {
    let folders = [
      paths.backups, paths.backupIndexes, paths.dumps(of: record.key),
      "\(paths.own(record))/cache/\(ScopePaths.snapshots)",
    ]
    return folders.contains { path == $0 || path.hasPrefix("\($0)/") }
  }
}
