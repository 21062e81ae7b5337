import BerthKit
import Glibc

/// A folder that is held open, so that what is done in it cannot be led elsewhere by a link.
final class OpenFolder {
  let descriptor: Int32

  private init(_ descriptor: Int32) { self.descriptor = descriptor }

  deinit { close(descriptor) }

  /// Opens a folder by a path that is trusted.
  convenience init?(_ path: String) {
    let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    self.init(descriptor)
  }

  /// Opens a folder in this one; a link is none.
  func folder(_ name: some Sequence<UInt8>) -> OpenFolder? {
    let descriptor = name.withCPath {
      openat(self.descriptor, $0, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
    }
    return descriptor < 0 ? nil : OpenFolder(descriptor)
  }

  /// What stands under a name, a link being itself.
  func info(_ name: some Sequence<UInt8>) -> stat? {
    var info = stat()
    return name.withCPath { fstatat(descriptor, $0, &info, AT_SYMLINK_NOFOLLOW) } == 0 ? info : nil
  }

  var info: stat? {
    var info = stat()
    return fstat(descriptor, &info) == 0 ? info : nil
  }

  /// What a link says; nil when it is none or cannot be read.
  func target(of name: some Sequence<UInt8>) -> Bytes? {
    withUnsafeTemporaryAllocation(byteCount: 4096, alignment: 1) { buffer in
      let count = name.withCPath {
        readlinkat(
          descriptor, $0, buffer.assumingMemoryBound(to: CChar.self).baseAddress.unsafelyUnwrapped, buffer.count)
      }
      return count < 0 || count == buffer.count ? nil : Array(buffer[..<count])
    }
  }

  /// The names in it, sorted by their bytes; nil when it cannot be read.
  func names() -> [Bytes]? {
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

/// Opens folders below a top one, each by the names on its way, and keeps the latest one open.
///
/// No link is followed, and no more than two descriptors are held however deep it goes.
struct FolderCursor {
  let top: OpenFolder
  private var path: Bytes = []
  private var current: OpenFolder

  init(_ top: OpenFolder) {
    self.top = top
    current = top
  }

  /// - Returns: nil when there is no such folder, with `errno`.
  mutating func open(_ folder: some Collection<UInt8>) -> OpenFolder? {
    if folder.elementsEqual(path) { return current }
    let wanted = Array(folder)
    let isBelow = path.isEmpty || wanted.isOrIsBelow(path)
    var reached = isBelow ? current : top
    for name in wanted[(isBelow ? path.count : 0)...].split(separator: .slash) {
      guard let next = reached.folder(name) else { return nil }
      reached = next
    }
    path = wanted
    current = reached
    return reached
  }

  /// Forgets what is open, since it may stand elsewhere by now.
  mutating func forget() {
    path = []
    current = top
  }
}
