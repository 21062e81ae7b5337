import BerthKit
import Synchronization
import Testing

@testable import BerthEngine
@testable import BerthPlanning

/// A plugin that no test installs. It counts how often all plugins are read, as its manifest is looked at then.
private final class Decoy: AppPlugin {
  let id = "decoy"
  private let looks = Mutex(0)

  var manifest: Manifest {
    looks.withLock { $0 += 1 }
    var manifest = DemoPlugin().manifest
    manifest.id = id
    return manifest
  }

  /// How often all plugins are read for something.
  func readings(on host: TestHost, _ plugin: any AppPlugin, _ body: (Berth) async throws -> Void) async throws -> Int {
    let berth = host.berth([plugin, self])
    let before = looks.withLock { $0 }
    _ = berth.catalog()
    let once = looks.withLock { $0 }
    try await body(berth)
    return (looks.withLock { $0 } - once) / (once - before)
  }
}

@Suite("The plugins are read once")
struct CatalogReadingTests {
  @Test("to install, change, back up and remove an instance, each")
  func operations() async throws {
    let host = try TestHost()
    let decoy = Decoy()
    func readings(_ body: (Berth) async throws -> Void) async throws -> Int {
      try await decoy.readings(on: host, VaultPlugin(without: ["db"]), body)
    }
    #expect(try await readings { _ = try await $0.install([InstallRequest(app: "vault")]) } == 1)
    let record = try #require(try host.registry.instances().first)
    #expect(try await readings { _ = try await $0.change("update", [record], .update) } == 1)
    #expect(try await readings { _ = try await $0.backup([record], BackupWish()) } == 1)
    #expect(try await readings { _ = try await $0.control(.restart, [record]) } == 0)
    #expect(try await readings { _ = try await $0.remove([record], keepsData: false) } == 1)
  }

  @Test("to restore, into an instance that is there and into a new one")
  func restores() async throws {
    let host = try TestHost(.system)
    let plugin = VaultPlugin(without: ["db"])
    let record = try await host.makeVault(plugin)
    _ = try await host.berth([plugin]).backup(record, BackupWish())
    let decoy = Decoy()
    #expect(
      try await decoy.readings(on: host, plugin) { _ = try await $0.restore(RestoreRequest(app: "vault")) } == 1)
    #expect(
      try await decoy.readings(on: host, plugin) {
        _ = try await $0.restore(RestoreRequest(app: "vault", newName: "copy"))
      } == 1)
  }

  @Test("to adopt a project")
  func adopts() async throws {
    let host = try TestHost(.system)
    try WardPlugin.runProject(on: host)
    host.fault.watch { [ports = host.ports] call in
      if call.hasPrefix("stop the containers") { ports.set { $0.listeners = [:] } }
    }
    let readings = try await Decoy().readings(on: host, WardPlugin()) {
      _ = try await $0.adopt(AdoptRequest(app: "ward", folder: "/srv/old"))
    }
    #expect(readings == 1)
  }

  @Test("to apply a fleet file that was planned and shown before")
  func fleets() async throws {
    let host = try TestHost()
    let fleet = FleetFile(
      name: "north", instances: [FleetInstance(app: "demo", id: .default, name: nil, place: "fleet.yaml:1")])
    let readings = try await Decoy().readings(on: host, DemoPlugin()) { berth in
      let draft = try await berth.draftFleet(fleet, prunes: false)
      _ = try await berth.apply(fleet, prunes: false, draft: draft)
    }
    #expect(readings == 1)
  }
}
