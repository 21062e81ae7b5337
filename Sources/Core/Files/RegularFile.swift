import BerthKit
import Glibc

/// A regular file that is held open for reading; whatever else stands in its place is an error and is never waited for.
package final class RegularFile: Sendable {
  package let descriptor: Int32
  package let info: stat

  private init(_ descriptor: Int32) {
    self.descriptor = descriptor
    var info = stat()
    fstat(descriptor, &info)
    self.info = info
  }

  /// Opens a file by its path, as far as ``HostPath`` follows it.
  ///
  /// - Returns: nil, with `errno`, where it cannot be opened.
  /// - Throws: `link-in-the-way`, or `not-a-file` (65).
  package static func open(_ path: String) throws -> RegularFile? {
    let descriptor = HostPath.open(path, O_RDONLY | O_NOCTTY)
    guard descriptor >= 0 else {
      // A socket cannot be opened at all.
      if errno == ENXIO, let info = HostPath.info(path) { throw BerthError.notRegular(path, info) }
      if errno == ELOOP { throw BerthError.linkInTheWay(path) }
      return nil
    }
    let file = RegularFile(descriptor)
    guard file.info.st_mode & S_IFMT == S_IFREG else { throw BerthError.notRegular(path, file.info) }
    if file.info.st_nlink > 1, isForeign(file.info, at: path) { throw BerthError.secondName(path) }
    return file
  }

  deinit { close(descriptor) }

  /// Reads the whole file, as it is now.
  ///
  /// - Returns: nil, with `errno`, when it cannot be read, which is `EFBIG` when it is larger than it may be.
  package func read(atMost limit: Int) -> Bytes? {
    var bytes = Bytes(repeating: 0, count: min(Int(info.st_size), limit) + 1)
    var filled = 0
    while true {
      let count = bytes.withUnsafeMutableBytes { buffer in
        Glibc.read(descriptor, buffer.baseAddress?.advanced(by: filled), buffer.count - filled)
      }
      if count < 0 && errno == EINTR { continue }
      guard count >= 0 else { return nil }
      filled += count
      if count == 0 { return Array(bytes.prefix(filled)) }
      guard filled <= limit else {
        errno = EFBIG
        return nil
      }
      if filled == bytes.count { bytes += Bytes(repeating: 0, count: min(bytes.count, limit + 1 - filled)) }
    }
  }

  /// Whether a file with several names lies in a folder that others can change and belongs to somebody else than that
  /// folder: without the kernel's `fs.protected_hardlinks` anybody could make such a name of a file of root's.
  private static func isForeign(_ info: stat, at path: String) -> Bool {
    guard let folder = HostPath.parent(of: path)?.folder, let owner = folder.info else { return true }
    return Trust.isChangeable(folder, owner) && info.st_uid != owner.st_uid
  }
}
