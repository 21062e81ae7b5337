import BerthArchive
import BerthKit
import BerthPlan
import BerthPlanning
import BerthRender

/// What planning has to know of the host.
extension PlanningSession {
  /// Looks at the host once, for planning any number of instances of these apps.
  ///
  /// - Parameters:
  ///   - asksManager: whether the state of units matters, as for a change.
  ///   - text: what files will hold by then; as they are now when it is nil.
  ///   - freed: ports whose listeners will have gone by then.
  func planBuilder(
    _ verb: String, apps: Set<String>, asksManager: Bool = true, seesAllUnits: Bool = false,
    text: ((String) throws -> String?)? = nil, freed: Set<PortNumber> = []
  ) async throws -> PlanBuilder {
    var facts: [String: Result<AppFacts, BerthError>] = [:]
    let config = try berth.hostConfig()
    for app in apps.sorted() {
      try Task.checkCancellation()
      do {
        facts[app] = .success(
          try await appFacts(try catalog.plugin(app), folders: namedFolder(of: app), config: config))
      } catch let error as CancellationError { throw error } catch {
        facts[app] = .failure(lacks.packages[app] ?? BerthError(anything: error))
      }
    }
    // What an operation that ends in this very moment claimed is in the records by then.
    let claims = try host.registry.journal.claims()
    let records = try host.registry.all()
    let affected = records.filter { apps.contains($0.key.app) && $0.state != .kept }
    let patterns = Set(affected.flatMap { UnitName.patterns($0.key.app, services: $0.services) }).sorted()
    let isAsked = asksManager && !patterns.isEmpty
    var builder = PlanBuilder(
      verb: verb, paths: paths,
      view: try hostView(
        states: isAsked ? try await host.manager.states(matching: patterns) : [:],
        enabled: isAsked ? try host.manager.enabledUnits() : [], text: text, freed: freed),
      facts: facts,
      units: try UnitFolder(reading: paths, host.files, app: apps.count == 1 && !seesAllUnits ? apps.first : nil),
      records: records, claims: claims, settings: try host.registry.settings())
    builder.drops = berth.options.drops
    return builder
  }

  /// A look at the host that is enough for taking instances away.
  func removalBuilder(_ verb: String, apps: Set<String>) throws -> PlanBuilder {
    PlanBuilder(
      verb: verb, paths: paths, view: try hostView(), facts: [:],
      units: try UnitFolder(reading: paths, host.files, app: apps.count == 1 ? apps.first : nil), records: [],
      settings: [:])
  }

  func hostView(
    states: [String: UnitState] = [:], enabled: Set<String> = [], text: ((String) throws -> String?)? = nil,
    freed: Set<PortNumber> = []
  ) throws -> HostView {
    let host = host
    let made = try host.registry.journal.generation()
    let state = paths.state
    let origin = host.origins()
    var view = HostView(
      text: text ?? { path in host.files.exists(path) ? try host.files.read(path) : nil },
      exists: host.files.exists,
      isOwners: { host.files.isOwners($0.path, mode: $0.mode, owner: $0.owner) },
      foreignFiles: { host.files.foreignFiles(in: $0, of: $1, isDeep: true) },
      isFolder: host.files.isFolder, isFile: host.files.isFile, ownership: host.files.ownership,
      realPath: host.files.realPath, origin: origin,
      shown: shownFolders, isOccupied: isOccupied,
      changeable: host.files.changeable(onTheWayTo:),
      isTaken: { !freed.contains($0) && host.ports.isTaken($0) },
      listener: { freed.contains($0) ? nil : host.ports.listener(on: $0) }, isClaimed: host.ports.isClaimed,
      states: states,
      enabled: enabled, backups: host.registry.backups.of,
      head: { try host.archives.head(of: $0.path) },
      isSealed: { $0.seal != nil && host.problem(with: $0) == nil }, keeps: { $0.keeps($1) },
      timestamp: host.clock.timestamp(), uuid: host.clock.uuid,
      newID: { host.clock.uuid(for: [state, "\(made)"] + $0) }, secret: host.clock.secret)
    if berth.rights != .root { view.firstPort = host.ports.firstOfPersons }
    return view
  }

  /// The folder of an app's plugin, where it is found only because a person has named it.
  private func namedFolder(of app: String) -> [String] {
    let origin = catalog.entries.first { $0.id == app }?.origin
    let remembered = (try? host.registry.pluginFolders(app: app))?[app]
    let named = (options.pluginFolders + [remembered].compactMap { $0 }).first { origin == "\($0)/\(app)" }
      .map(host.files.realPath)
    return named.flatMap { $0.hasControlCharacter ? nil : [$0] } ?? []
  }

