import BerthKit
import Foundation

/// Waits, from within a unit, until its service is there. It is what `ExecStartPost=berth probe …` runs.
public struct Readiness: Sendable {
  /// Seconds between two looks.
  private static let pause = 0.1

  private let port: PortNumber
  private let timeout: Int
  private let mainProcess: Int?

  /// - Parameters:
  ///   - timeout: seconds until it gives up.
  ///   - mainProcess: the service's main process (`$MAINPID`), so that its death ends the wait.
  public init(port: PortNumber, timeout: Int, mainProcess: Int?) {
    self.port = port
    self.timeout = timeout
    self.mainProcess = mainProcess
  }

  /// Returns once the service is ready.
  ///
  /// - Throws: `not-ready` after the time, or as soon as the main process is gone.
  public func wait() async throws {
    let deadline = ContinuousClock.now + .seconds(timeout)
    while !isReady() {
      if let mainProcess, kill(pid_t(mainProcess), 0) != 0, errno == ESRCH {
        throw BerthError.notReady("\(port): the service ended", seconds: timeout)
      }
      guard ContinuousClock.now < deadline else { throw BerthError.notReady("\(port)", seconds: timeout) }
      try await Task.sleep(for: .seconds(Self.pause))
    }
  }

  private func isReady() -> Bool {
    let inodes = SocketTable.inodes(of: port)
    guard !inodes.isEmpty else { return false }
    // Someone else's socket on that number must not pass for ours. What cannot be seen is taken as it stands.
    let own = SocketTable.contents("/proc/self/cgroup")
    let siblings = SocketTable.processes().filter { SocketTable.contents("/proc/\($0)/cgroup") == own }
    let visible = siblings.filter { $0 != Int(getpid()) }.compactMap { SocketTable.sockets(of: $0) }
    return visible.isEmpty || visible.contains { !$0.isDisjoint(with: inodes) }
  }
}
