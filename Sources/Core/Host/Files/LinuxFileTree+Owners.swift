import BerthFiles
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
    var folder = HostPath.open(existing, O_RDONLY | O_DIRECTORY)
    while folder < 0 {
      guard errno == ENOENT, existing != "/", !existing.isEmpty else { return nil }
      existing = (existing as NSString).deletingLastPathComponent
      folder = HostPath.open(existing, O_RDONLY | O_DIRECTORY)
    }
    defer { close(folder) }
    return SocketTable.contents("/proc/self/fdinfo/\(folder)").split(separator: "\n")
      .first { $0.hasPrefix("mnt_id:") }.map(String.init)
  }

  public func ownership(of folder: String) -> FolderAccess? {
    guard let info = HostPath.plainFolder(folder) else { return nil }
    let owner = getpwuid(info.st_uid).map { String(cString: $0.pointee.pw_name) } ?? "\(info.st_uid)"
    let group = getgrgid(info.st_gid).map { String(cString: $0.pointee.gr_name) } ?? "\(info.st_gid)"
    return FolderAccess(
      FileNumbers(user: info.st_uid, group: info.st_gid), names: (owner, group), mode: UInt16(info.st_mode & 0o7777))
  }

  public func changeOwner(of folder: String, from former: FileNumbers, to now: FileNumbers) throws {
    guard let parent = HostPath.parent(of: folder), let top = parent.folder.folder(parent.name), let info = top.info
    else { throw BerthError.fileSystem("cannot open the folder", folder) }
    if let numbers = Self.numbers(of: info, from: former, to: now),
      fchown(top.descriptor, numbers.user, numbers.group) != 0
    {
      throw BerthError.fileSystem("cannot give away", folder)
    }
    let end = try TreeVisit.visit(top) { inner, name, info in
      guard let numbers = Self.numbers(of: info, from: former, to: now) else { return }
      let status = name.withCPath {
        fchownat(inner.descriptor, $0, numbers.user, numbers.group, AT_SYMLINK_NOFOLLOW)
      }
      guard status == 0 || errno == ENOENT else { throw BerthError.fileSystem("cannot give away what is in", folder) }
    }
    switch end {
    case .whole: return
    case .unreadable: throw BerthError.fileSystem("cannot list a folder in", folder)
    case .tooDeep: throw BerthError.tooDeep(folder)
    }
  }

  public func foreignFiles(in folders: [String], of owner: FileOwner, isDeep: Bool) -> ForeignFiles {
    guard let numbers = identities(owner.user) else { return ForeignFiles() }
    var walk = OwnerWalk(numbers.user, numbers.group, isDeep: isDeep)
    for folder in folders { try? walk.walk(folder) }
    return walk.found
  }

  public func giveForeignFiles(in folders: [String], to owner: FileOwner) throws {
    guard let numbers = identities(owner.user) else { throw BerthError.unknownUser(owner.user) }
    var walk = OwnerWalk(numbers.user, numbers.group) { BerthError.fileSystem("cannot give away", $0) }
    for folder in folders { try walk.walk(folder) }
  }

  /// Nil for what stays as it is.
  private static func numbers(of info: stat, from former: FileNumbers, to now: FileNumbers) -> FileNumbers? {
    guard info.st_uid == former.user || info.st_gid == former.group else { return nil }
    return FileNumbers(
      user: info.st_uid == former.user ? now.user : info.st_uid,
      group: info.st_gid == former.group ? now.group : info.st_gid)
  }
}
