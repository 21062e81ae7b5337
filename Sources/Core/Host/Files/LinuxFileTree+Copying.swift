import BerthFiles
import BerthKit
import Foundation

extension LinuxFileTree {
  /// How much is read at once.
  private static let copiedAtOnce = 1 << 20

  public func copy(_ path: String, to target: String, mode: UInt16) throws {
    guard let source = try RegularFile.open(path) else { throw BerthError.fileSystem("cannot read", path) }
    let (folder, name) = try Self.parent(of: target)
    let beside = name + Array(".part".utf8)
    TreeRemoval.remove(beside, in: folder)
    let file = beside.withCPath {
      openat(folder.descriptor, $0, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
    }
    guard file >= 0 else { throw BerthError.fileSystem("cannot write", target) }
    do {
      defer { close(file) }
      let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.copiedAtOnce, alignment: 16)
      defer { buffer.deallocate() }
      while true {
        try Task.checkCancellation()
        let count = Glibc.read(source.descriptor, buffer.baseAddress, buffer.count)
        guard count >= 0 else { throw BerthError.fileSystem("cannot read", path) }
        guard count > 0 else { break }
        try Self.writeAll(UnsafeRawBufferPointer(rebasing: buffer[..<count]), to: file, target)
      }
      guard fchmod(file, mode_t(mode)) == 0, fsync(file) == 0 else {
        throw BerthError.fileSystem("cannot write", target)
      }
      // Unlike a rename this never replaces anything.
      let status = beside.withCPath { beside in
        name.withCPath { linkat(folder.descriptor, beside, folder.descriptor, $0, 0) }
      }
      guard status == 0 else { throw BerthError.fileSystem("cannot make", target) }
      TreeRemoval.remove(beside, in: folder)
      fsync(folder.descriptor)
    } catch {
      TreeRemoval.remove(beside, in: folder)
      throw error
    }
  }
}
