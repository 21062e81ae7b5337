import BerthFiles
import BerthKit
import Foundation

/// The host's files. Every path goes through ``HostPath``, so that nothing that an instance puts into its folders leads
/// Berth elsewhere or makes it wait.
public struct LinuxFileTree: FileTree {
  /// Gives the numbers of a user; nil when there is no such user.
  public typealias Identities = @Sendable (String) -> (user: uid_t, group: gid_t)?

  /// The largest file that ``read(_:)`` takes.
  static let largestText = 8 << 20

  /// As many folders as are flushed one by one.
  private static let fewFolders = 32
  /// From this many folders in it on, a folder's contents are removed several at a time.
  private static let manyFolders = 32

  let identities: Identities

  public init(identities: @escaping Identities = { _ in nil }) { self.identities = identities }

  public func exists(_ path: String) -> Bool {
    // Behind a link that is not followed there is something that has to be looked at: whoever reads it learns why.
    HostPath.exists(path) || errno == ELOOP
  }

  public func isFolder(_ path: String) -> Bool { HostPath.target(path).map { $0.st_mode & S_IFMT == S_IFDIR } ?? false }

  public func isFile(_ path: String) -> Bool { HostPath.info(path).map { $0.st_mode & S_IFMT == S_IFREG } ?? false }

  public func isOwners(_ path: String, mode: UInt16, owner: FileOwner?) -> Bool {
    guard let info = HostPath.info(path) else { return false }
    let wanted = mode_t(mode) & 0o700
    return info.st_mode & wanted == wanted && owner.map { identities($0.user)?.user == info.st_uid } ?? true
  }

  /// Whether it belongs to the user of this process. A link is looked at itself.
  public func isOwn(_ path: String) -> Bool { HostPath.info(path)?.st_uid == geteuid() }

  public func mayRead(_ path: String, _ user: FileOwner?) -> Bool {
    let numbers = user.map { identities($0.user) } ?? (geteuid(), getegid())
    return numbers.map { HostPath.mayRead(path, user: $0.user, group: $0.group) } ?? true
  }

  public func isExecutable(_ path: String) -> Bool {
    HostPath.target(path).map { $0.st_mode & S_IFMT == S_IFREG } ?? false && access(path, X_OK) == 0
  }

  public func realPath(_ path: String) -> String {
    // What does not exist yet lies in the nearest folder that does, and that one may be reached by a link.
    var existing = path[...]
    var missing = ""
    var links = 0
    while !existing.isEmpty {
      if let resolved = realpath(String(existing), nil) {
        defer { free(resolved) }
        let found = String(cString: resolved)
        let whole = found == "/" ? (missing.isEmpty ? "/" : missing) : found + missing
        return missing.contains("/..") ? (whole as NSString).standardizingPath : whole
      }
      // A link may lead to what is still to be made. The kernel follows 40 (path_resolution(7)).
      if links < 40, let target = try? FileManager.default.destinationOfSymbolicLink(atPath: String(existing)) {
        links += 1
        let folder = existing[..<(existing.lastIndex(of: "/") ?? existing.startIndex)]
        existing = (target.hasPrefix("/") ? target : "\(folder)/\(target)")[...]
        continue
      }
      guard let slash = existing.lastIndex(of: "/") else { break }
      missing = existing[slash...] + missing
      existing = existing[..<slash]
    }
    return path
  }

  public func changeable(onTheWayTo path: String) -> String? { HostPath.changeable(onTheWayTo: path) }

  public func list(_ folder: String) throws -> [String] {
    guard let names = OpenFolder(folder)?.names() else { throw BerthError.fileSystem("cannot list", folder) }
    return names.map { String(decoding: $0, as: UTF8.self) }.sorted()
  }

  public func read(_ path: String) throws -> String {
    guard let file = try RegularFile.open(path) else { throw BerthError.fileSystem("cannot read", path) }
    guard let bytes = file.read(atMost: Self.largestText) else {
      if errno == EFBIG { throw BerthError.tooLarge(path, bytes: Self.largestText) }
      throw BerthError.fileSystem("cannot read", path)
    }
    return RawText.text(of: bytes)
  }

  public func makeLink(_ path: String, to target: String) throws {
    let (folder, name) = try Self.parent(of: path)
    guard name.withCPath({ symlinkat(target, folder.descriptor, $0) }) == 0 else {
      throw BerthError.fileSystem("cannot make the link", path)
    }
  }

  public func move(_ path: String, to target: String) throws {
    guard !HostPath.rename(path, to: target) else { return }
    guard errno == EXDEV else { throw BerthError.fileSystem("cannot move", path) }
    let (from, to) = (try Self.parent(of: path), try Self.parent(of: target))
    do {
      try TreeCopy.copy(from, to: to, path: path) { BerthError.fileSystem("cannot move '\(path)' to", target) }
    } catch {
      TreeRemoval.remove(to.name, in: to.folder)
      throw error
    }
    try remove(path)
  }

  public func exchange(_ path: String, with other: String) throws {
    guard HostPath.exchange(path, with: other) else { throw BerthError.fileSystem("cannot replace", path) }
  }

  public func remove(_ path: String) throws {
    guard let (folder, name) = HostPath.parent(of: path) else {
      if errno == ENOENT || errno == ENOTDIR { return }
      throw BerthError.fileSystem("cannot remove", path)
    }
    if let inner = folder.folder(name, onOneMount: true) { Self.removeContents(of: inner) }
    guard TreeRemoval.remove(name, in: folder) else { throw BerthError.fileSystem("cannot remove", path) }
  }

  /// Removes what is in a large folder, several parts at a time, as a removal mostly waits for the disk.
  private static func removeContents(of folder: OpenFolder) {
    guard let info = folder.info, info.st_nlink > manyFolders, let names = folder.names() else { return }
    let queue = OperationQueue()
    queue.maxConcurrentOperationCount = 4
    for name in names {
      // What stays is met again, and named, when the folder itself goes.
      queue.addOperation { TreeRemoval.remove(name, in: folder) }
    }
    queue.waitUntilAllOperationsAreFinished()
  }

  public func removeFolderIfEmpty(_ path: String) {
    guard let (folder, name) = HostPath.parent(of: path) else { return }
    _ = name.withCPath { unlinkat(folder.descriptor, $0, AT_REMOVEDIR) }
  }

  /// A few folders are flushed one by one (fsync(2)); for many, everything at once is sooner done (sync(2)).
  public func flush(_ folders: Set<String>) {
    guard folders.count <= Self.fewFolders else { return sync() }
    for folder in folders {
      if let open = OpenFolder(folder) { fsync(open.descriptor) }
    }
  }

  public func unpin(_ folder: String) { PinnedMount.detachAll(in: folder, levels: 1) }

  public func unpinRemoved(_ folder: String) { PinnedMount.detachRemoved(in: folder, levels: 1) }

  /// The folder that a path ends in, and the last name.
  static func parent(of path: String) throws -> (folder: OpenFolder, name: Bytes) {
    guard let parent = HostPath.parent(of: path) else { throw BerthError.fileSystem("cannot open the folder of", path) }
    return parent
  }

  func numbers(of owner: FileOwner?) throws -> (user: uid_t, group: gid_t)? {
    guard let owner else { return nil }
    if case .numbers(let numbers)? = owner.inside { return (numbers.user, numbers.group) }
    guard let numbers = identities(owner.user) else { throw BerthError.unknownUser(owner.user) }
    return numbers
  }
}
