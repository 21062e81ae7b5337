import BerthKit
import BerthPlan
import BerthRender

/// An instance × what it shall be → the difference, and what is to be done about it. Only computes.
///
/// Only files whose text differs are written, and only services that read one of these are restarted.
struct ChangePlanner {
  let former: InstanceRecord
  let storedSettings: [StoredSetting]
  let wish: ChangeWish
  let facts: AppFacts
  let view: HostView
  /// The app's instances.
  let neighbours: Neighbours
  let grounds: Grounds
  let units: UnitFolder
  /// Whether values may go that the plugin has no place for any more.
  let drops: Bool

  private var manifest: Manifest { facts.manifest }

  /// - Parameters:
  ///   - ports: the numbers of its port roles from now on.
  ///   - subnets: the addresses of its networks of Docker Compose from now on.
  func steps(
    ports: ([PortRole]) throws -> [String: Int], subnets: (_ networks: [String]) throws -> [String: Subnet]
  ) throws -> InstanceSteps {
    var (record, values, stored) = try wished(ports)
    let release = try release(of: values)
    record.release = release?.name
    record.builds = release?.builds ?? []
    // Nothing but an update gives another network to what runs.
    if wish.refreshes { record.subnets = try subnets(manifest.composeNetworks) }
    let routes = try facts.routes(of: record, values: values)
    record.routes = facts.claims(routes)
    record.folders = try facts.folders(of: record, values: values)
    let before = manifest.values(of: storedSettings)
    let shown = try facts.shown(to: record, values: values)
    try grounds.requireFree(
      record, shown: shown,
      former: (former, shown: (try? facts.shown(to: former, values: before)) ?? []))
    try view.requireFree(record.folders, former: former.folders)
    _ = try facts.sharedGroup(of: record, values)
    try requireTrees(of: record, values, before)
    try facts.requireContainers(of: record)
    let registration = facts.registration(of: record.key)
    try view.requireFree(registration, of: former, facts.context.paths)
    record.registration = registration?.path
    let deployment = try Deployment(
      record, values: values, routes: routes, facts: facts,
      replacesBroken: wish.restore != nil, existing: view.text, exists: view.exists)
    if record.pool != former.pool { try facts.requireRoutes(routes, of: record) }
    // What was closed before is no news of this change.
    let closed = values == before ? [] : facts.closedTrees(of: record, values: values, view).map(\.notice)
    let known = closed.isEmpty ? [] : facts.closedTrees(of: former, values: before, view).map(\.notice)
    let change = Difference(
      planner: self, record: record, release: release, settings: stored, deployment: deployment,
      notices: closed.filter { !known.contains($0) },
      oldSecrets: SecretMask.secrets(
        storedSettings.filter { $0.isSecret && !OwnVariable.isKey($0.key) }.map(\.value),
        and: Dictionary(storedSettings.map { ($0.key, $0.value) }, uniquingKeysWith: { first, _ in first })))
    var steps = try change.steps()
    steps.shown = shown.map(\.path)
    return steps
  }

  /// What has gone since is no concern of a change of an instance that is down.
  private func requireTrees(of record: InstanceRecord, _ values: [String: Value], _ before: [String: Value]) throws {
    let known = try former.isActive(view.states) || wish.checksOwners ? [] : facts.trees(of: former, values: before)
    let trees = try facts.trees(of: record, values: values).filter { tree in !known.contains { $0 == tree } }
    try view.requireThere(trees, of: record)
  }

  private func release(of values: [String: Value]) throws -> Release? {
    if let restore = wish.restore, restore.isWhole {
      return try facts.release(of: values, then: restore.head.instance.builds, now: former.builds, view)
    }
    return try facts.release(of: values, with: wish.refreshes ? [] : former.builds)
  }

  /// A copy of the data of the instance as it is, which it can be had back from: what its plugin has called its data until
  /// now, and what it calls so from now on.
  func image() throws -> (steps: [Step], point: RestorePoint)? {
    func planner(_ facts: AppFacts) -> BackupPlanner {
      BackupPlanner(
        record: former, settings: storedSettings, facts: facts, view: view,
        wish: BackupWish(reason: .update, isVerified: true))
    }
    return try planner(facts.asLeft(former, view)).image(and: planner(facts))
  }

  /// The instance as it shall be.
  private func wished(_ ports: ([PortRole]) throws -> [String: Int]) throws -> (
    InstanceRecord, [String: Value], [StoredSetting]
  ) {
    var record = former
    if let name = wish.name { record.name = try InstanceName(name) }
    if record.name != former.name {
      if let owner = neighbours[record.name] { throw BerthError.nameInUse(record.name.text, owner: owner) }
      record.slug = record.name.slug(avoiding: neighbours.slugs.subtracting([former.slug]))
    }
    // What the plugin has no place for any more can be given up by its name.
    let known = Set(manifest.settings.map(\.id) + manifest.named(storedSettings).map(\.key))
    if let key = wish.unset.sorted().first(where: { !known.contains($0) && OwnVariable(key: $0) == nil }) {
      throw BerthError.unknownSetting(key, of: manifest)
    }
    let resolved = try SettingsResolver(manifest: manifest, drops: drops).resolve(
      chosen: wish.settings, stored: manifest.named(storedSettings).filter { !wish.unset.contains($0.key) },
      names: .names(
        key: record.key, name: record.name, slug: record.slug, paths: facts.context.paths,
        hostName: facts.context.hostName, timeZone: facts.context.timeZone),
      secret: view.secret)
    if let checking = facts.plugin as? any SettingsChecking { try checking.check(resolved.values) }
    record.labels.merge(wish.labels) { _, new in new }
    if let limits = wish.limits { record.limits = limits }
    if let backup = wish.backup { record.backup = backup.isEmpty ? nil : backup }
    if let pool = wish.pool { record.pool = pool.isEmpty ? nil : try PoolName.checked(pool) }
    if let fleet = wish.fleet { record.fleet = fleet }
    record.services = manifest.enabledServices(resolved.values).map(\.id)
    let roles = manifest.enabledPorts(resolved.values)
    record.ports = PortAllocator.ports(try ports(roles), of: roles)
    record.pluginVersion = manifest.version
    record.pluginFolder = facts.context.pluginFolders.first
    record.unitsChecksum = facts.unitsChecksum
    record.images = try facts.images(of: resolved.values, former: former.images, refreshes: wish.refreshes)
    record.version = facts.version(record.images) ?? former.version
    return (record, resolved.values, resolved.stored)
  }
}
