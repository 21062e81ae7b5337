import BerthHost
import BerthKit
import Synchronization

/// Places where a test can end Berth or let a step fail, so that every one of them is tried.
///
/// A debug build reads `BERTH_FAULT`, such as `kill:7` (end at the seventh point, as a power cut would), `fail:7`,
/// `hold:7` (stop there until `SIGCONT`) or `fail-undo:2`, several with commas. A release build has no such places.
public final class FaultPoints: Sendable {
  private struct State {
    var points = 0
    var undos = 0
  }

  private let orders: [String: Int]
  private let state = Mutex(State())

  /// - Parameter text: nil for a run without faults.
  public init(_ text: String? = nil) {
    var orders: [String: Int] = [:]
    #if DEBUG
      for order in (text ?? "").split(separator: ",") {
        let words = order.split(separator: ":")
        if words.count == 2, let number = Int(words[1]) { orders[String(words[0])] = number }
      }
    #endif
    self.orders = orders
  }

  /// Before and after something is done.
  func pass() throws {
    guard !orders.isEmpty else { return }
    let number = state.withLock { state in
      state.points += 1
      return state.points
    }
    if orders["kill"] == number { SuddenEnd.now() }
    if orders["hold"] == number { SuddenEnd.notYet() }
    if orders["fail"] == number {
      throw BerthError("fault", .failure, "the fault that was asked for, at point \(number)")
    }
  }

  /// Before something is taken back.
  func passUndo() throws {
    guard !orders.isEmpty else { return }
    let number = state.withLock { state in
      state.undos += 1
      return state.undos
    }
    if orders["kill-undo"] == number { SuddenEnd.now() }
    if orders["fail-undo"] == number {
      throw BerthError("fault", .failure, "the fault that was asked for, at undo \(number)")
    }
  }
}
