import BerthKit
import Foundation

/// Waits, from within a unit, until its service is there. It is what `ExecStartPost=berth probe …` runs.
public struct Readiness: Sendable {
  /// What one look at a service tells.
  public enum Look: Sendable, Equatable {
    case ready
    /// What it says instead; nil when it says nothing.
    case notYet(String?)
  }

  /// Seconds between two looks.
  private static let pause = 0.1

  private let subject: String
  private let timeout: Int
  private let mainProcess: Int?
  private let look: @Sendable () async -> Look

  /// - Parameters:
  ///   - subject: what is looked at, for errors.
  ///   - timeout: seconds until it gives up.
  ///   - mainProcess: the service's main process (`$MAINPID`), so that its death ends the wait.
  public init(of subject: String, timeout: Int, mainProcess: Int?, look: @Sendable @escaping () async -> Look) {
    self.subject = subject
    self.timeout = timeout
    self.mainProcess = mainProcess
    self.look = look
  }

  /// Whether the service has bound a port, or listens on it.
  public init(port: PortNumber, timeout: Int, mainProcess: Int?) {
    self.init(of: "\(port)", timeout: timeout, mainProcess: mainProcess) {
      Self.isBound(port) ? .ready : .notYet(nil)
    }
  }

  /// Returns once the service is ready.
  ///
  /// - Throws: `not-ready` after the time, with what it said last, or as soon as the main process is gone.
  public func wait() async throws {
    let deadline = ContinuousClock.now + .seconds(timeout)
    while true {
      guard case .notYet(let answer) = await look() else { return }
      if let mainProcess, Self.hasEnded(mainProcess) {
        throw BerthError.notReady("\(subject): the service ended", seconds: timeout)
      }
      guard ContinuousClock.now < deadline else {
        throw BerthError.notReady(answer.map { "\(subject), which says \($0)" } ?? subject, seconds: timeout)
      }
      try await Task.sleep(for: .seconds(Self.pause))
    }
  }

  /// Returns once a process has ended, or the time is over.
  ///
  /// - Parameter timeout: seconds.
  public static func waitForEnd(of process: Int, timeout: Int) async throws {
    let deadline = ContinuousClock.now + .seconds(timeout)
    while !hasEnded(process), ContinuousClock.now < deadline { try await Task.sleep(for: .seconds(pause)) }
  }

  private static func hasEnded(_ process: Int) -> Bool { kill(pid_t(process), 0) != 0 && errno == ESRCH }

  private static func isBound(_ port: PortNumber) -> Bool {
    let inodes = SocketTable.inodes(of: port)
    guard !inodes.isEmpty else { return false }
    // Someone else's socket on that number must not pass for ours. What cannot be seen is taken as it stands.
    let own = SocketTable.contents("/proc/self/cgroup")
    let siblings = SocketTable.processes().filter { SocketTable.contents("/proc/\($0)/cgroup") == own }
    let visible = siblings.filter { $0 != Int(getpid()) }.compactMap { SocketTable.sockets(of: $0) }
    return visible.isEmpty || visible.contains { !$0.isDisjoint(with: inodes) }
  }
}
