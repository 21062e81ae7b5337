/// Every path that Berth uses in a scope. No other type makes one.
public struct ScopePaths: Sendable, Equatable {
  public let scope: Scope
  /// Berth's own settings, and plugins in `plugins.d`.
  public let config: String
  /// Registry, locks and instances.
  public let state: String
  public let backups: String
  /// Where the manager reads units that an administrator or Berth puts in place.
  public let units: String
  /// Sockets and process ids; gone after a reboot.
  public let runtime: String
  /// Where runs of Berth claim ports against each other. All scopes of one owner share it, and nobody else may enter it.
  public let claims: String

  /// The host's own scope, by the file hierarchy standard.
  public static let system = ScopePaths(
    scope: .system, config: "/etc/berth", state: "/var/lib/berth", backups: "/var/backups/berth",
    units: "/etc/systemd/system", runtime: "/run/berth", claims: "/run/berth/claims")

  /// One person's scope.
  ///
  /// - Parameters:
  ///   - configHome: `$XDG_CONFIG_HOME`.
  ///   - stateHome: `$XDG_STATE_HOME`.
  ///   - dataHome: `$XDG_DATA_HOME`.
  ///   - runtime: `$XDG_RUNTIME_DIR`.
  ///   - claims: the folder of the person's port claims; below the runtime folder when nil.
  public static func user(
    configHome: String, stateHome: String, dataHome: String, runtime: String, claims: String? = nil
  ) -> ScopePaths {
    ScopePaths(
      scope: .user, config: "\(configHome)/berth", state: "\(stateHome)/berth", backups: "\(dataHome)/berth/backups",
      units: "\(configHome)/systemd/user", runtime: "\(runtime)/berth", claims: claims ?? "\(runtime)/berth/claims")
  }

  /// Everything below one folder.
  ///
  /// - Parameters:
  ///   - root: an absolute path.
  ///   - runtime: a short path of its own, since a socket's path has at most 108 bytes (unix(7)).
  ///   - claims: the folder of its owner's port claims; one that nobody shares when nil.
  public static func sandbox(root: String, runtime: String, claims: String? = nil) -> ScopePaths {
    ScopePaths(
      scope: .sandbox, config: "\(root)/config", state: "\(root)/state", backups: "\(root)/backups",
      units: "\(root)/config/systemd/user", runtime: runtime, claims: claims ?? "\(root)/state/claims")
  }

  private init(
    scope: Scope, config: String, state: String, backups: String, units: String, runtime: String, claims: String
  ) {
    self.scope = scope
    self.config = config
    self.state = state
    self.backups = backups
    self.units = units
    self.runtime = runtime
    self.claims = claims
  }

  // MARK: The scope's own

  /// Folders for the time of one command. They go with a reboot; a sandbox's runtime folder is there only while it runs.
  public var temporary: String { "\(scope == .sandbox ? state : runtime)/tmp" }

  /// Where units pin what they mount of an instance's: a folder for each instance, in it one for each unit. Root's alone.
  public var mounts: String { "\(runtime)/mounts" }
  /// Where they pin what the web proxy serves, which has to get there.
  public var served: String { "\(runtime)/static" }
  /// - Parameter unit: the service, job or other part of the app that the unit is for.
  public func mounts(_ app: String, _ id: String, unit: String) -> String { "\(mounts)/\(app)@\(id)/\(unit)" }
  public func served(_ app: String, _ id: String) -> String { "\(served)/\(app)@\(id)" }
  /// What all instances of a pool serve; an underscore is in no app and no pool.
  public func served(_ app: String, pool: String) -> String { "\(served)/\(app)_\(pool)" }
  /// Everything that units of an instance have pinned, which is nothing while it is stopped.
  public func pins(of key: InstanceKey) -> [String] {
    ["\(mounts)/\(key.app)@\(key.id.text)", served(key.app, key.id.text)]
  }

