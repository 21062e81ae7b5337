import BerthKit
import Foundation
import TestSupport
import Testing

@testable import BerthHost

@Suite("A service manager that does not answer")
struct SilentManagerTests {
  @Test("every command that needs it ends with 69 in bounded time, and the instance goes on afterwards")
  func commands() async throws {
    try await SandboxFixture.with { box in
      try box.addPlugin("idle", FixturePlugins.idle())
      #expect(try await box.berth("install", "idle").status == 0)
      try await box.withSilentManager {
        let start = ContinuousClock.now
        async let list = box.berth("list", "--json")
        async let stop = box.berth("stop", "idle", "--json")
        async let install = box.berth("install", "idle", "--json")
        for run in try await [list, stop, install] {
          #expect(run.status == 69, "\(run.words): \(run.errors)")
          #expect(try run.failure()["remedy"].text?.isEmpty == false)
        }
        #expect(ContinuousClock.now - start < .seconds(45))
      }
      #expect(try await box.berth("status", "idle", "--json").json()["status"].text == "running")
    }
  }

  @Test("one that falls silent while it starts something is given up; a slow start that goes on is not")
  func duringStart() async throws {
    try await SandboxFixture.with { box in
      #expect(try await box.berth("host", "up").status == 0)
      let client = try box.client()
      let paths = ScopePaths.sandbox(root: box.root, runtime: client["XDG_RUNTIME_DIR"] ?? "")
      try "[Service]\nType=oneshot\nExecStart=/bin/sleep %i\n".write(
        toFile: paths.unit("slow@.service"), atomically: true, encoding: .utf8)
      let manager = SystemctlManager(
        runner: SubprocessRunner(), files: LinuxFileTree(), paths: paths, environment: client,
        patience: .init(order: .milliseconds(300), answer: .seconds(2)))
      try await manager.reload()
      // Ten looks at the manager fall into this.
      try await manager.start(["slow@3.service"])
      #expect(try await manager.states(matching: ["slow@3.service"])["slow@3.service"]?.active != "activating")

      let silent = Task { try await manager.start(["slow@40.service"]) }
      try await Task.sleep(for: .seconds(1))
      let start = ContinuousClock.now
      try await box.withSilentManager {
        let error = await #expect(throws: BerthError.self) { try await silent.value }
        #expect(error?.code == "no-manager" && error?.kind.exitStatus == 69)
        #expect(ContinuousClock.now - start < .seconds(15))
      }
      #expect(try await manager.states(matching: ["slow@40.service"])["slow@40.service"]?.active == "activating")

      // Who is cancelled does not wait either.
      let waiting = Task { try await manager.start(["slow@40.service"]) }
      try await Task.sleep(for: .seconds(1))
      let cancelled = ContinuousClock.now
      waiting.cancel()
      await #expect(throws: CancellationError.self) { try await waiting.value }
      #expect(ContinuousClock.now - cancelled < .seconds(3))
      try await manager.stop(["slow@40.service"])
    }
  }

  @Test("links are what enabling means, also to systemd")
  func enabling() async throws {
    try await SandboxFixture.with { box in
      #expect(try await box.berth("host", "up").status == 0)
      let client = try box.client()
      let paths = ScopePaths.sandbox(root: box.root, runtime: client["XDG_RUNTIME_DIR"] ?? "")
      try "[Unit]\n[Install]\nWantedBy=default.target\n".write(
        toFile: paths.unit("demo@.target"), atomically: true, encoding: .utf8)
      let runner = SubprocessRunner()
      let manager = SystemctlManager(runner: runner, files: LinuxFileTree(), paths: paths, environment: client)
      func answer() async throws -> String {
        try await runner.run(Command("systemctl", ["--user", "is-enabled", "demo@a.target"], environment: client))
          .output
      }
      try await manager.enable(["demo@a.target", "demo@b.target"])
      try await manager.enable(["demo@a.target"])
      #expect(try await answer() == "enabled\n")
      #expect(try manager.enabledUnits() == ["demo@a.target", "demo@b.target"])
      let link = try FileManager.default.destinationOfSymbolicLink(atPath: "\(paths.wants)/demo@a.target")
      try await manager.disable(["demo@a.target", "demo@b.target"])
      #expect(try await answer() == "disabled\n")
      // systemd's own way makes the same link.
      try await runner.succeed(
        Command("systemctl", ["--user", "enable", "--quiet", "demo@a.target"], environment: client))
      #expect(try FileManager.default.destinationOfSymbolicLink(atPath: "\(paths.wants)/demo@a.target") == link)
      try await manager.disable(["demo@a.target"])
      await #expect(throws: BerthError.self) { try await manager.enable(["nothing@a.target"]) }
      #expect(try manager.enabledUnits().isEmpty)
    }
  }
}
