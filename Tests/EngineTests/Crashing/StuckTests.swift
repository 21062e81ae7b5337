import BerthKit
import Testing

@testable import BerthEngine
@testable import BerthPlanning

/// What is taken back fails, too: at once, or in a recovery.
@Suite("Taking back that fails", .serialized)
struct StuckTests {
  /// An installation in the system scope that fails at its start, and cannot remove the user again.
  private func stuck() async throws -> (host: TestHost, before: Snapshot, error: BerthError) {
    let host = try TestHost(.system)
    let before = try Snapshot(host)
    host.fault.arm { _, call in call.hasPrefix("start ") || call.hasPrefix("remove users") }
    let error = await refusal { try await host.berth().install(InstallRequest(app: "demo")) }
    return (host, before, try #require(error))
  }

  @Test("names what is left and the command that goes on")
  func names() async throws {
    let (host, before, error) = try await stuck()
    #expect(error.remedy == "berth operations recover 1")
    #expect(error.cause?.contains("could not be taken back:\nmake the system user berth-") == true)
    let operation = try host.berth().operation(1)
    #expect(operation.operation.state == .stuck)
    #expect(operation.holder == nil)
    #expect(operation.operation.endedAt == nil)
    #expect(operation.operation.error?.contains("make the system user berth-") == true)
    let left = try Snapshot(host).changes(since: before)
    #expect(left.count == 3, "\(left)")
    #expect(host.users.names.count == 1)
    #expect(try await host.berth().doctor().map(\.code) == ["incomplete"])
  }

  @Test("is tried again by every recovery, and is done with when it succeeds")
  func again() async throws {
    let (host, before, _) = try await stuck()
    let second = try await host.berth().recover()
    #expect(second.map(\.ending) == [.stuck])
    #expect(second[0].leftovers.count == 1)
    #expect(second[0].leftovers[0].hasPrefix("make the system user berth-"))
    #expect(try host.berth().operation(1).operation.state == .stuck)
    host.fault.arm()
    let third = try await host.berth().recover(1)
    #expect(third.map(\.ending) == [.undone])
    #expect(try Snapshot(host).changes(since: before) == [])
    #expect(try host.berth().operation(1).operation.state == .undone)
    #expect(try await host.berth().recover().isEmpty)
  }

  @Test("can be given up, and then nothing is remembered of it but what was left")
  func abandoned() async throws {
    let (host, before, _) = try await stuck()
    let reports = try await host.berth().recover(1, abandons: true)
    #expect(reports.map(\.ending) == [.stuck])
    let operation = try host.berth().operation(1)
    #expect(operation.operation.state == .undone)
    #expect(operation.operation.error?.contains("make the system user berth-") == true)
    #expect(operation.begun.isEmpty)
    #expect(try Snapshot(host).changes(since: before).map { $0.prefix(16) } == ["came: user berth"])
    #expect(try host.berth().openOperations().isEmpty)
  }

  @Test(
    "a killed operation whose taking back fails is recovered when the fault is gone", arguments: Fault.Moment.allCases)
  func killed(_ moment: Fault.Moment) async throws {
    for crash in [Crash.installs[0], Crash.removals[0], Crash.changes[2]] {
      let (before, after, calls) = try await crash.undisturbed()
      let number = try #require(calls.lastIndex { $0.hasPrefix("start ") || $0.hasPrefix("commit file instance") }) + 1
      let first = try await crash.die(at: number, .before)
      _ = try await crash.berth(first).recover()
      for call in first.fault.calls.indices where !first.fault.calls[call].hasPrefix("commit operation") {
        let host = try await crash.die(at: number, .before)
        host.fault.arm(moment) { count, _ in count == call + 1 }
        let stuck = try await crash.berth(host).recover()
        // What has been committed cannot fail any more.
        if host.fault.fired != nil, !(moment == .after && first.fault.calls[call].hasPrefix("commit")) {
          #expect(stuck.map(\.ending) == [.stuck], "\(first.fault.calls[call])")
        }
        host.fault.arm()
        let reports = stuck.first?.ending == .stuck ? try await crash.berth(host).recover() : stuck
        try crash.expectWhole(host, reports, before, after, "the \(moment) failing \(first.fault.calls[call])")
      }
    }
  }

  @Test("what is past its point of no return is kept until it can be finished, and is never taken back")
  func pastReturn() async throws {
    let crash = Crash.changes[6]
    let (before, after, _) = try await crash.undisturbed()
    let host = try await crash.host()
    host.fault.arm { _, call in call == "start harbour@default.target" }
    let error = await refusal { try await crash.act(crash.berth(host)) }
    #expect(error?.remedy == "berth operations recover 2")
    #expect(error?.cause?.contains("past the point of no return") == true)
    #expect(try await crash.berth(host).list().map(\.status) == [.incomplete])
    // It cannot be finished yet.
    #expect(try await crash.berth(host).recover().map(\.ending) == [.stuck])
    host.fault.arm()
    let reports = try await crash.berth(host).recover()
    #expect(reports.map(\.ending) == [.finished])
    try crash.expectWhole(host, reports, before, after, "finished")
  }

  @Test("a job that fails itself is taken back with everything else, and what ran before runs again")
  func failingJob() async throws {
    let crash = Crash.changes[6]
    let host = try await crash.host()
    let before = try Snapshot(host)
    host.manager.set { $0.outcomes["harbour-migrate@.service"] = UnitState(active: "failed", sub: "failed") }
    host.logs.set("harbour-migrate@default.service", ["no such table"])
    let error = await refusal { try await crash.act(crash.berth(host)) }
    #expect(error?.code == "job-failed")
    #expect(error?.cause == "no such table")
    let changes = try Snapshot(host).changes(since: before)
    #expect(changes == [])
  }

  @Test("what does not start again when all is taken back is said not to run, and stands in the way of nothing else")
  func failsAgain() async throws {
    let host = try TestHost(.system)
    let heard = Heard()
    let berth = host.berth(options: .init(notice: heard.add))
    let record = try await berth.install(InstallRequest(app: "demo")).record
    let former = try host.registry.settings(of: record.uid)
    host.manager.set { $0.outcomes["demo@.service"] = UnitState(active: "activating", sub: "auto-restart") }
    host.logs.set("demo@default.service", [])
    let wish = ChangeWish(settings: ["title": "New"])
    let error = await refusal { _ = try await berth.change("config set", [record], wish)[0].result.get() }
    #expect(error?.code == "not-ready")
    #expect(heard.lines.contains { $0.contains("demo@default.service ran before and did not start again") })
    #expect(heard.lines.contains { $0.contains("all is taken back, and it does not run") }, "\(heard.lines)")
    #expect(try host.registry.settings(of: record.uid) == former && host.registry.journal.open().isEmpty)
    // What may help is not refused.
    host.manager.set { $0.outcomes = [:] }
    #expect(try await berth.change("config set", [record], wish)[0].result.get().status == .running)
  }
}
