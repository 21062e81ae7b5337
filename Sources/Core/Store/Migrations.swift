import GRDB

/// The registry's schema, step by step. A migration that has shipped is never edited.
enum Migrations {
  static var all: DatabaseMigrator {
    var migrator = DatabaseMigrator()
    migrator.registerMigration("instances") { db in
      try db.create(table: "instance") { table in
        table.primaryKey("uid", .text)
        table.column("app", .text).notNull()
        table.column("id", .text).notNull()
        table.column("name", .text).notNull()
        table.column("slug", .text).notNull()
        table.column("state", .text).notNull().check(sql: "state IN ('installing', 'removing', 'ready', 'kept')")
        table.column("user", .text)
        table.column("version", .text)
        table.column("directory", .text)
        table.column("labels", .text).notNull()
        table.column("services", .text).notNull()
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
    return migrator
  }
}
