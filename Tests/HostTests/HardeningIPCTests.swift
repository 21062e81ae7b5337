import BerthHost
import BerthKit
import TestSupport
import Testing

@Suite("What a service in root's sandbox leaves in shared memory")
struct HardeningIPCTests {
  @Test("it goes with the service, unless its plugin loosens RemoveIPC", arguments: [false, true])
  func sharedMemory(isLeft: Bool) async throws {
    let key = Int.random(in: 0x1000_0000..<0x7fff_ffff)
    try await SandboxFixture.with { box in
      let loosen = isLeft ? "    loosen: { RemoveIPC: shown by a test }" : ""
      try box.addPlugin(
        "sharing",
        FixturePlugins.idle("sharing", extra: loosen).replacing(
          "print qq(said: $ARGV[0]); sleep",
          with: "print defined shmget(\(key), 4096, 01600) ? qq(made) : qq(failed: $!); sleep"))
      let run = try await box.berth("install", "sharing")
      try #require(run.status == 0, "\(run.errors)")
      #expect(try await LogWatch.lines(box, "sharing", until: "made").contains("made"))
      #expect(try await isThere(key), "seen from outside, since PrivateIPC is loosened")
      #expect(try await box.berth("remove", "sharing", "--yes").status == 0)
      #expect(try await isThere(key) == isLeft)
    }
    _ = try await SubprocessRunner().run(Command("ipcrm", ["--shmem-key", "\(key)"]))
  }

  private func isThere(_ key: Int) async throws -> Bool {
    let list = try await SubprocessRunner().succeed(Command("ipcs", ["--shmems"]))
    return list.contains("0x\(String(key, radix: 16))")
  }
}
