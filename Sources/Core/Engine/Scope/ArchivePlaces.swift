import BerthKit

/// Where the archives of backups are by now: the folder of all may have been moved, and game panels rename files in it.
struct ArchivePlaces: Sendable {
  let paths: ScopePaths
  let files: any FileTree
  let archives: any BackupArchives

  /// Where a backup's archive is: where it was made, at the same place below the scope's folder, or there under the name that
  /// somebody has given it since. One that is nowhere is missing where it was made.
  @Sendable func place(of backup: BackupRecord) -> String {
    guard !files.exists(backup.path) else { return backup.path }
    let folder = paths.backups(of: backup.key)
    let here = "\(folder)/\(backup.file)"
    if files.exists(here) { return here }
    let names = (try? files.list(folder)) ?? []
    return names.lazy.map { "\(folder)/\($0)" }.first { isArchive(of: backup, $0) } ?? backup.path
  }

  /// Whether a file is a backup's archive by its length, its end and its beginning. It is not read.
  private func isArchive(of backup: BackupRecord, _ path: String) -> Bool {
    guard files.isFile(path), let end = try? archives.end(of: path), end.size == backup.size,
      backup.end.map({ $0 == end.digest }) ?? true, let look = try? archives.look(at: path)
    else { return false }
    return look.head.id == backup.id && backup.seal.map { $0.head == look.digest } ?? true
  }
}
