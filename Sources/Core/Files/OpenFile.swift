import Glibc

/// A file that is held open for reading.
package struct OpenFile: ~Copyable {
  private let descriptor: Int32

  /// Opens a regular file in a folder; nil, with `errno`, when there is none.
  package init?(_ name: some Sequence<UInt8>, in folder: OpenFolder) {
    // What became a FIFO meanwhile must not make us wait.
    let descriptor = name.withCPath {
      openat(folder.descriptor, $0, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
    }
    guard descriptor >= 0 else { return nil }
    self.descriptor = descriptor
  }

  deinit { close(descriptor) }

  package var info: stat? {
    var info = stat()
    return fstat(descriptor, &info) == 0 ? info : nil
  }

  /// Fills a buffer from a place in the file on.
  ///
  /// - Returns: how many bytes there were; nil, with `errno`, when it cannot be read.
  package func read(_ buffer: UnsafeMutableRawBufferPointer, at offset: Int64) -> Int? {
    var filled = 0
    while filled < buffer.count {
      let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[filled...])
      let count = pread(descriptor, rest.baseAddress, rest.count, Int(offset) + filled)
      if count < 0 && errno == EINTR { continue }
      guard count >= 0 else { return nil }
      if count == 0 { break }
      filled += count
    }
    return filled
  }

  /// Where a file of that size has data; nil when it has no holes, or too many.
  package func extents(size: Int64) -> [Range<Int64>]? {
    var extents: [Range<Int64>] = []
    var at = 0
    while at < size {
      let start = lseek(descriptor, at, Self.seekData)
      if start < 0 { break }
      let end = lseek(descriptor, start, Self.seekHole)
      guard end > start, extents.count < Self.mostExtents else { return nil }
      extents.append(Int64(start)..<min(Int64(end), size))
      at = end
    }
    return extents == [0..<size] ? nil : extents
  }

  private static let mostExtents = 10_000
  /// What glibc defines for _GNU_SOURCE only, which Swift does not define; see lseek(2).
  private static let (seekData, seekHole): (Int32, Int32) = (3, 4)
}
