import BerthKit
import BerthRender

/// What planning needs to know of the host for an app, found out once for all its instances, so that planning itself
/// only computes.
struct AppFacts {
  let plugin: any AppPlugin
  let context: RenderContext
  /// Package lists of which nothing is installed.
  let missingPackages: [[String]]
  /// The installed version of the app.
  let version: String?
  /// The units that all instances of the app share, as they should be.
  let shared: [FileWrite]
  /// Those that differ from what is there.
  let changedUnits: [FileWrite]
  let unitsChecksum: String
  /// What the units that are there amount to.
  let unitsChecksumNow: String
  /// The images that the host has, of those engines that the app needs.
  let images: [Container.Engine: [ContainerImage]]
  /// The names of the volumes that these keep.
  let volumes: Set<String>
  /// The containers that these have.
  let containers: EngineAnswers
  /// What Steam has said of its builds.
  let steam: SteamAnswers
  /// The numbers of a user and its group, which there may not be yet.
  let numbers: @Sendable (String?) -> (user: Int, group: Int)

  let manifest: Manifest

  init(
    plugin: any AppPlugin, context: RenderContext, missingPackages: [[String]], version: String?, shared: [FileWrite],
    sharedNow: [String: String], images: [Container.Engine: [ContainerImage]] = [:],
    volumes: Set<String> = [], containers: EngineAnswers = EngineAnswers(), steam: SteamAnswers = SteamAnswers(),
    numbers: @Sendable @escaping (String?) -> (user: Int, group: Int)
  ) {
    self.plugin = plugin
    self.context = context
    self.missingPackages = missingPackages
    self.version = version
    self.shared = shared
    self.images = images
    self.volumes = volumes
    self.containers = containers
    self.steam = steam
    self.numbers = numbers
    manifest = plugin.manifest
    changedUnits = shared.filter { sharedNow[$0.path]?.isSame(as: $0.text) != true }
    unitsChecksum = Checksum.text(shared.map(\.text).joined())
    unitsChecksumNow = Checksum.text(shared.map { sharedNow[$0.path] ?? "" }.joined())
  }
}

extension AppFacts {
  /// The images that the containers of an instance run.
  ///
  /// - Parameters:
  ///   - former: what they ran until now, which stays as long as the name is the same.
  ///   - refreshes: whether what the host has by now under that name takes its place.
  func images(
    of values: [String: Value], former: [String: ImagePin] = [:], refreshes: Bool = false
  ) throws -> [String: ImagePin] {
    var names = Variables()
    for setting in manifest.settings { names.set("settings.\(setting.id)", to: values[setting.id]) }
    return try manifest.enabledServices(values).reduce(into: [:]) { pins, service in
      guard let container = service.container, let reference = try names.text(container.image) else { return }
      // Settings may stand in a part of it.
      guard ImageReference.isComplete(reference) else { throw BerthError.badImage(reference, service.id) }
      if let pin = former[service.id], pin.reference == reference, pin.id != nil, !refreshes {
        pins[service.id] = pin
      } else {
        pins[service.id] = ImagePin(
          reference, images[container.engine]?.first { $0.names.contains(reference) || $0.digests.contains(reference) },
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
  func panel(_ registration: PanelRegistration?) -> [FileWrite] {
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
    for path in try shown(values, variables) {
      let parts = names(path)
      guard !folders.contains(where: { parts.count > names($0).count && parts.starts(with: names($0)) }) else {
        throw BerthError.belowFolder(path)
      }
    }
    return folders
  }

  /// What an instance's services and the proxy are shown of the host: the sources of mounts, and folders that are served.
  func shown(to record: InstanceRecord, values: [String: Value]) throws -> [String] {
    try shown(values, Variables(record, values: values, facts: self))
  }

  private func shown(_ values: [String: Value], _ variables: Variables) throws -> [String] {
    let statics = manifest.routes.flatMap { $0.staticFolders.map(\.folder) }
    return try (manifest.enabledMounts(values).map(\.path) + statics).compactMap { try variables.text($0) }
  }

  /// Makes sure that the volumes of a new project of Docker Compose are not somebody else's.
  ///
  /// - Throws: `volume-in-use`.
  func requireVolumes(of record: InstanceRecord, values: [String: Value]) throws {
    let services = manifest.enabledServices(values).filter { $0.engine == .docker }
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
  func version(_ images: [String: ImagePin]) -> String? {
    let services = ["main", manifest.id] + manifest.services.map(\.id)
    return version ?? services.lazy.compactMap { images[$0] }.first.flatMap { ImageReference.tag($0.reference) }
  }
}

/// How the host is now, as far as planning has to ask: files, units, time and chance.
struct HostView {
  /// The text of a file; nil when it is not there.
  var text: (String) throws -> String?
  let exists: (String) -> Bool
  /// Whether a file is its owner's, who may do with it what the file's mode says.
  let isOwners: (FileWrite) -> Bool
  /// What belongs to others in folders of a user.
  let foreignFiles: ([String], FileOwner) -> ForeignFiles
  /// Whether a path leads to a folder, by no link that others can have made.
  let isFolder: (String) -> Bool
  /// Whether a path itself is a regular file.
  let isFile: (String) -> Bool
  /// A path without links, as far as it exists.
  let realPath: (String) -> String
  /// Whether a folder exists and has something in it.
  let isOccupied: (String) throws -> Bool
  /// The first folder on the way to a path that somebody else than root and the scope's owner can change.
  let changeable: (String) -> String?
  /// Whether a port is somebody's.
  let isTaken: (PortNumber) -> Bool
  /// Who listens on a port.
  let listener: (PortNumber) -> String?
  /// Takes a port against other runs of Berth.
  let isClaimed: PortAllocator.Claimed
  let states: [String: UnitState]
  let enabled: Set<String>
  /// The backups of an instance by its uid, in the order in which they were made.
  let backups: (String) throws -> [BackupRecord]
  /// What a backup says of itself.
  let head: (BackupRecord) throws -> BackupHead
  /// Whether a backup's archive is there, and says of itself what it said when it was made.
  let isSealed: (BackupRecord) -> Bool
  let timestamp: String
  let uuid: () -> String
  let secret: (Int) -> String
}

extension HostView {
  /// The same with other texts of files.
  func with(text: @escaping (String) throws -> String?) -> HostView {
    var view = self
    view.text = text
    return view
  }

  /// Makes sure that folders which shall come are not there.
  ///
  /// - Throws: `folder-in-use`.
  func requireFree(_ folders: [String], former: [String] = []) throws {
    if let taken = folders.first(where: { !former.contains($0) && exists($0) }) { throw BerthError.folderInUse(taken) }
  }

  /// The step that fetches a release which is not there.
  func fetching(_ release: Release, _ paths: ScopePaths) -> [Phase: [Step]] {
    exists(paths.release(release.app, release.name)) ? [:] : [.fetch: [.makeRelease(release)]]
  }

  /// Makes sure that a unit file is Berth's or not there.
  ///
  /// - Throws: `unit-taken`.
  func requireOwn(_ path: String) throws {
    guard let text = try text(path), !text.hasPrefix(UnitRenderer.signature) else { return }
    throw BerthError.unitTaken(path, by: path)
  }
}
