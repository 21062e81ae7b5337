import BerthHost
import BerthKit
import Foundation
import TestSupport
import Testing

@Suite("A folder of plugins that is named once")
struct PluginFolderTests {
  @Test("is known to every later command, to panels, to a boot and to an update, until the instance has gone")
  func remembered() async throws {
    try await SandboxFixture.with { box in
      try box.addPlugin("idle", FixturePlugins.idle())
      try await box.succeed("install", "idle")
      func later(_ words: String...) async throws -> BerthRun {
        try await BerthProgram.run(["--root", box.root] + words)
      }
      for words in [
        ["list", "idle"], ["app", "show", "idle"], ["manage", "idle", "--get-services"], ["manage", "idle", "--help"],
        ["update", "idle", "--check"], ["config", "set", "idle", "greeting=hi"], ["doctor"], ["restart", "idle"],
        ["install", "idle", "--name", "Second"],
      ] {
        let run = try await BerthProgram.run(["--root", box.root] + words)
        #expect(run.status == 0, "\(words): \(run.output)\(run.errors)")
      }
      let script = "\(box.root)/state/instances/idle/default/manage"
      let panel = try await SubprocessRunner().run(Command(script, ["--get-configs"]))
      #expect(panel.status == 0, "\(panel.errorOutput)")
      try await box.succeed("host", "down")
      #expect(try await later("host", "up").status == 0)
      // The manager answers before what is enabled runs.
      try await eventually("that it runs") {
        try await later("status", "idle", "--json").json()["status"].text == "running"
      }

      // A plugin that is put where all commands look comes before it, and is no second one of that name.
      let own = "\(box.root)/config/plugins.d/idle"
      try FileManager.default.createDirectory(atPath: own, withIntermediateDirectories: true)
      try FixturePlugins.idle().replacing("name: Idle", with: "name: Mine").write(
        toFile: "\(own)/plugin.yaml", atomically: true, encoding: .utf8)
      #expect(try await later("app", "show", "idle").output.hasPrefix("Mine"))
      try FileManager.default.removeItem(atPath: own)

      // One that has gone is as unknown as if nobody had named it, and comes back with its folder.
      try FileManager.default.moveItem(atPath: "\(box.plugins)/idle", toPath: "\(box.plugins)/away")
      #expect(try await later("update", "idle", "--json").failure()["code"].text == "unknown-app")
      try FileManager.default.moveItem(atPath: "\(box.plugins)/away", toPath: "\(box.plugins)/idle")
      #expect(try await later("update", "idle").status == 0)
      #expect(try await later("remove", "idle", "--all", "--yes").status == 0)
      #expect(try await later("app", "show", "idle", "--json").failure()["code"].text == "unknown-app")
    }
  }

  @Test("is not read any more once others can change it, unless it is named again")
  func changeable() async throws {
    try await SandboxFixture.with { box in
      try box.addPlugin("idle", FixturePlugins.idle())
      try await box.succeed("install", "idle")
      func later(_ words: String...) async throws -> BerthRun {
        try await BerthProgram.run(["--root", box.root] + words)
      }
      #expect(try await later("update", "idle").status == 0)
      #expect(chmod(box.plugins, 0o777) == 0)
      for words in [["update", "idle"], ["config", "set", "idle", "greeting=hi"], ["app", "show", "idle"]] {
        let run = try await BerthProgram.run(["--root", box.root] + words + ["--json"])
        #expect(run.status == 77, "\(words): \(run.output)\(run.errors)")
        #expect(try run.failure()["code"].text == "unsafe-plugin-folder")
        #expect(try run.failure()["summary"].text?.contains("others can change '\(box.plugins)'") == true)
      }
      // What needs no plugin goes on.
      #expect(try await later("stop", "idle").status == 0)
      #expect(try await box.berth("update", "idle").status == 0)
      #expect(chmod(box.plugins, 0o755) == 0)
      #expect(try await later("update", "idle").status == 0)
    }
  }
}
