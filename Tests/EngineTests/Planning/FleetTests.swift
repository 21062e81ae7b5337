import BerthKit
import Testing

@testable import BerthEngine
@testable import BerthPlanning

@Suite("Applying a fleet file")
struct FleetTests {
  private func entry(
    _ name: String?, ports: [String: Int] = [:], settings: [String: String] = [:], line: Int = 0
  ) -> FleetInstance {
    FleetInstance(
      app: "harbour", id: name == nil ? .default : nil, name: name.map { InstanceName(unchecked: $0) }, ports: ports,
      settings: settings, place: "fleet.yaml:\(line)")
  }

  private func fleet(_ entries: FleetInstance..., name: String? = "north") -> FleetFile {
    FleetFile(name: name, instances: entries)
  }

  private func web(_ host: TestHost) throws -> [String: Int] {
    try host.registry.instances().reduce(into: [:]) { $0[$1.name.text] = $1.ports.first?.port.number }
  }

  @Test("makes what is missing, and a second time there is nothing to do")
  func idempotent() async throws {
    let host = try TestHost()
    let berth = host.berth()
    let fleet = fleet(entry(nil), entry("a", settings: ["size": "7"]), entry("b", ports: ["web": 4000]))
    let outcomes = try await berth.apply(fleet, prunes: true)
    #expect(outcomes.map { try? $0.result.get().status } == [.running, .running, .running])
    #expect(try await berth.planFleet(fleet, prunes: true).kinds == [])
    let before = try Snapshot(host)
    host.fault.arm { _, _ in true }
    #expect(try await berth.apply(fleet, prunes: true).isEmpty)
    #expect(try Snapshot(host).changes(since: before) == [])
  }

  @Test("makes what its draft has shown, and plans anew when another operation was at work since")
  func draft() async throws {
    let host = try TestHost()
    let berth = host.berth()
    func uid(_ name: String) throws -> String? { try host.registry.instances().first { $0.name.text == name }?.uid }
    let first = fleet(entry("a"))
    let shown = try await berth.draftFleet(first, prunes: false)
    _ = try await berth.apply(first, prunes: false, draft: shown)
    #expect(try uid("a") == shown.plan.changes.first?.record.uid)
    let second = fleet(entry("a"), entry("b"))
    let former = try await berth.draftFleet(second, prunes: false)
    _ = try await berth.install(InstallRequest(app: "harbour", name: "between"))
    _ = try await berth.apply(second, prunes: false, draft: former)
    let made = try #require(try uid("b"))
    #expect(former.plan.changes.allSatisfy { $0.record.uid != made })
    #expect(try Set(web(host).values).count == 3)
  }

  @Test("a number that a later entry asks for is not given to an earlier one by default")
  func explicitFirst() async throws {
    let host = try TestHost()
    _ = try await host.berth().apply(fleet(entry("a"), entry("b", ports: ["web": 30000])), prunes: false)
    #expect(try web(host) == ["a": 30002, "b": 30000])
  }

  @Test("two instances swap their ports")
  func swap() async throws {
    let host = try TestHost()
    let berth = host.berth()
    _ = try await berth.apply(fleet(entry("a"), entry("b")), prunes: false)
    #expect(try web(host) == ["a": 30000, "b": 30002])
    // Both listen on what they have.
    host.ports.set { state in for number in 30000...30003 { state.listeners[PortNumber(.tcp, number)] = "harbour" } }
    let swapped = fleet(entry("a", ports: ["web": 30002]), entry("b", ports: ["web": 30000]))
    _ = try await berth.apply(swapped, prunes: false)
    #expect(try web(host) == ["a": 30002, "b": 30000])
    #expect(try await berth.planFleet(swapped, prunes: true).isEmpty)
  }