  public var registry: String { "\(state)/registry.sqlite" }
  public var locks: String { "\(state)/locks" }
  public var plugins: String { "\(config)/plugins.d" }
  /// A plugin's folder among those.
  public func plugin(_ app: String) -> String { "\(plugins)/\(app)" }
  /// Where a plugin's folder is put together, or waits to be deleted: beside the folder that plugins are looked for in.
  public func movingPlugin(_ token: String) -> String { "\(config)/\(Self.movingPrefix)\(token)" }
  private static let movingPrefix = ".plugin-"
  /// Whether a name in the configuration's folder is that of such a one.
  public static func isMovingPlugin(_ name: String) -> Bool { name.hasPrefix(movingPrefix) }
  /// What a person says of the host as a whole.
  public var hostConfig: String { "\(config)/host.yaml" }
  public var instances: String { "\(state)/instances" }
  /// Programs that instances share, and that are in no package.
  public var apps: String { "\(state)/apps" }
  /// The programs of instances whose install steps amount to the same; see `Release` in the engine.
  public func release(_ app: String, _ release: String) -> String { "\(apps)/\(app)/\(release)" }
  /// Where a release is put together; its own name it has only when it is whole.
  public func making(_ app: String, _ release: String) -> String { "\(apps)/\(app)/\(Self.makingPrefix)\(release)" }
  private static let makingPrefix = ".making-"
  /// The release that is put together in a folder of that name; nil when none is.
  public static func made(in name: String) -> String? {
    name.hasPrefix(makingPrefix) ? String(name.dropFirst(makingPrefix.count)) : nil
  }
  /// What a release is called that is about to be deleted.
  public func sweptRelease(_ app: String, _ token: String) -> String { "\(apps)/\(app)/\(Self.sweptPrefix)\(token)" }
  private static let sweptPrefix = ".gone-"
  /// Whether a folder of that name is a release that is about to be deleted.
  public static func isSwept(_ name: String) -> Bool { name.hasPrefix(sweptPrefix) }
  /// Where it stands when it is whole and has no name yet.
  public func made(_ app: String, _ release: String) -> String { "\(making(app, release))/whole" }
  /// The lock of whoever puts a release together.
  public func makingLock(_ app: String, _ release: String) -> String { "\(locks)/release-\(app)-\(release).lock" }
  /// What a removal has set aside until it is certain.
  public var trash: String { "\(state)/trash" }
  /// What could not be put back when an operation was given up.
  public var abandoned: String { "\(state)/abandoned" }
  /// A place to set something aside, on the same file system: the trash for what is Berth's, else beside it.
  public func aside(_ path: String, _ token: String) -> String {
    let inTrash = [state, units, containers] + ProxyConfig.Kind.allCases.map(\.root)
    if inTrash.contains(where: { path.hasPrefix("\($0)/") }) { return "\(trash)/\(token)" }
    return "\(Self.folder(of: path))/.berth-aside-\(token)"
  }

  /// The folder that holds an instance's own folders.
  public func own(_ record: InstanceRecord) -> String { record.directory ?? instance(record.key) }
  /// Where a backup is unpacked, on the file system of the instance's own folders.
  ///
  /// - Parameter isNew: whether the instance is still to be made, in a folder that has to be empty by then.
  public func restoring(_ record: InstanceRecord, _ token: String, isNew: Bool) -> String {
    record.directory.map { "\($0)\(isNew ? "." : "/.")berth-restoring-\(token)" } ?? "\(state)/restoring/\(token)"
  }

  /// The folder that a path stands in.
  public static func folder(of path: String) -> String { path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "/" }

  /// The lists of files of backups, which the next difference is made by.
  public var backupIndexes: String { "\(state)/backups" }
  public func backupIndex(_ id: String) -> String { "\(backupIndexes)/\(id).mtree" }
  /// The folder with an instance's archives.
  public func backups(of key: InstanceKey) -> String { "\(backups)/\(key.app)/\(key.id.text)" }
  /// What programs of backup sets write and read, which the instance itself cannot reach.
  public func dumps(of key: InstanceKey) -> String { "\(instance(key))/dumps" }

