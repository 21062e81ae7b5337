import BerthKit
import Testing

@testable import BerthEngine

/// As ``CrashTests``, for what is about backups.
@Suite("A Berth that is killed at a backup or a restore")
struct BackupCrashTests {
  /// Right after a call the host is as right before the next one, so that this is looked at after the last one alone.
  @Test("is recovered to what was before or what was to be, wherever it was killed", arguments: Crash.withBackups)
  func recovers(_ crash: Crash) async throws {
    let prepared = try await crash.host()
    let (before, after, calls) = try await crash.undisturbed(prepared)
    #expect(calls.count >= crash.least)
    var places = KillPoints.calls(of: calls.count, stride: crash.stride, in: crash.testDescription).map {
      ($0, Fault.Moment.before)
    }
    places.append((calls.count, .after))
    for (number, moment) in places {
      let next = try await crash.die(at: number, moment, on: prepared)
      let reports = try await crash.berth(next).recover()
      try crash.expectWhole(next, reports, before, after, "killed \(moment) call \(number), \(calls[number - 1])")
      #expect(try await crash.berth(next).recover().isEmpty)
    }
    print("kill points of '\(crash.testDescription)': \(places.count)")
  }

  /// Those of which every kind of step is a part.
  static let failing = [Crash.backups[0], Crash.restores[0], Crash.restores[2], Crash.guarded[0]]

  /// Calls fail in turn with nothing done and after they have acted.
  @Test("leaves everything as it was when a call fails instead", arguments: failing)
  func fails(_ crash: Crash) async throws {
    let prepared = try await crash.host()
    let (before, after, calls) = try await crash.undisturbed(prepared)
    let places = KillPoints.calls(of: calls.count, stride: crash.stride, in: crash.testDescription)
    for (count, number) in places.enumerated() {
      let (moment, call): (Fault.Moment, String) = (count % 2 == 0 ? .before : .after, calls[number - 1])
      let host = try TestHost(like: prepared)
      host.fault.arm(moment) { count, _ in count == number }
      let hasSucceeded = (try? await crash.act(crash.berth(host))) != nil
      host.fault.arm()
      // What could not be cleared away or closed.
      let reports = try await crash.berth(host).recover()
      #expect(reports.allSatisfy { $0.leftovers.isEmpty })
      var now = try Snapshot(host)
      var wanted = hasSucceeded ? after : before
      if crash.keepsBackups { (now, wanted) = (now.withoutBackups, wanted.withoutBackups) }
      let changes = now.changes(since: wanted).map { $0.prefix(160) }
      #expect(changes == [], "failed \(moment) call \(number), \(call)")
    }
    print("points of failure of '\(crash.testDescription)': \(places.count)")
  }

  @Test("is gone on with by doing the same again, where nothing can be taken back", arguments: Crash.repeated)
  func again(_ crash: Crash) async throws {
    let prepared = try await crash.host()
    let (_, after, calls) = try await crash.undisturbed(prepared)
    #expect(calls.count >= crash.least)
    for (number, moment) in KillPoints.moments(of: calls.count, in: crash.testDescription) {
      let next = try await crash.die(at: number, moment, on: prepared)
      for report in try crash.berth(next).backups() where report.state == "good" {
        #expect(throws: Never.self) {
          try next.services.archives.verify(report.backup.path, index: nil, trust: .own(list: nil)) { _, _ in }
        }
      }
      try await crash.act(crash.berth(next))
      let changes = try Snapshot(next).changes(since: after)
      #expect(changes == [], "killed \(moment) call \(number), \(calls[number - 1])")
    }
  }

  /// Each is killed at one call, where much has to be taken back.
  static let cases: [(crash: Crash, at: String)] = [
    (Crash.backups[0], "add notes"), (Crash.restores[0], "start vault@default.target"),
    (Crash.restores[2], "start vault@"), (Crash.guarded[0], "start vault@default.target"),
  ]

  @Test("is recovered by the next one when it is killed again while it recovers", arguments: cases.indices)
  func twice(_ index: Int) async throws {
    let (crash, call) = Self.cases[index]
    let prepared = try await crash.host()
    let (before, after, calls) = try await crash.undisturbed(prepared)
    let number = try #require(calls.lastIndex { $0.hasPrefix(call) }, "\(calls)") + 1
    let first = try await crash.die(at: number, .after, on: prepared)
    let dead = try TestHost(like: first)
    _ = try await crash.berth(first).recover()
    let count = first.fault.calls.count
    #expect(count > 1)
    let points = KillPoints.calls(of: count, in: crash.testDescription)
    for second in points {
      let host = try TestHost(like: dead)
      host.fault.arm(dies: true) { number, _ in number == second }
      _ = try? await crash.berth(host).recover()
      #expect(host.fault.isDead)
      let next = try host.reborn()
      let reports = try await crash.berth(next).recover()
      try crash.expectWhole(
        next, reports, before, after, "killed again before call \(second), \(first.fault.calls[second - 1])")
    }
    print("second kill points of '\(crash.testDescription)': \(points.count)")
  }
}
