import BerthHost
import BerthKit
import Foundation
import TestSupport
import Testing

@Suite("Registries of other versions, with the real program")
struct RegistryVersionTests {
  @discardableResult
  private static func sqlite(_ path: String, _ statements: String) async throws -> String {
    try await SubprocessRunner().succeed(Command("sqlite3", ["-bail", path, statements]))
  }

  /// All files of the registry, with their bytes.
  private static func bytes(_ box: SandboxFixture) throws -> [String: Data] {
    let names = try FileManager.default.contentsOfDirectory(atPath: "\(box.root)/state")
      .filter { $0.hasPrefix("registry") }
    return Dictionary(
      names.map { ($0, FileManager.default.contents(atPath: "\(box.root)/state/\($0)") ?? Data()) },
      uniquingKeysWith: { first, _ in first })
  }

  @Test("one of a newer Berth is refused by every command, and no byte of it changes")
  func newer() async throws {
    try await SandboxFixture.with { box in
      try box.addPlugin("nap", NapPlugin.first(port: FreePorts.block(2)))
      try await box.succeed("install", "nap")
      let path = "\(box.root)/state/registry.sqlite"
      try await Self.sqlite(path, "INSERT INTO grdb_migrations VALUES ('of-the-future')")
      let before = try Self.bytes(box)
      let file = try box.write("fleet.yaml", "schema: 1\ninstances:\n  - { app: nap, name: more }\n")
      for words in [
        ["list"], ["status", "nap"], ["install", "nap"], ["remove", "nap", "--yes"], ["apply", "-f", file],
        ["operations", "recover"], ["doctor"],
      ] {
        let run = try await box.berth(words + ["--json"])
        #expect(run.status == 70, "\(words): \(run.errors)")
        #expect(try run.failure()["code"].text == "registry-newer")
        #expect(try run.failure()["cause"].text?.contains("of-the-future") == true)
      }
      #expect(try Self.bytes(box) == before)
      try await Self.sqlite(path, "DELETE FROM grdb_migrations WHERE identifier = 'of-the-future'")
      #expect(try await box.succeed("list", "--json").json()[0]["status"].text == "running")
    }
  }

  @Test("one of the version before is brought up to date with its instances, and a copy of it is kept")
  func older() async throws {
    try await SandboxFixture.with { box in
      try box.addPlugin("nap", NapPlugin.first(port: FreePorts.block(2)))
      try await box.succeed("install", "nap", "--instance-name", "Old", "--label", "site=north")
      let pid = try await Servers(box).pids["Old"]
      let path = "\(box.root)/state/registry.sqlite"
      try await Self.sqlite("\(path).old", Self.firstVersion(from: path))
      for name in ["registry.sqlite-wal", "registry.sqlite-shm"] {
        try? FileManager.default.removeItem(atPath: "\(box.root)/state/\(name)")
      }
      try FileManager.default.removeItem(atPath: path)
      try FileManager.default.moveItem(atPath: "\(path).old", toPath: path)

      let report = try await box.succeed("list", "--json").json()[0]
      #expect(report["instance_name"].text == "Old" && report["status"].text == "running")
      #expect(report["labels"]["site"].text == "north")
      let copy = "\(path).before-operations"
      #expect(try await Self.sqlite(copy, "SELECT identifier FROM grdb_migrations") == "instances\n")
      #expect(try await Self.sqlite(copy, "SELECT name FROM instance") == "Old\n")
      var status = stat()
      #expect(stat(copy, &status) == 0 && status.st_mode & 0o777 == 0o600)
      // Berth did not know then which version of the plugin it was.
      try await box.succeed("update", "--all")
      #expect(try await box.berth("doctor").status == 0)
      #expect(try await box.berth("update", "--all", "--check").status == 0)
      #expect(try await Servers(box).pids["Old"] == pid)
      try await box.succeed("remove", "nap", "--yes")
    }
  }

  /// The schema of the first version, filled from a registry of today.
  private static func firstVersion(from path: String) -> String {
    """
    ATTACH '\(path)' AS now;
    CREATE TABLE grdb_migrations (identifier TEXT NOT NULL PRIMARY KEY);
    INSERT INTO grdb_migrations VALUES ('instances');
    CREATE TABLE "instance" ("uid" TEXT PRIMARY KEY NOT NULL, "app" TEXT NOT NULL, "id" TEXT NOT NULL,
      "name" TEXT NOT NULL, "slug" TEXT NOT NULL,
      "state" TEXT NOT NULL CHECK (state IN ('installing', 'removing', 'ready', 'kept')), "user" TEXT, "version" TEXT,
      "directory" TEXT, "labels" TEXT NOT NULL, "services" TEXT NOT NULL, "created_at" TEXT NOT NULL,
      UNIQUE ("app", "id"));
    CREATE UNIQUE INDEX instance_name ON instance (app, name) WHERE state <> 'kept';
    CREATE UNIQUE INDEX instance_slug ON instance (app, slug) WHERE state <> 'kept';
    CREATE UNIQUE INDEX instance_directory ON instance (directory) WHERE state <> 'kept';
    CREATE TABLE "port" ("instance" TEXT NOT NULL REFERENCES "instance"("uid") ON DELETE CASCADE,
      "position" INTEGER NOT NULL, "role" TEXT NOT NULL,
      "transport" TEXT NOT NULL CHECK (transport IN ('tcp', 'udp')),
      "number" INTEGER NOT NULL CHECK (number BETWEEN 1 AND 65535), "address" TEXT NOT NULL,
      UNIQUE ("transport", "number"));
    CREATE INDEX "port_instance" ON "port"("instance");
    CREATE TABLE "setting" ("instance" TEXT NOT NULL REFERENCES "instance"("uid") ON DELETE CASCADE,
      "key" TEXT NOT NULL, "value" TEXT NOT NULL, "is_secret" BOOLEAN NOT NULL, PRIMARY KEY ("instance", "key"));
    CREATE TABLE "file" ("path" TEXT PRIMARY KEY NOT NULL,
      "instance" TEXT NOT NULL REFERENCES "instance"("uid") ON DELETE CASCADE, "sha256" TEXT NOT NULL);
    INSERT INTO instance SELECT uid, app, id, name, slug, state, user, version, directory, labels, services, created_at
      FROM now.instance;
    INSERT INTO port SELECT instance, position, role, transport, number, address FROM now.port;
    INSERT INTO setting SELECT instance, key, value, is_secret FROM now.setting;
    INSERT INTO file SELECT path, instance, sha256 FROM now.file;
    """
  }
}
