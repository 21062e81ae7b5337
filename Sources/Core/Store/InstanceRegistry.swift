import BerthKit
import GRDB

/// The instances of a scope in SQLite: the one place that knows which exist and whose a port is.
///
/// Writes are transactions that begin by locking the database, so that two runs of Berth see each other's ports.
public struct InstanceRegistry: Sendable {
  private let database: DatabaseQueue
  private let path: String

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
    database = try RegistryFile(path: path, migrator: migrator).open()
  }

  /// A registry in memory, for tests.
  public static func inMemory() throws -> InstanceRegistry { try InstanceRegistry() }

  private init() throws {
    path = "in memory"
    database = try DatabaseQueue()
    try Migrations.all.migrate(database)
  }

  // MARK: Reading

  /// All instances in order of app and id, those that are only kept left out.
  ///
  /// - Parameter app: only this app's.
  public func instances(app: String? = nil) throws -> [InstanceRecord] {
    try all(app: app).filter { $0.state != .kept }
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
      return try rows.map { try $0.record(ports: ports[$0.uid] ?? []) }.sorted { $0.key < $1.key }
    }
  }

  /// The settings of an instance, secrets included.
  public func settings(of uid: String) throws -> [StoredSetting] {
    try database.read { db in
      try SettingRow.filter(Column("instance") == uid).order(Column("key")).fetchAll(db).map(\.setting)
    }
  }

  /// Whose every port is, over all apps and stopped instances.
  public func portOwners() throws -> [PortNumber: String] {
    var owners: [PortNumber: String] = [:]
    for instance in try instances() {
      for port in instance.ports { owners[port.port] = instance.title }
    }
    return owners
  }

  // MARK: Writing

  /// Adds an instance, or takes a kept one up again, with its ports and settings.
  ///
  /// - Throws: `taken` when its id, name, slug or a port belongs to another instance.
  public func register(_ record: InstanceRecord, settings: [StoredSetting]) throws {
    do {
      try database.write { db in
        let row = try InstanceRow(record)
        // The uid is never used twice, so that a row of it is this very instance, kept or half-way.
        if try InstanceRow.filter(Column("uid") == record.uid).fetchCount(db) == 1 {
          try row.update(db)
          _ = try SettingRow.filter(Column("instance") == record.uid).deleteAll(db)
          _ = try PortRow.filter(Column("instance") == record.uid).deleteAll(db)
        } else {
          try row.insert(db)
        }
        for (position, port) in record.ports.enumerated() {
          try PortRow(instance: record.uid, position: position, port).insert(db)
        }
        for setting in settings { try SettingRow(instance: record.uid, setting).insert(db) }
      }
    } catch let error as DatabaseError where error.resultCode == .SQLITE_CONSTRAINT {
      throw BerthError.registrationTaken(record.title, error)
    }
  }

  /// Writes how far an instance has come.
  public func setState(_ state: InstanceRecord.State, of uid: String) throws {
    try change { db in
      try db.execute(sql: "UPDATE instance SET state = ? WHERE uid = ?", arguments: [state.rawValue, uid])
    }
  }

  /// Keeps an instance's id and settings, and frees its ports.
  public func keep(_ uid: String) throws {
    try change { db in
      try db.execute(sql: "UPDATE instance SET state = 'kept' WHERE uid = ?", arguments: [uid])
      _ = try PortRow.filter(Column("instance") == uid).deleteAll(db)
    }
  }

  /// Removes everything that is known of an instance.
  public func forget(_ uid: String) throws {
    _ = try change { db in try InstanceRow.filter(Column("uid") == uid).deleteAll(db) }
  }

  private func change<Result>(_ body: (Database) throws -> Result) throws -> Result {
    do { return try database.write(body) } catch let error as DatabaseError {
      throw BerthError.registryUnusable(path, error)
    }
  }

  // MARK: Files

  /// The SHA-256 that a file had when Berth last wrote it; nil when it never did.
  public func checksum(of path: String) throws -> String? {
    try database.read { db in
      try String.fetchOne(db, sql: "SELECT sha256 FROM file WHERE path = ?", arguments: [path])
    }
  }

  /// Remembers the SHA-256 of a file that Berth wrote for an instance; nil forgets it.
  public func setChecksum(_ checksum: String?, of path: String, instance uid: String) throws {
    try change { db in
      try db.execute(sql: "DELETE FROM file WHERE path = ?", arguments: [path])
      guard let checksum else { return }
      try db.execute(
        sql: "INSERT INTO file (path, instance, sha256) VALUES (?, ?, ?)", arguments: [path, uid, checksum])
    }
  }
}
