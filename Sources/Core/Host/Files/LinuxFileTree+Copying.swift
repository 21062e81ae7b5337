import BerthKit
import Foundation

extension LinuxFileTree {
  /// How much is read at once.
  private static let copiedAtOnce = 1 << 20

  public func copy(_ path: String, to target: String, mode: UInt16) throws {
    let source = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard source >= 0 else { throw BerthError.fileSystem("cannot read", path) }
    defer { close(source) }
    var info = stat()
    guard fstat(source, &info) == 0, info.st_mode & S_IFMT == S_IFREG else {
      throw BerthError.fileSystem("not a regular file:", path)
    }
    let beside = "\(target).part"
    unlink(beside)
    let file = open(beside, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
    guard file >= 0 else { throw BerthError.fileSystem("cannot write", target) }
    do {
      defer { close(file) }
      let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.copiedAtOnce, alignment: 16)
      defer { buffer.deallocate() }
      while true {
        try Task.checkCancellation()
        let count = Glibc.read(source, buffer.baseAddress, buffer.count)
        guard count >= 0 else { throw BerthError.fileSystem("cannot read", path) }
        guard count > 0 else { break }
        try Self.writeAll(UnsafeRawBufferPointer(rebasing: buffer[..<count]), to: file, target)
      }
      guard fchmod(file, mode_t(mode)) == 0, fsync(file) == 0 else {
        throw BerthError.fileSystem("cannot write", target)
      }
      // Unlike a rename this never replaces anything.
      guard link(beside, target) == 0 else { throw BerthError.fileSystem("cannot make", target) }
      unlink(beside)
      flush([(target as NSString).deletingLastPathComponent])
    } catch {
      unlink(beside)
      throw error
    }
  }
}
