import BerthKit
import Foundation

extension LinuxFileTree {
  public func isOneFileSystem(_ path: String, _ other: String) -> Bool {
    guard let first = mount(of: path), let second = mount(of: other) else { return false }
    return first == second
  }

  /// The number of the mount that a path lies in, or will: rename(2) does not lead from one to another, even where both
  /// show the same file system.
  ///
  /// Source: proc_pid_fdinfo(5), `mnt_id`.
  private func mount(of path: String) -> String? {
    var existing = path
    var folder = open(existing, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    while folder < 0 {
      guard errno == ENOENT, existing != "/", !existing.isEmpty else { return nil }
      existing = (existing as NSString).deletingLastPathComponent
      folder = open(existing, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    }
    defer { close(folder) }
    return SocketTable.contents("/proc/self/fdinfo/\(folder)").split(separator: "\n")
      .first { $0.hasPrefix("mnt_id:") }.map(String.init)
  }

  public func changeOwner(of folder: String, from former: FileNumbers, to now: FileNumbers) throws {
    let top = open(folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
    guard top >= 0 else { throw BerthError.fileSystem("cannot open the folder", folder) }
    var info = stat()
    guard fstat(top, &info) == 0 else {
      close(top)
      throw BerthError.fileSystem("cannot read", folder)
    }
    if let numbers = Self.numbers(of: info, from: former, to: now), fchown(top, numbers.user, numbers.group) != 0 {
      close(top)
      throw BerthError.fileSystem("cannot give away", folder)
    }
    try Self.changeOwner(inside: top, of: folder, from: former, to: now)
  }

  /// - Parameter descriptor: the open folder, which is closed. By it, nobody who may write in there can lead elsewhere.
  private static func changeOwner(
    inside descriptor: Int32, of folder: String, from former: FileNumbers, to now: FileNumbers
  ) throws {
    let isListed = try visit(descriptor) { name, info in
      if let numbers = numbers(of: info, from: former, to: now),
        fchownat(descriptor, name, numbers.user, numbers.group, AT_SYMLINK_NOFOLLOW) != 0
      {
        throw BerthError.fileSystem("cannot give away what is in", folder)
      }
      guard info.st_mode & S_IFMT == S_IFDIR else { return }
      let inner = openat(descriptor, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
      guard inner >= 0 else { throw BerthError.fileSystem("cannot open a folder in", folder) }
      try changeOwner(inside: inner, of: folder, from: former, to: now)
    }
    guard isListed else { throw BerthError.fileSystem("cannot list", folder) }
  }

  /// Looks at everything in a folder but for what has gone since it was opened.
  ///
  /// - Parameter descriptor: the open folder, which is closed. By it, nobody who may write in there can lead elsewhere.
  /// - Returns: false when the folder cannot be listed.
  static func visit(_ descriptor: Int32, _ look: (_ name: [CChar], _ info: stat) throws -> Void) rethrows -> Bool {
    guard let stream = fdopendir(descriptor) else {
      close(descriptor)
      return false
    }
    defer { closedir(stream) }
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) {
          Array(UnsafeBufferPointer(start: $0, count: strlen($0) + 1))
        }
      }
      var info = stat()
      guard name != dot, name != dotDot, fstatat(descriptor, name, &info, AT_SYMLINK_NOFOLLOW) == 0 else { continue }
      try look(name, info)
    }
    return true
  }

  private static let (dot, dotDot): ([CChar], [CChar]) = ([0x2E, 0], [0x2E, 0x2E, 0])

  /// Nil for what stays as it is.
  private static func numbers(of info: stat, from former: FileNumbers, to now: FileNumbers) -> FileNumbers? {
    guard info.st_uid == former.user || info.st_gid == former.group else { return nil }
    return FileNumbers(
      user: info.st_uid == former.user ? now.user : info.st_uid,
      group: info.st_gid == former.group ? now.group : info.st_gid)
  }
}
