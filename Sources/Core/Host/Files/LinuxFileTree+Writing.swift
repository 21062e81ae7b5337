import BerthFiles
import BerthKit
import Foundation

extension LinuxFileTree {
  public func write(_ text: String, to path: String, mode: UInt16, owner: FileOwner?, anchor: String?) throws {
    let folder = (path as NSString).deletingLastPathComponent
    let name = (path as NSString).lastPathComponent
    let numbers = try numbers(of: owner)
    let open = try openFolder(folder, below: anchor, numbers: numbers)
    let parent = open.descriptor
    let beside = ".berth-\(getpid())-\(UInt32.random(in: 0 ... .max))"
    let file = openat(parent, beside, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
    guard file >= 0 else { throw BerthError.fileSystem("cannot write in", folder) }
    do {
      defer { close(file) }
      try RawText.bytes(of: text).withUnsafeBytes { try Self.writeAll($0, to: file, path) }
      guard fchmod(file, mode_t(mode)) == 0, fsync(file) == 0 else { throw BerthError.fileSystem("cannot write", path) }
      if let numbers, fchown(file, numbers.user, numbers.group) != 0 {
        throw BerthError.fileSystem("cannot give away", path)
      }
      guard renameat(parent, beside, parent, name) == 0 else { throw BerthError.fileSystem("cannot replace", path) }
    } catch {
      unlinkat(parent, beside, 0)
      throw error
    }
  }

  public func makeFolder(_ path: String, mode: UInt16, owner: FileOwner?) throws {
    let numbers = try numbers(of: owner)
    let names = path.utf8.split(separator: .slash).map { Array($0) }
    guard let top = names.first.map({ _ in path.hasPrefix("/") ? "/" : "." }) else { return }
    // The nearest folder that is there; what is missing below it is made by its descriptor.
    var (reached, there) = (OpenFolder(path), names.count)
    while reached == nil, errno == ENOENT, there > 0 {
      there -= 1
      reached = OpenFolder(there == 0 ? top : Self.text(names[..<there], path))
    }
    guard var folder = reached else { throw BerthError.fileSystem("cannot make the folder", path) }
    var topmost: (folder: OpenFolder, name: Bytes)?
    do {
      for index in names.indices.dropFirst(there) {
        let isLast = index == names.count - 1
        let above = folder
        folder = try Self.makeFolder(
          names[index], in: above, mode: isLast ? mode_t(mode) : 0o755, numbers: isLast ? numbers : nil, path
        ) { topmost = topmost ?? (above, names[index]) }
      }
    } catch {
      // All or nothing: whoever gets the error has nothing to take back.
      if let topmost { TreeRemoval.remove(topmost.name, in: topmost.folder) }
      throw error
    }
  }

  private static func text(_ names: ArraySlice<Bytes>, _ path: String) -> String {
    (path.hasPrefix("/") ? "/" : "") + String(decoding: Array(names.joined(separator: [.slash])), as: UTF8.self)
  }

  /// - Parameter made: called when the folder was not there before.
  private static func makeFolder(
    _ name: Bytes, in folder: OpenFolder, mode: mode_t, numbers: (user: uid_t, group: gid_t)?, _ path: String,
    made: () -> Void
  ) throws -> OpenFolder {
    let isNew = name.withCPath { mkdirat(folder.descriptor, $0, 0o700) } == 0
    if isNew { made() }
    guard isNew || errno == EEXIST, let inner = folder.folder(name) else {
      throw BerthError.fileSystem("cannot make the folder", path)
    }
    // Another run was faster; its folder is as good.
    guard isNew else { return inner }
    // The umask must not decide who can read an instance.
    guard fchmod(inner.descriptor, mode) == 0 else { throw BerthError.fileSystem("cannot set up", path) }
    if let numbers, fchown(inner.descriptor, numbers.user, numbers.group) != 0 {
      throw BerthError.fileSystem("cannot give away", path)
    }
    return inner
  }

  /// Opens a folder for writing in it. Below the anchor, which another user may own, no link is followed, and what is
  /// missing is made.
  private func openFolder(_ folder: String, below anchor: String?, numbers: (user: uid_t, group: gid_t)?) throws
    -> OpenFolder
  {
    let top = anchor ?? folder
    guard var current = OpenFolder(top) else { throw BerthError.fileSystem("cannot open the folder", top) }
    guard anchor != nil, folder != top else { return current }
    for part in folder.dropFirst(top.count).utf8.split(separator: .slash) {
      if part.withCPath({ mkdirat(current.descriptor, $0, 0o700) }) == 0, let numbers {
        _ = part.withCPath {
          fchownat(current.descriptor, $0, numbers.user, numbers.group, AT_SYMLINK_NOFOLLOW)
        }
      }
      guard let next = current.folder(part) else { throw BerthError.fileSystem("cannot open the folder", folder) }
      current = next
    }
    return current
  }

  static func writeAll(_ bytes: UnsafeRawBufferPointer, to file: Int32, _ path: String) throws {
    var left = bytes
    while !left.isEmpty {
      let count = Glibc.write(file, left.baseAddress, left.count)
      guard count > 0 else { throw BerthError.fileSystem("cannot write", path) }
      left = UnsafeRawBufferPointer(rebasing: left[count...])
    }
  }
}
