import BerthKit
import BerthPlan
import BerthRender

/// Declaration × request × host facts → what is to be done for a new instance. Only computes.
struct InstallPlanner {
  let request: InstallRequest
  let facts: AppFacts
  let view: HostView
  let neighbours: Neighbours
  let grounds: Grounds
  /// What the kept instance of that id had; nothing for a new one.
  let storedSettings: [StoredSetting]
  /// Whether values may go that the plugin has no place for any more.
  let drops: Bool

  private var manifest: Manifest { facts.manifest }

  /// - Parameters:
  ///   - ports: gives each role its number, where some are wished.
  ///   - subnets: gives each network of Docker Compose its addresses.
  func steps(
    ports: (_ roles: [PortRole], _ wishes: [String: Int]) throws -> [String: Int],
    subnets: (_ networks: [String]) throws -> [String: Subnet]
  ) throws -> InstanceSteps {
    let identity = try InstanceIdentity(app: manifest.id, request: request, neighbours: neighbours, view: view)
    let resolved = try SettingsResolver(manifest: manifest, drops: drops).resolve(
      chosen: request.settings, stored: storedSettings,
      names: .names(
        key: identity.key, name: identity.name, slug: identity.slug, paths: facts.context.paths,
        hostName: facts.context.hostName, timeZone: facts.context.timeZone),
      secret: view.secret)
    if let checking = facts.plugin as? any SettingsChecking { try checking.check(resolved.values) }
    let roles = manifest.enabledPorts(resolved.values).map { role in
      var role = role
      if let preferred = request.preferredPorts[role.role], role.follows == nil { role.defaultNumber = preferred }
      return role
    }
    let numbers = try ports(roles, PortAllocator.wishes(request.ports, among: roles, of: manifest))
    let images = try facts.images(of: resolved.values)
    let release =
      try request.restore.map { try facts.release(of: resolved.values, then: $0.head.instance.builds, now: [], view) }
      ?? facts.release(of: resolved.values)
    var record = InstanceRecord(
      uid: identity.uid, key: identity.key, name: identity.name, slug: identity.slug, state: .installing,
      user: facts.context.rights == .root ? Self.userName(uid: identity.uid) : nil, version: facts.version(images),
      pluginVersion: manifest.version, directory: identity.directory, labels: request.labels, limits: request.limits,
      backup: request.backup.flatMap { $0.isEmpty ? nil : $0 }, fleet: request.fleet,
      unitsChecksum: facts.unitsChecksum,
      services: manifest.enabledServices(resolved.values).map(\.id), images: images,
      release: release?.name, builds: release?.builds ?? [], ports: PortAllocator.ports(numbers, of: roles),
      pool: try (request.pool ?? identity.former?.pool).map(PoolName.checked),
      pluginFolder: facts.context.pluginFolders.first, createdAt: identity.former?.createdAt ?? view.timestamp)
    let routes = try facts.routes(of: record, values: resolved.values)
    try facts.requireRoutes(routes, of: record)
    record.routes = facts.claims(routes)
    record.subnets = try subnets(manifest.composeNetworks)
    record.folders = try facts.folders(of: record, values: resolved.values)
    let shown = try facts.shown(to: record, values: resolved.values)
    try grounds.requireFree(record, shown: shown)
    try view.requireFree(record.folders)
    _ = try facts.sharedGroup(of: record, resolved.values)
    try view.requireThere(facts.trees(of: record, values: resolved.values), of: record)
    let registration = facts.registration(of: record.key)
    try view.requireFree(registration, of: record, facts.context.paths)
    record.registration = registration?.path
    try facts.requireVolumes(of: record, values: resolved.values)
    try facts.requireContainers(of: record)
    let deployment = try Deployment(
      record, values: resolved.values, routes: routes, facts: facts,
      replacesBroken: request.restore != nil, existing: view.text, exists: view.exists)
    for file in deployment.ownUnits.map(\.write) + deployment.sites.files { try view.requireOwn(file.path) }
    try view.requireAlike(deployment.sites.head, record)
    var steps = try steps(
      deployment, closed: facts.closedTrees(of: record, values: resolved.values, view),
      Registration(record: record, settings: resolved.stored, takesUp: identity.former != nil))
    if let release { steps.add(view.fetching(release, facts.context.paths)) }
    steps.shown = shown.map(\.path)
    return steps
  }

  /// The system user of an instance: `berth-` and 12 hex digits, well below the 31 characters that systemd takes.
  static func userName(uid: String) -> String { "berth-" + uid.filter { $0 != "-" }.prefix(12) }

