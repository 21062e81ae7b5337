import BerthKit
import BerthPlan
import BerthRender

/// What planning needs to know of the host for an app, found out once for all its instances, so that planning itself
/// only computes.
package struct AppFacts {
  package let plugin: any AppPlugin
  let context: RenderContext
  /// Package lists of which nothing is installed.
  let missingPackages: [[String]]
  /// The installed version of the app.
  package let version: String?
  /// The units that all instances of the app share, as they should be.
  package let shared: [FileWrite]
  /// Those that differ from what is there.
  let changedUnits: [FileWrite]
  let unitsChecksum: String
  /// What the units that are there amount to.
  let unitsChecksumNow: String
  /// The images that the host has, of those engines that the app needs.
  package let images: [Container.Engine: [ContainerImage]]
  /// The names of the volumes that these keep.
  package let volumes: Set<String>
  /// The containers that these have.
  package let containers: EngineAnswers
  /// Where the addresses of its networks of Docker Compose come from.
  package let addresses: AddressSpace
  /// What Steam has said of its builds.
  package let steam: SteamAnswers
  /// The numbers of a user and its group, which there may not be yet.
  package let numbers: @Sendable (String?) -> (user: Int, group: Int)
  /// The number of a group of the host's; nil where there is no such group.
  package let group: @Sendable (String) -> Int?

  package private(set) var manifest: Manifest
  /// What is written down of the manifest for an instance; see ``BerthKit/Manifest/rememberedText``.
  let rememberedText: String

  package init(
    plugin: any AppPlugin, context: RenderContext, missingPackages: [[String]], version: String?, shared: [FileWrite],
    sharedNow: [String: String], images: [Container.Engine: [ContainerImage]] = [:],
    volumes: Set<String> = [], containers: EngineAnswers = EngineAnswers(), addresses: AddressSpace = AddressSpace(),
    steam: SteamAnswers = SteamAnswers(),
    numbers: @Sendable @escaping (String?) -> (user: Int, group: Int),
    group: @Sendable @escaping (String) -> Int? = { _ in nil }
  ) {
    self.plugin = plugin
    self.context = context
    self.missingPackages = missingPackages
    self.version = version
    self.shared = shared
    self.images = images
    self.volumes = volumes
    self.containers = containers
    self.addresses = addresses
    self.steam = steam
    self.numbers = numbers
    self.group = group
    manifest = plugin.manifest
    rememberedText = (try? plugin.manifest.rememberedText) ?? ""
    changedUnits = shared.filter { sharedNow[$0.path]?.isSame(as: $0.text) != true }
    unitsChecksum = Checksum.text(shared.map(\.text).joined())
    unitsChecksumNow = Checksum.text(shared.map { sharedNow[$0.path] ?? "" }.joined())
  }
}

extension AppFacts {
  /// The same with what the plugin declared when an instance was last made or changed.
  func asLeft(_ record: InstanceRecord, _ view: HostView) throws -> AppFacts {
    guard let text = try view.text(context.paths.remembered(record.key)), text != rememberedText,
      let former = manifest.remembering(text)
    else { return self }
    var facts = self
    facts.manifest = former
    return facts
  }

  /// The file that remembers the manifest for an instance.
  func remembered(_ record: InstanceRecord) -> FileWrite {
    FileWrite(path: context.paths.remembered(record.key), text: rememberedText, mode: 0o644)
  }

  /// The images that the containers of an instance run.
  ///
  /// - Parameters:
  ///   - former: what they ran until now, which stays as long as the name is the same.
  ///   - refreshes: whether what the host has by now under that name takes its place.
  package func images(
    of values: [String: Value], former: [String: ImagePin] = [:], refreshes: Bool = false
  ) throws -> [String: ImagePin] {
    let names = Variables(settings: values, of: manifest)
    return try manifest.enabledServices(values).reduce(into: [:]) { pins, service in
      guard let container = service.container, let reference = try names.text(container.image) else { return }
      // Settings may stand in a part of it.
      guard ImageReference.isComplete(reference) else { throw BerthError.badImage(reference, service.id) }
      if let pin = former[service.id], pin.reference == reference, pin.id != nil, !refreshes {
        pins[service.id] = pin
      } else {
        pins[service.id] = ImagePin(
          reference, images[container.engine]?.first { $0.isNamed(reference) },
          engine: container.engine)
      }
    }
  }

  /// The file by which panels find an instance; nil for none.
  func registration(of key: InstanceKey) -> PanelRegistration? {
    PanelRegistration(
      key, guid: manifest.panelID, folder: context.registrations, style: context.registrationStyle,
      paths: context.paths)
  }

  /// The files by which panels manage all instances of the app; none where they manage each by itself.
  package func panel(_ registration: PanelRegistration?) -> [FileWrite] {
    guard let registration, registration.isShared else { return [] }
    return [registration.file] + ManageScript.files(ofAll: manifest.id, context)
  }

