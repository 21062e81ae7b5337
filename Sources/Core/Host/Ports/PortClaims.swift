import BerthKit
import Foundation
import Synchronization

/// The ports that this run of Berth is about to use, against all other runs of the same owner.
///
/// Each claim is a lock on one byte of one file (`F_OFD_SETLK`, fcntl(2)): taking it is atomic over all processes, and it
/// ends with the process. The file lies in a folder that only its owner can enter, so that nobody else holds up anything.
final class PortClaims: Sendable {
  /// `F_OFD_GETLK` and `F_OFD_SETLK`, which Swift does not import.
  private static let (getLock, setLock): (Int32, Int32) = (36, 37)

  private let folder: String
  private let file = Mutex<Int32?>(nil)

  init(folder: String) { self.folder = folder }

  deinit { release() }

  /// Takes a port; one that this object has already is no error.
  ///
  /// - Returns: false when another Berth has it.
  /// - Throws: an error of the file system, or `claims-folder`.
  func take(_ port: PortNumber) throws -> Bool {
    try file.withLock { file in
      if file == nil { try LinuxFileTree().makeFolder(folder, mode: 0o700, owner: nil) }
      let descriptor = try file ?? open(O_CREAT)
      file = descriptor
      var lock = Self.lock(port)
      guard fcntl(descriptor, Self.setLock, &lock) == 0 else {
        guard errno == EAGAIN || errno == EACCES else { throw BerthError.fileSystem("cannot claim a port in", folder) }
        return false
      }
      return true
    }
  }

  /// Whether another one has a port. Nothing is made for the look.
  ///
  /// - Throws: what ``take(_:)`` throws.
  func isTaken(_ port: PortNumber) throws -> Bool {
    try file.withLock { file in
      // Where nobody has ever claimed a port there is no file.
      guard file != nil || LinuxFileTree().exists("\(folder)/ports") else { return false }
      let descriptor = try file ?? open(0)
      file = descriptor
      var lock = Self.lock(port)
      guard fcntl(descriptor, Self.getLock, &lock) == 0 else {
        throw BerthError.fileSystem("cannot look for claims in", folder)
      }
      return lock.l_type != Int16(F_UNLCK)
    }
  }

  private static func lock(_ port: PortNumber) -> flock {
    var lock = flock()
    lock.l_type = Int16(F_WRLCK)
    lock.l_whence = Int16(SEEK_SET)
    lock.l_start = port.number + (port.transport == .udp ? 1 << 16 : 0)
    lock.l_len = 1
    return lock
  }

  func release() {
    file.withLock { file in
      if let descriptor = file { close(descriptor) }
      file = nil
    }
  }

  /// - Parameter flags: `O_CREAT` to make the file.
  private func open(_ flags: Int32) throws -> Int32 {
    let handle = Glibc.open(folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
    guard handle >= 0 else { throw BerthError.fileSystem("cannot open", folder) }
    defer { close(handle) }
    var (inside, above) = (stat(), stat())
    guard fstat(handle, &inside) == 0, fstatat(handle, "..", &above, 0) == 0 else {
      throw BerthError.fileSystem("cannot look at", folder)
    }
    // Whoever may write in here, or above it, could hold claims for ever or put another folder in its place.
    guard inside.st_uid == geteuid(), inside.st_mode & 0o077 == 0, [geteuid(), 0].contains(above.st_uid),
      above.st_mode & 0o022 == 0
    else { throw BerthError.openClaims(folder) }
    let file = openat(handle, "ports", O_RDWR | flags | O_NOFOLLOW | O_CLOEXEC, 0o600)
    guard file >= 0 else { throw BerthError.fileSystem("cannot open", "\(folder)/ports") }
    return file
  }
}
