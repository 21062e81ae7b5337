import BerthHost
import Foundation
import TestSupport
import Testing

@Suite("Two Berths and one instance")
struct LockTests {
  /// Begins a restart that takes as long as the server does to listen, and gives its process once it is at it.
  private static func restarting(_ box: SandboxFixture) async throws -> (run: Task<BerthRun, any Error>, process: Int) {
    let words = ["restart", "slow", "--root", box.root, "--plugins", box.plugins]
    let run = Task { try await BerthProgram.run(words) }
    let line = ([BerthProgram.path] + words).joined(separator: "\0") + "\0"
    let lock = "\(box.root)/state/locks/slow@default.lock"
    for _ in 0..<400 {
      if FileManager.default.fileExists(atPath: lock),
        let process = SandboxFixture.processes().first(where: { SandboxFixture.text("/proc/\($0)/cmdline") == line })
      {
        // So long that the operation has been written down and the order given.
        try await Task.sleep(for: .milliseconds(500))
        return (run, process)
      }
      try await Task.sleep(for: .milliseconds(25))
    }
    throw SandboxFixture.NoManager()
  }

  @Test("the second waits as long as it was told to, or says who is at work, since when and on what")
  func waiting() async throws {
    try await SandboxFixture.with { box in
      try box.addPlugin("slow", FixturePlugins.slow(port: FreePorts.block(2), seconds: 4))
      try await box.succeed("install", "slow")
      let (restart, process) = try await Self.restarting(box)
      let busy = try await box.berth("stop", "slow", "--wait", "0", "--json")
      #expect(busy.status == 75, "\(busy.errors)")
      let said = try busy.failure()["summary"].text ?? ""
      #expect(said.contains("process \(process)") && said.contains("restart slow/default"), "\(said)")
      #expect(said.contains(/since \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/), "\(said)")
      // Who only looks is not held up, and sees that it is on its way.
      let status = try await box.berth("status", "slow", "--json").json()["status"].text
      #expect(status != "incomplete")
      #expect(try await box.berth("operations", "list", "--json").json()[0]["status"].text == "running")

      let stop = try await box.berth("stop", "slow", "--wait", "60", "--json")
      #expect(stop.status == 0, "\(stop.errors)")
      #expect(try await restart.value.status == 0)
      #expect(try await box.berth("status", "slow", "--json").json()["status"].text == "stopped")
    }
  }

  @Test("a holder that was killed holds nothing: what it left is recovered by the next command")
  func killed() async throws {
    try await SandboxFixture.with { box in
      try box.addPlugin("slow", FixturePlugins.slow(port: FreePorts.block(2), seconds: 4))
      try await box.succeed("install", "slow")
      let (restart, process) = try await Self.restarting(box)
      #expect(kill(pid_t(process), SIGKILL) == 0)
      #expect(try await restart.value.status == 137)
      // Who only looks is told of it, and changes nothing.
      #expect(try await box.berth("status", "slow", "--json").json()["status"].text == "incomplete")
      let stop = try await box.berth("stop", "slow", "--wait", "0", "--json")
      #expect(stop.status == 0, "\(stop.errors)")
      #expect(stop.errors.contains("(restart slow/default) had broken off and was finished"), "\(stop.errors)")
      #expect(try stop.json()["status"].text == "stopped")
      #expect(try await box.berth("operations", "recover", "--json").json().list.isEmpty)
    }
  }
}
