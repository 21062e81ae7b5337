import CLinux
import Glibc

/// The one way from a path to what it names.
///
/// Berth runs as root, and what an instance runs may put links into the instance's folders at any moment. So a link is
/// followed only where nobody but root and Berth's own user can have made it. From the first folder on that another user
/// can change, a link is an error (`ELOOP`), and so is a step upwards. The same holds below an instance's `config`, `data`
/// and `cache`, even where their owner is Berth's own user.
///
/// Nothing that is opened by a path waits: a FIFO without a writer is opened at once.
package enum HostPath {
  /// Opens what a path names.
  ///
  /// - Parameters:
  ///   - flags: of open(2); `O_CLOEXEC` and `O_NONBLOCK` are added.
  ///   - mode: of a file that is made.
  /// - Returns: a descriptor; -1 with `errno`, which is `ELOOP` where a link is not followed.
  package static func open(_ path: String, _ flags: Int32, mode: mode_t = 0) -> Int32 {
    var flags = flags | O_CLOEXEC
    if flags & pathOnly == 0 { flags |= O_NONBLOCK }
    // One call is enough where there is no link on the way, which is what is there nearly always.
    if !path.utf8.isEmpty, !mayLeadUpwards(path) {
      let descriptor = berth_openat2(
        AT_FDCWD, path, UInt64(UInt32(bitPattern: flags)), flags & O_CREAT == 0 ? 0 : UInt64(mode),
        UInt64(BERTH_RESOLVE_NO_SYMLINKS))
      // An older kernel has no such call (ENOSYS), and a filter of system calls may refuse it (EPERM).
      if descriptor >= 0 || ![ELOOP, ENOSYS, EPERM].contains(errno) { return descriptor }
    }
    guard let place = place(of: path, followsLast: flags & O_NOFOLLOW == 0) else { return -1 }
    return place.name.withCPath { open($0, in: place.folder, flags | O_NOFOLLOW, mode) }
  }

  /// Opens what a path of an operator's leads to, for nothing but a mount of it.
  ///
  /// The links on its way are the operator's affair, until it comes to an instance: what lies below a folder of an
  /// instance's user is the instance's, by whichever way a path gets there.
  ///
  /// - Parameter isInstances: whether a number is that of an instance's user.
  /// - Returns: a descriptor; -1 with `errno`, which is `ELOOP` where a link is not followed.
  package static func openChosen(_ path: String, isInstances: @escaping (uid_t) -> Bool) -> Int32 {
    guard let place = place(of: path, followsLast: true, following: .allBut(isInstances)) else { return -1 }
    return place.name.withCPath { name in
      // A folder that is to be mounted when somebody looks at it (autofs) is so only if it has to be one.
      let folder = openat(place.folder.descriptor, name, pathOnly | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
      guard folder < 0, errno == ENOTDIR else { return folder }
      return openat(place.folder.descriptor, name, pathOnly | O_NOFOLLOW | O_CLOEXEC)
    }
  }

  /// Whether something is there, a link being itself; false with `errno`, which is `ELOOP` where a link on the way is not
  /// followed.
  package static func exists(_ path: String) -> Bool {
    let descriptor = open(path, pathOnly | O_NOFOLLOW)
    if descriptor >= 0 { close(descriptor) }
    return descriptor >= 0
  }

  /// What a path names, a link being itself.
  ///
  /// - Returns: nil, with `errno`, where there is nothing, or a link on the way is not followed.
  package static func info(_ path: String) -> stat? { info(path, pathOnly | O_NOFOLLOW) }

  /// What a path leads to, behind links as far as they are followed.
  package static func target(_ path: String) -> stat? { info(path, pathOnly) }

  /// Whether a user may read a regular file, as far as owner, group and mode of it and its folder tell; true where an access
  /// list says more, and where there is nothing.
  package static func mayRead(_ path: String, user: uid_t, group: gid_t) -> Bool {
    guard let (folder, name) = parent(of: path) else { return true }
    let file = name.withCPath { openat(folder.descriptor, $0, pathOnly | O_NOFOLLOW) }
    guard file >= 0 else { return true }
    defer { close(file) }
    var info = stat()
    guard fstat(file, &info) == 0 else { return true }
    return info.st_mode & S_IFMT == S_IFREG && allows(4, file, user, group)
      && allows(1, folder.descriptor, user, group)
  }

  /// - Parameter right: 4 to read, 1 to reach what is in a folder.
  private static func allows(_ right: mode_t, _ entry: Int32, _ user: uid_t, _ group: gid_t) -> Bool {
    var info = stat()
    guard fstat(entry, &info) == 0, user != 0 else { return true }
    // The owner's part of the mode holds beside an access list too; see acl(5).
    if info.st_uid == user { return info.st_mode & (right << 6) != 0 }
    if getxattr("/proc/self/fd/\(entry)", "system.posix_acl_access", nil, 0) >= 0 { return true }
    return info.st_mode & (info.st_gid == group ? right << 3 : right) != 0
  }

  /// What a path leads to, where it is a folder whose mode alone says who may write in it.
  package static func plainFolder(_ path: String) -> stat? {
    let folder = open(path, pathOnly | O_DIRECTORY)
    guard folder >= 0 else { return nil }
    defer { close(folder) }
    var info = stat()
    guard fstat(folder, &info) == 0, getxattr("/proc/self/fd/\(folder)", "system.posix_acl_access", nil, 0) < 0 else {
      return nil
    }
    return info
  }

  private static func info(_ path: String, _ flags: Int32) -> stat? {
    let descriptor = open(path, flags)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var info = stat()
    return fstat(descriptor, &info) == 0 ? info : nil
  }

  /// The folder that a path ends in, held open, and the last name. What stands under that name is not looked at.
  ///
  /// - Returns: nil, with `errno`, when there is no such folder.
  package static func parent(of path: String) -> (folder: OpenFolder, name: Bytes)? {
    let bytes = Array(path.utf8)
    let (parent, name) = (bytes.parent, bytes.lastName)
    guard !name.isEmpty, !name.elementsEqual([dot]), !name.elementsEqual([dot, dot]) else {
      errno = EINVAL
      return nil
    }
    let folder = parent.isEmpty ? (bytes.first == .slash ? "/" : ".") : String(decoding: parent, as: UTF8.self)
    return OpenFolder(folder).map { ($0, Array(name)) }
  }

  /// Renames within one file system.
  ///
  /// - Returns: false with `errno`, which is `EXDEV` where the two do not lie in one.
  package static func rename(_ path: String, to target: String) -> Bool {
    guard let from = parent(of: path), let to = parent(of: target) else { return false }
    return from.name.withCPath { old in
      to.name.withCPath { renameat(from.folder.descriptor, old, to.folder.descriptor, $0) }
    } == 0
  }

  /// Gives two paths of one file system each other's name in one step.
  ///
  /// - Returns: false with `errno`.
  package static func exchange(_ path: String, with other: String) -> Bool {
    guard let one = parent(of: path), let two = parent(of: other) else { return false }
    return one.name.withCPath { name in
      two.name.withCPath { berth_exchange(one.folder.descriptor, name, two.folder.descriptor, $0) }
    } == 0
  }

  /// Makes a folder that only Berth's own user can enter.
  ///
  /// - Returns: nil with `errno`, which is `EEXIST` where something is there.
  package static func makeFolder(_ path: String) -> OpenFolder? {
    guard let (folder, name) = parent(of: path), name.withCPath({ mkdirat(folder.descriptor, $0, 0o700) }) == 0 else {
      return nil
    }
    return folder.folder(name)
  }

  /// The first folder on the way to a path, or the link, by which somebody else than root and Berth's own user could lead
  /// it elsewhere; nil when there is none. What does not exist yet is nobody's.
  package static func changeable(onTheWayTo path: String) -> String? {
    var walk = PathWalk(path)
    while true {
      switch walk.step(followsLast: true) {
      case .on: if walk.isClosed { return walk.reached }
      case .end: return nil
      case .failed: return errno == ENOENT || errno == ENOTDIR ? nil : walk.reached
      }
    }
  }

  /// Where a path ends when its links are followed as far as they may be: no link stands there.
  static func place(
    of path: String, followsLast: Bool, following: PathWalk.Followed = .ours
  ) -> (folder: OpenFolder, name: Bytes)? {
    var walk = PathWalk(path, following: following)
    while true {
      switch walk.step(followsLast: followsLast) {
      case .on: continue
      case .end(let folder, let name): return (folder, name)
      case .failed: return nil
      }
    }
  }

  /// `O_PATH`, which glibc defines for _GNU_SOURCE only: a descriptor that names a file and opens nothing.
  package static let pathOnly: Int32 = 0o10000000
  static let dot = UInt8(ascii: ".")

  private static func mayLeadUpwards(_ path: String) -> Bool {
    path.utf8.split(separator: .slash).contains { $0.elementsEqual([dot, dot]) }
  }

  private static func open(
    _ name: UnsafePointer<CChar>, in folder: OpenFolder, _ flags: Int32, _ mode: mode_t
  ) -> Int32 {
    flags & O_CREAT == 0
      ? openat(folder.descriptor, name, flags) : openat(folder.descriptor, name, flags, mode)
  }
}

extension HostPath {
  /// The first part of a path that is no folder, and leads to none.
  ///
  /// - Returns: what stands there, a link that is not followed being itself; nil when all that is there are folders.
  package static func obstacle(onTheWayTo path: String) -> (path: String, info: stat)? {
    var here = path.hasPrefix("/") ? "" : "."
    for name in path.split(separator: "/") {
      here += "/\(name)"
      guard let info = info(here) else { return nil }
      switch info.st_mode & S_IFMT {
      case S_IFDIR: continue
      case S_IFLNK:
        guard let target = target(here) else { return errno == ELOOP ? (here, info) : nil }
        if target.st_mode & S_IFMT != S_IFDIR { return (here, target) }
      default: return (here, info)
      }
    }
    return nil
  }
}
