import BerthKit
import Foundation

/// Locks by flock(2) on files; the kernel lets go of them when the holder dies.
public struct FileLocks: LockKeeper {
  /// Seconds between two tries.
  private static let pause = 0.05

  private let clock: any HostClock

  public init(clock: any HostClock) { self.clock = clock }

  public func take(_ path: String, purpose: String, wait: Int) async throws -> any HeldLock {
    let deadline = ContinuousClock.now + .seconds(wait)
    while true {
      if let lock = try attempt(path, purpose) { return lock }
      let isLastTry = ContinuousClock.now >= deadline
      try await Task.sleep(for: .seconds(Self.pause))
      // Tried again in any case: somebody may only have looked at who holds it.
      if isLastTry {
        if let lock = try attempt(path, purpose) { return lock }
        throw BerthError.busy(path, holder: note(in: path))
      }
    }
  }

  public func holder(of path: String) -> String? {
    let file = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC)
    guard file >= 0 else { return nil }
    // Closing lets go again, where the lock was free.
    defer { close(file) }
    guard flock(file, LOCK_SH | LOCK_NB) != 0 else { return nil }
    return note(in: path) ?? "another process"
  }

  private func attempt(_ path: String, _ purpose: String) throws -> FileLock? {
    let file = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0o600)
    guard file >= 0 else { throw BerthError.fileSystem("cannot lock", path) }
    guard flock(file, LOCK_EX | LOCK_NB) == 0, Self.isStill(file, at: path) else {
      close(file)
      return nil
    }
    let note = "process \(getpid()), since \(clock.timestamp()), \(purpose)"
    ftruncate(file, 0)
    _ = note.withCString { pwrite(file, $0, strlen($0), 0) }
    return FileLock(file: file, path: path)
  }

  /// A holder removes the file as it lets go; a lock on a removed file is none.
  private static func isStill(_ file: Int32, at path: String) -> Bool {
    var open = stat()
    var named = stat()
    return fstat(file, &open) == 0 && lstat(path, &named) == 0 && open.st_ino == named.st_ino
      && open.st_dev == named.st_dev
  }

  private func note(in path: String) -> String? {
    guard let text = try? LinuxFileTree().read(path), !text.isEmpty else { return nil }
    return text
  }
}

/// A held lock. Letting go removes its file, so that nothing is left behind.
struct FileLock: HeldLock {
  let file: Int32
  let path: String

  func release() {
    unlink(path)
    close(file)
  }
}
