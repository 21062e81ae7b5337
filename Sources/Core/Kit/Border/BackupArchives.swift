/// Told how far a long copy is, in bytes; may throw to end it.
public typealias ByteProgress = @Sendable (_ done: Int64, _ of: Int64) throws -> Void

/// Backups as files: one standard tar each, made, checked and unpacked in one stream.
///
/// Names inside an instance are bytes that need not be text; where one has to be shown or stored it is written as
/// mtree(5) does, with `\ooo` for what is no plain character.
public protocol BackupArchives: Sendable {
  /// Begins an archive beside its place.
  func begin(_ order: ArchiveOrder) throws -> any ArchiveInProgress
  /// What a backup says of itself, and the SHA-256 of that. Reads no more of the archive than its beginning.
  ///
  /// - Throws: `bad-backup` for what is no archive of Berth's, `backup-newer` for a newer format.
  func look(at path: String) throws -> ArchiveLook
  /// The SHA-256 of what a backup says of itself, which is not read.
  func headDigest(of path: String) throws -> String
  /// How long an archive is, and what stands at its end. Reads no more than that.
  func end(of path: String) throws -> ArchiveEnd
  /// Reads an archive to its end and checks every member and the list of files.
  ///
  /// - Parameters:
  ///   - index: where to write the list of files anew; nil for nowhere.
  ///   - trust: what its list may ask for.
  ///   - isBounded: whether it may unpack to so many times its own size only.
  /// - Throws: `bad-backup` with what is wrong, `archive-expands`.
  func verify(
    _ path: String, index: String?, trust: ArchiveTrust, isBounded: Bool, progress: ByteProgress
  ) throws -> ArchiveSummary
  /// Writes the files of a backup into an empty folder, each checked before anything is done with it.
  ///
  /// - Throws: `bad-backup`, `backup-link-missing`, `no-space`, `not-in-backup`.
  func unpack(_ order: UnpackOrder, progress: ByteProgress) throws -> UnpackSummary
  /// The one spelling of a file's name that a person has typed in any.
  func spelling(of typed: String) -> String
  /// What of a folder stays when it is replaced, as paths relative to it; the topmost ones.
  func kept(_ order: ReplaceOrder) throws -> [String]
  /// Sets a folder aside, puts the unpacked one in its place, and moves what is kept into it.
  func replace(_ order: ReplaceOrder, keeping kept: [String]) throws
  /// Takes back a replacement, wherever it broke off; one that was never done is no error.
  func putBack(_ order: ReplaceOrder, keeping kept: [String]) throws
}

extension BackupArchives {
  /// Verifies with the bound on its size where a stranger made the archive.
  public func verify(
    _ path: String, index: String?, trust: ArchiveTrust, progress: ByteProgress
  ) throws -> ArchiveSummary {
    try verify(path, index: index, trust: trust, isBounded: trust.isBounded, progress: progress)
  }
}

extension BackupArchives {
  /// What a backup says of itself.
  public func head(of path: String) throws -> BackupHead { try look(at: path).head }
}

/// The beginning of an archive.
public struct ArchiveLook: Sendable, Equatable {
  public var head: BackupHead
  /// The SHA-256 of the head as it stands there, in hexadecimal digits.
  public var digest: String

  public init(head: BackupHead, digest: String) {
    self.head = head
    self.digest = digest
  }
}

/// The end of an archive, by which one that was cut off or overwritten is known without reading it.
public struct ArchiveEnd: Sendable, Equatable {
  /// Bytes of the whole archive.
  public var size: Int64
  /// The SHA-256 of its last 4 KiB, in hexadecimal digits.
  public var digest: String

  public init(size: Int64, digest: String) {
    self.size = size
    self.digest = digest
  }
}

/// An archive that is being written.
public protocol ArchiveInProgress: AnyObject, Sendable {
  /// Adds the files of sets.
  func add(_ parts: [ArchivePart], progress: ByteProgress) throws
  /// Writes the list of files, makes the archive outlast a power cut, and gives it its name.
  func finish() throws -> ArchiveSummary
  /// Removes what was written; nothing after ``finish()``.
  func discard()
}

/// What an archive is made of.
public struct ArchiveOrder: Sendable, Equatable, Codable {
  public enum Compression: String, Sendable, Codable, CaseIterable { case zstd, gzip }

  /// Where the finished archive stands. Its folder exists.
  public var path: String
  /// Where the list of files is kept for the next difference.
  public var index: String
  public var head: BackupHead
  /// The instance's own folders by their names (`data`), without links; or folders that will be in these, by their paths
  /// there (`data/volumes/media`).
  public var folders: [String: String]
  /// The index of the backup before this one, for a difference.
  public var previous: String?
  public var compression: Compression

