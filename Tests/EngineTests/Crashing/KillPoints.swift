import TestSupport

@testable import BerthEngine

/// At which calls of an operation a Berth is killed, or a call fails.
///
/// `make test-all` tries every call (`BERTH_EVERY_POINT=1`). `make test` tries every fourth one, and begins each operation at a
/// different one: steps that several operations share are so met at each of their calls.
enum KillPoints {
  private static let inOrdinaryRuns = 4

  /// The numbers of calls, from 1 on; the last one is always among them.
  ///
  /// - Parameters:
  ///   - count: how many calls the operation makes.
  ///   - stride: how far apart they are when every one is to be tried.
  ///   - name: the operation's, from which the first one follows.
  static func calls(of count: Int, stride step: Int = 1, in name: String) -> [Int] {
    guard count > 0 else { return [] }
    guard !EveryPoint.isTried else { return Array(stride(from: 1, through: count, by: step)) }
    let wide = step * inOrdinaryRuns
    let first = name.utf8.reduce(0) { ($0 + Int($1)) % min(wide, count) } + 1
    let chosen = Array(stride(from: first, through: count, by: wide))
    return chosen.last == count ? chosen : chosen + [count]
  }

  /// The same with the moments at each. Right after a call the host is as right before the next one, so that an ordinary run
  /// takes them in turn.
  static func moments(of count: Int, in name: String) -> [(call: Int, moment: Fault.Moment)] {
    let calls = calls(of: count, in: name)
    guard !EveryPoint.isTried else { return calls.flatMap { call in Fault.Moment.allCases.map { (call, $0) } } }
    let all = Fault.Moment.allCases
    return calls.enumerated().map { ($0.element, all[$0.offset % all.count]) }
  }
}
