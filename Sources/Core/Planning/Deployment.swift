import BerthKit
import BerthPlan
import BerthRender

/// Everything that should be there for an instance: what a manifest, a record and settings amount to on this host.
///
/// Making an instance does all of it, a change what differs from what is there, and the doctor names the difference.
struct Deployment {
  /// A file, and who reads it.
  struct File {
    let write: FileWrite
    /// The services that have to be restarted when it changes.
    let readers: [String]
    /// Whether the app writes it too, so that it must not run meanwhile.
    var isWrittenByApp = false
    /// What Berth sets in it, where that is not the whole text.
    var edits: ConfigEdits?
    /// Whether nothing of what was there could be kept, since it is not what its format says.
    var replacesBroken = false
    /// Whether it is one of the app's own files.
    var isConfig: Bool { write.checkedFor != nil }
  }

  let record: InstanceRecord
  let folders: [Step]
  /// The app's own files and the services' environment.
  let files: [File]
  /// The instance's own unit files: drop-ins, and what its containers are made from.
  let ownUnits: [File]
  /// What the host's web proxy passes on to it.
  let sites: Sites
  /// The texts that may not be shown.
  let secrets: [String]
  /// The jobs that the instance has, in document order.
  let jobs: [Job]
  let manifest: Manifest
  /// What weakens the isolation of its services.
  let weakenings: [Weakening]

  /// - Parameters:
  ///   - record: the instance as it should be.
  ///   - routes: by its settings.
  ///   - replacesBroken: whether a config file that is not what its format says counts as none.
  ///   - existing: the text that a file has now, of which what a person wrote into it is kept.
  ///   - exists: whether a file is there, such as a certificate.
  init(
    _ record: InstanceRecord, values: [String: Value], routes: [ResolvedRoute], facts: AppFacts,
    replacesBroken: Bool, existing: (String) throws -> String?, exists: (String) -> Bool
  ) throws {
    self.record = record
    sites = Sites(record, routes, facts: facts, exists: exists)
    let plugin = facts.plugin
    let manifest = facts.manifest
    self.manifest = manifest
    let context = facts.context
    let paths = context.paths
    let home = paths.instance(record.key)
    let owner = record.user.map { FileOwner(user: $0) }
    let instance = InstanceValues(record, values: values, facts: facts)
    let variables = Variables(manifest: manifest, instance: instance, context: context)
    secrets = SecretMask.secrets(
      manifest.settings.filter(\.isSecret).compactMap { values[$0.id]?.plain }, and: values.mapValues(\.plain))
    jobs = manifest.enabledJobs(values)
    weakenings = manifest.weakenings(values)
    // A setting that only backups read would keep them from being made.
    _ = try manifest.selectedSets(variables)

    let own = record.directory ?? home
    var folders: [Step] = [.makeFolder(path: home, mode: 0o755, owner: nil, isShared: false)]
    folders.append(
      .makeLink(path: "\(home)/\(ScopePaths.backupsLink)", target: paths.backups(of: record.key)))
    for folder in ScopePaths.ownFolders {
      folders.append(.makeFolder(path: "\(own)/\(folder)", mode: 0o700, owner: owner, isShared: false))
      if record.directory != nil { folders.append(.makeLink(path: "\(home)/\(folder)", target: "\(own)/\(folder)")) }
    }
    let mounts = manifest.enabledMounts(values).filter { !manifest.isConfigFile($0) }
    let writers = try ContainerOwners(record, manifest, values, instance, variables)
    folders += try Self.mounted(mounts, variables, home: home, owner: owner, writers)
    let registration = facts.registration(of: record.key)
    if let registration {
      folders.append(
        .makeFolder(path: ScopePaths.folder(of: registration.path), mode: 0o755, owner: nil, isShared: true))
    }
    folders += record.folders.map { .makeFolder(path: $0, mode: 0o755, owner: owner, isShared: false) }
    self.folders = folders

    func readers(_ service: String?) -> [String] { service.map { [$0] } ?? record.services }
    let config = try ConfigRenderer(plugin: plugin).files(
      variables: variables, replacesBroken: replacesBroken, existing: existing
    ).map { file in
      let anchor = ScopePaths.ownFolders.map { "\(home)/\($0)" }.first { file.path.hasPrefix($0 + "/") }
      return File(
        write: FileWrite(
          path: file.path, text: file.text, mode: 0o600, owner: owner, anchor: anchor, isSecret: file.isSecret,
          checkedFor: record.uid, edits: file.isWrittenByApp ? file.edits : nil),
        readers: readers(file.service), isWrittenByApp: file.isWrittenByApp, edits: file.edits,
        replacesBroken: file.replacesBroken)
    }
    let environment = try EnvironmentRenderer(manifest: manifest, context: context)
      .files(for: record.key, variables: variables, pool: record.pool).map {
        File(
          write: FileWrite(path: $0.path, text: $0.text, mode: 0o600, isSecret: $0.isSecret),
          readers: readers($0.service))
      }
    let enabled = manifest.enabledServices(values)
    let seccomp = try SeccompProfile.file(enabled, of: record.key, in: paths).map { file in
      // The engines read it as root, whoever the container's programs are.
      File(
        write: FileWrite(path: file.path, text: file.text, mode: 0o644),
        readers: enabled.filter { $0.container != nil }.map(\.id))
    }
    // Every service's container is made from them.
    let compose = try ComposeRenderer(manifest: manifest, context: context).files(of: instance, variables: variables)
    // The one of an app is what its instances share.
    let found = registration.flatMap { $0.isShared ? nil : File(write: $0.file, readers: []) }
    files =
      config + environment + [found, seccomp].compactMap { $0 }
      + ManageScript.files(of: record.key, context).map { File(write: $0, readers: []) }
      + compose.map {
        File(
          write: FileWrite(path: $0.path, text: $0.text, mode: 0o600, isSecret: $0.isSecret),
          readers: record.services.filter { manifest.service($0)?.kind?.ownFiles.isEmpty == false })
      }

    let units = UnitRenderer(manifest: manifest, context: context)
    // A drop-in of a job, a backup or the target is read when that is started next.
    let dropIns = try units.dropIns(for: instance, variables: variables).map { file in
      File(
        write: FileWrite(path: file.path, text: file.text, mode: 0o644),
        readers: record.services.filter {
          paths.dropIn(UnitName.service(record.key.app, $0, record.key.id.text)) == file.path
        })
    }
    // That of a job is read when it is run next, and that of the network is for all.
    let (key, networkFile) = (record.key, paths.network(record.key.app, record.key.id.text))
    let containers = try units.containers(of: instance, variables: variables).map { file in
      File(
        write: FileWrite(path: file.path, text: file.text, mode: 0o644),
        readers: record.services.filter { service in
          [networkFile, paths.container(key.app, service, key.id.text)].contains(file.path)
        })
    }
    ownUnits = dropIns + containers
  }

