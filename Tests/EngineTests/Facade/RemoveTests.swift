import BerthKit
import Testing

@testable import BerthEngine

@Suite("Removing")
struct RemoveTests {
  private let key = InstanceKey(app: "demo", id: .default)

  @Test("leaves nothing of the instance", arguments: TestHost.Kind.allCases, [nil, "/srv/pvp"])
  func removes(_ kind: TestHost.Kind, _ directory: String?) async throws {
    let host = try TestHost(kind)
    let berth = host.berth()
    _ = try await berth.install(InstallRequest(app: "demo", directory: directory))
    let plan = try await berth.remove(key, keepsData: false)
    #expect(plan.verb == "remove")
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
    _ = try await berth.remove(key, keepsData: false)
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
    #expect(try host.berth().planRemove(key, keepsData: true).steps.last?.kind == "keep")
    #expect(try Snapshot(host).changes(since: before) == [])
  }

  @Test("leaves what is beside the folders that lie elsewhere")
  func leavesStrangers() async throws {
    let host = try TestHost()
    let berth = host.berth()
    _ = try await berth.install(InstallRequest(app: "demo", directory: "/srv/pvp"))
    try host.files.write("mine", to: "/srv/pvp/notes.txt", mode: 0o644, owner: nil, anchor: nil)
    _ = try await berth.remove(key, keepsData: false)
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
    _ = try await berth.remove(key, keepsData: true)
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
    _ = try await berth.remove(key, keepsData: true)
    _ = try await berth.install(InstallRequest(app: "demo", name: "Other"))
    #expect(try await berth.install(InstallRequest(app: "demo", id: "default")).ports.first?.port == 20002)
  }

  @Test("a failed taking up leaves the kept instance as it was")
  func failedTakingUp() async throws {
    let host = try TestHost(.system)
    let berth = host.berth()
    _ = try await berth.install(InstallRequest(app: "demo", name: "PvP", settings: ["players": "5"]))
    _ = try await berth.remove(key, keepsData: true)
    let before = try Snapshot(host)
    host.fault.arm { _, call in call.hasPrefix("start ") }
    await #expect(throws: InjectedFault.self) {
      try await berth.install(InstallRequest(app: "demo", id: "default", name: "Arena", settings: ["players": "6"]))
    }
    let changes = try Snapshot(host).changes(since: before)
    #expect(changes == [])
  }

  /// How far an operation had come when it was killed: the states that the registry can be found in.
  @Test("removes an instance whose installation was killed, however far it had come", arguments: [false, true])
  func removesIncomplete(_ keepsData: Bool) async throws {
    let count = try await planned(TestHost(.system))
    for number in 1...count {
      let host = try TestHost(.system)
      let plan = try await host.berth().planInstall(InstallRequest(app: "demo"))
      // What a kill leaves: some steps done, nothing taken back.
      try await Executor(host: host.services).carryOut(plan.steps[..<number], of: plan)
      guard try !host.registry.instances().isEmpty else { continue }
      let users = host.users.names
      _ = try await host.berth().remove(key, keepsData: keepsData)
      #expect(try host.registry.instances().isEmpty)
      #expect(host.users.names == (keepsData ? users : []))
    }
  }

  @Test("removes an instance whose removal was killed, however far it had come", arguments: [false, true])
  func removesHalfRemoved(_ keepsData: Bool) async throws {
    for number in 1..<9 {
      let host = try TestHost(.system)
      let berth = host.berth()
      _ = try await berth.install(InstallRequest(app: "demo"))
      let plan = try berth.planRemove(key, keepsData: keepsData)
      try await Executor(host: host.services).carryOut(plan.steps[..<number], of: plan)
      #expect(try await berth.list().map(\.status) == [.incomplete])
      _ = try await host.berth().remove(key, keepsData: false)
      #expect(try host.registry.all().isEmpty)
      #expect(!host.files.exists(host.paths.instance(key)))
      #expect(try host.files.list(host.paths.units) == [])
    }
  }

  private func planned(_ host: TestHost) async throws -> Int {
    try await host.berth().planInstall(InstallRequest(app: "demo")).steps.count
  }
}
