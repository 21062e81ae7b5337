import BerthHost
import Foundation
import TestSupport
import Testing

@Suite("Several Berths at once")
struct ConcurrencyTests {
  /// A server that does not get ready for a minute, with a word of its own in its command line.
  private static func deaf(_ word: String) -> String {
    FixturePlugins.deaf.replacing("timeout: 2s", with: "timeout: 60s").replacing("still loading", with: word)
  }

  @Test(
    "installs at once get ids and ports of their own, and all run, also where they are the first in their sandbox",
    arguments: [true, false])
  func severalInstalls(isUp: Bool) async throws {
    try await SandboxFixture.with { box in
      try box.addPlugin("idle", FixturePlugins.idle())
      if isUp { #expect(try await box.berth("host", "up").status == 0) }
      let runs = try await withThrowingTaskGroup(of: BerthRun.self) { group in
        for _ in 0..<5 { group.addTask { try await box.berth("install", "idle", "--json", "--wait", "60") } }
        return try await group.reduce(into: []) { $0.append($1) }
      }
      #expect(runs.allSatisfy { $0.status == 0 }, "\(runs.map(\.errors))")
      let reports = try runs.map { try $0.json() }
      #expect(Set(reports.compactMap { $0["instance_id"].text }).count == 5)
      #expect(Set(reports.compactMap { $0["ports"][0]["port"].integer }).count == 5)
      #expect(
        try await box.berth("list", "--json").json().list.map { $0["status"].text }
          == Array(repeating: "running", count: 5))
      let supervisor = "sandbox-supervise\0\(URL(fileURLWithPath: box.root).resolvingSymlinksInPath().path)\0"
      #expect(SandboxFixture.processes(with: supervisor).count == 1)
    }
  }

  @Test("of two installs with one id, one wins and the other says who did")
  func sameID() async throws {
    try await SandboxFixture.with { box in
      try box.addPlugin("idle", FixturePlugins.idle())
      #expect(try await box.berth("host", "up").status == 0)
      let words = ["install", "idle", "--instance-id", "6f9619ff-8b86-4d01-b42d-00cf4fc964ff", "--json"]
      async let one = box.berth(words)
      async let two = box.berth(words)
      let statuses = try await [one.status, two.status].sorted()
      #expect(statuses == [0, 73])
      #expect(try await box.berth("list", "--json").json().list.count == 1)
    }
  }

