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

  @Test("one of a draft from before the first version is named as that, and no byte of it changes")
  func draft() async throws {
    try await SandboxFixture.with { box in
      try box.addPlugin("nap", NapPlugin.first(port: FreePorts.block(2)))
      try await box.succeed("install", "nap")
      let path = "\(box.root)/state/registry.sqlite"
      try await Self.sqlite(path, "INSERT INTO grdb_migrations VALUES ('instances')")
      let before = try Self.bytes(box)
      let run = try await box.berth("list", "--json")
      #expect(run.status == 70)
      #expect(try run.failure()["summary"].text?.contains("a draft of Berth from before 0.2.0") == true)
      #expect(try Self.bytes(box) == before)
      try await Self.sqlite(path, "DELETE FROM grdb_migrations WHERE identifier = 'instances'")
      #expect(try await box.succeed("list", "--json").json()[0]["status"].text == "running")
    }
  }
}
