import BerthKit
import GRDB
import Glibc

/// How a registry's file is opened: one of a newer Berth is left alone, and one of an older Berth is brought up to date
/// by one process at a time, after a copy of it was put beside.
struct RegistryFile {
  let path: String
  let migrator: DatabaseMigrator

  /// - Returns: the file, and whether it can only be read, since its disk is full.
  /// - Throws: `registry-newer`, `disk-full`, or `registry-unusable` when the file cannot be opened as a registry.
  func open() throws -> (database: DatabaseQueue, isReadOnly: Bool) {
    do {
      if try isCurrent() { return (try connect(), false) }
      let lock = try FolderLock(around: path)
      defer { lock.release() }
      // Whoever held the lock until now may have done it all.
      if try isCurrent() { return (try connect(), false) }
      create()
      return (try migrated(), false)
    } catch let error as DatabaseError {
      guard FullDisk.holds(path) else { throw BerthError.registryUnusable(path, error) }
      if let database = try readable() { return (database, true) }
      throw BerthError.registryFull(path, error)
    }
  }

  /// Makes an empty file where there is none. Never by a rename, which would take the place of a registry that another
  /// process has just made. Where it cannot be made, opening it says why.
  private func create() {
    // Secrets are in it, so nobody else may read it from its first byte on.
    let file = Glibc.open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
    if file >= 0 { close(file) }
  }

  /// The registry as it was last written, where there is no room for the two files that SQLite has beside it. Nobody else
  /// has room for writing either.
  ///
  /// - Returns: nil where something was written that is not in the file itself yet, or it is not up to date.
  private func readable() throws -> DatabaseQueue? {
    var log = stat()
    guard lstat("\(path)-wal", &log) != 0 || log.st_size == 0 else { return nil }
    var configuration = Configuration()
    configuration.readonly = true
    guard let database = try? DatabaseQueue(path: immutableName, configuration: configuration),
      let applied = try? database.read(migrator.appliedIdentifiers), applied == Set(migrator.migrations)
    else { return nil }
    return database
  }

  /// Whether all migrations were made, looked up without changing a byte.
  ///
  /// - Returns: false also where the file cannot be read; opening it for writing tells why.
  private func isCurrent() throws -> Bool {
    var configuration = Configuration()
    configuration.readonly = true
    configuration.busyMode = .timeout(10)
    // Reading a file in WAL mode leaves two files beside it, unless SQLite is told that nobody else is at work on it.
    let isAlone = access("\(path)-wal", F_OK) != 0
    guard let database = try? DatabaseQueue(path: isAlone ? immutableName : path, configuration: configuration),
      let applied = try? database.read(migrator.appliedIdentifiers)
    else { return false }
    try refuseNewer(applied)
    return applied == Set(migrator.migrations)
  }

  /// The file as a URI (sqlite.org/uri.html).
  private var immutableName: String {
    let escaped = path.map { ["%": "%25", "?": "%3f", "#": "%23"][$0] ?? String($0) }.joined()
    return "file:\(escaped)?immutable=1"
  }

  private func connect() throws -> DatabaseQueue {
    var configuration = Configuration()
    configuration.busyMode = .timeout(10)
    configuration.prepareDatabase { db in
      // GRDB's own WAL mode writes something at every opening, and lets go of commits when the power fails.
      try db.execute(sql: "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL")
    }
    return try DatabaseQueue(path: path, configuration: configuration)
  }

  private func migrated() throws -> DatabaseQueue {
    let database = try connect()
    let applied = try database.read(migrator.appliedIdentifiers)
    try refuseNewer(applied)
    guard let next = migrator.migrations.first(where: { !applied.contains($0) }) else { return database }
    if !applied.isEmpty { try keepCopy(of: database, before: next) }
    try migrator.migrate(database)
    return database
  }

  private func refuseNewer(_ applied: Set<String>) throws {
    // What was made while 0.2 was written.
    guard !applied.contains("instances") || migrator.migrations.contains("instances") else {
      throw BerthError.registryOfDraft(path)
    }
    let unknown = applied.subtracting(migrator.migrations)
    guard unknown.isEmpty else { throw BerthError.registryNewer(path, unknown: unknown.sorted()) }
  }

  /// Copies the registry to `registry.sqlite.before-<migration>`, on the disk for good before it returns.
  private func keepCopy(of database: DatabaseQueue, before migration: String) throws {
    let copy = "\(path).before-\(migration)"
    let beside = "\(copy).new"
    unlink(beside)
    // SQLite takes an empty file that is there, and so nobody else can read the copy from its first byte on.
    let file = Glibc.open(beside, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
    guard file >= 0 else { throw BerthError.registryNotCopied(path, String(cString: strerror(errno))) }
    defer { close(file) }
    do {
      try database.writeWithoutTransaction { try $0.execute(sql: "VACUUM INTO ?", arguments: [beside]) }
      guard fsync(file) == 0, rename(beside, copy) == 0, FolderLock.flush(around: path) else {
        throw BerthError.registryNotCopied(path, String(cString: strerror(errno)))
      }
    } catch {
      unlink(beside)
      throw error
    }
  }
}

/// A lock on the folder of the registry, which needs no file. The registry's own file cannot be locked this way:
/// closing it a second time would let go of SQLite's locks on it (fcntl(2)).
private struct FolderLock {
  /// Seconds to wait for another process; a migration is done in a fraction of one.
  private static let patience = 30

  private let descriptor: Int32

  /// Where the folder cannot be opened, nothing is locked: opening the registry will say why.
  init(around path: String) throws {
    descriptor = Self.openFolder(of: path)
    guard descriptor >= 0 else { return }
    var tries = Self.patience * 50
    while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
      tries -= 1
      guard errno == EWOULDBLOCK || errno == EINTR, tries > 0 else {
        close(descriptor)
        throw BerthError.registryBusy(path)
      }
      usleep(20_000)
    }
  }

  func release() { if descriptor >= 0 { close(descriptor) } }

  /// Makes a renamed file last.
  static func flush(around path: String) -> Bool {
    let folder = openFolder(of: path)
    guard folder >= 0 else { return false }
    defer { close(folder) }
    return fsync(folder) == 0
  }

  private static func openFolder(of path: String) -> Int32 {
    let folder = path.lastIndex(of: "/").map { path[..<$0] } ?? "."
    return Glibc.open(folder.isEmpty ? "/" : String(folder), O_RDONLY | O_DIRECTORY | O_CLOEXEC)
  }
}

/// Whether a disk has no room left.
enum FullDisk {
  /// Less than SQLite takes for the files beside a database.
  private static let least: UInt64 = 64 << 10

  /// - Parameter path: of a file on it.
  static func holds(_ path: String) -> Bool {
    var disk = statvfs()
    let folder = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
    // What the kernel shows as files is on no disk, and has no blocks at all.
    guard statvfs(folder, &disk) == 0, disk.f_blocks > 0 else { return false }
    let blocks = geteuid() == 0 ? disk.f_bfree : disk.f_bavail
    return UInt64(blocks) * UInt64(disk.f_frsize) < least
  }
}
