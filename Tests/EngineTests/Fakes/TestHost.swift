import BerthArchive
import BerthHost
import BerthKit
import BerthRender
import Foundation
import GRDB
import TestSupport
import Testing

@testable import BerthEngine
@testable import BerthExecution
@testable import BerthPlan
@testable import BerthStore

/// A host of fakes around the real registry and the real files of a temporary folder.
final class TestHost: Sendable {
  /// Whose manager it is, and what that may do.
  enum Kind: CaseIterable {
    case system, user, sandbox

    var paths: ScopePaths {
      switch self {
      case .system: .system
      case .user:
        .user(
          configHome: "/home/mara/.config", stateHome: "/home/mara/.state", dataHome: "/home/mara/.data",
          runtime: "/run/user/1000")
      case .sandbox: .sandbox(root: "/srv/box", runtime: "/run/berth-box")
      }
    }

    var rights: ManagerRights {
      switch self {
      case .system: .root
      case .user: .person
      case .sandbox: .ownNamespace
      }
    }
  }

  let kind: Kind
  let folder: Folder
  let fault: Fault
  let users: FakeUsers
  let files: JailedFiles
  let manager: FakeManager
  let ports = FakePorts()
  let packages: FakePackages
  let containers = FakeContainers()
  let docker = FakeContainers()
  let projects: FakeProjects
  let proxies: FakeProxies
  let steam: FakeSteam
  let downloads: FakeDownloads
  let logs: FakeLogs
  let locks = FakeLocks()
  let clock: FakeClock
  let registry: InstanceRegistry
  /// Where the registry's file lies; nil for one in memory.
  private let disk: Folder?

  var paths: ScopePaths { kind.paths }

  /// - Parameter registry: a file that several connections share; in memory when nil.
  init(_ kind: Kind = .user, registry: InstanceRegistry? = nil) throws {
    self.kind = kind
    folder = try Folder()
    fault = Fault()
    packages = FakePackages()
    logs = FakeLogs()
    clock = FakeClock()
    disk = nil
    users = FakeUsers(fault: fault)
    files = JailedFiles(folder: folder, fault: fault, users: users)
    steam = FakeSteam(files: files)
    downloads = FakeDownloads(files: files)
    manager = FakeManager(files: files, fault: fault, paths: kind.paths)
    proxies = FakeProxies(fault: fault)
    projects = FakeProjects(fault: fault)
    self.registry = try registry ?? .inMemory()
    try files.makeFolder(kind.paths.state, mode: 0o755, owner: nil)
    try install(program: DemoPlugin.program)
  }

  /// A host whose registry is a file, for tests in which Berth dies.
  ///
  /// - Parameter countsCommits: whether the registry's commits count as calls that change the host, and can fail.
  init(mortal kind: Kind, countsCommits: Bool = true) throws {
    self.kind = kind
    folder = try Folder()
    fault = Fault()
    packages = FakePackages()
    logs = FakeLogs()
    clock = FakeClock()
    users = FakeUsers(fault: fault)
    files = JailedFiles(folder: folder, fault: fault, users: users)
    steam = FakeSteam(files: files)
    downloads = FakeDownloads(files: files)
    manager = FakeManager(files: files, fault: fault, paths: kind.paths)
    proxies = FakeProxies(fault: fault)
    projects = FakeProjects(fault: fault)
    let disk = try Folder()
    self.disk = disk
    registry = try InstanceRegistry(path: "\(disk.path)/registry.sqlite")
    watchRegistry(counts: countsCommits)
    try files.makeFolder(kind.paths.state, mode: 0o755, owner: nil)
    try install(program: DemoPlugin.program)
  }

  /// The same host as the next Berth finds it: the kernel has let go of locks and claims, all else is as it was left.
  private init(after dead: TestHost) throws {
    kind = dead.kind
    folder = dead.folder
    fault = dead.fault
    packages = dead.packages
    logs = dead.logs
    clock = dead.clock
    users = dead.users
    files = dead.files
    manager = dead.manager
    proxies = dead.proxies
    steam = dead.steam
    downloads = dead.downloads
    projects = dead.projects
    disk = dead.disk
    registry = try disk.map { try InstanceRegistry(path: "\($0.path)/registry.sqlite") } ?? dead.registry
    fault.arm()
    if disk != nil { watchRegistry(counts: true) }
  }

