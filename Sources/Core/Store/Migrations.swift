import GRDB

/// The registry's schema, step by step. A migration that has shipped is never edited.
enum Migrations {
  static var all: DatabaseMigrator {
    var migrator = DatabaseMigrator()
    migrator.registerMigration("0.2") { db in
      try makeInstances(db)
      try makeOperations(db)
      try makeBackups(db)
    }
    migrator.registerMigration("backup-end") { db in
      try db.alter(table: "backup") { $0.add(column: "end_sha256", .text) }
    }
    migrator.registerMigration("plugin-folders") { db in
      try db.alter(table: "instance") { $0.add(column: "plugin_folder", .text) }
    }
    migrator.registerMigration("subnets") { db in
      try db.alter(table: "instance") { $0.add(column: "subnets", .text).notNull().defaults(to: "{}") }
    }
    migrator.registerMigration("defaults") { db in
      // Of what is stored already nobody knows whether it was chosen.
      try db.alter(table: "setting") { $0.add(column: "is_default", .boolean).notNull().defaults(to: false) }
    }
    return migrator
  }

  private static func makeInstances(_ db: Database) throws {
    try db.create(table: "instance") { table in
      table.primaryKey("uid", .text)
      table.column("app", .text).notNull()
      table.column("id", .text).notNull()
      table.column("name", .text).notNull()
      table.column("slug", .text).notNull()
      table.column("state", .text).notNull().check(sql: "state IN ('installing', 'removing', 'ready', 'kept')")
      table.column("user", .text)
      table.column("version", .text)
      table.column("plugin_version", .text)
      table.column("directory", .text)
      table.column("labels", .text).notNull()
      table.column("limits", .text).notNull().defaults(to: "{}")
      table.column("backup", .text)
      table.column("fleet", .text)
      table.column("units", .text)
      table.column("services", .text).notNull()
      table.column("images", .text).notNull().defaults(to: "{}")
      table.column("release", .text)
      table.column("builds", .text).notNull().defaults(to: "[]")
      table.column("pool", .text)
      table.column("routes", .text).notNull().defaults(to: "[]")
      table.column("folders", .text).notNull().defaults(to: "[]")
      table.column("registration", .text)
      table.column("created_at", .text).notNull()
      table.uniqueKey(["app", "id"])
    }
    // A kept instance no longer stands in the way of another that wants its name.
    for column in ["name", "slug", "directory"] {
      let scope = column == "directory" ? "" : "app, "
      try db.execute(
        sql: "CREATE UNIQUE INDEX instance_\(column) ON instance (\(scope)\(column)) WHERE state <> 'kept'")
    }
    try db.create(table: "port") { table in
      table.column("instance", .text).notNull().references("instance", onDelete: .cascade)
      table.column("position", .integer).notNull()
      table.column("role", .text).notNull()
      table.column("transport", .text).notNull().check(sql: "transport IN ('tcp', 'udp')")
      table.column("number", .integer).notNull().check(sql: "number BETWEEN 1 AND 65535")
      table.column("address", .text).notNull()
      table.uniqueKey(["transport", "number"])
    }
    try db.create(index: "port_instance", on: "port", columns: ["instance"])
    try db.create(table: "setting") { table in
      table.column("instance", .text).notNull().references("instance", onDelete: .cascade)
      table.column("key", .text).notNull()
      table.column("value", .text).notNull()
      table.column("is_secret", .boolean).notNull()
      table.primaryKey(["instance", "key"])
    }
    try db.create(table: "file") { table in
      table.primaryKey("path", .text)
      table.column("instance", .text).notNull().references("instance", onDelete: .cascade)
      table.column("sha256", .text).notNull()
    }
  }