  /// - Parameter folders: those that a scheduled backup has to name.
  private func appFacts(
    _ plugin: any AppPlugin, folders: [String], config: HostConfig
  ) async throws -> AppFacts {
    let manifest = plugin.manifest
    let packages = manifest.packages
    let programs = findPrograms(manifest)
    var missing: [[String]] = []
    if !programs.missing.isEmpty {
      missing = try await host.packages.missing(packages)
      // What stands at the program's place was perhaps not installed from a package; only what is missing counts.
      guard !missing.isEmpty else { throw BerthError.noProgram(programs.missing[0], app: manifest.id) }
      guard paths.scope == .system else {
        throw BerthError.packagesMissing(await host.packages.installLine(missing), app: manifest.id)
      }
    }
    for name in manifest.unitParts { try checkUnitName(UnitName.service(manifest.id, name)) }
    for name in manifest.timerParts { try checkUnitName(UnitName.timer(manifest.id, name)) }
    if let service = manifest.consoleService { try checkUnitName(UnitName.socket(manifest.id, service.id)) }
    try checkUnitName(UnitName.target(manifest.id))
    var images: [Container.Engine: [ContainerImage]] = [:]
    var volumes: [String] = []
    var addresses = AddressSpace()
    var containers: [Container.Engine: [EngineContainer]] = [:]
    for engine in Set(manifest.services.compactMap(\.engine)) {
      let asked = host.containers[engine]
      try await asked.require()
      async let ownImages = asked.images()
      async let ownVolumes = asked.volumes()
      async let ownContainers = asked.containers()
      if engine.kind.needsAddresses { addresses = try await berth.addressSpace(config) }
      (images[engine], containers[engine]) = try await (ownImages, ownContainers)
      volumes += try await ownVolumes
    }
    let users = host.users
    let context = context(programs.found, folders: folders, config: config)
    let shared = try UnitRenderer(manifest: manifest, context: context).templates().map {
      FileWrite(path: $0.path, text: $0.text, mode: 0o644)
    }
    let present = try shared.filter { host.files.exists($0.path) }.map { ($0.path, try host.files.read($0.path)) }
    return AppFacts(
      plugin: plugin, context: context, missingPackages: missing,
      version: try await host.packages.version(of: packages), shared: shared,
      sharedNow: Dictionary(present, uniquingKeysWith: { first, _ in first }),
      images: images, volumes: Set(volumes), containers: EngineAnswers(containers), addresses: addresses,
      steam: steam,
      numbers: { users.numbers(of: $0) }, group: { users.group($0) })
  }

  /// What an order has to know of an app, for which nobody is asked.
  func orderFacts(_ plugin: any AppPlugin, _ config: HostConfig) -> AppFacts {
    let users = host.users
    return AppFacts(
      plugin: plugin, context: context(findPrograms(plugin.manifest).found, folders: [], config: config),
      missingPackages: [], version: nil, shared: [], sharedNow: [:], numbers: { users.numbers(of: $0) },
      group: { users.group($0) })
  }

  private func context(_ programs: [String: String], folders: [String], config: HostConfig) -> RenderContext {
    RenderContext(
      paths: paths, rights: berth.rights, berth: berth.environment.program,
      berthLibraries: berth.environment.libraryFolders,
      pluginFolders: folders, programs: programs, hostName: berth.environment.hostName,
      timeZone: berth.environment.timeZone,
      proxy: config.proxy, registrations: config.registrations.folder(else: paths.registrations),
      registrationStyle: config.registrationStyle)
  }

  private func findPrograms(_ manifest: Manifest) -> (found: [String: String], missing: [Program]) {
    var found: [String: String] = [:]
    var missing: [Program] = []
    for program in manifest.programs {
      if let path = program.candidates.first(where: host.files.isExecutable) {
        found[program.id] = path
      } else {
        missing.append(program)
        // Planning goes on, so that every other problem is found too; the place is where the package puts it.
        found[program.id] = program.candidates[0]
      }
    }
    return (found, missing)
  }

  private func isOccupied(_ directory: String) throws -> Bool {
    let own = [paths.config, paths.state, paths.backups, paths.units, paths.containers, paths.runtime]
    if let folder = own.first(where: { directory == $0 || directory.hasPrefix("\($0)/") }) {
      throw BerthError.directoryInUse(directory, "it lies in '\(folder)', which is Berth's own")
    }
    guard host.files.exists(directory) else { return false }
    guard host.files.isFolder(directory) else { throw BerthError.badDirectory(directory, "it is not a folder") }
    return try !host.files.list(directory).isEmpty
  }

  /// A name that the distribution ships, or that a file not made by Berth has, is refused.
  private func checkUnitName(_ unit: String) throws {
    if let path = host.manager.foreignUnit(unit) { throw BerthError.unitTaken(unit, by: path) }
    let own = paths.unit(unit)
    if host.files.exists(own), try !host.files.read(own).hasPrefix(UnitRenderer.signature) {
      throw BerthError.unitTaken(unit, by: own)
    }
  }
}
