import BerthHost
import BerthKit
import BerthStore
import Foundation
import GRDB
import Synchronization
import TestSupport
import Testing

@Suite("Snapshots of databases") struct SQLiteSnapshotTests {
  /// How a database keeps what is being written apart from what is there.
  enum Mode: String, CaseIterable { case wal, delete }

  private static func database(_ path: String, _ mode: Mode, rows: Int = 0, blob: Int = 1000) throws -> DatabaseQueue {
    try FileManager.default.createDirectory(
      atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
    var configuration = Configuration()
    configuration.busyMode = .timeout(20)
    configuration.journalMode = .default
    let queue = try DatabaseQueue(path: path, configuration: configuration)
    try queue.writeWithoutTransaction { db in
      _ = try String.fetchOne(db, sql: "PRAGMA journal_mode = \(mode.rawValue)")
      try db.execute(sql: "CREATE TABLE item (id INTEGER PRIMARY KEY, body BLOB); CREATE TABLE total (count INTEGER)")
      try db.execute(sql: "INSERT INTO total VALUES (0)")
    }
    try queue.write { db in for _ in 0..<rows { try add(db, blob: blob) } }
    return queue
  }

  /// Adds a row and counts it: a copy as of one moment has as many rows as it has counted.
  private static func add(_ db: Database, blob: Int = 1000) throws {
    try db.execute(sql: "INSERT INTO item (body) VALUES (randomblob(\(blob)))")
    try db.execute(sql: "UPDATE total SET count = count + 1")
  }

  private static func addOne(_ queue: DatabaseQueue) throws { try queue.write { db in try add(db) } }

  @discardableResult
  private static func take(
    _ folder: Folder, _ patterns: [String] = ["data/*.sqlite"], patience: SQLiteSnapshot.Patience = .init()
  ) throws -> Int {
    try SQLiteSnapshot(
      root: folder.path, target: "\(folder.path)/cache/.berth-backup/db", patterns: patterns.map { PathPattern($0) },
      patience: patience, files: LinuxFileTree()
    ).take().count
  }

  @Test("a damaged page is copied as it is, and the copy is known to be damaged", arguments: Mode.allCases)
  func damaged(_ mode: Mode) throws {
    let folder = try Folder()
    try Self.database("\(folder.path)/data/sound.sqlite", mode, rows: 50).close()
    try Self.database("\(folder.path)/data/torn.sqlite", mode, rows: 200).close()
    let snapshot = SQLiteSnapshot(
      root: folder.path, target: "\(folder.path)/cache/.berth-backup/db", patterns: [PathPattern("data/*.sqlite")],
      files: LinuxFileTree())
    let note = "\(folder.path)/cache/.berth-backup/db.damaged"
    #expect(try snapshot.take() == (2, []))
    #expect(!FileManager.default.fileExists(atPath: note))
    let file = try #require(FileHandle(forUpdatingAtPath: "\(folder.path)/data/torn.sqlite"))
    try file.seek(toOffset: 8 * 4096)
    try file.write(contentsOf: Data(repeating: 0x5a, count: 4096))
    try file.close()
    let taken = try snapshot.take()
    #expect(taken.count == 2 && taken.damaged == ["data/torn.sqlite"])
    #expect(try String(contentsOfFile: note, encoding: .utf8) == "data/torn.sqlite\n")
    // What was mended is no longer named.
    try FileManager.default.removeItem(atPath: "\(folder.path)/data/torn.sqlite")
    #expect(try snapshot.take() == (1, []) && !FileManager.default.fileExists(atPath: note))
  }

  private static func copy(_ folder: Folder, _ path: String = "data/a.sqlite") -> String {
    "\(folder.path)/cache/.berth-backup/db/\(path)"
  }

  /// The rows of a copy that is whole.
  private static func rows(_ path: String) throws -> Int {
    try DatabaseQueue(path: path).read { db in
      #expect(try String.fetchAll(db, sql: "PRAGMA integrity_check") == ["ok"])
      let rows = try Int.fetchOne(db, sql: "SELECT count(*) FROM item") ?? -1
      #expect(try Int.fetchOne(db, sql: "SELECT count FROM total") == rows)
      return rows
    }
  }

  private static func names(_ folder: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
  }

  @Test("a database that is being written to is copied as of one moment", arguments: Mode.allCases)
  func load(_ mode: Mode) throws {
    let folder = try Folder()
    let queue = try Self.database("\(folder.path)/data/a.sqlite", mode, rows: 4000, blob: 8000)
    let load = Load { try Self.addOne(queue) }
    var before = 4000
    for _ in 1...3 {
      #expect(try Self.take(folder) == 1)
      let rows = try Self.rows(Self.copy(folder))
      #expect(rows >= before)
      before = rows
    }
    let written = try load.end()
    #expect(written.count > 0 && before <= 4000 + written.count)
    #expect(try queue.read { db in try String.fetchAll(db, sql: "PRAGMA integrity_check") } == ["ok"])
  }

  @Test("writers to a database with a log are not held up while it is copied")
  func writersGoOn() throws {
    let folder = try Folder()
    let queue = try Self.database("\(folder.path)/data/a.sqlite", .wal, rows: 3000, blob: 8000)
    let load = Load { try Self.addOne(queue) }
    for _ in 1...5 { try Self.take(folder) }
    #expect(try load.end().longest < .seconds(5))
  }

  @Test("what a crash left unfinished is taken back in the copy, and what it left in the log is in it")
  func afterCrash() throws {
    let folder = try Folder()
    let live = "\(folder.path)/live/a.sqlite"
    // Half of a transaction in the file, with the journal that takes it back.
    let queue = try Self.database(live, .delete, rows: 50)
    try FileManager.default.createDirectory(atPath: "\(folder.path)/data", withIntermediateDirectories: true)
    try queue.writeWithoutTransaction { db in
      try db.execute(sql: "PRAGMA cache_size = 5; PRAGMA cache_spill = 5; BEGIN IMMEDIATE")
      for _ in 0..<200 { try Self.add(db) }
      for end in ["", "-journal"] {
        try FileManager.default.copyItem(atPath: live + end, toPath: "\(folder.path)/data/a.sqlite\(end)")
      }
      try db.execute(sql: "ROLLBACK")
    }
    // Rows that are in nothing but the log.
    let logged = "\(folder.path)/live/b.sqlite"
    let second = try Self.database(logged, .wal, rows: 30)
    for end in ["", "-wal"] {
      try FileManager.default.copyItem(atPath: logged + end, toPath: "\(folder.path)/data/b.sqlite\(end)")
    }
    try second.close()
    #expect(try Self.take(folder, ["data/*.sqlite*"]) == 2)
    #expect(try Self.rows(Self.copy(folder)) == 50)
    #expect(try Self.rows(Self.copy(folder, "data/b.sqlite")) == 30)
    #expect(try Self.names(Self.copy(folder, "data")) == ["a.sqlite", "b.sqlite"])
  }

  @Test("a copy lies where its database does, with its mode, and a former run leaves nothing behind")
  func layout() throws {
    let folder = try Folder()
    for path in ["data/a.sqlite", "data/x/y/b.sqlite", "config/c.db", "data/x/notes.txt"] {
      _ = try Self.database("\(folder.path)/\(path)", .delete, rows: 1)
    }
    _ = try Self.database("\(folder.path)/cache/d.sqlite", .delete, rows: 2)
    try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: "\(folder.path)/data/a.sqlite")
    try FileManager.default.createDirectory(
      atPath: "\(folder.path)/data/folder.sqlite", withIntermediateDirectories: true)
    for _ in 1...2 {
      #expect(try Self.take(folder, ["data/**/*.sqlite", "config/?.db", "cache/**/*.sqlite", "data/x/../y"]) == 4)
    }
    let top = "\(folder.path)/cache/.berth-backup/db"
    let found = FileManager.default.enumerator(atPath: top)?.compactMap { $0 as? String }.filter { $0.contains(".") }
    #expect(found?.sorted() == ["cache/d.sqlite", "config/c.db", "data/a.sqlite", "data/x/y/b.sqlite"])
    let attributes = try FileManager.default.attributesOfItem(atPath: "\(top)/data/a.sqlite")
    #expect(attributes[.posixPermissions] as? Int == 0o640)
    let folders = try FileManager.default.attributesOfItem(atPath: "\(top)/data")
    #expect(folders[.posixPermissions] as? Int == 0o700)
    #expect(try Self.take(folder, ["data/*.none"]) == 0)
    #expect(try Self.names(top) == [])
  }