  /// Where Podman's generator reads unit files of containers.
  public var containers: String {
    switch scope {
    case .system: "/etc/containers/systemd"
    case .user: "\(config.dropLast("/berth".count))/containers/systemd"
    case .sandbox: "\(config)/containers/systemd"
    }
  }
  /// The file of a container, by an instance's id.
  public func container(_ app: String, _ service: String, _ id: String) -> String {
    "\(containers)/\(UnitName.service(app, service, id).dropLast(".service".count)).container"
  }
  /// The file of the network that an instance's containers share.
  ///
  /// - Parameter name: another one than that in which all of them are.
  public func network(_ app: String, _ id: String, _ name: String = Container.Network.shared) -> String {
    "\(containers)/\(networkFile(app, id, name))"
  }
  public func networkFile(_ app: String, _ id: String, _ name: String = Container.Network.shared) -> String {
    name == Container.Network.shared ? "\(app)@\(id).network" : "\(app)-\(name)@\(id).network"
  }
  /// What a container's program finds in its environment, in the form that Podman reads.
  public func containerEnvironment(_ app: String, _ id: String, service: String) -> String {
    "\(instance(app, id))/\(service == "main" ? "container.env" : "\(service).container.env")"
  }

  /// Which calls of the kernel an instance's containers may make.
  public func seccomp(_ key: InstanceKey) -> String { "\(instance(key))/container.seccomp.json" }

  /// The files of a project of Docker Compose in its instance's folder: the plugin's, what is the instance's own, and the
  /// variables.
  public static let (composeFile, composeOverride, composeEnvironment) = ("compose.yaml", "compose.berth.json", ".env")
  public static let composeFiles = [composeFile, composeOverride, composeEnvironment]

  /// The sandbox's private journal.
  public var journal: String { "\(state)/journal" }
  /// The folder a sandbox lies in.
  public var root: String { String(config.dropLast("/config".count)) }

  /// What brings the instances of Docker Compose back when it starts again. They stop with it.
  public static let docker = "docker.service"
  /// What a unit wants by links.
  public func wants(of unit: String) -> String { "\(units)/\(unit).wants" }
  /// What the boot target wants: the enabled targets are links in it.
  public var wants: String { "\(units)/\(bootTarget).wants" }
  /// The target that a booting manager reaches.
  public var bootTarget: String { scope == .system ? "multi-user.target" : "default.target" }

  /// The unit that recovers what broke off when the host boots; nil where no boot starts the manager.
  public var recoveryUnit: String? { scope == .sandbox ? nil : unit(UnitName.recovery) }
  /// The link by which a boot starts that unit.
  public var recoveryLink: String { "\(wants)/\(UnitName.recovery)" }

  /// The manager's own records of timers.
  private var timers: String {
    switch scope {
    case .system: "/var/lib/systemd/timers"
    case .user: "\(backups.dropLast("/berth/backups".count))/systemd/timers"
    // Below the home that a sandbox's manager is given.
    case .sandbox: "\(state)/private/home/.local/share/systemd/timers"
    }
  }

  /// What makes a Berth that a unit starts find this scope again, in order of name; the manager may not know it.
  public var environment: [(key: String, value: String)] {
    guard scope == .user else { return [] }
    let homes = [("XDG_CONFIG_HOME", config, "/berth"), ("XDG_DATA_HOME", backups, "/berth/backups")]
    return (homes + [("XDG_STATE_HOME", state, "/berth")]).map { (key: $0, value: String($1.dropLast($2.count))) }
  }

  // MARK: An app's and an instance's

