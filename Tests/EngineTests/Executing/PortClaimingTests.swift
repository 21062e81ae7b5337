import BerthKit
import Testing

@testable import BerthEngine
@testable import BerthPlanning

@Suite("The ports of an operation's instances, against a Berth with another registry", .serialized)
struct PortClaimingTests {
  private let plugin = VaultPlugin(without: ["db"])

  /// Another Berth that takes every port of these instances that it can have while this one changes the host.
  private static func rival(_ host: TestHost, _ records: [InstanceRecord]) {
    let wanted = Set(records.flatMap { $0.ports.map(\.port) })
    host.fault.watch { [ports = host.ports] _ in
      let free = wanted.subtracting(ports.claimed)
      ports.set { $0.refused.formUnion(free) }
    }
  }

  @Test("nobody takes them while a backup, a restore, a change or a restart has its services stopped")
  func held() async throws {
    let host = try TestHost(.system)
    let record = try await host.makeVault(plugin)
    #expect(!record.ports.isEmpty)
    let berth = host.berth([plugin])
    Self.rival(host, [record])
    _ = try await berth.backup(record, BackupWish())
    _ = try await berth.restore(RestoreRequest(app: "vault")).result.get()
    _ = try await berth.change(record, ChangeWish(settings: ["size": "9"]))
    #expect(try await berth.control(.restart, [record]).allSatisfy { (try? $0.result.get()) != nil })
    #expect(host.ports.claimed.isEmpty)
  }

  @Test("what another one has claimed before it begins is refused when services start, with all put back")
  func refused() async throws {
    let host = try TestHost(.system)
    let record = try await host.makeVault(plugin)
    let berth = host.berth([plugin])
    _ = try await berth.backup(record, BackupWish())
    try host.put("later", at: "data/world/map", of: record)
    let before = host.texts(of: record)
    host.ports.set { $0.refused.formUnion(record.ports.map(\.port)) }
    let error = await refusal { try await berth.restore(RestoreRequest(app: "vault")).result.get() }
    #expect(error?.code == "port-in-use")
    #expect(error?.summary.contains("another Berth that is at work right now") == true)
    #expect(host.texts(of: record) == before)
  }

  @Test("a default moves on where another one was faster, and a wish is refused with nothing made")
  func overtaken() async throws {
    let host = try TestHost(.system)
    let first = PortNumber(.tcp, 30000)
    host.ports.set { $0.lost = [first] }
    let berth = host.berth([HarbourPlugin()])
    let report = try await berth.install(InstallRequest(app: "harbour", name: "Main"))
    #expect(report.record.ports.map(\.port.number) == [30001, 30002])
    let before = try Snapshot(host)
    host.ports.set { $0.lost = [PortNumber(.tcp, 4000)] }
    let error = await refusal {
      try await berth.install(InstallRequest(app: "harbour", name: "Two", ports: ["web": 4000]))
    }
    #expect(error?.code == "port-in-use")
    #expect(try Snapshot(host) == before)
  }

  @Test("a question claims none")
  func asked() async throws {
    let host = try TestHost(.system)
    _ = try await host.berth([HarbourPlugin()]).planInstall([InstallRequest(app: "harbour", name: "Main")])
    #expect(host.ports.claimed.isEmpty)
  }
}
