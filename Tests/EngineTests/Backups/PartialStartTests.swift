import BerthKit
import Foundation
import Testing

@testable import BerthEngine
@testable import BerthPlanning

@Suite("Services that run for a dump or a job")
struct PartialStartTests {
  private func depot(_ plugin: DepotPlugin, isStarted: Bool = true) async throws -> (TestHost, InstanceRecord) {
    let host = try TestHost(.system)
    host.containers.set { $0.images = [DepotPlugin.image] }
    let root = host.folder.path + host.paths.dump("depot", "default", set: "rows")
    host.manager.set { state in
      state.effects["depot-rows-dump@.service"] = { _, _ in
        try Data("rows".utf8).write(to: URL(filePath: root))
      }
    }
    var request = InstallRequest(app: "depot")
    request.isStarted = isStarted
    let record = try await host.berth([plugin]).install(request).record
    return (host, record)
  }

  /// The orders for services and jobs, without the app's name and the instance's.
  private func orders(_ host: TestHost) -> [String] {
    host.manager.known.calls.filter { $0.hasPrefix("start ") || $0.hasPrefix("stop ") }.map {
      $0.replacing("depot-", with: "").replacing("depot@default.target", with: "all")
        .replacing("@default.service", with: "").replacing("depot", with: "main")
    }
  }

  @Test("a restore starts what takes the dump back, and nothing else while it is fed", arguments: [true, false])
  func restore(_ isContained: Bool) async throws {
    let plugin = DepotPlugin(isContained: isContained)
    let (host, record) = try await depot(plugin)
    let berth = host.berth([plugin])
    _ = try await berth.backup(record, BackupWish())
    host.manager.set { $0.calls = [] }
    let report = try await berth.restore(RestoreRequest(app: "depot")).result.get()
    #expect(report.status == .running)
    #expect(orders(host) == ["stop all main db queue site", "start db", "start rows-restore", "start all"])
    #expect(host.files.isFolder("\(host.paths.own(record))/data/volumes/rows"))
  }

  @Test("a backup of a stopped instance starts what makes the dump, and stops it again")
  func backup() async throws {
    let plugin = DepotPlugin()
    let (host, record) = try await depot(plugin, isStarted: false)
    host.manager.set { $0.calls = [] }
    _ = try await host.berth([plugin]).backup(record, BackupWish())
    #expect(orders(host) == ["start db", "start rows-dump", "stop db"])
  }

  @Test(
    "what a job's service depends on is up for the job, and the service itself is not", arguments: [true, false],
    [true, false])
  func install(_ isStarted: Bool, _ isContained: Bool) async throws {
    let plugin = DepotPlugin(
      isContained: isContained, jobs: [("db", .install), ("main", .install), ("site", .install), ("main", .install)])
    let (host, _) = try await depot(plugin, isStarted: isStarted)
    #expect(
      orders(host) == [
        "start job0", "start db queue", "start job1", "start job2", "start job3",
        isStarted ? "start all" : "stop db queue",
      ])
  }

  @Test("a job that changes in a container's file restarts nothing, and one that goes takes its file along")
  func files() async throws {
    let (host, _) = try await depot(DepotPlugin(jobs: [("main", .restore), ("main", .restore)]))
    let file = "/etc/containers/systemd/depot-job0@default.container"
    #expect(try host.files.read(file).contains("\nType=oneshot\n"))
    let former = try host.files.read(file)
    host.manager.set { $0.calls = [] }
    let plugin = DepotPlugin(jobs: [("site", .restore)])
    _ = try await host.berth([plugin]).change("config set", [host.record(app: "depot")], ChangeWish(labels: ["a": "b"]))
    #expect(try host.files.read(file) != former)
    #expect(!host.files.exists("/etc/containers/systemd/depot-job1@default.container"))
    #expect(!host.manager.known.calls.contains { $0.hasPrefix("restart ") || $0.hasPrefix("stop ") })
  }

  @Test("a job of what an earlier one needed finds its service stopped")
  func order() async throws {
    let plugin = DepotPlugin(isContained: false, jobs: [("main", .install), ("queue", .install), ("main", .install)])
    let (host, _) = try await depot(plugin)
    #expect(
      orders(host) == [
        "start db queue", "start job0", "stop db queue", "start job1", "start db queue", "start job2", "start all",
      ])
  }

  @Test("an update and a removal start it too, and a stopped instance is stopped again", arguments: [true, false])
  func update(_ isStarted: Bool) async throws {
    let jobs: [(service: String, moment: Job.Moment)] = [("main", .update), ("main", .remove)]
    let (host, record) = try await depot(DepotPlugin(isContained: false), isStarted: isStarted)
    let berth = host.berth([DepotPlugin(isContained: false, version: "2", jobs: jobs)])
    host.manager.set { $0.calls = [] }
    _ = try await berth.change("update", [record], ChangeWish())
    let halt = isStarted ? ["stop all main db queue site"] : []
    #expect(
      orders(host) == halt + ["start db queue", "start job0", isStarted ? "start all" : "stop db queue"])
    host.manager.set { $0.calls = [] }
    _ = try await berth.remove([host.record(app: "depot")], keepsData: false)
    #expect(orders(host) == halt + ["start db queue", "start job1", "stop db queue"])
  }

  @Test("a restore that feeds a dump runs the jobs of an installation first, and its own last")
  func restoreJobs() async throws {
    let plugin = DepotPlugin(isContained: false, jobs: [("main", .install), ("main", .restore)])
    let (host, record) = try await depot(plugin)
    let berth = host.berth([plugin])
    _ = try await berth.backup(record, BackupWish())
    host.manager.set { $0.calls = [] }
    _ = try await berth.restore(RestoreRequest(app: "depot")).result.get()
    #expect(
      orders(host) == [
        "stop all main db queue site", "start db queue", "start job0", "start db", "start rows-restore",
        "stop db queue", "start db queue", "start job1", "start all",
      ])
  }

  @Test("a job that fails stops what was started for it")
  func fails() async throws {
    let plugin = DepotPlugin(isContained: false, jobs: [("main", .install)])
    let host = try TestHost(.system)
    host.logs.set("depot-job0@default.service", ["no"])
    host.manager.set { $0.outcomes["depot-job0@.service"] = UnitState(active: "failed", sub: "failed") }
    #expect(
      await refusal { try await host.berth([plugin]).install(InstallRequest(app: "depot")) }?.code == "job-failed")
    #expect(host.manager.known.units.filter { $0.value.active == "active" }.isEmpty)
  }
}
