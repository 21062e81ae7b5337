import BerthKit
import GRDB

/// The backups of a scope, those of instances that are gone included, and how attempts to make them ended.
///
/// It lies in the registry's database. Archives are not touched here.
public struct BackupRegistry: Sendable {
  /// How many runs of each instance are remembered.
  static let remembered = 100
  /// How many characters of an id stand for it at least.
  static let shortest = 8

  let registry: InstanceRegistry

  // MARK: Writing

  /// Adds a backup, and the run that made it.
  ///
  /// - Returns: it with its number.
  /// - Throws: `backup-exists`.
  @discardableResult
  public func add(_ backup: BackupRecord, run: BackupRun? = nil) throws -> BackupRecord {
    try registry.change { db in
      let added = try Self.insert(backup, db)
      if let run { try Self.insert(run, db) }
      return added
    }
  }

  /// Adds backups, all or none of them. One that was in the registry before comes back under its former number, and
  /// one that is there with its number stays, so that a removal can be taken back twice.
  ///
  /// - Returns: them with their numbers.
  /// - Throws: `backup-exists`.
  @discardableResult
  public func add(_ backups: [BackupRecord]) throws -> [BackupRecord] {
    try registry.change { db in try backups.map { try Self.insert($0, db) } }
  }

  /// Removes backups, all or none of them; those that are not there are no error.
  ///
  /// - Throws: `backup-needed` when one that stays is a difference from one of them.
  public func remove(_ ids: [String]) throws {
    try registry.change { db in
      let removed = try ids.compactMap { try Self.records("WHERE id = ?", [$0], db).first }
      for backup in removed { try db.execute(sql: "DELETE FROM backup WHERE id = ?", arguments: [backup.id]) }
      for backup in removed {
        let dependent = try Self.records("WHERE instance = ? AND base = ?", [backup.instance, backup.id], db).first
        if let dependent { throw BerthError.backupNeeded(backup, by: dependent) }
      }
    }
  }

  /// Writes labels, note, lock and what a verification found. Nothing else of a backup ever changes.
  ///
  /// - Parameter change: is given the backup as the registry has it at this moment.
  /// - Returns: it as it is now.
  /// - Throws: `unknown-backup`, and what `change` throws.
  @discardableResult
  public func update(_ id: String, _ change: (inout BackupRecord) throws -> Void) throws -> BackupRecord {
    let changed = try registry.change { db in
      guard var backup = try Self.records("WHERE id = ?", [id], db).first else { throw BerthError.unknownBackup(id) }
      try change(&backup)
      let row = try BackupRow(backup)
      try db.execute(
        sql: """
          UPDATE backup SET labels = ?, note = ?, is_kept = ?, verified_at = ?, checked = ?, size = ?, end_sha256 = ?
          WHERE id = ?
          """,
        arguments: [
          row.labels, row.note, row.is_kept, row.verified_at, row.checked, row.size, row.end_sha256, id,
        ])
      return try Self.records("WHERE id = ?", [id], db)
    }
    return located(changed)[0]
  }

  /// Writes down how a run ended. The newest hundred of an instance stay.
  public func noteRun(_ run: BackupRun) throws { try registry.change { db in try Self.insert(run, db) } }

  private static func insert(_ backup: BackupRecord, _ db: Database) throws -> BackupRecord {
    if let known = try records("WHERE id = ?", [backup.id], db).first {
      guard known == backup else { throw BerthError.backupExists(known) }
      return known
    }
    try BackupRow(backup).insert(db)
    var added = backup
    added.number = db.lastInsertedRowID
    return added
  }

  private static func insert(_ run: BackupRun, _ db: Database) throws {
    try db.execute(
      sql: "UPDATE backup_run SET is_last = FALSE WHERE instance = ? AND is_last", arguments: [run.instance])
    try BackupRunRow(run).insert(db)
    try db.execute(
      sql: """
        DELETE FROM backup_run WHERE instance = :instance AND number <= (
          SELECT number FROM backup_run WHERE instance = :instance ORDER BY number DESC LIMIT 1 OFFSET :remembered)
        """,
      arguments: ["instance": run.instance, "remembered": remembered])
  }

  // MARK: Reading

  /// All backups in the order in which they were made.
  public func all() throws -> [BackupRecord] { try records("ORDER BY number", []) }

  /// The backups of an instance in the order in which they were made.
  public func of(instance uid: String) throws -> [BackupRecord] {
    try records("WHERE instance = ? ORDER BY number", [uid])
  }

