import Foundation
import TestSupport
import Testing

@testable import BerthHost

@Suite("One instance that is slow or broken")
struct CalmTests {
  @Test("holds up nobody while it starts: others are installed, set and stopped without a wait")
  func slowStart() async throws {
    try await SandboxFixture.with { box in
      try box.addPlugin("slow", FixturePlugins.slow(port: FreePorts.block(2), until: "go"))
      try box.addPlugin("idle", FixturePlugins.idle())
      try await box.succeed("install", "idle")
      async let slow = box.berth("install", "slow", "--json")
      try await eventually("the other command", within: 20) {
        try await box.berth("list", "--app", "slow", "--json").json()[0]["status"].text == "starting"
      }
      let words = [
        ["install", "idle", "--instance-name", "Two"], ["config", "set", "idle", "--instance", "Two", "greeting=hi"],
        ["stop", "idle", "--instance", "Two"], ["remove", "idle", "--instance", "Two", "--yes"],
      ]
      for word in words {
        let run = try await box.berth(word + ["--wait", "0"])
        #expect(run.status == 0, "\(word): \(run.errors)")
      }
      // It has been slow all the time.
      #expect(try await box.berth("status", "slow", "--json").json()["status"].text == "starting")
      #expect(FileManager.default.createFile(atPath: "\(box.root)/state/instances/slow/default/data/go", contents: nil))
      let run = try await slow
      #expect(run.status == 0, "\(run.errors)")

      // The control: whoever holds the host lock meanwhile holds up all of them.
      let lock = try await FileLocks(clock: LinuxClock())
        .take("\(box.root)/state/locks/host.lock", purpose: "starting a slow one", wait: 0)
      let start = ContinuousClock.now
      async let held = box.berth("install", "idle", "--instance-name", "Three")
      try await Task.sleep(for: .seconds(3))
      lock.release()
      #expect(try await held.status == 0)
      #expect(ContinuousClock.now - start >= .seconds(3))
    }
  }

  @Test("is one line and one object, and all others are done")
  func broken() async throws {
    try await SandboxFixture.with { box in
      for id in ["idle", "other"] { try box.addPlugin(id, FixturePlugins.idle(id)) }
      for id in ["idle", "other"] { try await box.succeed("install", id, "--no-start") }
      try box.addPlugin("other", "schema: 1\nid: other\n{broken")
      for words in [
        ["update", "--all", "--check"], ["update", "--all", "--dry-run"], ["update", "--all", "--keep-going"],
      ] {
        let run = try await box.berth(words)
        #expect(run.status == 65, "\(words): \(run.output)\(run.errors)")
        let lines = run.errors.split(separator: "\n")
        #expect(
          lines.count == 1 && lines.allSatisfy { $0.hasPrefix("error: ") && $0.contains("other") }, "\(run.errors)")
      }
      let plan = try await box.berth("config", "set", "--all", "--limit", "memory=256M", "--dry-run", "--json")
      #expect(plan.status == 65)
      #expect(try plan.json()["changes"].list.compactMap { $0["app"].text } == ["idle"])
      #expect(try plan.json()["refused"][0]["app"].text == "other")
      #expect(try plan.json()["refused"][0]["error"]["code"].text == "broken-plugin")
      #expect(try plan.failure()["code"].text == "broken-plugin")
      let set = try await box.berth("config", "set", "--all", "--limit", "memory=256M", "--keep-going", "--json")
      #expect(set.status == 65)
      #expect(try set.json().list.compactMap { $0["app"].text } == ["idle"])
      // The control: without the flag a change of all is all or nothing.
      let all = try await box.berth("config", "set", "--all", "--limit", "memory=512M", "--json")
      #expect(all.status == 65 && all.output.isEmpty)
      #expect(try await box.berth("list", "--json").json().list.count == 2)
      let fleet = try box.write(
        "fleet.yaml",
        "schema: 1\ninstances:\n  - { app: other, name: lost }\n  - { app: idle, name: found, enabled: false }\n")
      #expect(try await box.berth("plan", "-f", fleet, "--json").json()["refused"].list.count == 1)
      // What is not listed goes, and nobody knows what the broken entry stands for.
      let pruned = try await box.berth("apply", "-f", fleet, "--prune", "--yes", "--keep-going")
      #expect(pruned.status == 65)
      #expect(try await box.berth("apply", "-f", fleet).status == 65)
      #expect(try await box.berth("list", "--json").json().list.count == 2)
      let applied = try await box.berth("apply", "-f", fleet, "--keep-going", "--json")
      #expect(applied.status == 65)
      #expect(try applied.json()["instances"].list.compactMap { $0["instance_name"].text } == ["found"])
      #expect(try await box.berth("doctor", "--json").status == 1)
    }
  }

  /// What a command waits for that nobody answers, and how it is begun.
  enum Wait: CaseIterable { case lock, fifo }

  @Test("never keeps a command from ending by a signal", arguments: Wait.allCases)
  func signals(_ wait: Wait) async throws {
    try await SandboxFixture.with { box in
      let config = "config:\n      app.conf: { format: properties, values: { greeting: \"{{settings.greeting}}\" } }"
      try box.addPlugin("idle", FixturePlugins.idle(extra: config.replacing("\n      ", with: "\n  ")))
      try await box.succeed("install", "idle", "--no-start")
      var held: (any Sendable)?
      if wait == .lock {
        held = try await FileLocks(clock: LinuxClock())
          .take("\(box.root)/state/locks/idle@default.lock", purpose: "for ever", wait: 0)
      } else {
        let path = "\(box.root)/state/instances/idle/default/config/app.conf"
        try FileManager.default.removeItem(atPath: path)
        #expect(mkfifo(path, 0o600) == 0)
      }
      defer { _ = held }
      let words = [
        "config", "set", "idle", "greeting=hi", "--wait", "600", "--root", box.root, "--plugins", box.plugins,
      ]
      async let run = BerthProgram.run(words)
      let line = ([BerthProgram.path] + words).joined(separator: "\0") + "\0"
      func process() -> Int? { SocketTable.processes().first { SocketTable.contents("/proc/\($0)/cmdline") == line } }
      try await eventually("the command", within: 20) { process() != nil }
      try await Task.sleep(for: .seconds(1))
      let start = ContinuousClock.now
      if let process = process() { kill(pid_t(process), SIGTERM) }
      let status = try await run.status
      // A pipe in a file's place may be refused at once.
      #expect(status == 143 || (wait == .fifo && status == 65))
      #expect(ContinuousClock.now - start < .seconds(10))
      #expect(try await box.berth("operations", "list", "--json").json().list.count == 1)
      if wait == .fifo {
        try FileManager.default.removeItem(atPath: "\(box.root)/state/instances/idle/default/config/app.conf")
      }
    }
  }
}
