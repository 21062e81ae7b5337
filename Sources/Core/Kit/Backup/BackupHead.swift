/// What a backup says of itself, in the first member of its archive.
///
/// An instance without its secrets cannot be restored, so that they are in it, and an archive is readable by its owner
/// alone.
public struct BackupHead: Sendable, Equatable, Codable {
  /// Whether it holds everything, or what is new since those of its chain.
  public enum Kind: String, Sendable, Codable { case full, diff }

  /// An older backup whose archive holds files of this one.
  public struct Link: Sendable, Equatable, Codable {
    public var id: String
    /// The name of its archive's file.
    public var file: String
    /// What that archive was when this backup was made upon it; nil where nobody noted it.
    public var seal: ArchiveSeal?

    public init(id: String, file: String, seal: ArchiveSeal? = nil) {
      self.id = id
      self.file = file
      self.seal = seal
    }
  }

  /// The newest format that this Berth reads, and the one it writes.
  public static let newestFormat = 1

  public var format: Int
  /// A UUID.
  public var id: String
  public var kind: Kind
  /// ISO 8601 in UTC.
  public var createdAt: String
  public var hostName: String
  public var instance: InstanceRecord
  public var settings: [StoredSetting]
  public var manifest: Manifest
  /// The parts of the instance in the order in which they were looked for; what belongs to several is the first one's.
  public var sets: [SelectedSet]
  /// The numbers of the instance's own user, whose files become those of the instance that they are restored into. All
  /// others keep theirs, since a container's programs know their users by these. Nil when all files are the instance's.
  public var owner: FileNumbers?
  /// The full backup and the differences before this one, oldest first; nothing for a full one.
  public var chain: [Link]

  public init(
    id: String, kind: Kind, createdAt: String, hostName: String, instance: InstanceRecord, settings: [StoredSetting],
    manifest: Manifest, sets: [SelectedSet], owner: FileNumbers? = nil, chain: [Link] = []
  ) {
    format = Self.newestFormat
    self.id = id
    self.kind = kind
    self.createdAt = createdAt
    self.hostName = hostName
    self.instance = instance
    self.settings = settings
    self.manifest = manifest
    self.sets = sets
    self.owner = owner
    self.chain = chain
  }
}

/// A backup set of one instance: its declaration with everything worked in.
///
/// Paths are relative to the instance and begin with one of its own folders, such as `data/world`. They may hold
/// wildcards; see ``PathPattern``.
public struct SelectedSet: Sendable, Hashable, Codable {
  public enum Source: Sendable, Hashable, Codable {
    /// - Parameter exclude: relative to the path that was matched, or to the instance when it begins with a folder of
    ///   its own and a slash (`data/cache`).
    case files(paths: [String], exclude: [String])
    /// Databases of SQLite; their `-wal`, `-shm` and `-journal` belong to them.
    case sqlite(paths: [String])
    /// What a program wrote, kept as the member `dumps/<name>`.
    case dump
  }

  public var name: String
  public var source: Source

  public init(_ name: String, _ source: Source) {
    self.name = name
    self.source = source
  }
}