  private static func makeOperations(_ db: Database) throws {
    try db.create(table: "operation") { table in
      table.autoIncrementedPrimaryKey("id")
      table.column("token", .text).notNull().unique()
      table.column("verb", .text).notNull()
      table.column("command", .text).notNull()
      table.column("user_id", .integer).notNull()
      table.column("user", .text).notNull()
      table.column("sudo_user", .text)
      table.column("started_at", .text).notNull()
      table.column("ended_at", .text)
      table.column("state", .text).notNull()
      table.column("steps", .integer).notNull()
      table.column("begun", .integer).notNull()
      table.column("error", .text)
      table.column("plan", .text)
    }
    try db.create(table: "operation_instance") { table in
      table.column("operation", .integer).notNull().references("operation", onDelete: .cascade)
      table.column("position", .integer).notNull()
      table.column("uid", .text).notNull()
      table.column("app", .text).notNull()
      table.column("id", .text).notNull()
      table.column("name", .text).notNull()
      table.column("action", .text).notNull()
      table.column("outcome", .text)
      table.column("error", .text)
      table.primaryKey(["operation", "position"])
    }
    try db.create(table: "receipt") { table in
      table.column("operation", .integer).notNull().references("operation", onDelete: .cascade)
      table.column("position", .integer).notNull()
      table.column("receipts", .text).notNull()
      table.primaryKey(["operation", "position"])
    }
    // The numbers are never used again, so that the highest one says whether anybody has claimed something since.
    try db.create(table: "operation_claim") { table in
      table.autoIncrementedPrimaryKey("number")
      table.column("operation", .integer).notNull().references("operation", onDelete: .cascade)
      table.column("uid", .text).notNull()
      table.column("record", .text).notNull()
    }
    try db.create(index: "operation_claim_operation", on: "operation_claim", columns: ["operation"])
  }

  /// Neither table refers to the instance: backups outlive it.
  private static func makeBackups(_ db: Database) throws {
    try db.create(table: "backup") { table in
      table.autoIncrementedPrimaryKey("number")
      table.column("id", .text).notNull().unique()
      table.column("instance", .text).notNull()
      table.column("app", .text).notNull()
      table.column("instance_id", .text).notNull()
      table.column("instance_name", .text).notNull()
      table.column("kind", .text).notNull().check(sql: "kind IN ('full', 'diff')")
      table.column("base", .text)
      table.column("path", .text).notNull()
      table.column("created_at", .text).notNull()
      table.column("size", .integer).notNull()
      table.column("files", .integer).notNull()
      table.column("bytes", .integer).notNull()
      table.column("stored", .integer).notNull()
      table.column("pause", .double).notNull()
      table.column("version", .text)
      table.column("plugin_version", .text)
      table.column("reason", .text).notNull()
      table.column("labels", .text).notNull()
      table.column("note", .text)
      table.column("is_kept", .boolean).notNull()
      table.column("verified_at", .text)
      table.column("checked", .text)
      table.column("warnings", .text).notNull()
      table.column("remarks", .text).notNull().defaults(to: "{}")
      table.column("head_sha256", .text)
      table.column("list_sha256", .text)
    }
    try db.create(index: "backup_instance", on: "backup", columns: ["instance"])
    try db.create(table: "backup_run") { table in
      table.autoIncrementedPrimaryKey("number")
      table.column("instance", .text).notNull()
      table.column("app", .text).notNull()
      table.column("instance_id", .text).notNull()
      table.column("instance_name", .text).notNull()
      table.column("started_at", .text).notNull()
      table.column("ended_at", .text).notNull()
      table.column("reason", .text).notNull()
      table.column("error", .text)
      table.column("backup", .text)
      table.column("pause", .double).notNull()
      table.column("duration", .double).notNull()
      table.column("is_last", .boolean).notNull()
    }
    try db.create(index: "backup_run_instance", on: "backup_run", columns: ["instance"])
    // Lists want the last run of a thousand instances at once, and looking for each takes twice as long.
    try db.execute(sql: "CREATE UNIQUE INDEX backup_run_last ON backup_run (instance) WHERE is_last")
  }
}
