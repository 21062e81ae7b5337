import BerthKit
import Foundation
import TestSupport
import Testing

@testable import BerthHost

@Suite("Berth ended by a signal")
struct SignalTests {
  private static let deaf = FixturePlugins.deaf.replacing("timeout: 2s", with: "timeout: 120s")

  @Test(
    "takes back an installation that was starting, and exits as the signal says",
    arguments: [(SIGTERM, 143), (SIGINT, 130), (SIGHUP, 129)] as [(Int32, Int32)])
  func install(signal: Int32, status: Int32) async throws {
    try await SandboxFixture.with { box in
      try box.addPlugin(
        "deaf",
        Self.deaf.replacing("11200", with: "\(11300 + signal)").replacing("still loading", with: "loading <\(signal)>"))
      #expect(try await box.berth("host", "up").status == 0)
      let files = box.tree()
      let start = ContinuousClock.now
      let run = try await box.run(["install", "deaf"], once: "loading <\(signal)>", signals: [signal])
      #expect(run.status == status, "\(run.errors)")
      #expect(run.errors.contains("berth: stopping; taking back what was begun"))
      #expect(ContinuousClock.now - start < .seconds(40))
      #expect(try await box.berth("list", "--json").json().list.isEmpty)
      #expect(try await box.berth("ports", "--json").json().list.isEmpty)
      #expect(box.tree().filter { !files.contains($0) && $0 != "state/instances" && !$0.hasSuffix(".wants") } == [])
      #expect(SandboxFixture.processes(with: "loading <\(signal)>").isEmpty)
    }
  }

