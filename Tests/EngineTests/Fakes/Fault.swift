import BerthKit
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
    /// Whether the process dies with the call: whatever it still tries then does nothing.
    var dies = false
    var isDead = false
    var fired: InjectedFault?
    var watch: (@Sendable (String) -> Void)?
  }

  private let state = Mutex(State())
  private let left = Mutex<Int64?>(nil)

  /// What was called since the last arming, in order.
  var calls: [String] { state.withLock { $0.calls } }
  /// The first call that failed since the last arming.
  var fired: InjectedFault? { state.withLock { $0.fired } }
  var isDead: Bool { state.withLock { $0.isDead } }

  /// Starts to count anew and fails where told to.
  func arm(
    _ moment: Moment = .before, dies: Bool = false,
    where fails: @escaping @Sendable (Int, String) -> Bool = { _, _ in false }
  ) {
    state.withLock { $0 = State(moment: moment, fails: fails, dies: dies) }
  }

  /// Calls somebody right before each call that changes the host. All fakes hold them, so they hold no fake but weakly.
  func watch(_ body: @escaping @Sendable (String) -> Void) { state.withLock { $0.watch = body } }

  /// Has the disk look as if only so many bytes of it were left.
  func leave(_ bytes: Int64) { left.withLock { $0 = bytes } }

  /// The room of a disk, or what a test said that is left of it.
  func room(_ real: DiskRoom?) -> DiskRoom? {
    guard let real, let bytes = left.withLock({ $0 }) else { return real }
    return DiskRoom(disk: real.disk, bytes: bytes, block: real.block)
  }

  /// Does what changes the host, unless this is a call that fails.
  func act<Result>(_ call: String, _ body: () throws -> Result) throws -> Result {
    try before(call)
    let result = try body()
    try after()
    return result
  }

  /// Counts a call, and fails when it is to fail with nothing done.
  func before(_ call: String) throws {
    let (error, watch) = state.withLock { state -> (InjectedFault?, (@Sendable (String) -> Void)?) in
      if state.isDead { return (InjectedFault(number: 0, call: "\(call), when dead already"), nil) }
      state.calls.append(call)
      guard state.moment == .before else { return (nil, state.watch) }
      return (Self.fire(&state), state.watch)
    }
    watch?(call)
    if let error { throw error }
  }

  /// Fails when the call that was counted last is to fail after it has acted.
  func after() throws {
    if let error = state.withLock({ $0.moment == .after ? Self.fire(&$0) : nil }) { throw error }
  }

  private static func fire(_ state: inout State) -> InjectedFault? {
    let fault = InjectedFault(number: state.calls.count, call: state.calls.last ?? "")
    guard state.fails(fault.number, fault.call) else { return nil }
    state.isDead = state.dies
    state.fired = state.fired ?? fault
    return fault
  }
}
