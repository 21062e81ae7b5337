import BerthKit

/// One thing to do to the host. There are few kinds; an app or a scope adds data, never a kind.
///
/// What undoes a step is known only when it is about to be done; see ``Undo``.
public enum Step: Sendable, Hashable, Codable {
  /// Packages are prerequisites: they stay when the operation fails.
  case installPackages([[String]])
  /// Programs that several instances may share.
  case makeRelease(Release)
  case makeUsers([String])
  case removeUsers([String])
  /// Rows, ports and settings of an instance, in one transaction.
  case register(Registration)
  /// Everything known of an instance.
  case forget(InstanceRecord)
  /// The instance's ports are freed, its id and settings kept.
  case keep(InstanceRecord)
  /// How far the instance has come.
  case settle(InstanceRecord, InstanceRecord.State)
  /// A shared folder holds what others put there too, and goes only once it is empty.
  case makeFolder(path: String, mode: UInt16, owner: FileOwner?, isShared: Bool)
  case writeFile(FileWrite)
  case makeLink(path: String, target: String)
  /// Set aside until the operation has succeeded, then removed.
  case removeTree(path: String)
  /// The units that all instances of an app share; they come with the first and go with the last.
  case shareUnits(app: String, files: [FileWrite])
  case releaseUnits(app: String, paths: [String])
  case reloadManager
  /// The site that the instances of a pool share; it comes with the first and goes with the last.
  case sharePool(PoolSite)
  case releasePool(PoolSite)
  /// An instance gets no new requests of its pool's, and those under way come to their end.
  case leavePool(InstanceRecord, PoolPlace)
  /// It gets requests again.
  case joinPool(InstanceRecord, PoolPlace)
  /// A web proxy of the host reads its sites again, while it goes on answering.
  case reloadProxy(ProxyConfig.Kind)
  /// A job of the instance, waited for.
  case runJob(JobRun)
  case enable([String])
  case disable([String])
  /// The units named, or all of the instance when none is.
  case start(InstanceRecord, units: [String] = [])
  case stop(InstanceRecord, units: [String])
  case restart(InstanceRecord, units: [String])
  /// A backup's archive, or a part of it; it has its name only once it is closed.
  case archive(ArchiveWork)
  /// The files of a backup, checked, into a folder of their own.
  case unpack(InstanceRecord, UnpackOrder)
  /// One of the instance's own folders gives way to what was unpacked.
  case replaceFolder(InstanceRecord, ReplaceOrder)
  /// Containers that are not Berth's stop, and Docker no longer starts them.
  case haltContainers([ContainerHandle])
  /// They start again, and are waited for.
  case releaseContainers([ContainerHandle])
  /// Folders that change their owners with their place.
  case moveFolders([FolderMove])
  /// What lies in folders of a user and belongs to somebody else becomes the user's, and stays so.
  case giveFiles(folders: [String], to: FileOwner)
  /// Nothing is done; going back from here, the data comes back from a backup.
  case guardData(InstanceRecord, RestorePoint)
  /// Nothing is done; going back from here, jobs are run once the files are as they were, and tell the program
  /// its former settings again. The units that they need run meanwhile.
  case guardSettings(InstanceRecord, jobs: [String], needs: [String])
  /// Whether config files say, now that their program has started again, what was set in them.
  case checkConfig(InstanceRecord, [ConfigCheck])
}

extension Step {
  /// Whether it is the same for every instance that needs it.
  package var isShared: Bool {
    switch self {
    case .reloadManager, .reloadProxy, .shareUnits, .releaseUnits, .releasePool, .installPackages, .makeRelease: true
    case .makeFolder(_, _, _, let isShared): isShared
    default: false
    }
  }

  /// Whether services run afterwards that did not, or run anew.
  package var isStart: Bool {
    switch self {
    case .start, .restart: true
    default: false
    }
  }

