import BerthHost
import BerthKit
import Synchronization

@testable import BerthEngine

/// Looks at the host lock whenever something is called at the border that may take long.
final class Watch: Sendable {
  private struct State {
    var calls: Set<String> = []
    var underLock: [String] = []
    var meanwhile: (@Sendable (String) async -> Void)?
  }

  private let state = Mutex(State())
  private let locks: FakeLocks

  init(_ locks: FakeLocks) { self.locks = locks }

  /// What was called at least once.
  var calls: Set<String> { state.withLock { $0.calls } }
  /// What was called with the host lock held.
  var underLock: [String] { state.withLock { $0.underLock } }

  /// Does something in the midst of every call, which takes as long as that does.
  func meanwhile(_ body: (@Sendable (String) async -> Void)?) { state.withLock { $0.meanwhile = body } }

  func call(_ name: String) async {
    let isHeld = locks.held.contains("host.lock")
    let meanwhile = state.withLock { state in
      state.calls.insert(name)
      if isHeld { state.underLock.append(name) }
      return state.meanwhile
    }
    await meanwhile?(name)
  }
}

extension TestHost {
  /// The host with a look at the host lock whenever somebody is asked or told something.
  func watched(
    by watch: Watch, _ plugins: [any AppPlugin] = [DemoPlugin(), TinyPlugin(), HarbourPlugin()],
    options: Berth.Options = .init()
  ) -> Berth {
    var services = services
    services.manager = WatchedManager(real: services.manager, watch: watch)
    services.users = WatchedUsers(real: services.users, watch: watch)
    services.packages = WatchedPackages(real: services.packages, watch: watch)
    services.containers = ContainerEngines(
      podman: WatchedEngine(real: services.containers.podman, watch: watch),
      docker: WatchedEngine(real: services.containers.docker, watch: watch))
    services.projects = WatchedProjects(real: services.projects, watch: watch)
    services.proxies = WatchedProxies(real: services.proxies, watch: watch)
    services.sources.downloads = WatchedDownloads(real: services.sources.downloads, watch: watch)
    services.sources.steam = WatchedSteam(real: services.sources.steam, watch: watch)
    services.locks = WatchedLocks(real: services.locks, watch: watch)
    return Berth(
      host: services, rights: kind.rights,
      environment: HostEnvironment(userID: kind == .system ? 0 : 1000, variables: ["HOME": "/home/mara"]),
      options: options, builtIn: plugins, sandbox: nil)
  }
}

/// Another lock must not be waited for with the host lock held.
private struct WatchedLocks: LockKeeper {
  let real: any LockKeeper
  let watch: Watch

  func take(_ path: String, purpose: String, wait: Int) async throws -> any HeldLock {
    await watch.call("lock")
    return try await real.take(path, purpose: purpose, wait: wait)
  }

  func holder(of path: String) -> String? { real.holder(of: path) }
}

private struct WatchedManager: ServiceManager {
  let real: any ServiceManager
  let watch: Watch

  func isReachable() async -> Bool {
    await watch.call("manager reachable")
    return await real.isReachable()
  }

  func states(matching patterns: [String]) async throws -> [String: UnitState] {
    await watch.call("manager states")
    return try await real.states(matching: patterns)
  }

  func failedUnits(matching patterns: [String]) async throws -> Set<String> {
    await watch.call("manager failed")
    return try await real.failedUnits(matching: patterns)
  }

  func runs(of jobs: [String]) async throws -> [String: TimedRun] {
    await watch.call("manager runs")
    return try await real.runs(of: jobs)
  }

  func uptimes(of units: [String]) async throws -> [String: Int] {
    await watch.call("manager uptimes")
    return try await real.uptimes(of: units)
  }

  func mainProcesses(of units: [String]) async throws -> [String: Int] {
    await watch.call("manager processes")
    return try await real.mainProcesses(of: units)
  }

  func controlGroups(of units: [String]) async throws -> [String: String] {
    await watch.call("manager groups")
    return try await real.controlGroups(of: units)
  }

  func meter(of units: [String]) async throws -> @Sendable () -> [String: UnitUsage] {
    await watch.call("manager meter")
    return try await real.meter(of: units)
  }

  func enabledUnits() throws -> Set<String> { try real.enabledUnits() }
  func foreignUnit(_ name: String) -> String? { real.foreignUnit(name) }

  func reload() async throws {
    await watch.call("manager reload")
    try await real.reload()
  }

  func start(_ units: [String]) async throws {
    await watch.call("manager start \(units.joined(separator: " "))")
    try await real.start(units)
  }

  func begin(_ order: UnitOrder, _ units: [String]) async throws {
    await watch.call("manager begin \(order.rawValue) \(units.joined(separator: " "))")
    try await real.begin(order, units)
  }

  func stop(_ units: [String]) async throws {
    await watch.call("manager stop")
    try await real.stop(units)
  }

  func restart(_ units: [String]) async throws {
    await watch.call("manager restart")
    try await real.restart(units)
  }

  func enable(_ units: [String]) async throws {
    await watch.call("manager enable")
    try await real.enable(units)
  }

  func disable(_ units: [String]) async throws {
    await watch.call("manager disable")
    try await real.disable(units)
  }

  func resetFailed(_ units: [String]) async throws {
    await watch.call("manager reset")
    try await real.resetFailed(units)
  }
}

private struct WatchedUsers: SystemUsers {
  let real: any SystemUsers
  let watch: Watch

  func exists(_ name: String) -> Bool { real.exists(name) }
  func missing(_ names: [String]) -> [String] { real.missing(names) }
  func numbers(of name: String?) -> (user: Int, group: Int) { real.numbers(of: name) }
  func group(_ name: String) -> Int? { real.group(name) }

  func make(_ names: [String]) async throws {
    await watch.call("users make")
    try await real.make(names)
  }

  func remove(_ names: [String]) async throws {
    await watch.call("users remove")
    try await real.remove(names)
  }
}

private struct WatchedPackages: PackageManager {
  let real: any PackageManager
  let watch: Watch

  func missing(_ alternatives: [[String]]) async throws -> [[String]] {
    await watch.call("packages missing")
    return try await real.missing(alternatives)
  }

  func version(of alternatives: [[String]]) async throws -> String? {
    await watch.call("packages version")
    return try await real.version(of: alternatives)
  }

  func install(_ alternatives: [[String]]) async throws {
    await watch.call("packages install")
    try await real.install(alternatives)
  }

  func installLine(_ alternatives: [[String]]) async -> String { await real.installLine(alternatives) }
}
