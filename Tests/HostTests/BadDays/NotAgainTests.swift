import Foundation
import TestSupport
import Testing

@Suite("An instance whose program does not start again")
struct NotAgainTests {
  private static let plugin = FixturePlugins.idle(
    extra: """
      config:
        app.conf: { format: properties, values: { greeting: "{{settings.greeting}}" } }
      backup: { config: { files: ["{{paths.config}}"] } }
      """)

  @Test("is restored all the same: what its own program has removed keeps no restore from being done")
  func restored() async throws {
    try await SandboxFixture.with { box in
      try box.addPlugin("idle", Self.plugin)
      try await box.succeed("install", "idle")
      let first = try await box.succeed("backup", "idle", "--json").json()["id"].text ?? ""
      let conf = "\(box.root)/state/instances/idle/default/config/app.conf"
      try FileManager.default.removeItem(atPath: conf)
      // It stops for its backup, and cannot start any more.
      let failed = try await box.berth("backup", "idle", "--json")
      #expect(failed.status == 70, "\(failed.output)\(failed.errors)")
      #expect(failed.errors.contains("did not start again"), "\(failed.errors)")
      #expect(try await box.berth("operations", "list", "--json").json()[0]["status"].text == "undone")
      try await box.succeed("restore", "idle", "--backup", first, "--yes")
      #expect(try await box.berth("status", "idle", "--json").json()["status"].text == "running")
      #expect(SandboxFixture.text(conf).contains("greeting"))
    }
  }

  @Test("forges no lines of the doctor or of a restart by the names of its files")
  func names() async throws {
    try await SandboxFixture.with { box in
      try box.addPlugin("idle", Self.plugin)
      try await box.succeed("install", "idle")
      let data = "\(box.root)/state/instances/idle/default/data"
      var info = stat()
      try #require(stat(data, &info) == 0)
      let path = "\(data)/x\nerror: FORGED\n  remedy: FORGED"
      let file = open(path, O_WRONLY | O_CREAT | O_EXCL, 0o600)
      #expect(fchown(file, info.st_uid, info.st_gid) == 0 && fchmod(file, 0) == 0 && close(file) == 0)
      for words in [["doctor"], ["restart", "idle"], ["update", "idle", "--dry-run"], ["status", "idle"]] {
        let run = try await box.berth(words)
        let lines = "\(run.output)\n\(run.errors)".split(separator: "\n")
        #expect(!lines.contains { $0.drop { $0 == " " }.hasPrefix("error: FORGED") }, "\(words): \(lines)")
        #expect(!lines.contains { $0.hasPrefix("  remedy: FORGED") }, "\(words): \(lines)")
        if words == ["doctor"] { #expect(run.output.contains("FORGED"), "\(lines)") }
      }
    }
  }
}