  @Test("a restore is finished, and not taken back, once its service runs on what it brought")
  func restored() async throws {
    try await SandboxFixture.with { box in
      let sets = "backup: { data: { files: [\"{{paths.data}}\"] } }"
      try box.addPlugin("slow", FixturePlugins.slow(port: FreePorts.block(1), until: "go", extra: sets))
      try await box.succeed("install", "slow", "--no-start")
      let data = "\(box.root)/state/instances/slow/default/data"
      try "early".write(toFile: "\(data)/early", atomically: false, encoding: .utf8)
      try await box.succeed("backup", "slow")
      for name in ["go", "late"] { try "".write(toFile: "\(data)/\(name)", atomically: false, encoding: .utf8) }
      try await box.succeed("start", "slow")

      async let run = box.berth("restore", "slow", "--yes")
      // The service waits on what came back.
      for _ in 0..<600 {
        guard
          FileManager.default.fileExists(atPath: "\(data)/late")
            || SandboxFixture.processes(with: "select(undef").isEmpty
        else { break }
        try await Task.sleep(for: .milliseconds(50))
      }
      try await Task.sleep(for: .seconds(1))
      let berth = SandboxFixture.processes(with: "restore\0slow\0--yes\0--root\0\(box.root)\0").first
      kill(pid_t(try #require(berth)), SIGKILL)
      #expect(try await run.status == 137)
      try "".write(toFile: "\(data)/go", atomically: false, encoding: .utf8)
      for _ in 0..<300 {
        if try await box.systemctl("is-active", "slow@default.service") == "active\n" { break }
        try await Task.sleep(for: .milliseconds(100))
      }
      try "since".write(toFile: "\(data)/since", atomically: false, encoding: .utf8)
      let next = try await box.berth("restart", "slow")
      #expect(
        next.status == 0 && next.errors.contains("(restore slow/default) had broken off and was finished"),
        "\(next.errors)")
      #expect(SandboxFixture.text("\(data)/since") == "since" && SandboxFixture.text("\(data)/early") == "early")
      #expect(!FileManager.default.fileExists(atPath: "\(data)/late"))
      let operations = try await box.berth("operations", "list", "--json").json().list
      #expect(operations.first { $0["verb"].text == "restore" }?["status"].text == "done", "\(operations)")
    }
  }

  @Test("leaves what a person has written into a file since beside it, when the change is taken back")
  func edited() async throws {
    try await SandboxFixture.with { box in
      let config = "config:\n  main.cfg: { format: properties, values: { motd: \"{{settings.motd}}\" } }"
      try box.addPlugin(
        "slow", FixturePlugins.slow(port: FreePorts.block(1), until: "go", settings: ["motd": "hi"], extra: config))
      try await box.succeed("install", "slow", "--no-start")
      let home = "\(box.root)/state/instances/slow/default"
      try "".write(toFile: "\(home)/data/go", atomically: false, encoding: .utf8)
      try await box.succeed("start", "slow")
      let file = "\(home)/config/main.cfg"
      let former = SandboxFixture.text(file)
      try FileManager.default.removeItem(atPath: "\(home)/data/go")
      async let run = box.berth("config", "set", "slow", "motd=changed")
      for _ in 0..<600 where !SandboxFixture.text(file).contains("changed") {
        try await Task.sleep(for: .milliseconds(50))
      }
      let line = SandboxFixture.processes(with: "motd=changed").first {
        SandboxFixture.text("/proc/\($0)/cmdline").contains(box.root)
      }
      kill(pid_t(try #require(line)), SIGKILL)
      #expect(try await run.status == 137)
      // Taken back, it is started again, and waited for.
      try "".write(toFile: "\(home)/data/go", atomically: false, encoding: .utf8)
      let mine = SandboxFixture.text(file) + "extra=1\n"
      try mine.write(toFile: file, atomically: false, encoding: .utf8)
      let next = try await box.berth("stop", "slow")
      #expect(next.errors.contains("had broken off and was taken back"), "\(next.errors)")
      #expect(next.errors.contains("\(file) was edited meanwhile"), "\(next.errors)")
      #expect(SandboxFixture.text(file) == former)
      let beside = try FileManager.default.contentsOfDirectory(atPath: "\(home)/config").filter {
        $0.hasPrefix("main.cfg.")
      }
      #expect(beside.map { SandboxFixture.text("\(home)/config/\($0)") } == [mine])
    }
  }

  @Test("is not ended by a second Ctrl-C while it takes things back")
  func twice() async throws {
    try await SandboxFixture.with { box in
      // It ignores SIGTERM, so that stopping it takes its grace.
      let yaml = Self.deaf.replacing("$| = 1;", with: "$SIG{TERM} = sub {}; $| = 1;").replacing("11200", with: "11390")
        .replacing("still loading", with: "loading twice")
      try box.addPlugin("deaf", yaml)
      #expect(try await box.berth("host", "up").status == 0)
      let run = try await box.run(["install", "deaf"], once: "loading twice", signals: [SIGINT, SIGINT])
      #expect(run.status == 130, "\(run.errors)")
      #expect(run.errors.contains("still taking back"), "\(run.errors)")
      #expect(try await box.berth("list", "--json").json().list.isEmpty)
    }
  }

  @Test("ends at once when it only reads, without a word")
  func logs() async throws {
    try await SandboxFixture.with { box in
      try box.addPlugin("idle", FixturePlugins.idle())
      #expect(try await box.berth("install", "idle").status == 0)
      let journal = "--directory=\(box.root)/state/journal"
      let start = ContinuousClock.now
      let run = try await box.run(["logs", "idle", "--follow"], once: journal, signals: [SIGINT])
      #expect(ContinuousClock.now - start < .seconds(20))
      #expect(run.status == 130 && run.errors.isEmpty, "\(run.errors)")
      #expect(run.output.contains("said: hello"))
      #expect(SandboxFixture.processes(with: journal).isEmpty)
    }
  }

  @Test("gives the services it starts the usual limit of open files")
  func openFiles() async throws {
    try await SandboxFixture.with { box in
      try box.addPlugin("idle", FixturePlugins.idle())
      let report = try await box.berth("install", "idle", "--json").json()
      let process = try #require(report["services"][0]["main_pid"].integer)
      let limits = SocketTable.contents("/proc/\(process)/limits").split(separator: "\n")
      let files = try #require(limits.first { $0.hasPrefix("Max open files") }).split(separator: " ")
      #expect(files[3] == "1024")
    }
  }
}
