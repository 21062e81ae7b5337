/// A lock that is held until it is released or the process ends.
public protocol HeldLock: Sendable {
  func release()
}

/// Locks between runs of Berth.
public protocol LockKeeper: Sendable {
  /// Takes a lock.
  ///
  /// - Parameters:
  ///   - path: the lock's file; its folder exists.
  ///   - purpose: what the holder is doing, for those who must wait.
  ///   - wait: seconds to wait for another holder; 0 does not wait.
  /// - Throws: `busy` with who holds it, since when and what for.
  func take(_ path: String, purpose: String, wait: Int) async throws -> any HeldLock
  /// Who holds a lock now, as its holder wrote it; nil when nobody does, even where a killed process left its file.
  func holder(of path: String) -> String?
}

/// The time and the randomness of the host, so that tests can give their own.
public protocol HostClock: Sendable {
  /// Now, as ISO 8601 in UTC with seconds.
  func timestamp() -> String
  /// Now, as `journalctl --since` reads it, and no earlier: what was written a moment before belongs to something else.
  var journalTime: String { get }
  /// A new lowercase UUID.
  func uuid() -> String
  /// A lowercase UUID that is the same for the same words, as long as the host is not booted anew, and another one on every
  /// other host.
  func uuid(for words: [String]) -> String
  /// Letters and digits that nobody can guess.
  func secret(length: Int) -> String
}

extension HostClock {
  /// In whole seconds.
  public var journalTime: String { timestamp().replacing("T", with: " ").replacing("Z", with: " UTC") }
}
