import Dispatch
import Foundation
import Synchronization

/// A command that changes nothing, so that nothing has to be taken back when it is ended.
protocol ReadingCommand {}

/// Ends commands by cancelling them, so that what they have begun is taken back.
enum Signals {
  private struct State {
    var sources: [any DispatchSourceSignal] = []
    var received: Int32?
    var work: Task<Void, any Error>?
    /// Whether something may have been begun that has to be finished or taken back.
    var hasBegun = true
    /// What is to be done before the program may end at once; nil while it may not.
    var beforeEnding: (@Sendable () -> Void)?
  }

  private static let state = Mutex(State())
  private static let queue = DispatchQueue(label: "signals")

  /// 128 and the number of the signal that ended the command, as a shell has it; nil when none did.
  static var exitStatus: Int32? { state.withLock { $0.received }.map { 128 + $0 } }

  /// Runs a program whose command may ``listen(changesNothing:)``.
  static func run(_ body: @Sendable @escaping () async throws -> Void) async throws {
    let work = Task { try await body() }
    let isLate = state.withLock { state in
      state.work = work
      return state.received != nil
    }
    if isLate { work.cancel() }
    try await work.value
  }

  /// Seconds after which a command ends at once that has begun nothing and does not end by itself, such as where it waits
  /// for a file that never answers.
  private static let patience = 1.0

  /// From here on the command has begun nothing, until it says so: it looks at the host and plans.
  static func plan() { state.withLock { $0.hasBegun = false } }

  /// From here on the command has to be finished or taken back.
  ///
  /// - Throws: `CancellationError` where it was told to end before.
  @Sendable static func begin() throws {
    let isLate = state.withLock { state in
      if state.received == nil { state.hasBegun = true }
      return state.received != nil && !state.hasBegun
    }
    if isLate { throw CancellationError() }
  }

  /// From here on the first SIGINT, SIGTERM or SIGHUP cancels the command. Later ones cannot make it end sooner, unless
  /// it changes nothing.
  static func listen(changesNothing: Bool) {
    // A reader that goes away must not end a change in the middle.
    if !changesNothing { signal(SIGPIPE, SIG_IGN) }
    state.withLock { state in
      state.hasBegun = !changesNothing
      // nohup(1) and shells have a program ignore what is not meant for it.
      for number in [SIGINT, SIGTERM, SIGHUP] where !isIgnored(number) {
        signal(number, SIG_IGN)
        let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
        source.setEventHandler { receive(number) }
        source.activate()
        state.sources.append(source)
      }
    }
  }

  /// Runs what cannot be cancelled: a signal ends the program at once meanwhile.
  static func endingAtOnce<Result>(after restore: @escaping @Sendable () -> Void = {}, _ body: () -> Result) -> Result {
    state.withLock { $0.beforeEnding = restore }
    defer { state.withLock { $0.beforeEnding = nil } }
    return body()
  }

  private static func receive(_ number: Int32) {
    let (isFirst, hasBegun, beforeEnding, work) = state.withLock { state in
      let isFirst = state.received == nil
      state.received = state.received ?? number
      return (isFirst, state.hasBegun, state.beforeEnding, state.work)
    }
    if beforeEnding != nil || (!hasBegun && !isFirst) {
      beforeEnding?()
      _exit(128 + number)
    }
    if isFirst, !hasBegun {
      // Nothing can be begun any more, so that nothing is lost.
      queue.asyncAfter(deadline: .now() + patience) { _exit(128 + number) }
    }
    if isFirst, hasBegun {
      notice("stopping; taking back what was begun")
    } else if !isFirst, hasBegun, number == SIGINT {
      notice("still taking back what was begun; this cannot be cut short")
    }
    work?.cancel()
  }

  /// A line of its own, also where a line of progress stands on the terminal.
  private static func notice(_ text: String) {
    Output.noticeOverBar("berth: \(text)")
  }

  private static func isIgnored(_ number: Int32) -> Bool {
    var action = sigaction()
    guard sigaction(number, nil, &action) == 0, let handler = action.__sigaction_handler.sa_handler else {
      return false
    }
    return unsafeBitCast(handler, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
  }
}
