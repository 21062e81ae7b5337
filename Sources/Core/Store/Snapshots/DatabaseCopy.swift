import BerthKit
import GRDBSQLite
import Glibc

/// One database copied by SQLite's online backup (https://sqlite.org/backup.html), page by page and never as a file.
struct DatabaseCopy {
  let source: [UInt8]
  let target: [UInt8]
  /// What errors call it.
  let name: String
  let patience: SQLiteSnapshot.Patience
  let waiting: LockWaiting

  /// Pages that are copied at once to begin with: 4 MB of them take a few milliseconds.
  private static let firstStep: Int32 = 1024

  /// Makes a copy that is whole and on the disk, with the mode of its source.
  ///
  /// - Returns: whether SQLite finds no damage in it. It copies a damaged page as it is.
  func make() throws -> Bool {
    let isSound: Bool
    do {
      // Writing is needed to read, where a crash has left a journal that must be played back first.
      let from = try SQLiteConnection(source, SQLITE_OPEN_READWRITE)
      waiting.watch(over: from)
      try from.run("SELECT count(*) FROM sqlite_schema")
      // With a log of what is to be written, one moment can be held on to without holding anybody up.
      if try from.run("PRAGMA journal_mode") == "wal" {
        try from.run("BEGIN")
        try from.run("SELECT count(*) FROM sqlite_schema")
      }
      let to = try SQLiteConnection(target, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_EXCLUSIVE)
      // It is thrown away when anything goes wrong, and synced as a whole.
      try to.run("PRAGMA journal_mode = OFF")
      try to.run("PRAGMA synchronous = OFF")
      try copyPages(from, to)
      isSound = Self.isSound(to)
    } catch let failure as SQLiteConnection.Failure {
      throw BerthError.database(name, failure, lock: patience.lock)
    }
    try settle()
    return isSound
  }

  /// One problem is enough, and a statement that breaks off is one (https://sqlite.org/pragma.html#pragma_integrity_check).
  private static func isSound(_ copy: SQLiteConnection) -> Bool {
    (try? copy.run("PRAGMA integrity_check(1)")) == "ok"
  }

  /// A database without such a log is locked for each step. Who writes between two steps makes the copy begin anew, and
  /// each time it then takes twice as much at once, so that it comes to its end however much is written.
  private func copyPages(_ from: SQLiteConnection, _ to: SQLiteConnection) throws {
    guard let backup = sqlite3_backup_init(to.handle, "main", from.handle, "main") else { throw to.failure }
    defer { sqlite3_backup_finish(backup) }
    let end = ContinuousClock.now + patience.copy
    var step = Self.firstStep
    var left = Int32.max
    while true {
      let code = sqlite3_backup_step(backup, step)
      if code == SQLITE_DONE { return }
      guard code == SQLITE_OK else { throw SQLiteConnection.Failure(code) }
      guard ContinuousClock.now < end else { throw BerthError.snapshotTooSlow(name, patience.copy) }
      let now = sqlite3_backup_remaining(backup)
      if now >= left { step = step > Int32.max / 2 ? -1 : step * 2 }
      left = now
    }
  }

  private func settle() throws {
    var info = stat()
    let folder = Array(target[..<(target.lastIndex(of: UInt8(ascii: "/")) ?? 0)])
    guard stat(source.cString, &info) == 0, chmod(target.cString, info.st_mode & 0o7777) == 0,
      Self.sync(target), Self.sync(folder)
    else { throw BerthError.snapshotFailed(name, String(cString: strerror(errno))) }
  }

  private static func sync(_ path: [UInt8]) -> Bool {
    let handle = open(path.cString, O_RDONLY | O_CLOEXEC)
    guard handle >= 0 else { return false }
    defer { close(handle) }
    return fsync(handle) == 0
  }
}

/// Waits for locks that others hold, no longer than so much in all, however many statements and databases meet some.
final class LockWaiting {
  /// Microseconds of one sleep.
  private static let nap: UInt32 = 10_000

  private var left: Duration

  init(atMost limit: Duration) { left = limit }

  /// Has a connection ask here; as long as it is in use, this has to be there.
  func watch(over connection: SQLiteConnection) {
    sqlite3_busy_handler(
      connection.handle,
      { context, _ in
        guard let context else { return 0 }
        return Unmanaged<LockWaiting>.fromOpaque(context).takeUnretainedValue().wait() ? 1 : 0
      }, Unmanaged.passUnretained(self).toOpaque())
  }

  /// - Returns: whether the lock may be tried again.
  private func wait() -> Bool {
    guard left > .zero else { return false }
    let start = ContinuousClock.now
    usleep(Self.nap)
    left -= .now - start
    return true
  }
}

/// An open database, closed with its last owner.
final class SQLiteConnection {
  /// What SQLite said.
  struct Failure: Error {
    let code: Int32
    let message: String

    /// - Parameter code: of a call that leaves no message of its own.
    init(_ code: Int32, message: String? = nil) {
      self.code = code & 0xFF
      self.message = message ?? String(cString: sqlite3_errstr(code))
    }
  }

  let handle: OpaquePointer

  init(_ path: [UInt8], _ flags: Int32) throws {
    var opened: OpaquePointer?
    let code = sqlite3_open_v2(path.cString, &opened, flags | SQLITE_OPEN_NOMUTEX, nil)
    guard code == SQLITE_OK, let opened else {
      sqlite3_close_v2(opened)
      throw Failure(code)
    }
    handle = opened
  }

  deinit { sqlite3_close_v2(handle) }

  /// What went wrong last.
  var failure: Failure { Failure(sqlite3_errcode(handle), message: String(cString: sqlite3_errmsg(handle))) }

  /// Runs one statement to its end.
  ///
  /// - Returns: the first value of its first row; nil for none.
  @discardableResult
  func run(_ sql: String) throws -> String? {
    var statement: OpaquePointer?
    guard sqlite3_prepare_v2(handle, sql, -1, &statement, nil) == SQLITE_OK else { throw failure }
    defer { sqlite3_finalize(statement) }
    var value: String?
    while true {
      switch sqlite3_step(statement) {
      case SQLITE_ROW: value = value ?? sqlite3_column_text(statement, 0).map { String(cString: $0) }
      case SQLITE_DONE: return value
      default: throw failure
      }
    }
  }
}
