import BerthKit
import Foundation

/// The host's files.
public struct LinuxFileTree: FileTree {
  /// Gives the numbers of a user; nil when there is no such user.
  public typealias Identities = @Sendable (String) -> (user: uid_t, group: gid_t)?

  /// The largest file that ``read(_:)`` takes.
  static let largestText = 8 << 20

  /// As many folders as are flushed one by one.
  private static let fewFolders = 32
  /// From this many folders in it on, a folder's contents are removed several at a time.
  private static let manyFolders = 32

  private let identities: Identities

  public init(identities: @escaping Identities = { _ in nil }) { self.identities = identities }

  public func exists(_ path: String) -> Bool {
    var info = stat()
    return lstat(path, &info) == 0
  }

  public func isFolder(_ path: String) -> Bool {
    var info = stat()
    return stat(path, &info) == 0 && info.st_mode & S_IFMT == S_IFDIR
  }

  public func isExecutable(_ path: String) -> Bool {
    var info = stat()
    return stat(path, &info) == 0 && info.st_mode & S_IFMT == S_IFREG && access(path, X_OK) == 0
  }

  public func realPath(_ path: String) -> String {
    // What does not exist yet lies in the nearest folder that does, and that one may be reached by a link.
    var existing = path[...]
    var missing = ""
    while !existing.isEmpty {
      if let resolved = realpath(String(existing), nil) {
        defer { free(resolved) }
        let found = String(cString: resolved)
        return found == "/" ? (missing.isEmpty ? "/" : missing) : found + missing
      }
      guard let slash = existing.lastIndex(of: "/") else { break }
      missing = existing[slash...] + missing
      existing = existing[..<slash]
    }
    return path
  }

  public func list(_ folder: String) throws -> [String] {
    guard let stream = opendir(folder) else { throw BerthError.fileSystem("cannot list", folder) }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names.sorted()
  }

  public func read(_ path: String) throws -> String {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { throw BerthError.fileSystem("cannot read", path) }
    defer { close(file) }
    var info = stat()
    guard fstat(file, &info) == 0, info.st_mode & S_IFMT == S_IFREG else {
      throw BerthError.fileSystem("not a regular file:", path)
    }
    guard info.st_size <= Self.largestText else { throw BerthError.tooLarge(path, bytes: Self.largestText) }
    var bytes = [UInt8](repeating: 0, count: Int(info.st_size))
    var filled = 0
    while filled < bytes.count {
      let count = bytes.withUnsafeMutableBytes { buffer in
        Glibc.read(file, UnsafeMutableRawBufferPointer(rebasing: buffer[filled...]).baseAddress, buffer.count - filled)
      }
      guard count > 0 else { break }
      filled += count
    }
    return String(decoding: bytes.prefix(filled), as: UTF8.self)
  }

  public func makeLink(_ path: String, to target: String) throws {
    guard symlink(target, path) == 0 else { throw BerthError.fileSystem("cannot make the link", path) }
  }

  public func move(_ path: String, to target: String) throws {
    guard rename(path, target) != 0 else { return }
    guard errno == EXDEV else { throw BerthError.fileSystem("cannot move", path) }
    do { try FileManager.default.moveItem(atPath: path, toPath: target) } catch {
      throw BerthError.fileSystem("cannot move", path)
    }
  }

  public func remove(_ path: String) throws {
    guard exists(path) else { return }
    // FileManager removes links themselves and never what they point to.
    do {
      Self.removeContents(of: path)
      try FileManager.default.removeItem(atPath: path)
    } catch {
      // Somebody else may have been faster with it, or with a part of it.
      guard exists(path) else { return }
      throw BerthError.fileSystem("cannot remove", path, cause: error.localizedDescription)
    }
  }

  /// Removes what is in a large folder, several parts at a time, as a removal mostly waits for the disk.
  private static func removeContents(of path: String) {
    var info = stat()
    guard lstat(path, &info) == 0, info.st_mode & S_IFMT == S_IFDIR, info.st_nlink > manyFolders,
      let names = try? FileManager.default.contentsOfDirectory(atPath: path)
    else { return }
    let queue = OperationQueue()
    queue.maxConcurrentOperationCount = 4
    for name in names {
      // What stays is met again, and named, when the folder itself goes.
      queue.addOperation { try? FileManager.default.removeItem(atPath: "\(path)/\(name)") }
    }
    queue.waitUntilAllOperationsAreFinished()
  }

  public func removeFolderIfEmpty(_ path: String) { rmdir(path) }

  /// A few folders are flushed one by one (fsync(2)); for many, everything at once is sooner done (sync(2)).
  public func flush(_ folders: Set<String>) {
    guard folders.count <= Self.fewFolders else { return sync() }
    for folder in folders {
      let file = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
      guard file >= 0 else { continue }
      fsync(file)
      close(file)
    }
  }

  func numbers(of owner: FileOwner?) throws -> (user: uid_t, group: gid_t)? {
    guard let owner else { return nil }
    guard let numbers = identities(owner.user) else { throw BerthError.unknownUser(owner.user) }
    return numbers
  }
}