  /// Another host that is like a mortal one that nobody works on, which is faster than to make it so once more.
  init(like other: TestHost) throws {
    kind = other.kind
    folder = try Folder(like: other.folder)
    fault = Fault()
    packages = FakePackages()
    logs = FakeLogs()
    clock = FakeClock(like: other.clock)
    users = FakeUsers(fault: fault, names: other.users.names)
    files = JailedFiles(folder: folder, fault: fault, users: users)
    steam = FakeSteam(files: files, like: other.steam)
    downloads = FakeDownloads(files: files)
    manager = FakeManager(files: files, fault: fault, paths: kind.paths)
    proxies = FakeProxies(fault: fault)
    projects = FakeProjects(fault: fault)
    let running = other.projects.now
    projects.set { $0 = running }
    let disk = try Folder()
    let file = "\(disk.path)/registry.sqlite"
    let copy = try DatabaseQueue(path: file)
    try other.registry.database.backup(to: copy)
    try copy.close()
    self.disk = disk
    registry = try InstanceRegistry(path: file)
    let known = other.manager.known
    manager.set { $0 = known }
    // What programs do is done in a folder.
    if !known.effects.isEmpty { teachVault() }
    watchRegistry(counts: true)
  }

  /// What is there after Berth has died.
  func reborn() throws -> TestHost { try TestHost(after: self) }

  /// - Parameter counts: whether commits count as calls that change the host, and can fail.
  func watchRegistry(counts: Bool) {
    registry.database.add(transactionObserver: RegistryWatch(fault, counts: counts), extent: .databaseLifetime)
  }

  /// Puts an executable file in place.
  func install(program: String) throws {
    try files.makeFolder((program as NSString).deletingLastPathComponent, mode: 0o755, owner: nil)
    try files.write("", to: program, mode: 0o755, owner: nil, anchor: nil)
  }

  /// The same files, for those who watch the calls: nothing in them holds who is watched.
  var bystander: JailedFiles { JailedFiles(folder: folder, fault: Fault(), users: FakeUsers(fault: Fault())) }

  var sources: AppSources {
    AppSources(
      downloads: downloads, steam: steam, archives: JailedAppArchives(files: files),
      repositories: GitRepositories(runner: SubprocessRunner()),
      signatures: SSHSignatures(runner: SubprocessRunner(), files: files), plugins: PluginTars())
  }

  var services: HostServices {
    HostServices(
      files: files, manager: manager, logs: logs, ports: ports, users: users, packages: packages,
      containers: ContainerEngines(podman: containers, docker: docker), projects: projects,
      proxies: proxies, connector: SocketConnector(), locks: locks, clock: clock,
      archives: JailedArchives(files: files), sources: sources, registry: registry,
      paths: paths)
  }

  func berth(
    _ plugins: [any AppPlugin] = [DemoPlugin(), TinyPlugin(), HarbourPlugin()], options: Berth.Options = .init()
  ) -> Berth {
    Berth(
      host: services, rights: kind.rights,
      environment: HostEnvironment(userID: kind == .system ? 0 : 1000, variables: ["HOME": "/home/mara"]),
      options: options, builtIn: plugins, sandbox: nil)
  }

  /// Carries out a plan as it stands, taking everything back when it fails.
  func carryOut(_ plan: Plan, options: Executor.Options = .init()) async throws -> Executor.Outcome {
    try await berth(options: .init(execution: options)).carryOut(
      Operation(plan.verb, present: plan.present, needs: .manager, with: PluginCatalog([])) { _ in plan }
    ).outcome
  }

  /// The instance as the registry has it.
  func record(_ id: String = "default", app: String = "demo") throws -> InstanceRecord {
    try #require(try registry.all(app: app).first { $0.key.id.text == id })
  }
}

/// What a call was refused with.
func refusal<Success>(
  _ location: SourceLocation = #_sourceLocation, _ body: () async throws -> Success
) async -> BerthError? {
  do {
    _ = try await body()
    Issue.record("nothing was refused", sourceLocation: location)
  } catch let error as BerthError {
    return error
  } catch {
    Issue.record("not one of Berth's errors: \(error)", sourceLocation: location)
  }
  return nil
}
