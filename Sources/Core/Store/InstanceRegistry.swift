import BerthKit
import GRDB

/// The instances of a scope in SQLite: the one place that knows which exist and whose a port is.
///
/// Writes are transactions that begin by locking the database, so that two runs of Berth see each other's ports.
public struct InstanceRegistry: Sendable {
  let database: DatabaseQueue
  private let path: String
  /// Whether its disk was full when it was opened, so that nothing can be written.
  private let isReadOnly: Bool
  /// Whether it stands for one that nobody had made when it was opened.
  public private(set) var isNothing = false

  /// Where the archive of a backup is by now, when it was renamed or the folder of all was moved; nil for where it was made.
  public var locate: (@Sendable (BackupRecord) -> String)?

  /// Opens the registry, making it or bringing it up to date where needed.
  ///
  /// One that an older Berth made is copied to `registry.sqlite.before-<migration>` first.
  ///
  /// - Throws: `registry-newer` when a newer Berth made it, and then not a byte of it has changed; `registry-unusable`
  ///   when the file cannot be opened as a registry.
  public init(path: String) throws { try self.init(path: path, migrator: Migrations.all) }

  /// - Parameter migrator: the migrations to make, for tests of what comes before and after today's.
  init(path: String, migrator: DatabaseMigrator) throws {
    self.path = path
    (database, isReadOnly) = try RegistryFile(path: path, migrator: migrator).open()
  }

  /// A registry in memory, for tests.
  public static func inMemory() throws -> InstanceRegistry { try InstanceRegistry() }

  /// What stands for a registry that nobody has made yet: it has nothing, and takes nothing.
  public static func nothing() throws -> InstanceRegistry {
    var registry = try InstanceRegistry()
    try registry.database.writeWithoutTransaction { try $0.execute(sql: "PRAGMA query_only = 1") }
    registry.isNothing = true
    return registry
  }

  private init() throws {
    path = "in memory"
    isReadOnly = false
    database = try DatabaseQueue()
    try Migrations.all.migrate(database)
  }

  /// The operations on these instances.
  public var journal: Journal { Journal(registry: self) }

  /// The backups of these instances and of former ones.
  public var backups: BackupRegistry { BackupRegistry(registry: self) }

  // MARK: Reading

  /// All instances in order of app and id, those that are only kept left out.
  ///
  /// - Parameter app: only this app's.
  public func instances(app: String? = nil) throws -> [InstanceRecord] {
    try all(app: app).filter { $0.state != .kept }
  }

  /// Whether there is no instance but those that are only kept.
  public func isEmpty() throws -> Bool {
    try database.read { db in
      try InstanceRow.filter(Column("state") != InstanceRecord.State.kept.rawValue).isEmpty(db)
    }
  }

  /// The folders of plugins that were named when an instance was made or updated, by app.
  ///
  /// - Parameter app: only this app's.
  public func pluginFolders(app: String? = nil) throws -> [String: String] {
    try database.read { db in
      let rows = try Row.fetchAll(
        db,
        sql: """
          SELECT app, plugin_folder FROM instance
          WHERE plugin_folder IS NOT NULL AND app = ifnull(?, app) ORDER BY created_at
          """, arguments: [app])
      return Dictionary(rows.map { ($0["app"], $0["plugin_folder"]) }) { _, newest in newest }
    }
  }

  /// All instances, kept ones included.
  public func all(app: String? = nil) throws -> [InstanceRecord] {
    try database.read { db in
      let rows =
        if let app {
          try InstanceRow.filter(Column("app") == app).fetchAll(db)
        } else {
          try InstanceRow.fetchAll(db)
        }
      let ports = Dictionary(grouping: try PortRow.order(Column("position")).fetchAll(db), by: \.instance)
      let columns = InstanceRow.Columns(rows)
      return rows.map { $0.record(ports: ports[$0.uid] ?? [], columns) }.sorted { $0.key < $1.key }
    }
  }

  /// One instance that is not kept; nil when there is none. It does not read the others.
  public func instance(_ key: InstanceKey) throws -> InstanceRecord? {
    try database.read { db in
      let rows = try InstanceRow.filter(Column("app") == key.app && Column("id") == key.id.text).fetchAll(db)
      guard let row = rows.first, row.state != InstanceRecord.State.kept.rawValue else { return nil }
      let ports = try PortRow.filter(Column("instance") == row.uid).order(Column("position")).fetchAll(db)
      return row.record(ports: ports, InstanceRow.Columns(rows))
    }
  }

  /// The settings of an instance, secrets included.
  public func settings(of uid: String) throws -> [StoredSetting] {
    try database.read { db in
      try SettingRow.filter(Column("instance") == uid).order(Column("key")).fetchAll(db).map(\.setting)
    }
  }

  /// The settings of every instance by its uid, secrets included.
  public func settings() throws -> [String: [StoredSetting]] {
    try database.read { db in
      Dictionary(grouping: try SettingRow.order(Column("key")).fetchAll(db), by: \.instance)
        .mapValues { $0.map(\.setting) }
    }
  }

