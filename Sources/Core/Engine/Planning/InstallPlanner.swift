import BerthKit
import BerthRender

/// Declaration × request × host facts → the plan of an installation. Only computes.
struct InstallPlanner {
  let plugin: any AppPlugin
  let request: InstallRequest
  let facts: HostFacts
  let allocator: PortAllocator
  let secret: (Int) -> String

  private var manifest: Manifest { plugin.manifest }
  private var paths: ScopePaths { facts.context.paths }

  func plan() throws -> Plan {
    let identity = try InstanceIdentity(app: manifest.id, request: request, facts: facts)
    let (values, stored) = try settings(identity)
    let numbers = try allocator.allocate(wishes: try wishes())
    let record = InstanceRecord(
      uid: identity.uid, key: identity.key, name: identity.name, slug: identity.slug, state: .installing,
      user: facts.context.rights == .root ? Self.userName(uid: identity.uid) : nil, version: facts.version,
      directory: identity.directory, labels: request.labels, services: manifest.services.map(\.id),
      ports: manifest.ports.flatMap { role in
        role.protocols.map {
          InstanceRecord.Port(role: role.role, port: PortNumber($0, numbers[role.role] ?? 0), address: role.bind)
        }
      }, createdAt: identity.former?.createdAt ?? facts.timestamp)
    let instance = InstanceValues(
      key: record.key, name: record.name, slug: record.slug, user: record.user, settings: values, ports: numbers)
    let variables = Variables(manifest: manifest, instance: instance, context: facts.context)
    let registration = Registration(
      record: record, settings: stored, takesUp: identity.former != nil, formerSettings: facts.storedSettings)
    return Plan(
      verb: "install", instance: record,
      steps: packages + [.register(registration)] + users(record) + folders(record)
        + (try files(record, instance, variables)) + finish(record))
  }

  /// The system user of an instance: `berth-` and 12 hex digits, well below the 31 characters that systemd takes.
  static func userName(uid: String) -> String { "berth-" + uid.filter { $0 != "-" }.prefix(12) }

  // MARK: Values

  private func settings(_ identity: InstanceIdentity) throws -> (values: [String: Value], stored: [StoredSetting]) {
    var names = Variables()
    names.set("instance.id", to: .text(identity.key.id.text))
    names.set("instance.name", to: .text(identity.name.text))
    names.set("instance.slug", to: .text(identity.slug))
    names.set("host.name", to: .text(facts.context.hostName))
    let resolved = try SettingsResolver(manifest: manifest)
      .resolve(chosen: request.settings, stored: facts.storedSettings, names: names, secret: secret)
    if let checking = plugin as? any SettingsChecking { try checking.check(resolved.values) }
    return resolved
  }

  private func wishes() throws -> [String: Int] {
    var wishes: [String: Int] = [:]
    for (role, number) in request.ports {
      let named = role.isEmpty ? manifest.ports.first?.role ?? "" : role
      guard manifest.port(named) != nil else {
        throw BerthError.unknownPortRole(named, app: manifest.id, known: manifest.ports.map(\.role))
      }
      guard (1...65535).contains(number) else { throw BerthError.badPort("\(number)", "it is not from 1 to 65535") }
      wishes[named] = number
    }
    return wishes
  }

  // MARK: Steps

  private var packages: [Step] { facts.missingPackages.isEmpty ? [] : [.installPackages(facts.missingPackages)] }

  private func users(_ record: InstanceRecord) -> [Step] { record.user.map { [.makeUsers([$0])] } ?? [] }

  private func folders(_ record: InstanceRecord) -> [Step] {
    let owner = record.user.map { FileOwner(user: $0) }
    let home = paths.instance(record.key)
    let own = record.directory ?? home
    var steps: [Step] = [.makeFolder(path: home, mode: 0o755, owner: nil, isShared: false)]
    for folder in ScopePaths.ownFolders {
      steps.append(.makeFolder(path: "\(own)/\(folder)", mode: 0o700, owner: owner, isShared: false))
      if record.directory != nil { steps.append(.makeLink(path: "\(home)/\(folder)", target: "\(own)/\(folder)")) }
    }
    return steps
  }

  private func files(_ record: InstanceRecord, _ instance: InstanceValues, _ variables: Variables) throws -> [Step] {
    let owner = record.user.map { FileOwner(user: $0) }
    let home = paths.instance(record.key)
    let units = UnitRenderer(manifest: manifest, context: facts.context)
    let environment = EnvironmentRenderer(manifest: manifest, context: facts.context)
    let config = try ConfigRenderer(plugin: plugin).files(variables: variables).map { file in
      let anchor = ScopePaths.ownFolders.map { "\(home)/\($0)" }.first { file.path.hasPrefix($0 + "/") }
      return Step.writeFile(
        FileWrite(
          path: file.path, text: file.text, mode: 0o600, owner: owner, anchor: anchor, isSecret: file.isSecret,
          checkedFor: record.uid))
    }
    let env = try environment.files(for: record.key, variables: variables).map {
      Step.writeFile(FileWrite(path: $0.path, text: $0.text, mode: 0o600, isSecret: $0.isSecret))
    }
    let dropIns = try units.dropIns(for: instance, variables: variables).flatMap { file -> [Step] in
      let folder = String(file.path.dropLast("/berth.conf".count))
      return [
        .makeFolder(path: folder, mode: 0o755, owner: nil, isShared: false),
        .writeFile(FileWrite(path: file.path, text: file.text, mode: 0o644)),
      ]
    }
    let templates = try units.templates().map { FileWrite(path: $0.path, text: $0.text, mode: 0o644) }
    return config + env + [.makeFolder(path: paths.units, mode: 0o755, owner: nil, isShared: true)]
      + [.shareUnits(app: manifest.id, files: templates)] + dropIns
  }

  private func finish(_ record: InstanceRecord) -> [Step] {
    var steps: [Step] = [.reloadManager]
    if request.isStarted { steps += [.enable([record.target]), .start(record)] }
    return steps + [.settle(record, .ready)]
  }
}