  /// The folder that such files lie in.
  func panelFolders(_ files: [FileWrite]) -> [Step] {
    files.isEmpty
      ? [] : [.makeFolder(path: context.paths.panel(manifest.id), mode: 0o755, owner: nil, isShared: true)]
  }

  /// The folders of the host's that come and go with an instance, beside its own.
  ///
  /// - Throws: `bad-folder` when a setting makes no path of one, or when something below one would be mounted or served: a
  ///   program that may give files away can make links there that pass for root's.
  func folders(of record: InstanceRecord, values: [String: Value]) throws -> [String] {
    let variables = Variables(record, values: values, facts: self)
    let mounts = manifest.enabledMounts(values)
    let folders = try Set(mounts.filter(\.isHostFolder).compactMap { try variables.text($0.path) }).sorted()
    if let path = folders.first(where: { !Setting.isPath($0) }) { throw BerthError.badFolder(path) }
    func names(_ path: String) -> [Substring] { path.split(separator: "/").filter { $0 != "." } }
    for path in try shown(values, variables).map(\.path) {
      let parts = names(path)
      guard !folders.contains(where: { parts.count > names($0).count && parts.starts(with: names($0)) }) else {
        throw BerthError.belowFolder(path)
      }
    }
    return folders
  }

  /// What an instance's services and the proxy are shown of the host: the sources of mounts, and folders that are served.
  package func shown(to record: InstanceRecord, values: [String: Value]) throws -> [ShownFolder] {
    try shown(values, Variables(record, values: values, facts: self))
  }

  private func shown(_ values: [String: Value], _ variables: Variables) throws -> [ShownFolder] {
    let statics = manifest.routes.flatMap { $0.staticFolders.map(\.folder) }
    return try (manifest.enabledMounts(values).map(\.path) + statics).compactMap { template in
      try variables.text(template).map { ShownFolder(path: $0, settings: template.variables.compactMap(\.settingID)) }
    }
  }

  /// What an instance's services are shown and Berth does not make: files and folders of the operator's.
  ///
  /// - Parameter service: only what this one is shown.
  func trees(
    of record: InstanceRecord, values: [String: Value], service: String? = nil
  ) throws -> [ShownTree] {
    let variables = Variables(record, values: values, facts: self)
    let own = ScopePaths.ownFolders.map { "\(context.paths.instance(record.key))/\($0)/" }
    let services = manifest.enabledServices(values).filter { service == nil || $0.id == service }
    return try services.flatMap { service in
      let writer = try writer(of: service, record, variables)
      return try service.enabledMounts(values).filter { !$0.isHostFolder && !manifest.isConfigFile($0) }.compactMap {
        mount in
        try variables.text(mount.path).map {
          ShownTree(
            path: $0, target: mount.target, isOnHost: service.kind == nil, writer: mount.isReadOnly ? nil : writer)
        }
      }
    }.filter { tree in tree.path.hasPrefix("/") && !own.contains { tree.path.hasPrefix($0) } }
  }

  /// Why an instance could not start as it is; nil where all is there, or nobody can tell any more.
  ///
  /// - Parameter service: the one that is started; all when nil.
  package func missingTree(
    of record: InstanceRecord, _ stored: [StoredSetting], service: String?, _ view: HostView
  ) -> BerthError? {
    guard let trees = try? trees(of: record, values: manifest.values(of: stored), service: service) else { return nil }
    do { try view.requireThere(trees, of: record) } catch { return BerthError(anything: error) }
    return nil
  }

  /// Makes sure that the volumes that an engine will keep for a new instance are not somebody else's.
  ///
  /// - Throws: `volume-in-use`.
  func requireVolumes(of record: InstanceRecord, values: [String: Value]) throws {
    let services = manifest.enabledServices(values).filter { $0.kind?.keepsVolumes == true }
    for name in services.flatMap(\.mounts).compactMap(\.volume) {
      let full = ContainerName.part(name, manifest.id, record.slug)
      guard !volumes.contains(full) else { throw BerthError.volumeInUse(full) }
    }
  }

  /// Makes sure that nobody else has a container of an instance's name.
  ///
  /// - Throws: `container-taken`.
  func requireContainers(of record: InstanceRecord) throws {
    if let error = containers.foreign(to: record, context.paths) { throw error }
  }

  /// The version of an instance's program: that of its package, or the tag of its image. Where there are several, it is
  /// that of the service called `main` or like the app, else of the first.
  package func version(_ images: [String: ImagePin]) -> String? {
    let services = ["main", manifest.id] + manifest.services.map(\.id)
    return version ?? services.lazy.compactMap { images[$0] }.first.flatMap { ImageReference.tag($0.reference) }
  }
}
