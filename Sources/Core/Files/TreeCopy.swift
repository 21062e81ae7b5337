import BerthKit
import Glibc

/// Copies a file, a link, or a folder with all that is in it to another file system, by descriptors.
///
/// Owners, modes and times come along. No link is followed; sockets, FIFOs and devices are left out.
package enum TreeCopy {
  /// - Parameters:
  ///   - place: where it stands.
  ///   - target: where nothing stands yet.
  /// - Throws: `too-deep`, or what `failure` makes of `errno`.
  package static func copy(
    _ place: (folder: OpenFolder, name: Bytes), to target: (folder: OpenFolder, name: Bytes), path: String,
    failure: () -> BerthError
  ) throws {
    try copy(place, target, TreeWalkLimit.depth, path, failure)
  }

  private typealias Place = (folder: OpenFolder, name: Bytes)

  private static func copy(
    _ from: Place, _ to: Place, _ left: Int, _ path: String, _ failure: () -> BerthError
  ) throws {
    guard left > 0 else { throw BerthError.tooDeep(path) }
    guard let info = from.folder.info(from.name) else {
      if errno == ENOENT { return }
      throw failure()
    }
    switch info.st_mode & S_IFMT {
    case S_IFLNK:
      guard let text = from.folder.target(of: from.name),
        text.withCPath({ text in to.name.withCPath { symlinkat(text, to.folder.descriptor, $0) } }) == 0
      else { throw failure() }
      try settle(to, info, failure)
    case S_IFREG:
      try copyFile(from, to, info, failure)
    case S_IFDIR:
      guard let inner = from.folder.folder(from.name), let names = inner.names(),
        to.name.withCPath({ mkdirat(to.folder.descriptor, $0, 0o700) }) == 0, let made = to.folder.folder(to.name)
      else { throw failure() }
      for name in names { try copy((inner, name), (made, name), left - 1, path, failure) }
      try settle(to, info, failure)
    default: return
    }
  }

  private static func copyFile(_ from: Place, _ to: Place, _ info: stat, _ failure: () -> BerthError) throws {
    guard let source = OpenFile(from.name, in: from.folder), let now = source.info, now.st_mode & S_IFMT == S_IFREG
    else { throw failure() }
    let file = to.name.withCPath {
      openat(to.folder.descriptor, $0, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
    }
    guard file >= 0 else { throw failure() }
    defer { close(file) }
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 16)
    defer { buffer.deallocate() }
    var at: Int64 = 0
    while true {
      try Task.checkCancellation()
      guard let count = source.read(buffer, at: at) else { throw failure() }
      var written = 0
      while written < count {
        let more = write(file, buffer.baseAddress?.advanced(by: written), count - written)
        if more < 0 && errno == EINTR { continue }
        guard more > 0 else { throw failure() }
        written += more
      }
      if count < buffer.count { break }
      at += Int64(count)
    }
    try settle(to, info, failure)
    guard fsync(file) == 0 else { throw failure() }
  }

  private static func settle(_ place: Place, _ info: stat, _ failure: () -> BerthError) throws {
    let descriptor = place.folder.descriptor
    let times = [info.st_atim, info.st_mtim]
    let status = place.name.withCPath { name in
      // Who is not root cannot give a file away, and has none of others.
      let isGiven =
        fchownat(descriptor, name, info.st_uid, info.st_gid, AT_SYMLINK_NOFOLLOW) == 0
        || (errno == EPERM && geteuid() != 0)
      let isLink = info.st_mode & S_IFMT == S_IFLNK
      guard isGiven, isLink || fchmodat(descriptor, name, info.st_mode & 0o7777, 0) == 0 else { return false }
      return utimensat(descriptor, name, times, AT_SYMLINK_NOFOLLOW) == 0
    }
    guard status else { throw failure() }
  }
}
