import BerthKit
import Testing

@testable import BerthEngine
@testable import BerthPlanning

@Suite("Jobs that fail with nobody there to see it")
struct FailedJobTests {
  private func host() async throws -> TestHost {
    let host = try TestHost()
    _ = try await host.berth().install(InstallRequest(app: "harbour", name: "Main"))
    // As a job on a calendar has it.
    try host.files.write("", to: host.paths.unit("harbour-tidy@.timer"), mode: 0o644, owner: nil, anchor: nil)
    return host
  }

  private func fail(_ unit: String, on host: TestHost) {
    host.manager.set { $0.units[unit] = UnitState(active: "failed", sub: "failed") }
  }

  @Test("list marks the instance, with one more question for all instances, and status has the runs")
  func seen() async throws {
    let host = try await host()
    fail("harbour-tidy@default.service", on: host)
    host.manager.set { state in
      state.calls = []
      state.units["harbour-tidy@default.timer"] = UnitState(active: "active", sub: "waiting")
      state.jobRuns["harbour-tidy@default.service"] = TimedRun(
        last: "2026-11-21T04:00:00Z", succeeded: false, next: "2026-11-22T04:00:00Z")
    }
    let report = try #require(try await host.berth().list().first)
    #expect(host.manager.known.calls.count == 2)
    #expect(report.status == .running && report.problem == "its job 'tidy' has failed" && report.jobs == nil)
    #expect(report.remedy == "berth logs harbour --instance default --service tidy")
    let one = try await host.berth().status(of: report.record.key)
    #expect(one.problem == report.problem)
    #expect(one.jobs?.map(\.name) == ["tidy"])
    #expect(
      one.jobs?.first?.run == TimedRun(last: "2026-11-21T04:00:00Z", succeeded: false, next: "2026-11-22T04:00:00Z"))
  }

  @Test("the doctor names the job, and the command that it offers exists")
  func doctor() async throws {
    let host = try await host()
    #expect(try await host.berth().doctor().isEmpty)
    fail("harbour-tidy@default.service", on: host)
    let findings = try await host.berth().doctor()
    #expect(findings.map(\.line) == ["job-failed: harbour/Main: its job 'tidy' has failed"])
    #expect(findings.first?.remedy == "berth logs harbour --instance default --service tidy")
  }

  @Test("a job of a moment was told of when it failed, and a service's failure is another finding")
  func others() async throws {
    let host = try await host()
    fail("harbour-seed@default.service", on: host)
    #expect(try await host.berth().list().first?.problem == nil)
    #expect(try await host.berth().doctor().isEmpty)
    fail("harbour-side@default.service", on: host)
    #expect(try await host.berth().doctor().map(\.code) == ["not-running"])
    #expect(try await host.berth().list().first?.problem == nil)
  }

  @Test("a scheduled backup that could not even begin is told of")
  func backup() async throws {
    let host = try await host()
    try host.files.write("", to: host.paths.unit("harbour-backup@.timer"), mode: 0o644, owner: nil, anchor: nil)
    fail("harbour-backup@default.service", on: host)
    #expect(
      try await host.berth().doctor().map(\.line) == ["backup-failed: harbour/Main: its scheduled backup has failed"])
    #expect(try await host.berth().list().first?.problem == "its scheduled backup has failed")
  }
}
