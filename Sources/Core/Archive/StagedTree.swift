import BerthFiles
import BerthKit
import CArchive
import Glibc

/// The folder that a backup is unpacked into. Nobody else can enter it while it is made.
final class StagedTree {
  private let path: String
  private let owner: Ownership
  private var cursor: FolderCursor

  convenience init(_ path: String, _ owner: Ownership) throws {
    guard HostPath.makeFolder(path) != nil else { throw BerthError.fileSystem("cannot make the folder", path) }
    try self.init(existing: path, owner)
  }

  /// A folder that has something in it already.
  init(existing path: String, _ owner: Ownership = .own) throws {
    guard let top = OpenFolder(path) else { throw BerthError.fileSystem("cannot open the folder", path) }
    self.path = path
    self.owner = owner
    cursor = FolderCursor(top)
  }

  func makeFolder(_ folder: Bytes) throws {
    let parent = try open(folder.parent)
    guard folder.lastName.withCPath({ mkdirat(parent.descriptor, $0, 0o700) }) == 0 else {
      throw failure("cannot make the folder", folder)
    }
  }

  /// Whether a folder is there. What is no folder is none, and making one in its place fails.
  func hasFolder(_ folder: Bytes) throws -> Bool {
    let parent = try open(folder.parent)
    return parent.info(folder.lastName).map { $0.st_mode & S_IFMT == S_IFDIR } ?? false
  }

  func makeFile(_ file: Bytes) throws -> StagedFile {
    let parent = try open(file.parent)
    let descriptor = file.lastName.withCPath {
      openat(parent.descriptor, $0, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
    }
    guard descriptor >= 0 else { throw failure("cannot write", file) }
    return StagedFile(descriptor, "\(path)/\(FileName.text(file))", owner)
  }

  func makeLink(_ entry: FileEntry) throws {
    let parent = try open(entry.path.parent)
    try entry.path.lastName.withCPath { name in
      guard (entry.target ?? []).withCPath({ symlinkat($0, parent.descriptor, name) }) == 0 else {
        throw failure("cannot make the link", entry.path)
      }
      let (user, group) = owner.numbers(of: entry)
      if owner.gives,
        fchownat(parent.descriptor, name, user, group, AT_SYMLINK_NOFOLLOW) != 0
      {
        throw failure("cannot give away", entry.path)
      }
      let times = [entry.modified.timespec, entry.modified.timespec]
      guard utimensat(parent.descriptor, name, times, AT_SYMLINK_NOFOLLOW) == 0 else {
        throw failure("cannot set the time of", entry.path)
      }
    }
  }

  /// Gives a file one more name.
  func makeName(_ name: Bytes, of file: Bytes) throws {
    let from = try open(file.parent)
    let to = try open(name.parent)
    let status = file.lastName.withCPath { old in
      name.lastName.withCPath { linkat(from.descriptor, old, to.descriptor, $0, 0) }
    }
    guard status == 0 else { throw failure("cannot make the link", name) }
  }

  /// Gives a folder in which nothing is made any more its owner, mode and time.
  func finishFolder(_ entry: FileEntry) throws {
    let folder = try open(entry.path)
    try StagedFile.settle(folder.descriptor, entry, owner) { self.failure($0, entry.path) }
  }

  func sync() throws {
    guard syncfs(cursor.top.descriptor) == 0 else { throw BerthError.fileSystem("cannot write", path) }
  }

  func remove() { TreeRemoval.remove(path) }

  private func open(_ folder: ArraySlice<UInt8>) throws -> OpenFolder { try open(Array(folder)) }

  private func open(_ folder: Bytes) throws -> OpenFolder {
    guard let open = cursor.open(folder) else { throw failure("cannot open the folder", folder) }
    return open
  }

  private func failure(_ action: String, _ name: some Sequence<UInt8>) -> BerthError {
    .fileSystem(action, "\(path)/\(FileName.text(name))")
  }
}

/// A file that is being unpacked.
struct StagedFile: ~Copyable {
  /// After this many bytes the disk begins with them.
  private static let burst: Int64 = 8 << 20

  private let descriptor: Int32
  private let path: String
  private let owner: Ownership
  private var end: Int64 = 0
  private var begun: Int64 = 0

  init(_ descriptor: Int32, _ path: String, _ owner: Ownership) {
    self.descriptor = descriptor
    self.path = path
    self.owner = owner
  }

  deinit { close(descriptor) }

  mutating func write(_ bytes: UnsafeRawBufferPointer, at offset: Int64) throws {
    var written = 0
    while written < bytes.count {
      let count = pwrite(
        descriptor, bytes.baseAddress?.advanced(by: written), bytes.count - written, Int(offset) + written)
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { throw BerthError.fileSystem("cannot write", path) }
      written += count
    }
    end = offset + Int64(bytes.count)
    if end - begun >= Self.burst {
      _ = sync_file_range(descriptor, Int(begun), Int(end - begun), Linux.syncFileRangeWrite)
      begun = end
    }
  }

  /// Gives the file its size, owner, mode and time.
  mutating func finish(_ entry: FileEntry) throws {
    // A hole at the end.
    if end < entry.size, ftruncate(descriptor, Int(entry.size)) != 0 {
      throw BerthError.fileSystem("cannot write", path)
    }
    try Self.settle(descriptor, entry, owner) { .fileSystem($0, path) }
  }

  static func settle(
    _ descriptor: Int32, _ entry: FileEntry, _ owner: Ownership, _ failure: (String) -> BerthError
  ) throws {
    let (user, group) = owner.numbers(of: entry)
    if owner.gives, fchown(descriptor, user, group) != 0 { throw failure("cannot give away") }
    guard fchmod(descriptor, owner.mode(of: entry)) == 0 else { throw failure("cannot set up") }
    let times = [entry.modified.timespec, entry.modified.timespec]
    guard futimens(descriptor, times) == 0 else { throw failure("cannot set the time of") }
  }
}