  /// The backup that a person means: by its id, by the beginning of it, or by the name of its archive with or without
  /// `.tar.zst`.
  ///
  /// - Parameter uid: the only instance to look at; nil for all.
  /// - Throws: `unknown-backup`, `ambiguous-backup`.
  public func find(_ text: String, instance uid: String? = nil) throws -> BackupRecord {
    if let exact = try records("WHERE id = ? AND instance = coalesce(?, instance)", [text, uid]).first { return exact }
    let files = ["", ".tar.zst", ".tar.gz"].map { "/\(text)\($0)" }
    let isPrefix = text.unicodeScalars.count >= Self.shortest
    // No LIKE, in which what a person typed could have a meaning.
    let matches = try records(
      """
      WHERE (?1 IS NULL OR instance = ?1)
        AND (?3 AND substr(id, 1, length(?2)) = ?2
          OR substr(path, -length(?4)) = ?4 OR substr(path, -length(?5)) = ?5 OR substr(path, -length(?6)) = ?6)
      ORDER BY number
      """, [uid, text, isPrefix, files[0], files[1], files[2]])
    switch matches.count {
    case 1: return matches[0]
    case 0:
      // The row has the name that the archive was given when it was made.
      guard let renamed = try byFile(text, instance: uid) else { throw BerthError.unknownBackup(text) }
      return renamed
    default: throw BerthError.ambiguousBackup(text, matches)
    }
  }

  private func byFile(_ text: String, instance uid: String?) throws -> BackupRecord? {
    let names = ["", ".tar.zst", ".tar.gz"].map { text + $0 }
    return try records("WHERE instance = coalesce(?, instance) ORDER BY number", [uid])
      .first { names.contains($0.file) }
  }

  /// What is needed to restore a backup, oldest first and itself last.
  ///
  /// - Throws: `unknown-backup`, `backup-link-missing`.
  public func chain(of id: String) throws -> [BackupRecord] {
    guard let backup = try records("WHERE id = ?", [id]).first else { throw BerthError.unknownBackup(id) }
    return try BackupChains(of(instance: backup.instance)).chain(of: backup)
  }

  /// The newest runs of an instance, newest first.
  public func runs(of uid: String, newest count: Int) throws -> [BackupRun] {
    try runs("WHERE instance = ? ORDER BY number DESC LIMIT ?", [uid, count])
  }

  /// The last run of every instance that has had one, by the instance's uid.
  ///
  /// - Parameter uid: of the one instance that is asked for; nil for all.
  public func lastRuns(of uid: String? = nil) throws -> [String: BackupRun] {
    if let uid { return try byInstance(runs("WHERE is_last AND instance = ?", [uid])) }
    return try byInstance(runs("WHERE is_last", []))
  }

  /// The last runs that failed, by the instance's uid. Where nothing is wrong, as is usual, this takes a fraction of the
  /// time of ``lastRuns()``.
  public func lastFailures() throws -> [String: BackupRun] {
    try byInstance(runs("WHERE is_last AND error IS NOT NULL", []))
  }

  private func byInstance(_ runs: [BackupRun]) -> [String: BackupRun] {
    Dictionary(runs.map { ($0.instance, $0) }, uniquingKeysWith: { _, last in last })
  }

  private func runs(_ condition: String, _ arguments: StatementArguments) throws -> [BackupRun] {
    try registry.database.read { db in
      let sql = "SELECT \(BackupRun.columns) FROM backup_run \(condition)"
      return try Array(Row.fetchCursor(db, sql: sql, arguments: arguments).map(BackupRun.init))
    }
  }

  private func records(_ condition: String, _ arguments: StatementArguments) throws -> [BackupRecord] {
    located(try registry.database.read { db in try Self.records(condition, arguments, db) })
  }

  private func located(_ backups: [BackupRecord]) -> [BackupRecord] {
    guard let locate = registry.locate else { return backups }
    return backups.map { backup in
      var backup = backup
      backup.path = locate(backup)
      return backup
    }
  }

  private static func records(
    _ condition: String, _ arguments: StatementArguments, _ db: Database
  ) throws -> [BackupRecord] {
    let sql = "SELECT \(BackupRecord.columns) FROM backup \(condition)"
    return try Array(Row.fetchCursor(db, sql: sql, arguments: arguments).map(BackupRecord.init))
  }
}
