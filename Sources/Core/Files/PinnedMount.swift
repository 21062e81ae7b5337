import CLinux
import Glibc

/// Mounts of one folder or file at a second place, taken from what is held open and from no path.
package enum PinnedMount {
  /// What the mount lets nobody do.
  package struct Attributes: OptionSet, Sendable {
    package let rawValue: UInt64
    package init(rawValue: UInt64) { self.rawValue = rawValue }
    private init(_ flag: Int32) { rawValue = UInt64(flag) }

    package static let readOnly = Attributes(BERTH_MOUNT_ATTR_RDONLY)
    package static let noSetuid = Attributes(BERTH_MOUNT_ATTR_NOSUID)
    package static let noDevices = Attributes(BERTH_MOUNT_ATTR_NODEV)
    package static let noPrograms = Attributes(BERTH_MOUNT_ATTR_NOEXEC)
    package static let noLinks = Attributes(BERTH_MOUNT_ATTR_NOSYMFOLLOW)
  }

  /// Lets this thread see, and change, the mounts of the process that has started this one.
  ///
  /// A service manager gives every command of a unit mounts of its own, also one that has all rights.
  ///
  /// - Returns: false with `errno`.
  package static func enterParentsMounts() -> Bool {
    let (own, parents) = (mounts(of: "thread-self"), mounts(of: "\(getppid())"))
    let root = open("/proc/\(getppid())/root", HostPath.pathOnly | O_DIRECTORY | O_CLOEXEC)
    defer { for space in [own, parents, root] where space >= 0 { close(space) } }
    var (here, there) = (stat(), stat())
    guard fstat(own, &here) == 0, fstat(parents, &there) == 0 else { return false }
    return here.st_ino == there.st_ino && here.st_dev == there.st_dev || berth_enter_mounts(parents, root) == 0
  }

  private static func mounts(of process: String) -> Int32 {
    open("/proc/\(process)/ns/mnt", O_RDONLY | O_CLOEXEC)
  }

  /// Mounts an open folder or regular file, with what is mounted below it, under a name on which nothing is mounted.
  ///
  /// - Returns: false with `errno`; then nothing is left under the name.
  package static func attach(_ file: Int32, as name: Bytes, in folder: OpenFolder, _ attributes: Attributes) -> Bool {
    var info = stat()
    guard fstat(file, &info) == 0 else { return false }
    let isFolder = info.st_mode & S_IFMT == S_IFDIR
    let tree = berth_open_tree(file)
    guard tree >= 0 else { return false }
    defer { close(tree) }
    guard berth_mount_setattr(tree, attributes.rawValue) == 0, make(name, in: folder, isFolder: isFolder) else {
      return false
    }
    let place = name.withCPath { openat(folder.descriptor, $0, HostPath.pathOnly | O_NOFOLLOW | O_CLOEXEC) }
    defer { if place >= 0 { close(place) } }
    if place >= 0, berth_move_mount(tree, place) == 0 { return true }
    let number = errno
    _ = name.withCPath { unlinkat(folder.descriptor, $0, isFolder ? AT_REMOVEDIR : 0) }
    errno = number
    return false
  }

  /// What is mounted there shows nothing of this.
  ///
  /// The place of a mount that has gone may still be there: nobody can remove it as long as a service that is shown the whole
  /// host has that mount in what it sees.
  private static func make(_ name: Bytes, in folder: OpenFolder, isFolder: Bool) -> Bool {
    if let left = folder.info(name), left.st_mode & S_IFMT == (isFolder ? S_IFDIR : S_IFREG) { return true }
    if isFolder { return name.withCPath { mkdirat(folder.descriptor, $0, 0o700) } == 0 }
    let file = name.withCPath {
      openat(folder.descriptor, $0, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
    }
    if file >= 0 { close(file) }
    return file >= 0
  }

  /// Takes away what is mounted under the names in a folder or, so many levels further down, in the folders in it; then the
  /// places, and the folder itself.
  ///
  /// Only empty folders and files of the folder's own mount are removed, so that a mount that stays loses nothing.
  package static func detachAll(in path: String, levels: Int = 0) {
    guard let folder = OpenFolder(path) else { return }
    detachAll(in: folder, at: path, levels: levels)
    if let (above, name) = HostPath.parent(of: path) {
      _ = name.withCPath { unlinkat(above.descriptor, $0, AT_REMOVEDIR) }
    }
  }

  /// Takes away mounts of what has been removed since, under the names in a folder or so many levels further down.
  package static func detachRemoved(in path: String, levels: Int = 0) {
    guard let folder = OpenFolder(path) else { return }
    for name in folder.names() ?? [] {
      guard let info = folder.info(name) else { continue }
      if info.st_nlink == 0 {
        detach(name, in: folder, at: path)
      } else if levels > 0, info.st_mode & S_IFMT == S_IFDIR {
        detachRemoved(in: "\(path)/\(String(decoding: name, as: UTF8.self))", levels: levels - 1)
      }
    }
  }

  private static func detachAll(in folder: OpenFolder, at path: String, levels: Int) {
    for name in folder.names() ?? [] { detach(name, in: folder, at: path, levels: levels) }
  }

  /// The same for one name.
  ///
  /// - Parameter path: the folder's, as umount2(2) takes no descriptor.
  package static func detach(_ name: Bytes, in folder: OpenFolder, at path: String, levels: Int = 0) {
    let place = "\(path)/\(String(decoding: name, as: UTF8.self))"
    // One may stand upon another.
    while umount2(place, Int32(MNT_DETACH) | noFollow) == 0 {}
    guard errno == EINVAL else { return }
    if levels > 0, let inner = folder.folder(name, onOneMount: true) {
      detachAll(in: inner, at: place, levels: levels - 1)
    }
    // Both refuse what something is mounted on.
    if name.withCPath({ unlinkat(folder.descriptor, $0, AT_REMOVEDIR) }) != 0, errno == ENOTDIR {
      _ = name.withCPath { unlinkat(folder.descriptor, $0, 0) }
    }
  }

  /// `UMOUNT_NOFOLLOW`.
  private static let noFollow: Int32 = 8
}