  @Test("names are bytes: a newline and what is no text are kept")
  func names() throws {
    let folder = try Folder()
    let queue = try Self.database("\(folder.path)/data/a.sqlite", .delete, rows: 3)
    try queue.close()
    let odd = Array("\(folder.path)/data/".utf8) + [0x0A, 0xFF, 0x2A] + Array(".sqlite".utf8)
    let from = "\(folder.path)/data/a.sqlite"
    #expect(rename(from, odd.map { CChar(bitPattern: $0) } + [0]) == 0)
    #expect(try Self.take(folder, ["data/??\u{2A}.sqlite"]) == 1)
    let copy = Array("\(Self.copy(folder, "data"))/".utf8) + [0x0A, 0xFF, 0x2A] + Array(".sqlite".utf8)
    #expect(access(copy.map { CChar(bitPattern: $0) } + [0], R_OK) == 0)
  }

  @Test("an empty file is an empty database, and what is none is an error that names it")
  func noDatabase() throws {
    let folder = try Folder()
    _ = try Self.database("\(folder.path)/data/a.sqlite", .delete)
    _ = FileManager.default.createFile(atPath: "\(folder.path)/data/empty.sqlite", contents: Data())
    #expect(try Self.take(folder) == 2)
    try Data(String(repeating: "no database, but longer than a header of one ", count: 40).utf8)
      .write(to: URL(fileURLWithPath: "\(folder.path)/data/z.sqlite"))
    let error = try #require(throws: BerthError.self) { try Self.take(folder) }
    #expect(error.code == "bad-database" && error.summary == "'data/z.sqlite' is no database of SQLite")
    try FileManager.default.removeItem(atPath: "\(folder.path)/data/z.sqlite")
    try FileManager.default.createSymbolicLink(
      atPath: "\(folder.path)/data/link.sqlite", withDestinationPath: "/etc/passwd")
    let link = try #require(throws: BerthError.self) { try Self.take(folder) }
    #expect(link.code == "bad-database" && link.summary.contains("data/link.sqlite"))
  }

