import BerthKit
import Testing

@testable import BerthEngine
@testable import BerthPlanning

@Suite("The doctor and the sockets of the host")
struct DoctorSocketTests {
  private static let group = "/app.slice/harbour@default.service"

  private func host(_ sockets: [OpenSocket], held: [UInt64] = [1, 2], up seconds: Int = 0) async throws -> TestHost {
    let host = try TestHost()
    _ = try await host.berth().install(InstallRequest(app: "harbour", name: "Main"))
    host.ports.set { state in
      state.sockets = sockets
      for inode in held { state.holders[inode] = [Self.group] }
    }
    host.manager.set { state in
      state.groups["harbour@default.service"] = Self.group
      for unit in ["harbour@default.service", "harbour-side@default.service"] { state.uptimes[unit] = seconds }
    }
    return host
  }

  private func socket(_ number: Int, _ address: String, _ inode: UInt64 = 1, _ transport: TransportProtocol = .tcp)
    -> OpenSocket
  {
    OpenSocket(PortNumber(transport, number), at: address, inode: inode)
  }

  private var web: OpenSocket { socket(30000, "0.0.0.0", 7) }
  private var admin: OpenSocket { socket(30001, "::", 8) }

  @Test(
    "what listens as it is declared is nothing to tell of, in either family of addresses, and costs no look at processes"
  )
  func well() async throws {
    let host = try await host([web, admin, socket(30000, "::", 9)], up: 3600)
    #expect(try await host.berth().doctor() == [])
    #expect(host.ports.looks == 0)
  }

  @Test("an open port that nobody declares is told of where an instance's own process has it")
  func undeclared() async throws {
    let host = try await host([web, admin, socket(4711, "0.0.0.0"), socket(4711, "::", 2), socket(22, "0.0.0.0", 5)])
    let findings = try await host.berth().doctor()
    #expect(
      findings.map(\.line) == [
        "port-undeclared: harbour/Main: it listens on tcp/4711 at 0.0.0.0, which its plugin does not declare"
      ])
    #expect(host.ports.looks == 1)
  }

  @Test("a port for this host alone that nobody declares is the instance's own affair")
  func loopback() async throws {
    let host = try await host([web, admin, socket(4711, "127.0.0.1"), socket(4712, "::1", 2)])
    #expect(try await host.berth().doctor() == [])
  }

  @Test("a group of a stranger's that is called as a unit is no instance's")
  func strangers() async throws {
    let host = try await host([web, admin, socket(4711, "0.0.0.0", 3)], held: [])
    host.ports.set { $0.holders[3] = ["/user.slice/user-1000.slice/harbour@default.service"] }
    #expect(try await host.berth().doctor() == [])
  }

  @Test("a port that others cannot reach is told of")
  func hidden() async throws {
    let host = try await host([socket(30000, "127.0.0.1"), admin])
    #expect(
      try await host.berth().doctor().map(\.line) == [
        "port-hidden: harbour/Main: its web port tcp/30000 is declared at 0.0.0.0 and listens at 127.0.0.1 alone, where others do not reach it"
      ])
    // Somebody else's program there is another matter.
    let others = try await self.host([socket(30000, "127.0.0.1"), admin], held: [])
    #expect(try await others.berth().doctor() == [])
  }

  @Test("a port of TCP that nobody listens on is told of once the services have been up for a while")
  func silent() async throws {
    #expect(try await host([web], up: 30).berth().doctor() == [])
    let host = try await host([web], up: 90)
    let findings = try await host.berth().doctor()
    #expect(
      findings.map(\.line) == [
        "port-silent: harbour/Main: nobody listens on its admin port tcp/30001, though it is ready"
      ])
    #expect(findings.map(\.remedy) == ["berth logs harbour --instance default"])
    _ = try await host.berth().control(.disable, [try host.record(app: "harbour")])
    _ = try await host.berth().control(.stop, [try host.record(app: "harbour")])
    #expect(try await host.berth().doctor() == [])
  }

  @Test(
    "addresses are compared by who reaches them",
    arguments: [
      ("127.0.0.1", "127.0.0.1", ""), ("127.0.0.1", "::1", ""), ("127.0.0.1", "0.0.0.0", "port-exposed"),
      ("127.0.0.1", "::", "port-exposed"), ("127.0.0.1", "192.0.2.5", "port-exposed"), ("192.0.2.5", "192.0.2.5", ""),
      ("192.0.2.5", "0.0.0.0", "port-exposed"), ("192.0.2.5", "127.0.0.1", "port-hidden"), ("0.0.0.0", "::", ""),
      ("::", "0.0.0.0", ""), ("0.0.0.0", "192.0.2.5", "port-hidden"),
    ])
  func addresses(_ declared: String, _ open: String, _ code: String) async throws {
    let host = try await host([])
    var record = try host.record(app: "harbour")
    record.ports = [InstanceRecord.Port(role: "web", port: PortNumber(.tcp, 30000), address: declared)]
    let check = ListeningCheck(records: [record], sockets: [socket(30000, open)])
    #expect(check.suspects.isEmpty == code.isEmpty)
    #expect(check.findings(owners: [1: record.uid]).map(\.code) == (code.isEmpty ? [] : [code]))
    #expect(check.findings(owners: [1: "another"]).isEmpty)
  }
}