  @Test("removes only what the same fleet's file made and no longer lists")
  func prunes() async throws {
    let host = try TestHost()
    let berth = host.berth()
    _ = try await berth.apply(fleet(entry("mine"), entry("old")), prunes: false)
    _ = try await berth.apply(fleet(entry("south"), name: "south"), prunes: false)
    _ = try await berth.apply(fleet(entry("nameless"), name: nil), prunes: false)
    _ = try await berth.install(InstallRequest(app: "harbour", name: "byhand"))
    // What a person made stays a person's, though the file lists it for a while.
    _ = try await berth.apply(
      fleet(entry("mine"), entry("old"), entry("byhand", settings: ["size": "9"])), prunes: true)
    let plan = try await berth.planFleet(fleet(entry("mine")), prunes: true)
    #expect(
      plan.changes.map { "\($0.action) \($0.record.name) \($0.reasons)" } == [
        "remove old [\"the fleet file no longer lists it\"]"
      ])
    #expect(try await berth.planFleet(fleet(entry("mine")), prunes: false).isEmpty)
    _ = try await berth.apply(fleet(entry("mine")), prunes: true)
    #expect(try web(host).keys.sorted() == ["byhand", "mine", "nameless", "south"])
    _ = try await berth.apply(FleetFile(name: nil, instances: []), prunes: true)
    #expect(try web(host).keys.sorted() == ["byhand", "mine", "south"])
  }

  @Test("gives the name and the port of what goes to what comes, in one go")
  func replaces() async throws {
    let host = try TestHost()
    let berth = host.berth()
    _ = try await berth.apply(fleet(entry("old", ports: ["web": 4000])), prunes: false)
    _ = try await berth.apply(fleet(entry("new", ports: ["web": 4000])), prunes: true)
    #expect(try web(host) == ["new": 4000])
    let findings = try await berth.doctor().map(\.line)
    #expect(findings == [])
  }

  @Test("shows the place in the file with whatever is wrong with an entry")
  func places() async throws {
    let host = try TestHost()
    let berth = host.berth()
    _ = try await berth.install(InstallRequest(app: "harbour", name: "taken", ports: ["web": 4000]))
    let port = await refusal {
      try await berth.planFleet(fleet(entry("a", ports: ["web": 4000], line: 7)), prunes: false)
    }
    #expect(port?.code == "port-in-use")
    #expect(port?.location == "fleet.yaml:7")
    var renamed = entry("taken", line: 9)
    renamed.id = InstanceID(unchecked: Sample.id(3))
    let name = await refusal { try await berth.planFleet(fleet(renamed), prunes: false) }
    #expect(name?.code == "name-in-use")
    #expect(name?.location == "fleet.yaml:9")
    var moved = entry("taken", line: 11)
    moved.directory = "/srv/elsewhere"
    #expect(await refusal { try await berth.planFleet(fleet(moved), prunes: false) }?.location == "fleet.yaml:11")
    #expect(host.ports.claimed.isEmpty)
  }

  @Test("what is exported is what is there: applying it changes nothing, here and read back", arguments: [false, true])
  func export(_ reveals: Bool) async throws {
    let host = try TestHost()
    let berth = host.berth()
    _ = try await berth.apply(fleet(entry(nil), entry("a", ports: ["web": 4000])), prunes: false)
    var request = InstallRequest(
      app: "demo", name: "Quoted \"one\"", settings: ["motd": "a: b # c"], directory: "/srv/demo",
      labels: ["site": "north"],
      isStarted: false)
    request.limits = InstanceLimits(memory: "1G", cpus: 1.5, tasks: 64)
    _ = try await berth.install(request)
    let exported = try berth.export(reveals: reveals)
    #expect(try await berth.planFleet(exported, prunes: true).kinds == [])
    let text = FleetWriter.text(exported)
    #expect(text.contains("SECRET") == reveals)
    let read = try FleetReader(file: "fleet.yaml").fleet(from: text, catalog: berth.catalog())
    #expect(try await berth.planFleet(read, prunes: true).kinds == [])
  }

  @Test("an empty host becomes what another one exported")
  func elsewhere() async throws {
    let host = try TestHost()
    _ = try await host.berth().apply(fleet(entry(nil), entry("a", settings: ["crane": "true"])), prunes: false)
    let exported = try host.berth().export(reveals: true)
    let other = try TestHost()
    _ = try await other.berth().apply(exported, prunes: false)
    #expect(try other.berth().export(reveals: true) == exported)
  }
}