  /// Folders below the instance's own that services are shown: an engine would make a missing one as root's.
  private static func mounted(
    _ mounts: [Mount], _ variables: Variables, home: String, owner: FileOwner?, _ writers: ContainerOwners
  ) throws -> [Step] {
    let sources = try mounts.compactMap { try variables.text($0.path) }
    var folders = Set(
      sources.filter { source in ScopePaths.ownFolders.contains { source.hasPrefix("\(home)/\($0)/") } })
    // What is made on the way to a folder would be root's.
    let volumes = "\(home)/data/\(ScopePaths.volumes)"
    if folders.contains(where: { $0.hasPrefix("\(volumes)/") }) { folders.insert(volumes) }
    // By the standard path, also where a person has chosen another place: below it no link of the instance's is followed.
    return folders.sorted().map { path in
      .makeFolder(path: path, mode: 0o700, owner: owner.map { writers.owner(of: path, else: $0) }, isShared: false)
    }
  }
}

extension ScopePaths {
  /// What is an instance's own in a unit folder: the folder of a drop-in, or the file of a container.
  static func tree(ofUnit path: String) -> String {
    path.hasSuffix("/berth.conf") ? String(path.dropLast("/berth.conf".count)) : path
  }
}

extension Service.Limits {
  /// The bounds of one instance, which stand before those of its plugin.
  init(_ limits: InstanceLimits) {
    self.init(memory: limits.memory.map { Template(literal: $0) }, tasks: limits.tasks, cpus: limits.cpus)
  }
}