  // MARK: Writing

  /// Adds an instance, takes a kept one up again, or replaces what is known of it, with its ports and settings.
  public func register(_ record: InstanceRecord, settings: [StoredSetting]) throws {
    try register([(record, settings)])
  }

  /// Adds or replaces instances, all or none of them; ports may change hands among them.
  ///
  /// - Throws: `taken` when an id, name, slug or port belongs to another instance.
  public func register(_ entries: [(record: InstanceRecord, settings: [StoredSetting])]) throws {
    do {
      try database.write { db in
        for (record, _) in entries {
          _ = try SettingRow.filter(Column("instance") == record.uid).deleteAll(db)
          _ = try PortRow.filter(Column("instance") == record.uid).deleteAll(db)
        }
        for (record, settings) in entries {
          let row = try InstanceRow(record)
          // The uid is never used twice, so that a row of it is this very instance, kept or half-way.
          if try InstanceRow.filter(Column("uid") == record.uid).fetchCount(db) == 1 {
            try row.update(db)
          } else {
            try row.insert(db)
          }
          for (position, port) in record.ports.enumerated() {
            try PortRow(instance: record.uid, position: position, port).insert(db)
          }
          for setting in settings { try SettingRow(instance: record.uid, setting).insert(db) }
        }
      }
    } catch let error as DatabaseError where error.resultCode == .SQLITE_CONSTRAINT {
      let title = entries.count == 1 ? entries[0].record.title : "\(entries.count) instances"
      throw BerthError.registrationTaken(title, error)
    } catch let error as DatabaseError {
      throw error.resultCode == .SQLITE_FULL
        ? BerthError.registryFull(path, error) : BerthError.registryUnusable(path, error)
    }
  }

  /// Writes how far instances have come, in one transaction.
  public func setStates(_ states: [(uid: String, state: InstanceRecord.State)]) throws {
    try change { db in
      let update = try db.makeStatement(sql: "UPDATE instance SET state = ? WHERE uid = ?")
      for (uid, state) in states { try update.execute(arguments: [state.rawValue, uid]) }
    }
  }

  /// Keeps the id and settings of instances, and frees their ports.
  public func keep(_ uids: [String]) throws {
    try change { db in
      for uid in uids {
        try db.execute(sql: "UPDATE instance SET state = 'kept', fleet = NULL WHERE uid = ?", arguments: [uid])
        _ = try PortRow.filter(Column("instance") == uid).deleteAll(db)
      }
    }
  }

  /// Removes everything that is known of instances but their backups.
  public func forget(_ uids: [String]) throws {
    try change { db in
      for uid in uids {
        _ = try InstanceRow.filter(Column("uid") == uid).deleteAll(db)
        try db.execute(sql: "DELETE FROM backup_run WHERE instance = ?", arguments: [uid])
      }
    }
  }

  func change<Result>(_ body: (Database) throws -> Result) throws -> Result {
    guard !isReadOnly else { throw BerthError.registryFull(path, nil) }
    do { return try database.write(body) } catch let error as DatabaseError {
      let isFull = error.resultCode == .SQLITE_FULL || (error.resultCode == .SQLITE_IOERR && FullDisk.holds(path))
      throw isFull ? BerthError.registryFull(path, error) : BerthError.registryUnusable(path, error)
    }
  }

  // MARK: Files

  /// The SHA-256 that a file had when Berth last wrote it; nil when it never did.
  public func checksum(of path: String) throws -> String? {
    try database.read { db in
      try String.fetchOne(db, sql: "SELECT sha256 FROM file WHERE path = ?", arguments: [path])
    }
  }

  /// The SHA-256 of every file that Berth wrote and a person may edit, by path.
  public func checksums() throws -> [String: String] {
    try database.read { db in
      let rows = try Row.fetchAll(db, sql: "SELECT path, sha256 FROM file")
      return Dictionary(rows.map { ($0["path"], $0["sha256"]) }, uniquingKeysWith: { first, _ in first })
    }
  }

  /// The same by the instance's uid and by path.
  public func checksumsByInstance() throws -> [String: [String: String]] {
    try database.read { db in
      try Row.fetchAll(db, sql: "SELECT path, instance, sha256 FROM file").reduce(into: [:]) { files, row in
        files[row["instance"], default: [:]][row["path"]] = row["sha256"]
      }
    }
  }

  /// Remembers the SHA-256 of files that Berth wrote, in one transaction; nil forgets one.
  public func setChecksums(_ files: [(path: String, instance: String, checksum: String?)]) throws {
    guard !files.isEmpty else { return }
    try change { db in
      for file in files {
        try db.execute(sql: "DELETE FROM file WHERE path = ?", arguments: [file.path])
        guard let checksum = file.checksum else { continue }
        try db.execute(
          sql: "INSERT INTO file (path, instance, sha256) VALUES (?, ?, ?)",
          arguments: [file.path, file.instance, checksum])
      }
    }
  }
}
