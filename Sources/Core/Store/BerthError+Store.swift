import BerthKit
import GRDB
import GRDBSQLite

extension BerthError {
  /// The registry's file is not one, or cannot be read or written.
  static func registryUnusable(_ path: String, _ error: DatabaseError) -> BerthError {
    let isDenied = [.SQLITE_CANTOPEN, .SQLITE_READONLY, .SQLITE_PERM].contains(error.resultCode)
    let isFull = [.SQLITE_FULL, .SQLITE_IOERR].contains(error.resultCode)
    return BerthError(
      "registry-unusable", isDenied ? .notAllowed : .failure, "the registry '\(path)' cannot be used", at: path,
      remedy: isDenied
        ? "run as the user that owns it" : "\(isFull ? "df -h" : "ls -l") \(path)",
      cause: error.message ?? "\(error.resultCode)")
  }

  /// Nothing can be written to the registry.
  static func registryFull(_ path: String, _ error: DatabaseError?) -> BerthError {
    BerthError(
      "disk-full", .failure, "the registry '\(path)' cannot be written, since its disk is full", at: path,
      remedy: "df -h \(path)", cause: error.map { $0.message ?? "\($0.resultCode)" })
  }

  /// A newer Berth has changed the registry.
  static func registryNewer(_ path: String, unknown: [String]) -> BerthError {
    BerthError(
      "registry-newer", .failure, "the registry '\(path)' was made by a newer Berth", at: path,
      remedy: "install the newer Berth", cause: "it has the unknown migrations \(unknown.joined(separator: ", "))")
  }

  /// The registry was made by a program that was never released.
  static func registryOfDraft(_ path: String) -> BerthError {
    BerthError(
      "registry-unusable", .failure, "the registry '\(path)' was made by a draft of Berth from before 0.2.0", at: path,
      remedy: "remove its instances with the Berth that made it, then the file")
  }

  /// An older registry is not changed unless a copy of it could be kept.
  static func registryNotCopied(_ path: String, _ cause: String) -> BerthError {
    BerthError(
      "registry-unusable", .failure, "the registry '\(path)' could not be copied before it is brought up to date",
      at: path, remedy: "df -h \(path)", cause: cause)
  }

  /// Another run of Berth is bringing it up to date and does not end.
  static func registryBusy(_ path: String) -> BerthError {
    BerthError(
      "busy", .busy, "another Berth is bringing the registry '\(path)' up to date", at: path, remedy: "try again later")
  }

  /// Another run of Berth was faster.
  static func registrationTaken(_ title: String, _ error: DatabaseError) -> BerthError {
    BerthError(
      "taken", .conflict, "the id, name, folder or a port of '\(title)' was taken by another instance in the meantime",
      remedy: "try again", cause: error.message)
  }

  // MARK: Snapshots of databases

  /// A file that a backup set calls a database of SQLite, and that is none.
  static func badDatabase(_ name: String, _ cause: String) -> BerthError {
    BerthError(
      "bad-database", .failure, "'\(name)' is no database of SQLite", remedy: "mend or remove it, or mend the plugin",
      cause: cause)
  }

  /// A snapshot could not be made or written.
  static func snapshotFailed(_ name: String, _ cause: String) -> BerthError {
    BerthError("snapshot-failed", .failure, "'\(name)' could not be copied", remedy: "df -h", cause: cause)
  }

  /// It was written to so much, or the disk is so slow, that the copy did not come to its end.
  static func snapshotTooSlow(_ name: String, _ limit: Duration) -> BerthError {
    BerthError(
      "snapshot-failed", .failure, "'\(name)' could not be copied within \(limit.components.seconds) seconds",
      remedy: "try again while less is written to it")
  }

  /// What SQLite says about a database that is to be copied.
  ///
  /// - Parameter lock: how long locks were waited for.
  static func database(_ name: String, _ failure: SQLiteConnection.Failure, lock: Duration) -> BerthError {
    switch failure.code {
    case SQLITE_NOTADB, SQLITE_CORRUPT: badDatabase(name, failure.message)
    case SQLITE_BUSY, SQLITE_LOCKED:
      BerthError(
        "database-busy", .busy,
        "'\(name)' is locked by a program that did not let go of it within \(lock.components.seconds) seconds",
        remedy: "\(Command("fuser", ["-v", name]).line) in the instance's folder names the program",
        cause: failure.message)
    default: snapshotFailed(name, failure.message)
    }
  }

  // MARK: Backups

  static func unknownBackup(_ text: String) -> BerthError {
    BerthError("unknown-backup", .usage, "there is no backup '\(text)'", remedy: .berth("backups", "list"))
  }

  static func ambiguousBackup(_ text: String, _ matches: [BackupRecord]) -> BerthError {
    let shown = matches.prefix(5).map { "\($0.id) (\($0.title))" } + (matches.count > 5 ? ["…"] : [])
    return BerthError(
      "ambiguous-backup", .usage,
      "'\(text)' may mean \(matches.count) backups: \(shown.joined(separator: ", "))",
      remedy: .berth("backups", "list"))
  }

  static func backupExists(_ known: BackupRecord) -> BerthError {
    BerthError(
      "backup-exists", .conflict, "the backup \(known.id) is known already: \(known.title)", at: known.path,
      remedy: .berth("backups", "show", "\(known.id)"))
  }

  /// - Parameter dependent: one that stays and is nothing without it.
  static func backupNeeded(_ backup: BackupRecord, by dependent: BackupRecord) -> BerthError {
    BerthError(
      "backup-needed", .conflict, "the backup \(backup.title) is needed by the one of \(dependent.createdAt)",
      at: dependent.id, remedy: .berth("backups", "list"))
  }
}