  /// Whether it has somebody read files again that may have changed since the last time.
  var isReload: Bool {
    switch self {
    case .reloadManager, .reloadProxy: true
    default: false
    }
  }

  /// For whom it is done, in the plan of an instance.
  package func owner(_ record: InstanceRecord) -> PlannedStep.Owner {
    switch self {
    case .reloadManager, .reloadProxy, .installPackages, .makeFolder(_, _, _, isShared: true): .all
    case .shareUnits(let app, _), .releaseUnits(let app, _): .app(app)
    case .releasePool(let site): .app(site.app)
    case .makeRelease(let release): .app(release.app)
    default: .instance(record.uid)
    }
  }

  /// Whether it cannot be taken back once it was done.
  public var isPointOfNoReturn: Bool {
    if case .runJob(let run) = self { run.isPointOfNoReturn } else { false }
  }

  /// Whether it changes nothing but files. Such steps are done under the host lock, since instances share folders and
  /// units; all others wait for somebody, and are done without it.
  package var isFile: Bool { batch == Self.files }

  private static let files = "files"

  /// Steps with the same word that stand side by side are prepared, noted and done together; nil stands alone.
  package var batch: String? {
    switch self {
    case .makeFolder, .writeFile, .makeLink, .removeTree, .shareUnits, .releaseUnits, .sharePool, .releasePool:
      Self.files
    case .installPackages, .makeRelease, .reloadManager, .reloadProxy, .archive, .unpack, .replaceFolder, .guardData,
      .guardSettings, .checkConfig, .haltContainers, .releaseContainers, .moveFolders, .giveFiles:
      nil
    default: kind
    }
  }
}

/// The site of a pool. Which instances are in it, the registry says.
public struct PoolSite: Sendable, Hashable, Codable {
  public let app: String
  public let pool: String
  /// The text is empty where it is only about its place.
  public let file: FileWrite

  package init(app: String, pool: String, file: FileWrite) {
    self.app = app
    self.pool = pool
    self.file = file
  }

  package init(app: String, pool: String, path: String) {
    self.init(app: app, pool: pool, file: FileWrite(path: path, text: "", mode: 0o644))
  }
}

extension InstanceRecord {
  /// The units of services that it has, and of those that they wait for.
  package func units(for services: Set<String>, _ manifest: Manifest) -> [String] {
    manifest.services(neededBy: services).map(\.id).filter(self.services.contains)
      .map { UnitName.service(key.app, $0, key.id.text) }
  }
}

/// One run of a job's unit.
public struct JobRun: Sendable, Hashable, Codable {
  public let record: InstanceRecord
  public let job: String
  public let isPointOfNoReturn: Bool
  /// The job that is run when this one is taken back, or has failed.
  public let counterpart: String?
  /// What it leaves, which goes when it is taken back.
  public let leaves: [String]

  package init(
    _ record: InstanceRecord, _ job: String, isPointOfNoReturn: Bool = false, counterpart: String? = nil,
    leaves: [String] = []
  ) {
    self.record = record
    self.job = job
    self.isPointOfNoReturn = isPointOfNoReturn
    self.counterpart = counterpart
    self.leaves = leaves
  }

  /// The unit of a job of an instance.
  package static func unit(_ record: InstanceRecord, _ job: String) -> String {
    UnitName.service(record.key.app, job, record.key.id.text)
  }

  package var unit: String { Self.unit(record, job) }
}

/// An instance with its settings, as it enters the registry.
public struct Registration: Sendable, Hashable, Codable {
  public let record: InstanceRecord
  public let settings: [StoredSetting]
  /// Whether the registry knows the instance already.
  public let takesUp: Bool
  /// What Berth last wrote into files that a person may edit, by path; only where rows that were deleted come back.
  public let checksums: [String: String]

  package init(record: InstanceRecord, settings: [StoredSetting], takesUp: Bool, checksums: [String: String] = [:]) {
    self.record = record
    self.settings = settings
    self.takesUp = takesUp
    self.checksums = checksums
  }
}
