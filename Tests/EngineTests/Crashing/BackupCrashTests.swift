import BerthKit
import Testing

@testable import BerthEngine

/// As ``CrashTests``, for what is about backups.
@Suite("A Berth that is killed at a backup or a restore", .serialized)
struct BackupCrashTests {
  @Test("is recovered to what was before or what was to be, wherever it was killed", arguments: Crash.withBackups)
  func recovers(_ crash: Crash) async throws {
    let (before, after, calls) = try await crash.undisturbed()
    #expect(calls.count >= crash.least)
    for (index, call) in calls.enumerated() {
      for moment in Fault.Moment.allCases {
        let next = try await crash.die(at: index + 1, moment)
        let reports = try await crash.berth(next).recover()
        try crash.expectWhole(next, reports, before, after, "killed \(moment) call \(index + 1), \(call)")
        #expect(try await crash.berth(next).recover().isEmpty)
      }
    }
    print("kill points of '\(crash.testDescription)': \(calls.count * 2)")
  }

  @Test("leaves everything as it was when a call fails instead", arguments: Crash.withBackups)
  func fails(_ crash: Crash) async throws {
    let (before, after, calls) = try await crash.undisturbed()
    for (index, call) in calls.enumerated() {
      for moment in Fault.Moment.allCases {
        let host = try await crash.host()
        host.fault.arm(moment) { count, _ in count == index + 1 }
        let hasSucceeded = (try? await crash.act(crash.berth(host))) != nil
        host.fault.arm()
        // What was left in the journal is recovered; that something was, is for StuckTests.
        _ = try await crash.berth(host).recover()
        let now = try Snapshot(host)
        let wanted = hasSucceeded ? [after] : crash.isSeveral ? [before, after] : [before]
        let isWhole = wanted.contains {
          crash.keepsBackups ? $0.withoutBackups == now.withoutBackups : $0 == now
        }
        if !isWhole {
          Issue.record(
            "failed \(moment) call \(index + 1), \(call): \(wanted.map { now.changes(since: $0).map { $0.prefix(160) } })"
          )
        }
      }
    }
    print("points of failure of '\(crash.testDescription)': \(calls.count * 2)")
  }

  /// Each is killed at one call, where much has to be taken back.
  static let cases: [(crash: Crash, at: String)] = [
    (Crash.backups[0], "add notes"), (Crash.restores[0], "start vault@default.target"),
    (Crash.restores[2], "start vault@"), (Crash.guarded[0], "start vault@default.target"),
  ]

  @Test("is recovered by the next one when it is killed again while it recovers", arguments: cases.indices)
  func twice(_ index: Int) async throws {
    let (crash, call) = Self.cases[index]
    let (before, after, calls) = try await crash.undisturbed()
    let number = try #require(calls.lastIndex { $0.hasPrefix(call) }, "\(calls)") + 1
    let first = try await crash.die(at: number, .after)
    _ = try await crash.berth(first).recover()
    let count = first.fault.calls.count
    #expect(count > 1)
    for second in 1...count {
      for moment in Fault.Moment.allCases {
        let host = try await crash.die(at: number, .after)
        host.fault.arm(moment, dies: true) { number, _ in number == second }
        _ = try? await crash.berth(host).recover()
        #expect(host.fault.isDead)
        let next = try host.reborn()
        let reports = try await crash.berth(next).recover()
        try crash.expectWhole(
          next, reports, before, after, "killed again \(moment) call \(second), \(first.fault.calls[second - 1])")
      }
    }
    print("second kill points of '\(crash.testDescription)': \(count * 2)")
  }
}
