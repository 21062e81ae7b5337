import BerthKit
import Synchronization
import Testing

@testable import BerthEngine
@testable import BerthPlanning
@testable import BerthStore

@Suite("The host lock")
struct HostLockTests {
  private static let plugins: [any AppPlugin] = [
    DemoPlugin(), TinyPlugin(), HarbourPlugin(), HallPlugin(), CratePlugin(), CargoPlugin(), BargePlugin(),
    VaultPlugin(), WardPlugin(),
  ]

  private func host() throws -> TestHost {
    let host = try TestHost(.system)
    try CargoPlugin.stock(host)
    host.teachVault()
    host.containers.set {
      $0.registry = [
        CratePlugin.image: ContainerImage(id: String(repeating: "1", count: 64), names: [CratePlugin.image])
      ]
    }
    try host.files.makeFolder(host.paths.config, mode: 0o755, owner: nil)
    try host.files.write(
      "schema: 1\nproxy: caddy\n", to: host.paths.hostConfig, mode: 0o644, owner: nil, anchor: nil)
    return host
  }

  private static let hall = InstallRequest(app: "hall", name: "Kids", settings: ["domain": "tv.example"])
  private static let requests = [
    InstallRequest(app: "demo"), InstallRequest(app: "harbour"), hall, InstallRequest(app: "crate"),
    InstallRequest(app: "cargo"), InstallRequest(app: "barge"), InstallRequest(app: "vault"),
  ]

  /// Everything that changes a host, and every question.
  private func everything(_ host: TestHost, _ berth: Berth) async throws {
    for request in Self.requests { _ = try await berth.install([request]) }
    let records = try host.registry.instances()
    _ = try await berth.planChange("update", records, ChangeWish(refreshes: true))
    _ = try await berth.change("update", records, ChangeWish(labels: ["a": "b"], refreshes: true))
    _ = try await berth.change("config set", [host.record(app: "harbour")], ChangeWish(settings: ["size": "9"]))
    for verb in Control.allCases { _ = try await berth.control(verb, records) }
    _ = try await berth.control(.start, records)
    let vault = try host.record(app: "vault")
    for (path, text) in TestHost.vaultFiles { try host.put(text, at: path, of: vault) }
    _ = try await berth.backup([vault], BackupWish())
    _ = try await berth.restore(RestoreRequest(app: "vault"))
    var copy = RestoreRequest(app: "vault")
    copy.newName = "Copy"
    _ = try await berth.clone(vault, copy)
    _ = try await berth.apply(
      FleetFile(name: "f", instances: [FleetInstance(app: "tiny", name: try InstanceName("One"))]), prunes: true)
    _ = try await berth.apply(FleetFile(name: "f", instances: []), prunes: true)
    _ = try await berth.list()
    _ = try await berth.metrics(of: records)
    _ = try await berth.doctor()
    // One that fails when it starts is taken back.
    host.manager.set { $0.outcomes["tiny@.service"] = UnitState(active: "failed", sub: "failed") }
    host.logs.set("tiny@default.service", [])
    #expect(await refusal { try await berth.install([InstallRequest(app: "tiny")]) }?.code == "not-ready")
    _ = try await berth.recover()
    _ = try await berth.remove(try host.registry.instances(), keepsData: false)
  }

  @Test("is held by no verb while somebody is asked, starts, stops, fetches or waits")
  func isHeldForFiles() async throws {
    let host = try host()
    let watch = Watch(host.locks)
    try await everything(host, host.watched(by: watch, Self.plugins))
    #expect(watch.underLock == [])
    #expect(host.locks.taken.contains("host.lock"))
    // The test has seen something.
    let seen = Set(watch.calls.map { $0.split(separator: " ").prefix(2).joined(separator: " ") })
    let expected: Set = [
      "lock", "manager reachable", "manager states", "manager reload", "manager start", "manager stop",
      "manager restart", "manager enable", "manager disable", "manager reset", "users make", "users remove",
      "packages version", "engine require", "engine images", "engine pull", "engine check", "proxy check",
      "proxy reload", "download", "steam builds", "steam fetch",
    ]
    #expect(expected.subtracting(seen) == [])
  }

  @Test("is seen by this test where it is held")
  func control() async throws {
    let host = try host()
    _ = try await host.berth(Self.plugins).install([InstallRequest(app: "demo")])
    let watch = Watch(host.locks)
    let lock = try await host.locks.take("/locks/host.lock", purpose: "as it was", wait: 0)
    defer { lock.release() }
    _ = try await host.watched(by: watch, Self.plugins).list()
    #expect(Set(watch.underLock) == ["manager states", "manager failed"])
  }

  /// What takes long, and what is installed then.
  private static let slow: [(call: String, request: InstallRequest)] = [
    ("manager start harbour@default.target", InstallRequest(app: "harbour")), ("proxy check", hall),
    ("proxy reload", hall), ("engine check", InstallRequest(app: "crate")),
    ("engine pull", InstallRequest(app: "crate")), ("download", InstallRequest(app: "cargo")),
    ("steam builds", InstallRequest(app: "barge")), ("steam fetch", InstallRequest(app: "barge")),
    ("packages version", InstallRequest(app: "harbour")), ("manager reload", InstallRequest(app: "harbour")),
    ("users make", InstallRequest(app: "harbour")),
  ]

  @Test("holds up nobody while one instance takes its time: others are installed, changed and stopped", arguments: slow)
  func meanwhile(_ call: String, _ request: InstallRequest) async throws {
    let host = try host()
    let other = try await host.berth(Self.plugins).install([InstallRequest(app: "demo")])[0].record
    let watch = Watch(host.locks)
    let codes = Mutex<[String?]>([])
    let isFirst = Mutex(true)
    watch.meanwhile { name in
      let isDue = isFirst.withLock { first in
        guard first, name == call else { return false }
        first = false
        return true
      }
      guard isDue else { return }
      let berth = host.berth(Self.plugins)
      let deeds: [@Sendable () async throws -> Void] = [
        { _ = try await berth.install([InstallRequest(app: "tiny")]) },
        { _ = try await berth.change("config set", [other], ChangeWish(labels: ["a": "b"])) },
        { _ = try await berth.control(.stop, [other]) },
      ]
      for deed in deeds {
        do {
          try await deed()
          codes.withLock { $0.append(nil) }
        } catch { codes.withLock { $0.append((error as? BerthError)?.code ?? "\(error)") } }
      }
    }
    let outcomes = try await host.watched(by: watch, Self.plugins).install([request])
    #expect(outcomes.map(\.code) == [nil])
    #expect(codes.withLock { $0 } == [nil, nil, nil])
    #expect(isFirst.withLock { !$0 })
    #expect(try host.registry.instances().count == 3)
    #expect(host.locks.held == [])
    let findings = try await host.berth(Self.plugins).doctor().map(\.code)
    #expect(Set(findings).subtracting(["not-running"]) == [])
  }

  @Test("would hold them up, were it held meanwhile")
  func heldMeanwhile() async throws {
    let host = try host()
    let lock = try await host.locks.take("/locks/host.lock", purpose: "starting a slow one", wait: 0)
    defer { lock.release() }
    #expect(await refusal { try await host.berth().install(InstallRequest(app: "tiny")) }?.code == "busy")
  }
}
