import BerthKit
import Foundation

/// Ends a unit from within, as its manager would, but with a time of its own.
///
/// A manager has one time for each part of a stop. Where an action before the signal may take long, so could a program that
/// does not heed the signal.
public struct UnitEnd: Sendable {
  /// Between two looks.
  private static let pause = Duration.milliseconds(200)
  private static let numbers: [String: Int32] = [
    "SIGTERM": SIGTERM, "SIGINT": SIGINT, "SIGQUIT": SIGQUIT, "SIGHUP": SIGHUP, "SIGUSR1": SIGUSR1,
    "SIGUSR2": SIGUSR2,
  ]

  private let groups: [String]

  /// - Parameter unit: the one that this process is part of.
  public init(of unit: Peer) { groups = unit.groups }

  /// The number of a signal by which a service may be stopped; nil for another one.
  public static func number(of signal: String) -> Int32? { numbers[signal] }

  /// Sends a signal to the unit's other processes and returns once all have ended. What has not after the time is killed.
  public func end(by signal: Int32, seconds: Int) async throws {
    let deadline = ContinuousClock.now + .seconds(seconds)
    send(signal)
    while !others.isEmpty {
      guard ContinuousClock.now < deadline else { return send(SIGKILL) }
      try await Task.sleep(for: Self.pause)
    }
  }

  private func send(_ signal: Int32) { for process in others { kill(pid_t(process), signal) } }

  private var others: [Int] {
    SocketTable.processes().filter { $0 != Int(getpid()) && UnitGroup.holds($0, in: groups) }
  }
}
