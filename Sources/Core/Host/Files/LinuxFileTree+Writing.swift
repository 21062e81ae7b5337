import BerthKit
import Foundation

extension LinuxFileTree {
  public func write(_ text: String, to path: String, mode: UInt16, owner: FileOwner?, anchor: String?) throws {
    let folder = (path as NSString).deletingLastPathComponent
    let name = (path as NSString).lastPathComponent
    let numbers = try numbers(of: owner)
    let parent = try openFolder(folder, below: anchor, numbers: numbers)
    defer { close(parent) }
    let beside = ".berth-\(getpid())-\(UInt32.random(in: 0 ... .max))"
    let file = openat(parent, beside, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
    guard file >= 0 else { throw BerthError.fileSystem("cannot write in", folder) }
    do {
      defer { close(file) }
      try Array(text.utf8).withUnsafeBytes { try Self.writeAll($0, to: file, path) }
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
    var topmost: String?
    do { try makeFolders(path, mode: mode, numbers: numbers, topmost: &topmost) } catch {
      // All or nothing: whoever gets the error has nothing to take back.
      if let topmost { try remove(topmost) }
      throw error
    }
  }

  private func makeFolders(
    _ path: String, mode: UInt16, numbers: (user: uid_t, group: gid_t)?, topmost: inout String?
  ) throws {
    var current = ""
    let parts = path.split(separator: "/")
    for (index, part) in parts.enumerated() {
      current += "/\(part)"
      let isLast = index == parts.count - 1
      guard mkdir(current, isLast ? mode_t(mode) : 0o755) == 0 else {
        guard errno == EEXIST, isFolder(current) else { throw BerthError.fileSystem("cannot make the folder", current) }
        continue
      }
      topmost = topmost ?? current
      // The umask must not decide who can read an instance.
      guard chmod(current, isLast ? mode_t(mode) : 0o755) == 0 else {
        throw BerthError.fileSystem("cannot set up", current)
      }
      if isLast, let numbers, lchown(current, numbers.user, numbers.group) != 0 {
        throw BerthError.fileSystem("cannot give away", current)
      }
    }
  }

  /// Opens a folder for writing in it. Below the anchor, which another user may own, no link is followed, and what is
  /// missing is made.
  private func openFolder(_ folder: String, below anchor: String?, numbers: (user: uid_t, group: gid_t)?) throws
    -> Int32
  {
    let top = anchor ?? folder
    var current = open(top, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard current >= 0 else { throw BerthError.fileSystem("cannot open the folder", top) }
    guard anchor != nil, folder != top else { return current }
    for part in folder.dropFirst(top.count).split(separator: "/") {
      let above = current
      defer { close(above) }
      if mkdirat(current, String(part), 0o700) == 0, let numbers {
        _ = fchownat(current, String(part), numbers.user, numbers.group, AT_SYMLINK_NOFOLLOW)
      }
      let next = openat(current, String(part), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
      guard next >= 0 else { throw BerthError.fileSystem("cannot open, or it is a link:", "\(top)/…/\(part)") }
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
