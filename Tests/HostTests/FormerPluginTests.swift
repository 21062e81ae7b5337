import Foundation
import TestSupport
import Testing

/// What an instance has by the plugin that it was last brought to, while the plugin's folder holds a newer one.
@Suite("An instance on a former version of its plugin, with real units") struct FormerPluginTests {
  private static func barn(version: Int, set: String, more: String = "") -> String {
    """
    schema: 1
    id: barn
    name: Barn
    summary: Keeps what it has
    category: other
    version: "\(version)"
    programs: { perl: [/usr/bin/perl] }
    services:
      main: { exec: ["{{programs.perl}}", -e, "sleep 1 while 1", "{{paths.data}}"], stop: { grace: 1s } }
    \(more)
    backup: { all: { files: ["{{paths.data}}/\(set)"], hot: true } }
    """
  }

  private static let second = barn(
    version: 2, set: "new",
    more: """
      jobs:
        move: { at: [update], exec: [/usr/bin/mv, "{{paths.data}}/old", "{{paths.data}}/new"] }
        count: { calendar: yearly, exec: [/usr/bin/touch, "{{paths.data}}/counted"] }
      """)

  private static func home(_ box: SandboxFixture, _ id: String = "default") -> String {
    "\(box.root)/state/instances/barn/\(id)/data"
  }

  private static func fill(_ box: SandboxFixture, _ id: String = "default") throws {
    try FileManager.default.createDirectory(atPath: "\(home(box, id))/old", withIntermediateDirectories: true)
    try "hay".write(toFile: "\(home(box, id))/old/stack", atomically: true, encoding: .utf8)
  }

  @Test("a failed update brings back what the former plugin called its data, wherever the new one moved it")
  func failedUpdate() async throws {
    try await SandboxFixture.with { box in
      try box.addPlugin("barn", Self.barn(version: 1, set: "old"))
      try await box.succeed("install", "barn")
      try Self.fill(box)
      try box.addPlugin(
        "barn", Self.second.replacing("  count:", with: "  fail: { at: [update], exec: [/usr/bin/false] }\n  count:"))
      let failed = try await box.berth("update", "barn")
      #expect(failed.status == 70, "\(failed.errors)")
      #expect(SandboxFixture.text("\(Self.home(box))/old/stack") == "hay")
      #expect(!FileManager.default.fileExists(atPath: "\(Self.home(box))/new"))
      try box.addPlugin("barn", Self.second)
      try await box.succeed("update", "barn")
      #expect(SandboxFixture.text("\(Self.home(box))/new/stack") == "hay")
      #expect(try await box.berth("doctor").status == 0)
    }
  }

  @Test("an update that fails is taken back where its jobs and settings are new")
  func newJob() async throws {
    try await SandboxFixture.with { box in
      try box.addPlugin("barn", Self.barn(version: 1, set: "old"))
      try await box.succeed("install", "barn")
      let more = """
        settings: { beds: { type: int, default: 2 } }
        jobs:
          tell: { at: [change], settings: beds, exec: [/usr/bin/touch, "{{paths.data}}/told-{{settings.beds}}"] }
          fail: { at: [update], exec: [/usr/bin/false] }
        """
      try box.addPlugin("barn", Self.barn(version: 2, set: "old", more: more))
      let failed = try await box.berth("update", "barn", "--json")
      #expect(failed.status == 70)
      #expect(try failed.failure()["code"].text == "job-failed" && !failed.errors.contains("could not be taken back"))
      #expect(try await box.berth("operations", "list", "--json").json()[0]["status"].text == "undone")
      #expect(try await box.succeed("status", "barn", "--json").json()["status"].text == "running")
    }
  }

  @Test("a backup and a clone of one that was not updated have its data, and it runs no job of the new plugin")
  func beside() async throws {
    try await SandboxFixture.with { box in
      try box.addPlugin("barn", Self.barn(version: 1, set: "old"))
      try await box.succeed("install", "barn")
      let made = try await box.succeed("install", "barn", "--instance-name", "South", "--json")
      let id = try #require(try made.json()["instance_id"].text)
      try Self.fill(box)
      try Self.fill(box, id)
      try box.addPlugin("barn", Self.second)
      try await box.succeed("update", "barn", "--instance", "default")
      #expect(try await box.succeed("backup", "barn", "--instance", "South", "--json").json()["files"].integer == 1)
      let job = try await box.berth("job", "run", "barn", "count", "--instance", "South", "--json")
      #expect(job.status == 64)
      #expect(try job.failure()["code"].text == "unknown-job")
      let both = try await box.berth("job", "run", "barn", "count", "--all", "--json")
      #expect(both.status == 0, "\(both.errors)")
      #expect(!FileManager.default.fileExists(atPath: "\(Self.home(box, id))/counted"))
      #expect(FileManager.default.fileExists(atPath: "\(Self.home(box))/counted"))
      let copy = try await box.succeed("clone", "barn", "--instance", "South", "--name", "Copy", "--json")
      let other = try #require(try copy.json()["instance_id"].text)
      #expect(SandboxFixture.text("\(Self.home(box, other))/old/stack") == "hay")
      try await box.succeed("update", "barn", "--instance", "South")
      #expect(SandboxFixture.text("\(Self.home(box, id))/new/stack") == "hay")
      try await box.succeed("job", "run", "barn", "count", "--instance", "South")
    }
  }
}