  @Test("two sandboxes that want one default port do not meet")
  func twoSandboxes() async throws {
    try await SandboxFixture.with { left in
      try await SandboxFixture.with { right in
        // Not by the fixture, which would give each a port of its own.
        let words = ["install", "teeworlds", "--json"]
        async let one = BerthProgram.run(words + ["--root", left.root])
        async let two = BerthProgram.run(words + ["--root", right.root])
        let runs = try await [one, two]
        #expect(runs.allSatisfy { $0.status == 0 }, "\(runs.map(\.errors))")
        let ports = try runs.map { try $0.json()["ports"][0]["port"].integer ?? 0 }
        #expect(ports[0] != ports[1])
        for port in ports { #expect(try ServerClient.teeworlds(port: port).name == "default") }
      }
    }
  }

  @Test("a held lock is busy: who, since when, doing what, with 75")
  func busy() async throws {
    try await SandboxFixture.with { box in
      try box.addPlugin("idle", FixturePlugins.idle())
      #expect(try await box.berth("install", "idle").status == 0)
      let lock = try await FileLocks(clock: LinuxClock())
        .take("\(box.root)/state/locks/idle@default.lock", purpose: "holding it for a test", wait: 0)
      let run = try await box.berth("stop", "idle", "--wait", "0", "--json")
      #expect(run.status == 75)
      let summary = try run.failure()["summary"].text ?? ""
      #expect(summary.contains("process \(getpid())") && summary.contains("holding it for a test"))
      lock.release()
      #expect(try await box.berth("stop", "idle", "--wait", "0").status == 0)
    }
  }

  @Test("a port that a foreign process took while the instance was stopped is a conflict that names it")
  func foreignListener() async throws {
    try await SandboxFixture.with { box in
      let port = try HeldPort()
      let run = try await box.berth("install", "teeworlds", "--port", "game=\(port.number)", "--json")
      #expect(run.status == 73)
      #expect(try run.failure()["summary"].text?.contains("process \(getpid())") == true, "\(run.errors)")
      #expect(try await box.berth("list", "--json").json().list.isEmpty)
    }
  }

  @Test("an installation that was killed shows as incomplete, and a recovery clears it away")
  func killed() async throws {
    try await SandboxFixture.with { box in
      try box.addPlugin(
        "deaf", Self.deaf("loading until killed").replacing("11200", with: "11300"))
      #expect(try await box.berth("host", "up").status == 0)
      let files = box.tree()
      let run = try await box.run(["install", "deaf"], once: "loading until killed", signals: [SIGKILL])
      #expect(run.status == 137)
      let report = try await box.berth("status", "deaf", "--json").json()
      #expect(report["status"].text == "incomplete")
      #expect(report["remedy"].text == "berth operations recover 1")
      for words in [["start", "deaf"], ["remove", "deaf", "--yes"]] {
        let refused = try await box.berth(words + ["--json"])
        #expect(refused.status == 73, "\(refused.errors)")
        #expect(try refused.failure()["remedy"].text?.hasPrefix("berth operations recover 1") == true)
      }
      let recovered = try await box.berth("operations", "recover", "1", "--json")
      #expect(recovered.status == 0, "\(recovered.errors)")
      #expect(try recovered.json()[0]["ending"].text == "undone")
      #expect(box.tree().filter { !files.contains($0) && $0 != "state/instances" && !$0.hasSuffix(".wants") } == [])
    }
  }

  @Test("an installation that was killed is taken back by the next one, which says so")
  func again() async throws {
    try await SandboxFixture.with { box in
      try box.addPlugin("deaf", Self.deaf("loading until taken back"))
      try box.addPlugin("idle", FixturePlugins.idle())
      try await box.succeed("host", "up")
      let killed = try await box.run(["install", "deaf"], once: "loading until taken back", signals: [SIGKILL])
      #expect(killed.status == 137)
      let next = try await box.succeed("install", "idle")
      #expect(next.errors.contains("(install deaf/default) had broken off and was taken back"), "\(next.errors)")
      #expect(try await box.berth("list", "--json").json().list.map { $0["app"].text } == ["idle"])
      #expect(try await box.berth("doctor").status == 0)
    }
  }

  @Test("what was killed with its sandbox is taken back when that is started again")
  func atStart() async throws {
    try await SandboxFixture.with { box in
      try box.addPlugin("deaf", Self.deaf("loading until the end"))
      try await box.succeed("host", "up")
      #expect(try await box.run(["install", "deaf"], once: "loading until the end", signals: [SIGKILL]).status == 137)
      try await box.succeed("host", "down")
      let up = try await box.succeed("host", "up")
      #expect(up.errors.contains("(install deaf/default) had broken off and was taken back"), "\(up.errors)")
      #expect(try await box.berth("list", "--json").json().list.isEmpty)
    }
  }

  @Test("a user who may have no service manager is told so, and nothing is made")
  func noManager() async throws {
    let root = "/tmp/berth-test-\(UUID().uuidString.prefix(8))"
    defer { try? FileManager.default.removeItem(atPath: root) }
    let run = try await PublicProgram.with { program in
      try await SubprocessRunner().run(
        .init(
          "setpriv",
          [
            "--reuid", "65534", "--regid", "65534", "--clear-groups", "env", "-i", "HOME=/nonexistent",
            "PATH=/usr/bin:/bin", program.path, "install", "teeworlds", "--root", root, "--json",
          ]))
    }
    #expect(run.status == 69, "\(run.errorOutput)")
    let failure = try JSON(parsing: run.errorOutput.split(separator: "\n").last.map(String.init) ?? "{}")
    #expect(failure["code"].text == "sandbox-failed")
    #expect(failure["remedy"].text?.isEmpty == false)
    #expect(!FileManager.default.fileExists(atPath: "\(root)/state/instances"))
  }
}
