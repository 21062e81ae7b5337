/// Who a file belongs to.
public struct FileOwner: Sendable, Hashable, Codable {
  /// A user of the host's, by name.
  public let user: String
  /// The user of a container, who has no name on the host and owns the file in the user's place; nil for the user.
  public let inside: ContainerUser?

  public init(user: String, inside: ContainerUser? = nil) {
    self.user = user
    self.inside = inside
  }
}

/// The user that the programs of a container run as.
public enum ContainerUser: Sendable, Hashable, Codable {
  case numbers(FileNumbers)
  /// The user of an image: the one with this name or number, or the image's own.
  case image(Container.Engine, String, user: String?)

  /// - Parameters:
  ///   - user: as an engine takes it, such as `1000`, `1000:1000` or `node`; nil for the image's own.
  ///   - image: its id or name.
  public init(_ user: String?, of image: String, _ engine: Container.Engine) {
    let parts = (user ?? "").split(separator: ":", omittingEmptySubsequences: false).map { UInt32($0) }
    self =
      if parts.count == 2, let number = parts[0], let group = parts[1] {
        .numbers(FileNumbers(user: number, group: group))
      } else {
        .image(engine, image, user: user)
      }
  }
}

/// Who a file belongs to, by the numbers of a user and a group.
public struct FileNumbers: Sendable, Hashable, Codable {
  public var user: UInt32
  public var group: UInt32

  public init(user: UInt32, group: UInt32) {
    self.user = user
    self.group = group
  }
}

/// What lies in folders of a user and belongs to somebody else, or is closed to the user.
public struct ForeignFiles: Sendable, Equatable {
  /// What is wrong with an entry.
  public enum Kind: Sendable {
    /// It can be given to the user.
    case foreign
    /// It stays as it is, since it may have another name outside of the folders.
    case shared
    /// It is the user's, and its mode keeps the user from it.
    case closed
  }

  /// How many are named of each kind.
  public static let shown = 3

  /// The first of those that can be given to the user, and how many there are.
  public private(set) var paths: [String] = []
  public private(set) var count = 0
  /// The same for files that stay as they are, since they may have another name outside of the folders.
  public private(set) var shared: [String] = []
  public private(set) var sharedCount = 0
  /// The same for what is the user's, and closed to it.
  public private(set) var closed: [String] = []
  public private(set) var closedCount = 0

  public init() {}

  public mutating func note(_ path: String, _ kind: Kind) {
    switch kind {
    case .foreign:
      count += 1
      if paths.count < Self.shown { paths.append(path) }
    case .shared:
      sharedCount += 1
      if shared.count < Self.shown { shared.append(path) }
    case .closed:
      closedCount += 1
      if closed.count < Self.shown { closed.append(path) }
    }
  }
}

/// Whose a folder is, and what its mode allows.
public struct FolderAccess: Sendable, Equatable {
  public let owner: FileNumbers
  /// As people read them.
  public let ownerName: String
  public let groupName: String
  public let mode: UInt16

  public init(_ owner: FileNumbers, names: (owner: String, group: String), mode: UInt16) {
    (self.owner, ownerName, groupName, self.mode) = (owner, names.owner, names.group, mode)
  }

  /// Whether somebody may make and remove files in it.
  public func allows(user: Int, groups: [Int]) -> Bool {
    let bits: UInt16 =
      user == Int(owner.user) ? 0o300 : groups.contains(Int(owner.group)) ? 0o030 : 0o003
    return mode & bits == bits
  }

  /// Whether what is made in it belongs to its group, and not to that of the maker.
  public var handsOnGroup: Bool { mode & 0o2000 != 0 }
}

/// What is left of a disk.
public struct DiskRoom: Sendable, Equatable {
  /// Which file system it is, as long as it is mounted.
  public let disk: UInt64
  /// Bytes that Berth can still write.
  public let bytes: Int64
  /// Bytes of which a file takes whole multiples.
  public let block: Int64

  public init(disk: UInt64, bytes: Int64, block: Int64) {
    self.disk = disk
    self.bytes = bytes
    self.block = block
  }
}

