import BerthKit
import BerthRender

extension Berth {
  /// What an installation would do, with nothing changed.
  public func planInstall(_ request: InstallRequest) async throws -> Plan {
    defer { host.ports.releaseClaims() }
    return try await makePlan(request, catalog: catalog())
  }

  /// Installs an instance and waits until it is ready.
  ///
  /// - Throws: what planning throws, with nothing changed; or what a step threw, with everything taken back.
  public func install(_ request: InstallRequest) async throws -> InstanceReport {
    // Everything that can be wrong with the request is found before the manager is even started.
    let catalog = catalog()
    try await prepare(try await planInstall(request))
    try await requireManager(startsSandbox: true)
    var attempts = 3
    while true {
      do { return try await installOnce(request, catalog) } catch let error as BerthError {
        // Somebody took a port between planning and starting. A default moves on; a wish does not.
        attempts -= 1
        guard error.code == "port-in-use", request.ports.isEmpty, attempts > 0 else { throw error }
      }
    }
  }

  private func installOnce(_ request: InstallRequest, _ catalog: PluginCatalog) async throws -> InstanceReport {
    let lock = try await hostLock("installing \(request.app)")
    defer { host.ports.releaseClaims() }
    let plan: Plan
    do { plan = try await makePlan(request, catalog: catalog) } catch {
      lock.release()
      throw error
    }
    try await execute(plan, lock: lock)
    return try await status(of: plan.instance.key)
  }

  private func makePlan(_ request: InstallRequest, catalog: PluginCatalog) async throws -> Plan {
    var request = request
    let plugin = try catalog.plugin(request.app)
    if let directory = request.directory {
      request.directory = try PathRules.absolute(directory, in: environment.workingFolder)
    }
    let facts = try await gatherFacts(request, plugin.manifest)
    let owners = try host.registry.portOwners()
    let allocator = PortAllocator(
      roles: plugin.manifest.ports,
      owner: { owners[$0] ?? host.ports.listener(on: $0) },
      claim: { host.ports.claim($0) })
    return try InstallPlanner(
      plugin: plugin, request: request, facts: facts, allocator: allocator,
      secret: { host.clock.secret(length: $0) }
    ).plan()
  }

  /// Installs missing packages, where Berth may. They are prerequisites and no part of what can be taken back.
  private func prepare(_ plan: Plan) async throws {
    for case .installPackages(let lists) in plan.steps {
      options.notice("installing packages: \(await host.packages.installLine(lists))")
      try await host.packages.install(lists)
    }
  }

  private func gatherFacts(_ request: InstallRequest, _ manifest: Manifest) async throws -> HostFacts {
    let packages = manifest.install.flatMap { step in
      switch step {
      case .apt(let lists): lists
      }
    }
    let programs = try findPrograms(manifest)
    var missing: [[String]] = []
    if !programs.missing.isEmpty {
      missing = try await host.packages.missing(packages)
      // What stands at the program's place was perhaps not installed from a package; only what is missing counts.
      guard !missing.isEmpty else { throw BerthError.noProgram(programs.missing[0], app: manifest.id) }
      guard paths.scope == .system else {
        throw BerthError.packagesMissing(await host.packages.installLine(missing), app: manifest.id)
      }
    }
    for service in manifest.services {
      try checkUnitName(UnitName.service(manifest.id, service.id))
    }
    try checkUnitName(UnitName.target(manifest.id))
    let instances = try host.registry.all(app: manifest.id)
    let kept = instances.first { $0.state == .kept && $0.key.id.text == request.id }
    return HostFacts(
      context: RenderContext(
        paths: paths, rights: rights, berth: environment.program,
        berthLibraries: environment.libraryFolders, programs: programs.found,
        hostName: environment.hostName, timeZone: environment.timeZone),
      instances: instances,
      storedSettings: try kept.map { try host.registry.settings(of: $0.uid) } ?? [],
      missingPackages: missing,
      version: try await host.packages.version(of: packages),
      isDirectoryOccupied: try isOccupied(request.directory),
      timestamp: host.clock.timestamp(), newUID: host.clock.uuid(), newID: host.clock.uuid())
  }

  private func findPrograms(_ manifest: Manifest) throws -> (found: [String: String], missing: [Program]) {
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

  private func isOccupied(_ directory: String?) throws -> Bool {
    guard let directory, host.files.exists(directory) else { return false }
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
