import BerthKit
import Foundation
import Testing

@testable import BerthEngine

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
}