/// The host's files, as far as Berth touches them.
///
/// No path leads through a link that somebody else than root and Berth's own user can have made, nor through any below an
/// instance's own folders: that is `link-in-the-way` (65). Where a regular file is expected, everything else is
/// `not-a-file` (65) at once, and never waited for. Writing never follows a link in the last part of a path, and
/// replaces a file in one step. Copying, measuring, giving away and removing go by descriptors.
public protocol FileTree: Sendable {
  /// Whether something is there, a dangling link included.
  func exists(_ path: String) -> Bool
  func isFolder(_ path: String) -> Bool
  /// Whether the path itself is a regular file; a link is none.
  func isFile(_ path: String) -> Bool
  /// Whether a file belongs to a user who may do with it at least what the mode gives its owner; nil for anybody.
  func isOwners(_ path: String, mode: UInt16, owner: FileOwner?) -> Bool
  /// Whether a user may read a file, as far as its owner and mode tell.
  ///
  /// - Parameter user: nil for Berth's own.
  /// - Returns: true where something else tells: an access list, or nothing is there.
  func mayRead(_ path: String, _ user: FileOwner?) -> Bool
  /// Whose a folder is; nil where there is none, and where an access list says more than its mode.
  func ownership(of folder: String) -> FolderAccess?
  /// Whether the path is a regular file that may be executed.
  func isExecutable(_ path: String) -> Bool
  /// The path without links, as far as it exists.
  func realPath(_ path: String) -> String
  /// The first folder on the way to a path, or link in it, that somebody else than root and Berth's own user can change;
  /// nil when there is none. What does not exist yet is nobody's.
  func changeable(onTheWayTo path: String) -> String?
  /// The names in a folder, sorted.
  func list(_ folder: String) throws -> [String]
  /// A text file of at most 8 MiB, with every byte: see ``RawText``.
  func read(_ path: String) throws -> String
  /// Writes a file beside and renames it into place, with the bytes that the text stands for (``RawText``).
  ///
  /// - Parameter anchor: a folder above the path whose inside another user owns; below it no link is followed.
  func write(_ text: String, to path: String, mode: UInt16, owner: FileOwner?, anchor: String?) throws
  /// Makes a folder and what is missing above it (those with mode 0755).
  ///
  /// All or nothing: when it fails, nothing of it is left. A folder that is there stays as it is.
  func makeFolder(_ path: String, mode: UInt16, owner: FileOwner?) throws
  func makeLink(_ path: String, to target: String) throws
  /// Copies a regular file beside its place and gives it its name; whatever is there already is an error.
  func copy(_ path: String, to target: String, mode: UInt16) throws
  /// Renames within one file system, or copies where it must.
  func move(_ path: String, to target: String) throws
  /// Gives two paths of one file system each other's name in one step.
  func exchange(_ path: String, with other: String) throws
  /// The bytes on the disk that lie in a folder, links not followed, or that a regular file takes; nil where it cannot be read
  /// as a whole.
  func usedBytes(_ path: String) -> Int64?
  /// What is left of the disk that a folder lies on; nil where there is no folder, and where no bound is known.
  func room(in folder: String) -> DiskRoom?
  /// Whether both lie in one mounted file system, so that one may be renamed to the other; each as far as it exists.
  func isOneFileSystem(_ path: String, _ other: String) -> Bool
  /// Gives a folder and what lies in it to others, as far as it belonged to somebody. No link is followed.
  func changeOwner(of folder: String, from former: FileNumbers, to now: FileNumbers) throws
  /// The folders and regular files in folders of a user, these included, that belong to somebody else. No link is followed,
  /// and nothing that is mounted in there is looked at.
  ///
  /// - Parameter isDeep: whether what lies in folders below is looked at too, up to a million entries.
  func foreignFiles(in folders: [String], of owner: FileOwner, isDeep: Bool) -> ForeignFiles
  /// Gives these to the user, who may read and write them from then on. A file with several names stays as it is.
  func giveForeignFiles(in folders: [String], to owner: FileOwner) throws
  /// Removes a file, a link, or a folder with all that is in it; nothing there is no error.
  func remove(_ path: String) throws
  /// Removes a folder when it is empty.
  func removeFolderIfEmpty(_ path: String)
  /// Takes away what units of an instance have pinned, with the folder that it is in; nothing there is no error.
  func unpin(_ folder: String)
  /// Takes away those pins whose folder or file has been removed since.
  func unpinRemoved(_ folder: String)
  /// Makes what was renamed, made or removed in these folders outlast a power cut. One that is gone is passed over.
  func flush(_ folders: Set<String>)
}
