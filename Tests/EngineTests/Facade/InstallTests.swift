import BerthKit
import Testing

@testable import BerthEngine
@testable import BerthPlanning

@Suite("Installing")
struct InstallTests {
  @Test("makes an instance that runs and is enabled", arguments: TestHost.Kind.allCases)
  func installs(_ kind: TestHost.Kind) async throws {
    let host = try TestHost(kind)
    let report = try await host.berth().install(InstallRequest(app: "demo", name: "PvP", labels: ["site": "north"]))
    #expect(report.status == .running)
    #expect(report.isEnabled)
    #expect(report.record.state == .ready)
    #expect(report.services.map(\.unit) == ["demo@default.service", "demo-worker@default.service"])
    #expect(report.services.map(\.mainPID) == [4002, 4001])
    #expect(report.record.labels == ["site": "north"])
    #expect(try host.registry.instances() == [report.record])
    #expect(host.users.names.count == (kind == .system ? 1 : 0))
  }

  @Test("leaves nothing held: no lock, no claim")
  func holdsNothing() async throws {
    let host = try TestHost()
    _ = try await host.berth().install(InstallRequest(app: "demo"))
    #expect(host.locks.held.isEmpty)
    #expect(host.ports.claimed.isEmpty)
    let taken = host.locks.taken
    #expect(taken[0].hasPrefix("operation-"))
    #expect(taken[1] == "demo@default.lock")
    #expect(Set(taken.dropFirst(2)) == ["host.lock"])
  }

  @Test("does not start what shall not be started")
  func noStart() async throws {
    let host = try TestHost()
    let report = try await host.berth().install(InstallRequest(app: "demo", isStarted: false))
    #expect(report.status == .stopped)
    #expect(!report.isEnabled)
    #expect(report.services.map(\.mainPID) == [nil, nil])
  }

  @Test("gives the second instance the next free ports and an id of its own")
  func second() async throws {
    let host = try TestHost()
    let berth = host.berth()
    let first = try await berth.install(InstallRequest(app: "demo", isStarted: false))
    let second = try await berth.install(InstallRequest(app: "demo"))
    #expect(first.ports.map(\.port) == [20000, 20001, 20001])
    // The query port of the first is where the game port of the second would be.
    #expect(second.ports.map(\.port) == [20002, 20003, 20003])
    #expect(second.record.key.id.text.count == 36)
  }

  @Test("moves away from a process that listens, and refuses it as a wish with its name")
  func foreignListener() async throws {
    let host = try TestHost()
    host.ports.set { $0.listeners[PortNumber(.udp, 20000)] = "quaked (process 812)" }
    let error = await refusal { try await host.berth().install(InstallRequest(app: "demo", ports: ["game": 20000])) }
    #expect(error?.summary == "the game port udp/20000 is used by quaked (process 812)")
    let report = try await host.berth().install(InstallRequest(app: "demo"))
    #expect(report.ports.first?.port == 20001)
  }

  @Test("names the stopped instance that a wished port belongs to")
  func portOfStopped() async throws {
    let host = try TestHost()
    _ = try await host.berth().install(InstallRequest(app: "demo", name: "PvP", isStarted: false))
    let error = await refusal { try await host.berth().install(InstallRequest(app: "demo", ports: ["game": 20000])) }
    #expect(error?.code == "port-in-use")
    #expect(error?.summary == "the game port udp/20000 is used by demo/PvP")
    #expect(host.locks.held.isEmpty)
  }

  @Test("plans without changing anything", arguments: TestHost.Kind.allCases)
  func dryRun(_ kind: TestHost.Kind) async throws {
    let host = try TestHost(kind)
    let before = try Snapshot(host)
    host.fault.arm { _, _ in true }
    let plan = try await host.berth().planInstall(InstallRequest(app: "demo"))
    #expect(plan.steps.count > 12)
    #expect(try Snapshot(host).changes(since: before) == [])
    #expect(host.fault.calls == [])
    #expect(host.manager.known.calls == [])
  }

  @Test("plans also where the manager is down")
  func dryRunDown() async throws {
    let host = try TestHost()
    host.manager.set { $0.isUp = false }
    #expect(try await host.berth().planInstall(InstallRequest(app: "demo")).verb == "install")
  }

  @Test("leaves no claim when planning is refused")
  func refusedClaims() async throws {
    let host = try TestHost()
    let berth = host.berth([DemoPlugin(), TwoPortsPlugin()])
    host.ports.set { $0.listeners[PortNumber(.tcp, 700)] = "ftpd" }
    let request = InstallRequest(app: "twoports", ports: ["b": 700])
    _ = await refusal { try await berth.planInstall(request) }
    _ = await refusal { try await berth.install(request) }
    #expect(host.ports.claimed.isEmpty)
  }

  @Test("waits for nobody who installs at the same time")
  func busy() async throws {
    let host = try TestHost()
    let before = try Snapshot(host)
    let lock = try await host.locks.take("/locks/host.lock", purpose: "another", wait: 0)
    #expect(await refusal { try await host.berth().install(InstallRequest(app: "demo")) }?.code == "busy")
    lock.release()
    let own = try await host.locks.take("/locks/demo@default.lock", purpose: "another", wait: 0)
    #expect(await refusal { try await host.berth().install(InstallRequest(app: "demo")) }?.code == "busy")
    own.release()
    #expect(try Snapshot(host).changes(since: before) == [])
  }

  @Test("tries other ports when somebody takes them before the start, and gives up a wish")
  func portTakenInBetween() async throws {
    let host = try TestHost()
    let taken = PortNumber(.udp, 20000)
    let berth = host.berth(
      options: .init(
        execution: .init(progress: { [ports = host.ports] progress in
          if progress.kind == "start" { ports.set { $0.listeners[taken] = "quaked" } }
        })))
    let report = try await berth.install(InstallRequest(app: "demo"))
    #expect(report.ports.first?.port == 20001)
    let other = try TestHost()
    let second = other.berth(
      options: .init(
        execution: .init(progress: { [ports = other.ports] progress in
          if progress.kind == "start" { ports.set { $0.listeners[taken] = "quaked" } }
        })))
    let error = await refusal { try await second.install(InstallRequest(app: "demo", ports: ["game": 20000])) }
    #expect(error?.summary == "the game port udp/20000 is used by quaked")
    #expect(try other.registry.all().isEmpty)
  }

  @Test("puts the folders elsewhere, and refuses a place that cannot be used")
  func directory() async throws {
    let host = try TestHost()
    let berth = host.berth()
    let report = try await berth.install(InstallRequest(app: "demo", directory: "/srv/pvp/"))
    #expect(report.directory == "/srv/pvp")
    #expect(try host.files.list("/srv/pvp") == ["cache", "config", "data"])
    #expect(try host.files.read("/srv/pvp/config/demo.cfg").contains("port 20000"))
    let link = "\(host.paths.instance(report.record.key))/config"
    #expect(host.files.realPath(link) == "/srv/pvp/config")
    #expect(
      await refusal { try await berth.install(InstallRequest(app: "demo", directory: "/srv/pvp")) }?.code
        == "directory-in-use")
    #expect(
      await refusal { try await berth.install(InstallRequest(app: "demo", directory: "/srv/pvp/config")) }?.code
        == "directory-in-use")
    #expect(
      await refusal { try await berth.install(InstallRequest(app: "demo", directory: DemoPlugin.program)) }?.code
        == "bad-directory")
  }
}
