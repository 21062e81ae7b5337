import BerthKit

/// The lock around what instances share: the units of an app, the sites of pools, folders that come and go.
///
/// What is done under it is one closure that waits for nothing. It cannot start a program or ask one, since everything at
/// the border that may take long is asynchronous. So nobody ever waits longer for it than it takes to write some files.
package struct HostLock: Sendable {
  /// Seconds to wait for others at least; each has it for milliseconds.
  private static let patience = 60

  private let locks: any LockKeeper
  private let path: String
  private let purpose: String
  private let wait: Int

  /// - Parameter wait: seconds; nil for as long as others may need it.
  package init(_ host: HostServices, purpose: String, wait: Int? = nil) {
    locks = host.locks
    path = "\(host.paths.locks)/host.lock"
    self.purpose = purpose
    self.wait = wait ?? Self.patience
  }

  /// Does something with the lock held.
  ///
  /// - Throws: `busy`, or what it throws.
  package func holding<Result>(
    isolation: isolated (any Actor)? = #isolation, _ body: () throws -> Result
  ) async throws -> Result {
    let lock = try await locks.take(path, purpose: purpose, wait: wait)
    defer { lock.release() }
    return try body()
  }

  /// The same for what is taken back: where the lock cannot be had, to leave it half done would be worse.
  func holdingIfPossible<Result>(
    isolation: isolated (any Actor)? = #isolation, _ body: () throws -> Result
  ) async throws -> Result {
    let lock = try? await locks.take(path, purpose: purpose, wait: wait)
    defer { lock?.release() }
    return try body()
  }
}
