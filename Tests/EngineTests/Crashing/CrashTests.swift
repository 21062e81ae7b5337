import BerthKit
import Synchronization
import Testing

@testable import BerthEngine

/// Berth dies at calls that change the host, with nothing done and right after, and a new one recovers; see ``KillPoints``.
@Suite("A Berth that is killed")
struct CrashTests {
  @Test("is recovered to what was before or what was to be, wherever it was killed", arguments: Crash.all)
  func recovers(_ crash: Crash) async throws {
    let (before, after, calls) = try await crash.undisturbed()
    #expect(calls.count >= crash.least)
    let points = KillPoints.moments(of: calls.count, in: crash.testDescription)
    for (number, moment) in points {
      let next = try await crash.die(at: number, moment)
      let reports = try await crash.berth(next).recover()
      try crash.expectWhole(next, reports, before, after, "killed \(moment) call \(number), \(calls[number - 1])")
      #expect(try await crash.berth(next).recover().isEmpty)
    }
    print("kill points of '\(crash.testDescription)': \(points.count)")
  }
}

/// A new Berth dies while it recovers, too.
@Suite("A Berth that is killed while it recovers")
struct DoubleCrashTests {
  /// Each is killed at one call, where much has to be taken back or finished.
  static let cases: [(crash: Crash, at: String)] = [
    (Crash.installs[0], "start demo@default.target"), (Crash.fleets[0], "start "),
    (Crash.changes[5], "restart "), (Crash.changes[6], "start harbour@default.target"),
    (Crash.removals[0], "commit file instance"), (Crash.removals[0], "remove "),
  ]

  @Test("leaves what the next one recovers, wherever it was killed", arguments: cases.indices)
  func recovers(_ index: Int) async throws {
    let (crash, call) = Self.cases[index]
    let (before, after, calls) = try await crash.undisturbed()
    let number = try #require(calls.lastIndex { $0.hasPrefix(call) }, "\(calls)") + 1
    let first = try await crash.die(at: number, .after)
    _ = try await crash.berth(first).recover()
    let count = first.fault.calls.count
    #expect(count > 1)
    let points = KillPoints.moments(of: count, in: crash.testDescription)
    for (second, moment) in points {
      let host = try await crash.die(at: number, .after)
      host.fault.arm(moment, dies: true) { number, _ in number == second }
      _ = try? await crash.berth(host).recover()
      #expect(host.fault.isDead)
      let next = try host.reborn()
      let reports = try await crash.berth(next).recover()
      try crash.expectWhole(next, reports, before, after, "killed again \(moment) call \(second)")
    }
    print("second kill points of '\(crash.testDescription)': \(points.count)")
  }
}
