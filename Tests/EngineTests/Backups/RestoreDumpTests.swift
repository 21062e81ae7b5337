import BerthKit
import BerthStore
import Testing

@testable import BerthEngine
@testable import BerthPlanning

@Suite("A restore of a dump", .serialized)
struct RestoreDumpTests {
  private let plugin = VaultPlugin()

  private func changed(isStopped: Bool = false) async throws -> (host: TestHost, record: InstanceRecord) {
    let host = try TestHost(.system)
    let record = try await host.makeVault(plugin)
    let berth = host.berth([plugin])
    _ = try await berth.backup(record, BackupWish())
    for path in ["db/base", "db/log", "world/map", "notes/todo", "stray"] {
      try host.put("later", at: "data/\(path)", of: record)
    }
    if isStopped { _ = try await berth.control(.stop, [record]) }
    host.manager.set { $0.runs = [] }
    return (host, record)
  }

  private func names(_ runs: [String]) -> [String] {
    runs.map { String($0.split(separator: "@")[0]).replacing("vault-", with: "") }
  }

  @Test("fills data that was made anew, and gives everything else back too")
  func whole() async throws {
    let (host, record) = try await changed()
    host.fault.arm()
    let report = try await host.berth([plugin]).restore(RestoreRequest(app: "vault")).result.get()
    #expect(
      BackupOrderTests.acts(host) == [
        "stop vault", "start seed", "start vault", "start db-restore", "stop vault", "start reindex", "start vault",
      ])
    #expect(report.status == .running)
    let texts = host.texts(of: record).filter { $0.key.hasPrefix("data/") }
    #expect(
      texts == [
        "data/db/base": "rows 1", "data/index.db": "index 1", "data/world/map": "map 1",
        "data/world/region/a": "region 1", "data/notes/todo": "todo 1",

      ])
    #expect(host.text("cache/tile", of: record) == "tile 1")
    // What the service is shown below its data was set aside with it, and is there again.
    #expect(host.files.isFolder("\(host.paths.own(record))/data/volumes/hold"))
    #expect(!host.files.exists(host.paths.dumps(of: record.key)))
    #expect(try await host.berth([plugin]).doctor() == [])
  }

  @Test("leaves the files of other sets alone when only it is asked for")
  func alone() async throws {
    let (host, record) = try await changed()
    _ = try await host.berth([plugin]).restore(RestoreRequest(app: "vault", sets: ["db"])).result.get()
    #expect(host.text("data/db/base", of: record) == "rows 1")
    #expect(host.text("data/db/log", of: record) == nil)
    #expect(host.text("data/world/map", of: record) == "later")
    #expect(host.text("data/notes/todo", of: record) == "later")
  }

  @Test("is not made when only another set is asked for")
  func notMeant() async throws {
    let (host, record) = try await changed()
    _ = try await host.berth([plugin]).restore(RestoreRequest(app: "vault", sets: ["world", "notes"])).result.get()
    #expect(host.text("data/db/base", of: record) == "later")
    #expect(host.text("data/db/log", of: record) == "later")
    #expect(host.text("data/stray", of: record) == "later")
    #expect(host.text("data/world/map", of: record) == "map 1")
    #expect(names(host.manager.known.runs) == ["reindex"])
  }

  @Test("stops a stopped instance again")
  func stopped() async throws {
    let (host, record) = try await changed(isStopped: true)
    let report = try await host.berth([plugin]).restore(RestoreRequest(app: "vault")).result.get()
    #expect(report.status == .stopped)
    #expect(host.text("data/db/base", of: record) == "rows 1")
    #expect(names(host.manager.known.runs) == ["seed", "db-restore", "reindex"])
  }

  /// What may go wrong after the old data was set aside.
  static let failures = ["vault-seed@.service", "vault-db-restore@.service", "vault-reindex@.service"]

  @Test("that fails gives everything back as it was, and what ran runs again", arguments: failures)
  func fails(_ unit: String) async throws {
    let (host, record) = try await changed()
    let before = try Snapshot(host)
    host.manager.set { $0.outcomes[unit] = UnitState(active: "failed", sub: "failed") }
    host.logs.set(unit.replacing("@", with: "@default"), ["it cannot"])
    let error = await refusal { try await host.berth([plugin]).restore(RestoreRequest(app: "vault")).result.get() }
    #expect(error?.code == "job-failed")
    #expect(error?.cause == "it cannot")
    let changes = try Snapshot(host).changes(since: before)
    #expect(changes == [])
    #expect(host.text("data/db/log", of: record) == "later")
  }

  @Test("makes a new instance too, whether or not it is started afterwards", arguments: [true, false])
  func new(_ isStarted: Bool) async throws {
    let (host, record) = try await changed()
    let report = try await host.berth([plugin]).restore(
      RestoreRequest(app: "vault", newName: "Copy", isStarted: isStarted)
    ).result.get()
    #expect(report.status == (isStarted ? .running : .stopped))
    #expect(report.isEnabled == isStarted)
    #expect(host.text("data/db/base", of: report.record) == "rows 1")
    #expect(host.text("data/notes/todo", of: report.record) == "todo 1")
    #expect(host.files.isFolder("\(host.paths.own(report.record))/data/volumes/hold"))
    #expect(host.text("data/db/base", of: record) == "later")
    #expect(names(host.manager.known.runs) == ["seed", "db-restore", "reindex", "rename"])
  }
}