  private func steps(
    _ deployment: Deployment, closed: [ClosedTree], _ registration: Registration
  ) throws -> InstanceSteps {
    let record = deployment.record
    let reason = request.fleet == nil ? "asked for" : "the fleet file lists it"
    let missing = Set(record.images.values.filter { $0.id == nil }.map(\.reference)).sorted()
    let restore = request.restore
    var steps = InstanceSteps(
      InstanceChange(
        .make, record,
        reasons: (restore.map { $0.reasons(record) } ?? [reason]) + missing.map { "the image \($0) is fetched" },
        notices: deployment.sites.notices + closed.map(\.notice), weakenings: deployment.weakenings))
    if !facts.missingPackages.isEmpty { steps.add(.halt, [.installPackages(facts.missingPackages)]) }
    if let restore = request.restore {
      steps.add(.clear, try restore.clearing(deployment.files, record, facts.context.paths, view))
    }
    let (paths, panel) = (facts.context.paths, facts.panel(facts.registration(of: record.key)))
    let foreign = ManageScript.foreign(deployment.files.map(\.write) + panel, of: record.key, paths, view)
    steps.add(.clear, ManageScript.clearing(foreign, view))
    steps.add(.claim, [.register(registration)])
    steps.add(.prepare, record.user.map { [.makeUsers([$0])] } ?? [])
    steps.add(.prepare, deployment.folders + (restore?.fileSteps(record, paths) ?? []))
    steps.add(.prepare, restore?.folderSteps(deployment, paths) ?? [])
    if let adoption = request.adoption { steps.add(.prepare, try adoption.steps(record, paths)) }
    steps.add(.prepare, deployment.files.map { .writeFile(restore?.write($0.write, record, paths) ?? $0.write) })
    steps.add(.prepare, [.writeFile(facts.remembered(record))])
    steps.add(.units, [.makeFolder(path: facts.context.paths.units, mode: 0o755, owner: nil, isShared: true)])
    steps.add(.prepare, facts.panelFolders(panel))
    steps.add(.units, [.shareUnits(app: manifest.id, files: facts.shared + panel)])
    steps.add(.units, deployment.ownUnits.flatMap(\.steps))
    steps.add(.reload, [.reloadManager])
    steps.add(deployment.sites.steps(writing: deployment.sites.own, head: deployment.sites.head))
    // Data that is there already has the values that it was made with.
    let former = restore?.head.settings ?? storedSettings
    let changed = former.isEmpty ? [] : manifest.changed(from: former, to: registration.settings)
    steps.add(
      .jobs,
      restore?.jobSteps(deployment, paths, changed: changed, staysUp: request.isStarted)
        ?? deployment.jobs(at: [.install], changed: changed, staysUp: request.isStarted))
    if request.isStarted { steps.add(.activate, [.enable([record.target]), .start(record)]) }
    steps.add(.settle, [.settle(record, .ready)] + (restore?.leftovers(record, paths) ?? []))
    return steps
  }
}

extension Deployment.File {
  /// A unit file with its folder: a drop-in has one of its own.
  var steps: [Step] {
    let isDropIn = ScopePaths.tree(ofUnit: write.path) != write.path
    return [
      .makeFolder(path: ScopePaths.folder(of: write.path), mode: 0o755, owner: nil, isShared: !isDropIn),
      .writeFile(write),
    ]
  }
}

extension Variables {
  /// What a setting's default may name.
  package static func names(
    key: InstanceKey, name: InstanceName, slug: String, paths: ScopePaths, hostName: String, timeZone: String
  ) -> Variables {
    var names = Variables()
    names.set("instance.id", to: .text(key.id.text))
    names.set("instance.name", to: .text(name.text))
    names.set("instance.slug", to: .text(slug))
    names.set("host.name", to: .text(hostName))
    names.set("host.timezone", to: .text(timeZone))
    for folder in ScopePaths.ownFolders {
      names.set("paths.\(folder)", to: .text("\(paths.instance(key))/\(folder)"))
    }
    return names
  }
}

extension PortAllocator {
  /// Numbers that a person asked for, by role; the empty role is the app's first.
  ///
  /// - Throws: `unknown-port-role` or `bad-port`.
  static func wishes(_ asked: [String: Int], among roles: [PortRole], of manifest: Manifest) throws -> [String: Int] {
    var wishes: [String: Int] = [:]
    for (role, number) in asked {
      let named = role.isEmpty ? roles.first?.role ?? "" : role
      guard roles.contains(where: { $0.role == named }) else {
        throw BerthError.unknownPortRole(named, app: manifest.id, known: roles.map(\.role))
      }
      guard (1...65535).contains(number) else { throw BerthError.badPort("\(number)", "it is not from 1 to 65535") }
      wishes[named] = number
    }
    return wishes
  }

  /// The ports of an instance, in order of declaration.
  package static func ports(_ numbers: [String: Int], of roles: [PortRole]) -> [InstanceRecord.Port] {
    roles.flatMap { role in
      role.protocols.map {
        InstanceRecord.Port(role: role.role, port: PortNumber($0, numbers[role.role] ?? 0), address: role.bind)
      }
    }
  }
}