  /// The folder of an instance, by its key's text or by systemd's `%i`.
  public func instance(_ app: String, _ id: String) -> String { "\(instances)/\(app)/\(id)" }
  public func instance(_ key: InstanceKey) -> String { instance(key.app, key.id.text) }

  /// What an instance's plugin declared when the instance was last made or changed.
  public func remembered(_ key: InstanceKey) -> String { "\(instance(key))/plugin.json" }

  /// The three folders that belong to the instance itself.
  public static let ownFolders = ["config", "data", "cache"]
  /// Where the services of an instance see the programs that it shares with others, read-only.
  public static let appFolder = "app"
  /// The folder in an instance's `data` that holds its named volumes.
  public static let volumes = "volumes"

  /// The environment file of a service.
  public func environment(_ app: String, _ id: String, service: String) -> String {
    "\(instance(app, id))/\(service == "main" ? "env" : "\(service).env")"
  }

  /// Where game panels look for the instances of a host, unless its configuration names another folder; nil for nowhere.
  ///
  /// Source: the panel Warlock, which runs as root.
  public var registrations: String? { scope == .system ? "/var/lib/warlock" : nil }

  /// The small programs in an instance's folder by which panels manage it.
  public static let manageNames = ["manage", "manage.py"]
  /// All of those programs: one more installs it anew or takes it away.
  public static let scripts = manageNames + [installer]
  public static let installer = "installer.sh"
  /// The link to an instance's backups in its folder, where panels look for them.
  public static let backupsLink = "backups"
  /// Where what a config file held is kept, as it gives way to another text.
  ///
  /// - Parameter timestamp: ISO 8601.
  public static func kept(_ path: String, at timestamp: String) -> String {
    "\(path).\(timestamp.filter { $0 != ":" && $0 != "-" })"
  }
  /// What the name of a file ends with by which a panel finds an app or an instance.
  public static let registrationEnding = ".app"
  /// Where the programs are that manage all instances of an app.
  public func panel(_ app: String) -> String { "\(state)/panel/\(app)" }
  /// The words by which Berth is told this scope.
  public var words: [String] { scope == .sandbox ? ["--root", root] : ["--scope", scope.rawValue] }

  /// What its first service reads as its standard input, a FIFO, where that is its console.
  public func consoleInput(_ app: String, _ id: String) -> String { "\(instance(app, id))/stdin" }

  /// What an adopted instance needs to go back to where it came from.
  public func adoption(_ key: InstanceKey) -> String { "\(instance(key))/adopted.json" }

  /// The environment files of a service, of which a container has one more than a program of the host's.
  public func environments(_ record: InstanceRecord, service: String) -> [String] {
    let (app, id) = (record.key.app, record.key.id.text)
    let container = record.images[service] == nil ? [] : [containerEnvironment(app, id, service: service)]
    return [environment(app, id, service: service)] + container
  }

  /// Where the dump of a set lies between its program and the archive; the folder is the scope owner's alone.
  public func dump(_ app: String, _ id: String, set: String) -> String { "\(instance(app, id))/dumps/\(set)" }
  /// The folder in an instance's `cache` in which copies of databases wait for the archive.
  public static let snapshots = ".berth-backup"
  /// The file beside the folder of a set's snapshots with the paths of those that are damaged, a line each.
  public static func damaged(besides snapshots: String) -> String { "\(snapshots).damaged" }
  /// Where snapshots of a set's databases lie until they are in the archive, laid out as below the instance.
  public func snapshots(_ app: String, _ id: String, set: String) -> String {
    "\(instance(app, id))/cache/\(Self.snapshots)/\(set)"
  }

  public func unit(_ name: String) -> String { "\(units)/\(name)" }
  /// Where the manager remembers when a timer last ran, which outlives the unit; see `Persistent=` in systemd.timer(5).
  public func stamp(_ timer: String) -> String { "\(timers)/stamp-\(timer)" }
  public func dropIn(_ unit: String) -> String { "\(units)/\(unit).d/berth.conf" }
}
