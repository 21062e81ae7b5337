import BerthHost
import BerthKit
import Foundation
import TestSupport
import Testing

/// Backups and what is made of them, ended or made to fail before and after everything they do.
@Suite("A backup, a restore, a clone or an update that is killed anywhere leaves, after a recovery, all or nothing")
struct BackupKillPointTests {
  private static let copyID = "6f9619ff-8b86-4d01-b42d-00cf4fc96401"

  /// An app with something to do before and after, a database, what is copied in use and what is not.
  private static func yaml(port: Int, version: String = "1", extra: String = "") -> String {
    ChestPlugin.yaml(
      port: port, version: version, hasSecret: false,
      config: #", before: [{ exec: ["{{programs.touch}}", "{{paths.cache}}/saving"] }]"#
        + #", after: [{ exec: [/usr/bin/rm, -f, "{{paths.cache}}/saving"] }]"#,
      sets: [#"db: { sqlite: ["{{paths.data}}/*.sqlite"] }"#], extra: extra)
  }

  /// An instance with something in it, and whatever the first backup ever leaves for the next ones.
  private static func prepare(_ box: SandboxFixture, _ yaml: String) async throws -> Chest {
    try box.addPlugin("chest", yaml)
    try await box.succeed("host", "up")
    let chest = try await Chest.install(box)
    try chest.put("data/world/map", "the map")
    try chest.put("data/world/second", String(repeating: "two\n", count: 1000))
    try chest.put("data/left.tmp", "in no set")
    try await SubprocessRunner().succeed(
      Command(
        "sqlite3", [chest.path("data/scores.sqlite"), "CREATE TABLE score (who TEXT); INSERT INTO score VALUES ('me')"])
    )
    try chest.own("data/scores.sqlite")
    return chest
  }

  private static func removeBackups(_ chest: Chest, but count: Int = 0) async throws {
    for backup in try await chest.backups().dropLast(count) {
      try await chest.box.succeed("backups", "remove", backup["id"].text ?? "", "--yes")
    }
  }

  @Test("backup, with something to do before and after, and a stop", .timeLimit(.minutes(30)))
  func backup() async throws {
    try await SandboxFixture.with { box in
      let chest = try await Self.prepare(box, Self.yaml(port: FreePorts.block(2)))
      try await chest.backup()
      try chest.put("data/world/map", "the map of later")
      try await KillPointTests.interrupt(
        Interruption(box: box, name: "backup", words: ["backup", "chest"]) {
          try await Self.removeBackups(chest, but: 1)
        })
    }
  }

  @Test("restore", .timeLimit(.minutes(30)))
  func restore() async throws {
    try await SandboxFixture.with { box in
      let chest = try await Self.prepare(box, Self.yaml(port: FreePorts.block(2)))
      try await chest.backup()
      func spoil() async throws {
        try await box.succeed("config", "set", "chest", "note=later")
        try chest.put("data/world/map", "spoilt")
        try chest.put("data/world/third", "of later")
        if chest.exists("data/world/second") { try chest.remove("data/world/second") }
      }
      try await spoil()
      try await KillPointTests.interrupt(
        Interruption(box: box, name: "restore", words: ["restore", "chest", "--yes"], reset: spoil))
    }
  }

  @Test("restore --as a new instance", .timeLimit(.minutes(30)))
  func restoreAs() async throws {
    try await SandboxFixture.with { box in
      let port = FreePorts.block(3)
      let chest = try await Self.prepare(box, Self.yaml(port: port))
      try await chest.backup()
      try await KillPointTests.interrupt(
        Interruption(
          box: box, name: "restore --as",
          words: ["restore", "chest", "--as", "Copy", "--instance-id", Self.copyID, "--port", "\(port + 2)"],
          reset: { try await box.succeed("remove", "chest", "--instance", "Copy", "--yes") }, stride: 2))
    }
  }

  @Test("clone", .timeLimit(.minutes(30)))
  func clone() async throws {
    try await SandboxFixture.with { box in
      let port = FreePorts.block(3)
      let chest = try await Self.prepare(box, Self.yaml(port: port))
      try await chest.backup()
      try await Self.removeBackups(chest)
      try await KillPointTests.interrupt(
        Interruption(
          box: box, name: "clone",
          words: [
            "clone", "chest", "--instance", "default", "--instance-name", "Copy", "--instance-id", Self.copyID,
            "--port",
            "\(port + 2)",
          ], reset: { try await box.succeed("remove", "chest", "--instance", "Copy", "--yes") }, stride: 2))
    }
  }

  @Test("update, whose job changes the data for good", .timeLimit(.minutes(30)))
  func update() async throws {
    try await SandboxFixture.with { box in
      let port = FreePorts.block(2)
      let first = Self.yaml(port: port)
      let second = Self.yaml(
        port: port, version: "2",
        extra: """
          jobs:
            migrate: { at: [update], exec: ["{{programs.perl}}", -pi, -e, "s/the map/another map/", "{{paths.data}}/world/map"] }
          """)
      let chest = try await Self.prepare(box, first)
      try await chest.backup()
      try await Self.removeBackups(chest)
      try box.addPlugin("chest", second)
      try await KillPointTests.interrupt(
        Interruption(
          box: box, name: "update with data", words: ["update", "chest"],
          reset: {
            try box.addPlugin("chest", first)
            try await box.succeed("update", "chest")
            try await Self.removeBackups(chest)
            try chest.put("data/world/map", "the map")
            try box.addPlugin("chest", second)
          }, stride: 2))
    }
  }
}
