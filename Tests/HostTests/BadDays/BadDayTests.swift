import Foundation
import TestSupport
import Testing

@Suite("Bad days")
struct BadDayTests {
  @Test("a manager that falls silent while a batch starts is given up, and what was begun is taken back afterwards")
  func silentManager() async throws {
    try await SandboxFixture.with { box in
      try box.addPlugin("slow", FixturePlugins.slow(port: FreePorts.block(5), seconds: 3))
      try await box.succeed("host", "up")
      let before = try await HostSnapshot(box)
      let process = try box.manager()
      async let install = box.berth("install", "slow", "--count", "4", "--instance-name", "n", "--json")
      let journal = "\(box.root)/state/instances/slow"
      // The services are on their way once there is an instance and a perl of its own.
      for _ in 0..<400 where !Self.isStarting(journal) { try await Task.sleep(for: .milliseconds(50)) }
      let start = ContinuousClock.now
      #expect(kill(process, SIGSTOP) == 0)
      let run: BerthRun
      do {
        defer { kill(process, SIGCONT) }
        run = try await install
      }
      #expect(run.status == 69, "\(run.errors)")
      let waited = ContinuousClock.now - start
      #expect(waited < .seconds(300), "\(waited)")
      let number = try await box.berth("operations", "list", "--json").json()[0]["id"].integer ?? 0
      #expect(
        try run.failure()["remedy"].text?.hasPrefix("berth operations recover \(number)") == true, "\(run.errors)")
      let list = try await box.berth("list", "--json").json().list
      #expect(!list.isEmpty && list.allSatisfy { $0["status"].text == "incomplete" })
      let recovered = try await box.berth("operations", "recover", "--json")
      #expect(recovered.status == 0, "\(recovered.errors)\(recovered.output)")
      #expect(try recovered.json()[0]["ending"].text == "undone")
      let after = try await HostSnapshot(box)
      #expect(
        after.units.isEmpty && after.users.isEmpty && after.list == before.list, "\(after.differences(from: before))")
      let links = "config/systemd/user/default.target.wants"
      #expect(after.without([links]).files == before.files, "\(after.differences(from: before))")
      #expect(try await box.berth("doctor").status == 0)
    }
  }

  private static func isStarting(_ folder: String) -> Bool {
    SandboxFixture.processes().contains { number in
      let words = SandboxFixture.text("/proc/\(number)/cmdline")
      guard words.contains("IO::Socket::INET") else { return false }
      return SandboxFixture.text("/proc/\(number)/environ").contains(folder)
    }
  }

  @Test("a first-run job that hangs, and one that fails, end the installation with their words and leave nothing")
  func badJobs() async throws {
    try await SandboxFixture.with { box in
      let port = FreePorts.block(2)
      try box.addPlugin(
        "hanging",
        NapPlugin.first(port: port, id: "hanging")
          + "\njobs: { seed: { at: [install], exec: [/usr/bin/sleep, \"600\"], timeout: 2s } }\n")
      try box.addPlugin(
        "failing",
        NapPlugin.first(port: port, id: "failing")
          + "\njobs: { seed: { at: [install], exec: [/usr/bin/perl, -e, \"print qq(reading the seed), chr 10; die qq(no seed here)\"] } }\n"
      )
      try await box.succeed("host", "up")
      let before = try await HostSnapshot(box)
      for (app, words) in [("hanging", ""), ("failing", "no seed here")] {
        let start = ContinuousClock.now
        let run = try await box.berth("install", app, "--json")
        #expect(run.status == 70, "\(run.errors)")
        #expect(ContinuousClock.now - start < .seconds(300))
        #expect(try run.failure()["code"].text == "job-failed")
        #expect(try run.failure()["summary"].text?.contains("'seed'") == true)
        #expect(try run.failure()["cause"].text?.contains(words) == true || words.isEmpty, "\(run.errors)")
        let after = try await HostSnapshot(box)
        #expect(after == before, "\(app): \(after.differences(from: before))")
      }
      // What it wrote when it failed before is no cause of this failure.
      try await Task.sleep(for: .milliseconds(1100))
      let again = try await box.berth("install", "failing", "--json")
      let cause = try again.failure()["cause"].text ?? ""
      #expect(cause.ranges(of: "reading the seed").count == 1, "\(cause)")
      #expect(try await box.berth("doctor").status == 0)
    }
  }

  @Test("instances whose plugin is gone are listed, started, stopped, examined and removed")
  func pluginGone() async throws {
    try await SandboxFixture.with { box in
      try box.addPlugin("nap", NapPlugin.first(port: FreePorts.block(2)))
      for name in ["A", "B"] { try await box.succeed("install", "nap", "--instance-name", name) }
      try FileManager.default.removeItem(atPath: "\(box.plugins)/nap")
      #expect(try await box.succeed("list", "--json").json().list.map { $0["status"].text } == ["running", "running"])
      #expect(try await box.succeed("list", "--app", "nap", "--json").json().list.count == 2)
      #expect(try await box.succeed("status", "nap", "--instance", "A", "--json").json()["status"].text == "running")
      try await box.succeed("logs", "nap", "--instance", "A")
      try await box.succeed("config", "get", "nap", "--instance", "A")
      #expect(try await box.succeed("stop", "nap", "--instance", "A", "--json").json()["status"].text == "stopped")
      #expect(try await box.succeed("start", "nap", "--instance", "A", "--json").json()["status"].text == "running")
      try await box.succeed("restart", "nap", "--all")
      for words in [["update", "nap", "--all"], ["config", "set", "nap", "--instance", "A", "note=x"]] {
        let run = try await box.berth(words + ["--json"])
        #expect(run.status == 64, "\(run.errors)")
        #expect(try run.failure()["code"].text == "unknown-app")
      }
      let doctor = try await box.berth("doctor", "--json")
      #expect(doctor.status == 1)
      #expect(try doctor.json().list.map { $0["code"].text } == ["unknown-app", "unknown-app"], "\(doctor.output)")
      try await box.succeed("export")
      try await box.succeed("remove", "nap", "--all", "--yes")
      let after = try await HostSnapshot(box)
      #expect(after.users.isEmpty && after.units.isEmpty && !after.files.keys.contains { $0.contains("nap") })
      #expect(try await box.berth("doctor").status == 0)
    }
  }
}
