import BerthArchive
import BerthExecution
import BerthHost
import BerthKit
import BerthRender
import BerthStore

/// One run of Berth in one scope: the room that the CLI's commands, and later doors, lead into.
public struct Berth: Sendable {
  /// What a command needs of its scope.
  public enum Need: Sendable {
    /// Only plugins: what it says does not depend on whether there are instances.
    case plugins
    /// Instances, so that a sandbox that somebody names has to be there.
    case instances
    /// Whatever is not there yet, as where an instance is made.
    case making
  }

  /// What a person may say for every command.
  public struct Options: Sendable {
    public var scope: ScopeRequest
    public var need = Need.instances
    /// Folders with plugins, searched last.
    public var pluginFolders: [String]
    /// Whether there are other plugins than those that are built in.
    public var searchesPlugins = true
    /// Seconds to wait for a lock.
    public var wait: Int
    /// How plans are carried out.
    public var execution: Executor.Options
    /// The command as it was typed, values of settings left out, for the journal.
    public var command: String
    /// Whether values of settings may go that a plugin has no place for any more.
    public var drops = false
    /// Told what a person should hear and no program needs.
    public var notice: @Sendable (String) -> Void
    /// Called before the first thing that is not taken back by itself when the program ends at once; it throws when the
    /// command was told to end.
    public var begins: @Sendable () throws -> Void = { try Task.checkCancellation() }
    /// Whether operations that broke off are recovered before another one begins on the same instances.
    public var recovers = false
    let faults: FaultPoints

    public init(
      scope: ScopeRequest = ScopeRequest(), pluginFolders: [String] = [], wait: Int = 10,
      execution: Executor.Options = Executor.Options(), command: String = "",
      notice: @escaping @Sendable (String) -> Void = { _ in }, faults: FaultPoints = FaultPoints()
    ) {
      self.scope = scope
      self.pluginFolders = pluginFolders
      self.wait = wait
      self.execution = execution
      self.execution.notice = notice
      self.command = command
      self.notice = notice
      self.faults = faults
    }
  }

  public let host: HostServices
  public let rights: ManagerRights
  public let environment: HostEnvironment
  let options: Options
  let builtIn: [any AppPlugin]
  /// The private manager; nil outside the sandbox scope.
  public let sandbox: SandboxHost?
  /// What recovers at a boot; nil in a sandbox.
  let boot: BootRecovery?

  public init(
    host: HostServices, rights: ManagerRights, environment: HostEnvironment, options: Options,
    builtIn: [any AppPlugin], sandbox: SandboxHost?, boot: BootRecovery? = nil
  ) {
    self.host = host
    self.rights = rights
    self.environment = environment
    self.options = options
    self.builtIn = builtIn
    self.sandbox = sandbox
    self.boot = boot
  }

  public var paths: ScopePaths { host.paths }

  /// Opens the scope with the real host behind it. Nothing is written unless the command needs to make something.
  ///
  /// - Throws: what ``ScopeResolver`` throws, `no-sandbox`, `no-plugin-folder`, `registry-unusable`, or an error of the file
  ///   system.
  public static func open(
    _ options: Options, builtIn: [any AppPlugin], environment: HostEnvironment = HostEnvironment()
  ) throws -> Berth {
    let resolver = ScopeResolver(environment: environment) { path in
      guard LinuxFileTree().exists(path) else { return false }
      // One that cannot be read, as a newer Berth's, must not be passed over for another scope.
      guard let registry = try? InstanceRegistry(path: path) else { return true }
      return (try? registry.instances().isEmpty) != true
    }
    let resolved = try resolver.resolve(options.scope)
    if let notice = resolved.notice { options.notice(notice) }
    let paths = resolved.paths
    let runner = SubprocessRunner()
    let clock = LinuxClock()
    let isSandbox = paths.scope == .sandbox
    let sandbox = isSandbox ? SandboxHost(paths: paths, runner: runner, environment: environment) : nil
    let users = Self.users(paths: paths, rights: resolved.rights, runner: runner)
    let files = LinuxFileTree(identities: users.identity)
    try requireFolders(options, paths, files)
    var registry = try registry(paths, makes: options.need == .making, files)
    let archives = TarArchives(identities: users.identity)
    registry.locate = ArchivePlaces(paths: paths, files: files, archives: archives).place
    let manager = SystemctlManager(
      runner: runner, files: files, paths: paths,
      environment: sandbox?.clientEnvironment ?? environment.userClient(paths: paths))
    let host = HostServices(
      files: files, manager: manager, logs: JournalctlReader(runner: runner, paths: paths),
      ports: LivePorts(claims: paths.claims, runner: runner),
      users: users.users, packages: AptPackages(runner: runner, files: files),
      containers: Self.engines(paths, runner, files, environment),
      projects: paths.scope == .system ? DockerProjects(runner: runner, files: files) : NoForeignProjects(),
      proxies: paths.scope == .system ? LocalProxies(runner: runner, files: files) : NoProxies(),
      connector: SocketConnector(), locks: FileLocks(clock: clock), clock: clock,
      archives: archives,
      sources: AppSources(
        downloads: CurlDownloads(runner: runner), steam: SteamCMD(runner: runner, files: files),
        archives: MakerArchives(), repositories: GitRepositories(runner: runner),
        signatures: SSHSignatures(runner: runner, files: files), plugins: PluginTars()),
      registry: registry, paths: paths)
    return Berth(
      host: host, rights: resolved.rights, environment: environment, options: options, builtIn: builtIn,
      sandbox: sandbox,
      boot: RecoveryUnit.file(paths, berth: environment.program).map {
        BootRecovery(files: files, paths: paths, unit: ($0.path, $0.text))
      })
  }

