extension BerthError {
  /// - Parameter link: the oldest one that is there of the chain.
  static func backupLinkMissing(_ backup: BackupRecord, after link: BackupRecord) -> BerthError {
    BerthError(
      "backup-link-missing", .failure,
      "the backup \(backup.title) cannot be restored: one that it needs is missing", at: backup.path,
      remedy: .berth("backups", "list"),
      cause: "\(link.id) is a difference from \(link.base ?? "a backup that it does not name")")
  }
}
