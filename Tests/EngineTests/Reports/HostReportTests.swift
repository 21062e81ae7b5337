import BerthKit
import Testing

@testable import BerthEngine
@testable import BerthHost
@testable import BerthPlanning

@Suite("The report of a host")
struct HostReportTests {
  @Test("says whether the manager is up, and how many instances there are", arguments: [true, false])
  func report(_ isUp: Bool) async throws {
    let host = try TestHost()
    try host.registry.register(Sample.record(1), settings: [])
    try host.registry.register(Sample.record(2), settings: [])
    try host.registry.keep("uid-2")
    host.manager.set { $0.isUp = isUp }
    let report = try await host.berth().hostReport()
    #expect(report.scope == .user)
    #expect(report.isUp == isUp)
    #expect(report.instances == 1)
    #expect(report.enforcesLimits == nil)
    #expect(report.lines.prefix(3) == ["scope      user", "manager    \(isUp ? "up" : "down")", "instances  1"])
  }

  @Test(
    "says whether a host hands on what is mounted later",
    arguments: [
      ("22 1 0:21 / / rw,relatime shared:1 - ext4 /dev/vda rw", true),
      ("22 1 0:21 / / rw,relatime - ext4 /dev/vda rw", false),
      ("22 1 0:21 / / rw,relatime shared:1 - ext4 /dev/vda rw\n40 22 0:30 / / rw - overlay overlay rw", false),
      ("22 1 0:21 / / rw,relatime master:1 - ext4 /dev/vda rw\n30 22 0:5 / /proc rw shared:4 - proc proc rw", false),
      ("22 1 0:21 / / rw - ext4 shared:1 rw", false), ("", false),
    ])
  func mounts(_ table: String, _ isShared: Bool) { #expect(SandboxHost.isShared(mounts: table) == isShared) }

  @Test("leaves a manager alone that is not Berth's own", arguments: [TestHost.Kind.system, .user])
  func notASandbox(_ kind: TestHost.Kind) async throws {
    let host = try TestHost(kind)
    let error = await refusal { try host.berth().requireSandbox("down") }
    #expect(error?.code == "not-a-sandbox")
    #expect(error?.remedy == "berth host down --scope sandbox")
  }

  @Test("lists the settings that a person has to choose")
  func missingSettings() async throws {
    let host = try TestHost()
    #expect(try host.berth().missingSettings(InstallRequest(app: "demo")).isEmpty)
  }
}