  @Test("a damaged database is an error, never a silent copy")
  func damaged() throws {
    let folder = try Folder()
    let path = "\(folder.path)/data/a.sqlite"
    try Self.database(path, .delete, rows: 100).close()
    let handle = try #require(FileHandle(forUpdatingAtPath: path))
    // The size of a page, which is no power of two then.
    try handle.seek(toOffset: 16)
    try handle.write(contentsOf: Data([0x12, 0x34]))
    try handle.close()
    #expect(try #require(throws: BerthError.self) { try Self.take(folder) }.code == "bad-database")
  }

  @Test("a database that somebody keeps locked is an error in time")
  func locked() throws {
    let folder = try Folder()
    let queue = try Self.database("\(folder.path)/data/a.sqlite", .delete, rows: 3)
    try queue.writeWithoutTransaction { db in
      try db.execute(sql: "BEGIN EXCLUSIVE")
      let start = ContinuousClock.now
      let error = try #require(throws: BerthError.self) {
        try Self.take(folder, patience: .init(lock: .milliseconds(200), copy: .seconds(5)))
      }
      #expect(error.code == "database-busy" && error.kind == .busy)
      #expect(.now - start < .seconds(10))
      try db.execute(sql: "COMMIT")
    }
    #expect(try Self.take(folder) == 1)
  }

  @Test("locks of several databases are waited for no longer than for one, 20 seconds in all")
  func lockedInTurn() throws {
    #expect(SQLiteSnapshot.Patience().lock == .seconds(20))
    let folder = try Folder()
    let first = try Self.database("\(folder.path)/data/a.sqlite", .delete, rows: 3)
    let second = try Self.database("\(folder.path)/data/b.sqlite", .delete, rows: 3)
    let isLocked = DispatchSemaphore(value: 0)
    Thread {
      try? first.writeWithoutTransaction { db in
        try db.execute(sql: "BEGIN EXCLUSIVE")
        isLocked.signal()
        Thread.sleep(forTimeInterval: 1.5)
        try db.execute(sql: "COMMIT")
      }
    }.start()
    isLocked.wait()
    try second.writeWithoutTransaction { db in
      try db.execute(sql: "BEGIN EXCLUSIVE")
      let start = ContinuousClock.now
      let error = try #require(throws: BerthError.self) {
        try Self.take(folder, patience: .init(lock: .seconds(2), copy: .seconds(60)))
      }
      #expect(error.code == "database-busy" && error.summary.contains("data/b.sqlite"), "\(error)")
      #expect(error.summary.contains("within 2 seconds"))
      // Two seconds for each would be 3.5.
      let waited = ContinuousClock.now - start
      #expect(waited > .seconds(1.9) && waited < .seconds(3.3), "\(waited)")
      try db.execute(sql: "COMMIT")
    }
  }

  @Test("a copy that takes too long is given up")
  func tooSlow() throws {
    let folder = try Folder()
    try Self.database("\(folder.path)/data/a.sqlite", .delete, rows: 1000, blob: 8000).close()
    let error = try #require(throws: BerthError.self) {
      try Self.take(folder, patience: .init(lock: .seconds(1), copy: .zero))
    }
    #expect(error.code == "snapshot-failed" && error.summary.contains("within 0 seconds"))
  }
}

/// Writes on a thread of its own, again and again, since a test's own threads are few and may not be kept busy.
private final class Load: Sendable {
  struct Done {
    var count = 0
    var longest = Duration.zero
    var isEnding = false
    var hasEnded = false
    var error: (any Error)?
  }

  private let done = Mutex(Done())

  init(_ write: @escaping @Sendable () throws -> Void) {
    Thread.detachNewThread { [self] in
      while !done.withLock({ $0.isEnding }) {
        let start = ContinuousClock.now
        let result = Result { try write() }
        let took = ContinuousClock.now - start
        done.withLock {
          $0.count += 1
          $0.longest = max($0.longest, took)
          if case .failure(let error) = result { ($0.error, $0.isEnding) = (error, true) }
        }
        // A server's pace: thousands of times a second is none.
        usleep(500)
      }
      done.withLock { $0.hasEnded = true }
    }
  }

  func end() throws -> Done {
    done.withLock { $0.isEnding = true }
    while !done.withLock({ $0.hasEnded }) { usleep(1000) }
    let result = done.withLock { $0 }
    if let error = result.error { throw error }
    return result
  }
}
