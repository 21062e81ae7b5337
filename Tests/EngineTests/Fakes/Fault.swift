import Synchronization

/// What a test made go wrong.
struct InjectedFault: Error, Equatable {
  /// The number of the call, from 1.
  let number: Int
  let call: String
}

/// Counts the calls that change the host, over all fakes, and makes chosen ones of them fail.
///
/// A fault can only be put between Berth and the host, so the fakes share one of these.
final class Fault: Sendable {
  /// Whether the call fails with nothing done, or after it has acted: a real call may do either.
  enum Moment: CaseIterable { case before, after }

  private struct State {
    var calls: [String] = []
    var moment = Moment.before
    var fails: @Sendable (Int, String) -> Bool = { _, _ in false }
  }

  private let state = Mutex(State())

  /// What was called since the last arming, in order.
  var calls: [String] { state.withLock { $0.calls } }

  /// Starts to count anew and fails where told to.
  func arm(_ moment: Moment = .before, where fails: @escaping @Sendable (Int, String) -> Bool = { _, _ in false }) {
    state.withLock { $0 = State(moment: moment, fails: fails) }
  }

  /// Does what changes the host, unless this is a call that fails.
  func act<Result>(_ call: String, _ body: () throws -> Result) throws -> Result {
    let (number, fails, moment) = state.withLock { state in
      state.calls.append(call)
      return (state.calls.count, state.fails(state.calls.count, call), state.moment)
    }
    if fails, moment == .before { throw InjectedFault(number: number, call: call) }
    let result = try body()
    if fails { throw InjectedFault(number: number, call: call) }
    return result
  }
}