  public init(
    path: String, index: String, head: BackupHead, folders: [String: String], previous: String? = nil,
    compression: Compression = .zstd
  ) {
    self.path = path
    self.index = index
    self.head = head
    self.folders = folders
    self.previous = previous
    self.compression = compression
  }

  /// The name that an archive has until it is finished.
  public var unfinished: String { "\(path).part" }
}

/// A set to be added to an archive.
public struct ArchivePart: Sendable, Hashable, Codable {
  /// The name of one of the head's sets.
  public var set: String
  /// What was made for it beforehand: the folder with snapshots of databases (`<copy>/data/world/map.sqlite`), or the
  /// file with a dump; nil for a set of files.
  public var copy: String?

  public init(_ set: String, copy: String? = nil) {
    self.set = set
    self.copy = copy
  }
}

/// What an archive holds.
public struct ArchiveSummary: Sendable, Equatable, Codable {
  /// Bytes of the archive itself.
  public var size: Int64
  /// Files of the instance at that moment, those in older archives of the chain included.
  public var files: Int
  /// Their bytes.
  public var bytes: Int64
  /// Bytes that this very archive holds.
  public var stored: Int64
  /// What is not in it as it was.
  public var remarks: ArchiveRemarks
  /// What tells this very archive from any other; nil until it is finished.
  public var seal: ArchiveSeal?
  /// The digest of its end (``ArchiveEnd``); nil until it is finished.
  public var end: String?

  public init(
    size: Int64, files: Int, bytes: Int64, stored: Int64, remarks: ArchiveRemarks = ArchiveRemarks(),
    seal: ArchiveSeal? = nil, end: String? = nil
  ) {
    self.seal = seal
    self.end = end
    self.size = size
    self.files = files
    self.bytes = bytes
    self.stored = stored
    self.remarks = remarks
  }
}

/// What is unpacked, and whereto.
public struct UnpackOrder: Sendable, Hashable, Codable {
  /// The archives of the chain, oldest first; the last one is the backup itself.
  public var archives: [String]
  /// The ids of their backups.
  public var ids: [String]
  /// The list of files of the last one; nil, or not there, when it has to be read from the archive.
  public var index: String?
  /// A folder that is made for it.
  public var target: String
  /// Whose the files will be; nil for Berth's own user.
  public var owner: FileOwner?
  /// What the archive may ask for.
  public var trust: ArchiveTrust
  /// The sets to unpack; nil for all.
  public var sets: [String]?
  /// One file or folder to unpack, such as `data/world/map.sqlite`; nil for all.
  public var file: String?

  public init(
    archives: [String], ids: [String], index: String?, target: String, owner: FileOwner?, trust: ArchiveTrust,
    sets: [String]? = nil, file: String? = nil
  ) {
    self.trust = trust
    self.archives = archives
    self.ids = ids
    self.index = index
    self.target = target
    self.owner = owner
    self.sets = sets
    self.file = file
  }
}

/// What was unpacked.
public struct UnpackSummary: Sendable, Equatable {
  public var files: Int
  public var bytes: Int64

  public init(files: Int, bytes: Int64) {
    self.files = files
    self.bytes = bytes
  }
}

/// How one of an instance's own folders is replaced by what was unpacked.
public struct ReplaceOrder: Sendable, Hashable, Codable {
  /// `config`, `data` or `cache`.
  public var name: String
  /// The folder itself, without links.
  public var folder: String
  /// The standard path that leads to it; nil where that is the folder itself.
  public var standard: String?
  /// What takes its place; nothing there means an empty folder.
  public var staged: String
  /// Where the former folder is set aside, on the same file system.
  public var aside: String
  /// All sets of the backup.
  public var sets: [SelectedSet]
  /// The sets that are restored. What belongs to others stays.
  public var chosen: [String]
  /// The one file or folder that is restored; all else stays.
  public var file: String?
  /// Whether what belongs to no set goes too; otherwise it stays.
  public var dropsTheRest: Bool

  public init(
    name: String, folder: String, standard: String? = nil, staged: String, aside: String, sets: [SelectedSet],
    chosen: [String], file: String? = nil, dropsTheRest: Bool = false
  ) {
    self.name = name
    self.folder = folder
    self.standard = standard
    self.staged = staged
    self.aside = aside
    self.sets = sets
    self.chosen = chosen
    self.file = file
    self.dropsTheRest = dropsTheRest
  }

  /// Whether a path lies in the folder, by the path of either kind.
  public func holds(_ path: String) -> Bool {
    path.hasPrefix("\(folder)/") || standard.map { path.hasPrefix("\($0)/") } ?? false
  }
}
