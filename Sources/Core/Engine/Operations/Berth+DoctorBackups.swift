import BerthKit
import BerthStore

extension Berth {
  /// Backups against their archives, and how the last ones went.
  func backupFindings(_ records: [InstanceRecord]) throws -> [Finding] {
    let backups = try host.registry.backups.all()
    var findings = backups.compactMap { backup -> Finding? in
      let found = host.problem(with: backup)
      if found == .missing { return missing(backup) }
      let damage = backup.remarks.count(.damaged) > 0 ? backup.warnings.first { $0.contains("damaged") } : nil
      if found == nil, backup.checked == nil, let damage {
        return Finding(
          code: "backup-damaged", subject: backup.title, problem: damage,
          remedy: .berth("backups", "list", backup.key.app))
      }
      return (found?.text ?? backup.checked).map {
        Finding(
          code: "backup-broken", subject: backup.title, problem: $0, remedy: .berth("backups", "verify", "\(backup.id)")
        )
      }
    }
    findings += try brokenClones().map {
      Finding(
        code: "leftovers", subject: $0.title, problem: "a clone that broke off left its backup",
        remedy: .berth("operations", "recover"))
    }
    let runs = try host.registry.backups.lastRuns()
    for record in records {
      guard let error = runs[record.uid]?.error else { continue }
      findings.append(
        Finding(
          code: "backup-failed", subject: record.title, problem: "its last backup failed: \(error)",
          remedy: .berth("backup", record.key.app, "--instance", "\(record.key.id)")))
    }
    return findings + (try strayArchives(Set(backups.map(\.path))))
  }

  /// An archive that is not there. Where a disk of it is not mounted, or its folder has gone as well, nobody is told to forget
  /// it.
  private func missing(_ backup: BackupRecord) -> Finding {
    let table = host.files.exists(MountTable.file) ? (try? host.files.read(MountTable.file)) ?? "" : ""
    let place = MountTable(table).places(above: host.files.realPath(backup.path)).first {
      host.files.isOneFileSystem($0, ScopePaths.folder(of: $0))
    }
    let folder = ScopePaths.folder(of: backup.path)
    let isThere = host.files.isFolder(folder)
    let problem = "its archive \(backup.path) is not there"
    return Finding(
      code: "backup-missing", subject: backup.title,
      problem: place.map { "\(problem), since nothing is mounted on \($0)" }
        ?? (isThere ? problem : "\(problem), nor is its folder; perhaps a disk is not mounted"),
      remedy: place.map { .run(Command("mount", [$0])) }
        ?? (isThere ? .berth("backups", "remove", "\(backup.id)") : .run(Command("findmnt", ["--fstab"]))))
  }

  /// Archives that the registry does not know, such as after it was lost. What a backup is writing now is none of them.
  private func strayArchives(_ known: Set<String>) throws -> [Finding] {
    func folders(_ path: String) throws -> [String] {
      try host.files.isFolder(path) ? host.files.list(path).map { "\(path)/\($0)" } : []
    }
    let running = try host.registry.journal.open().filter { host.locks.holder(of: operationLockPath($0.token)) != nil }
    let busy = Set(running.flatMap(\.items).map { paths.backups(of: $0.key) })
    let archives = try folders(paths.backups).flatMap(folders).filter { !busy.contains($0) }.flatMap(folders)
    return archives.filter { !known.contains($0) }.map { path in
      path.hasSuffix(".part")
        ? Finding(
          code: "leftovers", subject: path, problem: "a backup that broke off left it",
          remedy: .berth("operations", "recover"))
        : Finding(
          code: "stray-backup", subject: path, problem: "the registry does not know it",
          remedy: .berth("backups", "import", path))
    }
  }
}