  /// What was mistyped is not made: a sandbox that somebody names, where instances are asked for, and folders of plugins.
  private static func requireFolders(_ options: Options, _ paths: ScopePaths, _ files: any FileTree) throws {
    if let folder = options.pluginFolders.first(where: { !files.isFolder($0) || files.exists("\($0)/plugin.yaml") }) {
      throw BerthError.noPluginFolder(folder, holds: files.exists("\(folder)/plugin.yaml"))
    }
    guard options.scope.root != nil, options.need == .instances, !files.isFolder(paths.root) else { return }
    let beside = ScopePaths.folder(of: paths.root)
    let others = ((try? files.list(beside)) ?? []).filter { files.exists("\(beside)/\($0)/state/registry.sqlite") }
    throw BerthError.noSandbox(paths.root, beside: others)
  }

  private static func registry(_ paths: ScopePaths, makes: Bool, _ files: any FileTree) throws -> InstanceRegistry {
    guard makes || files.exists(paths.registry) else { return try .nothing() }
    try files.makeFolder(paths.state, mode: 0o755, owner: nil)
    try files.makeFolder(paths.locks, mode: 0o700, owner: nil)
    return try InstanceRegistry(path: paths.registry)
  }

  private static func engines(
    _ paths: ScopePaths, _ runner: any ProcessRunner, _ files: any FileTree, _ environment: HostEnvironment
  ) -> ContainerEngines {
    let podman = PodmanEngine(
      runner: runner, files: files, paths: paths, environment: environment.userClient(paths: paths))
    return switch paths.scope {
    case .system: ContainerEngines(podman: podman, docker: DockerEngine(runner: runner, files: files))
    case .user: ContainerEngines(podman: podman, docker: NoContainerEngine(.docker))
    case .sandbox: ContainerEngines(podman: NoContainerEngine(.podman), docker: NoContainerEngine(.docker))
    }
  }

  private static func users(
    paths: ScopePaths, rights: ManagerRights, runner: any ProcessRunner
  ) -> (users: any SystemUsers, identity: LinuxFileTree.Identities) {
    guard rights == .root else { return (OwnUserOnly(), { _ in nil }) }
    guard paths.scope == .sandbox else { return (SysusersUsers(runner: runner), SysusersUsers.identity) }
    let users = SandboxUsers(paths: paths)
    return (users, { users.identity($0) })
  }

  /// Whether nobody had made an instance here when it was opened, so that a refusal must not leave anything behind. Somebody
  /// may have since.
  public var isNew: Bool { host.registry.isNothing }

  // MARK: Plugins

  /// All plugins, in the order of search: built-in, beside the program or in the checkout, the distribution's, the
  /// scope's own, then those named by a person, now or when an instance was made.
  public func catalog() -> PluginCatalog {
    PluginLoader(files: host.files).catalog(
      builtIn: builtIn, folders: pluginFolders, remembered: (try? host.registry.pluginFolders()) ?? [:])
  }

  /// The plugin of one app, and those that may be in its way.
  func catalog(near app: String) -> PluginCatalog {
    PluginLoader(files: host.files).catalog(
      builtIn: builtIn, folders: pluginFolders, remembered: (try? host.registry.pluginFolders(app: app)) ?? [:],
      near: app)
  }

  /// The plugin of one app, for which the others are not read.
  ///
  /// - Throws: `unknown-app` with the nearest name, `broken-plugin`, or `duplicate-plugin`.
  public func plugin(_ app: String) throws -> any AppPlugin {
    let near = catalog(near: app)
    guard near.entries.contains(where: { $0.id == app }) else { return try catalog().plugin(app) }
    return try near.plugin(app)
  }

  /// Where the program was installed to (PREFIX/bin), or above it in a checkout (.build/debug), the nearest first.
  var placesBeside: [String] {
    var home = environment.program[...]
    var places: [String] = []
    for _ in 1...4 {
      guard let slash = home.lastIndex(of: "/") else { break }
      home = home[..<slash]
      places.append(String(home))
    }
    return places
  }

  var pluginFolders: [String] {
    guard options.searchesPlugins else { return [] }
    let beside = placesBeside.flatMap { ["\($0)/plugins.d", "\($0)/lib/berth/plugins.d"] }
    let nearest = beside.first { host.files.isFolder($0) }
    // A checkout's Berth on a host that has one installed reads its own plugins, not both.
    return [nearest ?? "/usr/lib/berth/plugins.d", paths.plugins] + options.pluginFolders
  }

  // MARK: The manager

  /// Makes sure that the scope's manager answers.
  ///
  /// - Parameter startsSandbox: whether a sandbox without instances is started.
  /// - Throws: `manager-down` when the scope has instances and its manager does not answer.
  func requireManager(startsSandbox: Bool = false) async throws {
    if await host.manager.isReachable() { return }
    let remedy: Remedy =
      paths.scope == .sandbox
      ? .berth("host", "up") : paths.scope == .user ? "systemctl --user status" : "systemctl status"
    if try !host.registry.isEmpty() {
      // Another command may have started it, and made an instance, since it was asked.
      if await host.manager.isReachable() { return }
      throw BerthError.managerDown(paths, remedy: remedy)
    }
    guard startsSandbox, let sandbox else {
      throw BerthError.noManager(paths.scope, "it does not answer", remedy: remedy)
    }
    try options.begins()
    options.notice("starting the sandbox's service manager")
    try await sandbox.up(wait: options.wait)
  }
}
