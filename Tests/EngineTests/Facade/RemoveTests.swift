import BerthKit
import Testing

@testable import BerthEngine
@testable import BerthPlanning

@Suite("Removing")
struct RemoveTests {
  private let key = InstanceKey(app: "demo", id: .default)

  @Test("leaves nothing of the instance", arguments: TestHost.Kind.allCases, [nil, "/srv/pvp"])
  func removes(_ kind: TestHost.Kind, _ directory: String?) async throws {
    let host = try TestHost(kind)
    let berth = host.berth()
    _ = try await berth.install(InstallRequest(app: "demo", directory: directory))
    #expect(try await berth.planRemove(key, keepsData: false).verb == "remove")
    try await berth.remove(key, keepsData: false)
    let lines = try Snapshot(host).lines
    #expect(lines.filter { $0.contains("demo@") || $0.contains("demo-worker@") } == [])
    #expect(lines.filter { $0.contains("instances/demo") || $0.contains("/pvp") || $0.contains("trash") } == [])
    #expect(lines.filter { !$0.hasPrefix("folder") && !$0.contains(DemoPlugin.program) } == [])
  }

  @Test("removes a default and makes a new one with an identifier of its own")
  func removesAndInstalls() async throws {
    let host = try TestHost()
    let berth = host.berth()
    let first = try await berth.install(InstallRequest(app: "demo"))
    try await berth.remove(key, keepsData: false)
    let second = try await berth.install(InstallRequest(app: "demo"))
    #expect(second.record.key == first.record.key)
    #expect(second.record.uid != first.record.uid)
    #expect(try host.registry.settings(of: first.record.uid).isEmpty)
  }

  @Test("plans a removal without changing anything")
  func plans() async throws {
    let host = try TestHost()
    _ = try await host.berth().install(InstallRequest(app: "demo"))
    let before = try Snapshot(host)
    host.fault.arm { _, _ in true }
    #expect(try await host.berth().planRemove(key, keepsData: true).kinds.suffix(2) == ["keep", "reload-manager"])
    #expect(try Snapshot(host).changes(since: before) == [])
  }

  @Test("leaves what is beside the folders that lie elsewhere")
  func leavesStrangers() async throws {
    let host = try TestHost()
    let berth = host.berth()
    _ = try await berth.install(InstallRequest(app: "demo", directory: "/srv/pvp"))
    try host.files.write("mine", to: "/srv/pvp/notes.txt", mode: 0o644, owner: nil, anchor: nil)
    try await berth.remove(key, keepsData: false)
    #expect(try host.files.list("/srv/pvp") == ["notes.txt"])
  }

  @Test(
    "keeps the data under the id, and takes it up again with its secrets", arguments: TestHost.Kind.allCases,
    [nil, "/srv/pvp"])
  func keepsData(_ kind: TestHost.Kind, _ directory: String?) async throws {
    let host = try TestHost(kind)
    let berth = host.berth()
    let first = try await berth.install(
      InstallRequest(app: "demo", name: "PvP", settings: ["players": "5"], directory: directory))
    let world = "\(first.directory)/data/world"
    try host.files.write("map", to: world, mode: 0o600, owner: nil, anchor: nil)
    let token = try #require(try host.registry.settings(of: first.record.uid).first(where: \.isSecret))
    try await berth.remove(key, keepsData: true)
    #expect(try await berth.list().isEmpty)
    #expect(try host.files.read(world) == "map")
    #expect(!host.files.exists(host.paths.unit("demo@.service")))
    #expect(try host.registry.portOwners().isEmpty)
    // The next one is not given the kept id by itself.
    let other = try await berth.install(InstallRequest(app: "demo"))
    #expect(other.record.key.id != .default)
    let again = try await berth.install(InstallRequest(app: "demo", id: "default", settings: ["players": "6"]))
    #expect(again.record.uid == first.record.uid)
    #expect(again.record.name.text == "PvP")
    #expect(again.record.user == first.record.user)
    #expect(again.directory == first.directory)
    #expect(try host.files.read(world) == "map")
    let config = try host.files.read("\(first.directory)/config/demo.cfg")
    #expect(config.contains("token \(token.value)"))
    #expect(config.contains("players 6"))
  }

  @Test("moves on to other ports when those of a kept instance are taken")
  func keptPorts() async throws {
    let host = try TestHost()
    let berth = host.berth()
    _ = try await berth.install(InstallRequest(app: "demo"))
    try await berth.remove(key, keepsData: true)
    _ = try await berth.install(InstallRequest(app: "demo", name: "Other"))
    #expect(try await berth.install(InstallRequest(app: "demo", id: "default")).ports.first?.port == 20002)
  }

  @Test("a failed taking up leaves the kept instance as it was")
  func failedTakingUp() async throws {
    let host = try TestHost(.system)
    let berth = host.berth()
    _ = try await berth.install(InstallRequest(app: "demo", name: "PvP", settings: ["players": "5"]))
    try await berth.remove(key, keepsData: true)
    let before = try Snapshot(host)
    host.fault.arm { _, call in call.hasPrefix("start ") }
    await #expect(throws: BerthError.self) {
      try await berth.install(InstallRequest(app: "demo", id: "default", name: "Arena", settings: ["players": "6"]))
    }
    let changes = try Snapshot(host).changes(since: before)
    #expect(changes == [])
  }

  @Test(
    "removes what a Berth without a journal has left half-way", arguments: [InstanceRecord.State.installing, .removing])
  func removesIncomplete(_ state: InstanceRecord.State) async throws {
    for keepsData in [false, true] {
      let host = try TestHost(.system)
      let berth = host.berth()
      _ = try await berth.install(InstallRequest(app: "demo"))
      try host.registry.setState(state, of: try host.record().uid)
      try await berth.remove(key, keepsData: keepsData)
      #expect(try host.registry.instances().isEmpty)
      #expect(host.users.names.isEmpty == !keepsData)
      #expect(try host.files.list(host.paths.units) == [])
    }
  }
}
