import Foundation
import TestSupport
import Testing

@Suite("The life of an instance in a sandbox")
struct LifeCycleTests {
  @Test(
    "an installation that fails leaves nothing and shows the service's last words",
    arguments: [
      ("failing", FixturePlugins.failing, "the map is missing"), ("deaf", FixturePlugins.deaf, "still loading"),
    ])
  func failedInstall(id: String, yaml: String, words: String) async throws {
    try await SandboxFixture.with { box in
      try box.addPlugin(id, yaml)
      try box.addPlugin("idle", FixturePlugins.idle())
      #expect(try await box.berth("install", "idle").status == 0)
      let files = box.tree()
      let run = try await box.berth("install", id, "--json")
      #expect(run.status == 70)
      #expect(try run.failure()["code"].text == "not-ready")
      #expect(try run.failure()["cause"].text?.contains(words) == true, "\(run.errors)")
      #expect(box.tree() == files)
      #expect(try await box.berth("list", "--json").json().list.count == 1)
      #expect(try await box.berth("ports", "--json").json().list.count == 1)
    }
  }

  @Test("a web server is ready when it gives the answer that its plugin wants, and not before")
  func webServer() async throws {
    try await SandboxFixture.with { box in
      try box.addPlugin("web", FixturePlugins.web(port: FreePorts.block(2)))
      let ready = try await box.berth("install", "web", "--json")
      #expect(ready.status == 0, "\(ready.errors)")
      #expect(try ready.json()["status"].text == "running")
      let never = try await box.berth("install", "web", "--set", "after=1000000", "--json")
      #expect(never.status == 70)
      #expect(
        try never.failure()["cause"].text?.contains("it answered 503, and 200 is expected") == true, "\(never.errors)")
      #expect(try await box.berth("list", "--json").json().list.count == 1)
    }
  }

  @Test("a removal leaves nothing, neither of the instance nor of its app")
  func removal() async throws {
    try await SandboxFixture.with { box in
      try box.addPlugin("idle", FixturePlugins.idle())
      #expect(try await box.berth("host", "up").status == 0)
      let files = box.tree()
      #expect(try await box.berth("install", "idle").status == 0)
      let second = try await box.berth("install", "idle", "--json").json()
      let id = try #require(second["instance_id"].text)
      #expect(try await box.berth("remove", "idle", "--instance", String(id.prefix(8)), "--yes").status == 0)
      #expect(try await box.berth("status", "idle", "--json").json()["status"].text == "running")
      let run = try await box.berth("remove", "idle", "--yes", "--json")
      #expect(try run.json()["status"].text == "removed")
      #expect(box.tree().filter { !files.contains($0) && $0 != "state/instances" && !$0.hasSuffix(".wants") } == [])
    }
  }

  @Test("what is kept is taken up again: data and secrets stay, the ports were free in between")
  func keptData() async throws {
    try await SandboxFixture.with { box in
      let first = try await box.berth("install", "teeworlds", "--json").json()
      let revealed = try await box.berth("status", "teeworlds", "--reveal", "--json").json()
      let home = try #require(first["dir"].text)
      try "mine".write(toFile: "\(home)/data/world", atomically: true, encoding: .utf8)
      #expect(try await box.berth("remove", "teeworlds", "--keep-data", "--yes").status == 0)
      #expect(try await box.berth("ports", "--json").json().list.isEmpty)
      #expect(try await box.berth("list", "--json").json().list.isEmpty)

      let again = try await box.berth("install", "teeworlds", "--instance-id", "default", "--json")
      try #require(again.status == 0, "\(again.errors)")
      #expect(try String(contentsOfFile: "\(home)/data/world", encoding: .utf8) == "mine")
      let after = try await box.berth("status", "teeworlds", "--reveal", "--json").json()
      #expect(after["settings"]["rcon-password"] == revealed["settings"]["rcon-password"])
      #expect(after["created_at"] == first["created_at"])
    }
  }

  @Test("--dir puts the instance's folders elsewhere, and the standard path links there")
  func otherFolder() async throws {
    try await SandboxFixture.with { box in
      let folder = "\(box.plugins)/world one"
      let run = try await box.berth("install", "luanti", "--dir", folder, "--json")
      try #require(run.status == 0, "\(run.errors)")
      #expect(try run.json()["dir"].text == folder)
      #expect(FileManager.default.fileExists(atPath: "\(folder)/config/minetest.conf"))
      let link = "\(box.root)/state/instances/luanti/default/data"
      #expect(try FileManager.default.destinationOfSymbolicLink(atPath: link) == "\(folder)/data")
      #expect(try ServerClient.luanti(port: try run.json()["ports"][0]["port"].integer ?? 0) > 0)
      #expect(try await box.berth("remove", "luanti", "--yes").status == 0)
      #expect(!FileManager.default.fileExists(atPath: folder))
    }
  }

  @Test("stop, start, enable and disable mean what they say, with --all too")
  func control() async throws {
    try await SandboxFixture.with { box in
      try box.addPlugin("idle", FixturePlugins.idle())
      for name in ["A", "B"] { #expect(try await box.berth("install", "idle", "--instance-name", name).status == 0) }
      #expect(try await box.berth("stop", "idle", "--instance", "A", "--json").json()["status"].text == "stopped")
      let all = try await box.berth("start", "idle", "--all", "--json").json().list
      #expect(all.map { $0["status"].text } == ["running", "running"])
      #expect(try await box.berth("disable", "idle", "--instance", "B", "--json").json()["enabled"] == .boolean(false))

      // What is enabled comes back with the manager, and nothing else does.
      #expect(try await box.berth("host", "down").status == 0)
      let silent = try await box.berth("list", "--json")
      #expect(silent.status == 69)
      #expect(try silent.failure()["code"].text == "manager-down")
      #expect(try silent.failure()["remedy"].text?.hasPrefix("berth host up") == true)
      #expect(try await box.berth("install", "idle", "--json").status == 69)
      #expect(try await box.berth("host", "up").status == 0)
      // What is enabled may still be on its way.
      var after: [String?] = []
      try await eventually("the end of the start", within: 10) {
        after = try await box.berth("list", "--json").json().list.map { $0["status"].text }
        return !after.contains("starting")
      }
      #expect(after == ["running", "stopped"])
    }
  }

  @Test("logs can be followed, and bounded by time")
  func logs() async throws {
    try await SandboxFixture.with { box in
      try box.addPlugin("idle", FixturePlugins.idle())
      #expect(try await box.berth("install", "idle").status == 0)
      let lines = try await LogWatch.lines(box, "idle", until: "said: hello from default")
      #expect(lines.contains("said: hello from default"))
      let newest = try await box.berth("logs", "idle", "--lines", "1", "--json").json()
      #expect(newest["unit"].text == "idle@default.service", "\(newest)")
      #expect(try await box.berth("logs", "idle", "--since", "2099-01-01", "--json").output == "")
      async let followed = BerthProgram.run(
        ["logs", "idle", "--follow", "--lines", "0", "--root", box.root, "--plugins", box.plugins], timeout: 6)
      try await Task.sleep(for: .seconds(2))
      #expect(try await box.berth("restart", "idle").status == 0)
      #expect(try await followed.output.contains("said: hello from default"))
    }
  }

  @Test("a line is shown whole, however long it is, and whatever bytes it has")
  func longLines() async throws {
    try await SandboxFixture.with { box in
      try box.addPlugin(
        "wordy",
        """
        schema: 1
        id: wordy
        name: Wordy
        summary: Writes long lines
        category: other
        version: "1"
        programs: { perl: [/usr/bin/perl] }
        services:
          main:
            exec: ["{{programs.perl}}", -e, '$| = 1; print "a" x 30000, "\\n", "tab\\t \\x01\\xff end\\n"; sleep 1 while 1']
            stop: { grace: 5s }
        """)
      try await box.succeed("install", "wordy")
      let lines = try await LogWatch.lines(box, "wordy", until: "end")
      #expect(lines.contains { $0.hasSuffix(String(repeating: "a", count: 30_000)) })
      #expect(lines.contains { $0.contains("tab") && $0.hasSuffix(" end") })
    }
  }
}
