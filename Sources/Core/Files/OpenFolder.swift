import CLinux
import Glibc

/// A folder that is held open, so that what is done in it cannot be led elsewhere by a link.
package final class OpenFolder: Sendable {
  package let descriptor: Int32

  init(_ descriptor: Int32) { self.descriptor = descriptor }

  deinit { close(descriptor) }

  /// Opens a folder by its path, as far as ``HostPath`` follows it.
  ///
  /// - Returns: nil, with `errno`, when there is none.
  package convenience init?(_ path: String) {
    let descriptor = HostPath.open(path, O_RDONLY | O_DIRECTORY)
    guard descriptor >= 0 else { return nil }
    self.init(descriptor)
  }

  /// Opens a folder in this one; a link is none.
  ///
  /// - Parameter onOneMount: whether one that something else is mounted on is none either (`EXDEV`).
  package func folder(_ name: some Sequence<UInt8>, onOneMount: Bool = false) -> OpenFolder? {
    let flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC
    let descriptor = name.withCPath { name in
      guard onOneMount else { return openat(self.descriptor, name, flags) }
      let opened = berth_openat2(
        self.descriptor, name, UInt64(UInt32(bitPattern: flags)), 0,
        UInt64(BERTH_RESOLVE_NO_SYMLINKS | BERTH_RESOLVE_NO_XDEV))
      // An older kernel has no such call (ENOSYS), and a filter of system calls may refuse it (EPERM).
      return opened < 0 && [ENOSYS, EPERM].contains(errno) ? openat(self.descriptor, name, flags) : opened
    }
    return descriptor < 0 ? nil : OpenFolder(descriptor)
  }

  /// What stands under a name, held by a descriptor that opens nothing; a link is itself.
  ///
  /// - Returns: nil, with `errno`, which is `EXDEV` where something else is mounted on it.
  func entryOnMount(_ name: some Sequence<UInt8>) -> OpenFolder? {
    let flags = HostPath.pathOnly | O_NOFOLLOW | O_CLOEXEC
    let descriptor = name.withCPath { name in
      let opened = berth_openat2(
        self.descriptor, name, UInt64(UInt32(bitPattern: flags)), 0, UInt64(BERTH_RESOLVE_NO_XDEV))
      return opened < 0 && [ENOSYS, EPERM].contains(errno) ? openat(self.descriptor, name, flags) : opened
    }
    return descriptor < 0 ? nil : OpenFolder(descriptor)
  }

  /// What stands under a name, a link being itself.
  package func info(_ name: some Sequence<UInt8>) -> stat? {
    var info = stat()
    return name.withCPath { fstatat(descriptor, $0, &info, AT_SYMLINK_NOFOLLOW) } == 0 ? info : nil
  }

  package var info: stat? {
    var info = stat()
    return fstat(descriptor, &info) == 0 ? info : nil
  }

  /// What a link says; nil when it is none or cannot be read.
  package func target(of name: some Sequence<UInt8>) -> Bytes? {
    name.withCPath { Self.target(of: $0, in: descriptor) }
  }

  /// The same with the owner of that very link, whatever is put in its place meanwhile.
  func link(_ name: some Sequence<UInt8>) -> (owner: uid_t, target: Bytes)? {
    let link = name.withCPath { openat(descriptor, $0, HostPath.pathOnly | O_NOFOLLOW | O_CLOEXEC) }
    guard link >= 0 else { return nil }
    defer { close(link) }
    var info = stat()
    guard fstat(link, &info) == 0, let target = Self.target(of: "", in: link) else { return nil }
    return (info.st_uid, target)
  }

  private static func target(of name: UnsafePointer<CChar>, in folder: Int32) -> Bytes? {
    withUnsafeTemporaryAllocation(byteCount: 4096, alignment: 1) { buffer in
      let text = buffer.assumingMemoryBound(to: CChar.self).baseAddress.unsafelyUnwrapped
      let count = readlinkat(folder, name, text, buffer.count)
      return count < 0 || count == buffer.count ? nil : Array(buffer[..<count])
    }
  }

  /// The names in it, sorted by their bytes; nil when it cannot be read.
  package func names() -> [Bytes]? {
    // A stream closes what it was made from.
    let again = openat(descriptor, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard again >= 0 else { return nil }
    guard let stream = fdopendir(again) else {
      close(again)
      return nil
    }
    defer { closedir(stream) }
    var names: [Bytes] = []
    errno = 0
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { Bytes(cString: $0) }
      }
      if name != [0x2e] && name != [0x2e, 0x2e] { names.append(name) }
      errno = 0
    }
    guard errno == 0 else { return nil }
    return names.sorted { $0.lexicographicallyPrecedes($1) }
  }
}
