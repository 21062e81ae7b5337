import BerthKit
import BerthStore
import Testing

@testable import BerthEngine
@testable import BerthPlanning

@Suite("An update of an app with backups", .serialized)
struct UpdateBackupTests {
  private let old = VaultPlugin()
  private let new = VaultPlugin(version: "2")

  private func host(isStopped: Bool = false) async throws -> (host: TestHost, record: InstanceRecord) {
    let host = try TestHost(.system)
    let record = try await host.makeVault(old)
    if isStopped { _ = try await host.berth([old]).control(.stop, [record]) }
    return (host, record)
  }

  @Test("copies all that its sets are about while it is stopped, checks that, and goes on then")
  func order() async throws {
    let (host, record) = try await host()
    let stray = host.text("data/stray", of: record)
    host.fault.arm()
    let report = try #require(try await host.berth([new]).change(record, ChangeWish()))
    #expect(report.record.pluginVersion == "2")
    #expect(
      BackupOrderTests.acts(host) == [
        "stop vault", "begin", "add index world notes config db", "finish", "start migrate", "start vault",
      ])
    let backup = try #require(try host.registry.backups.all().first)
    #expect(backup.reason == .update)
    #expect(backup.pluginVersion == "1")
    #expect(backup.verifiedAt != nil)
    #expect(host.text("data/world/map", of: record) == "map 1, migrated")
    #expect(host.text("data/stray", of: record) == stray)
    #expect(try await host.berth([new]).doctor() == [])
  }

  @Test("says beforehand that the data is copied first")
  func plan() async throws {
    let (host, record) = try await host()
    let plan = try await host.berth([new]).planChange("update", [record], ChangeWish())
    #expect(plan.changes[0].reasons.contains("its data is backed up first"))
    #expect(plan.steps.filter(\.step.isPointOfNoReturn).isEmpty)
  }

  @Test("copies nothing when neither the plugin's nor the program's version changes")
  func sameVersion() async throws {
    let (host, record) = try await host()
    _ = try await host.berth([old]).change(record, ChangeWish(settings: ["size": "9"]))
    #expect(try host.registry.backups.all().isEmpty)
  }

  /// What fails after the copy was made.
  static let failures: [String] = ["the job", "start vault@default.target", "share", "reload"]

  @Test("that fails brings the data back first, and then the old program runs again", arguments: failures)
  func fails(_ failing: String) async throws {
    let (host, record) = try await host()
    let before = try Snapshot(host)
    if failing == "the job" {
      host.manager.set { $0.outcomes["vault-migrate@.service"] = UnitState(active: "failed", sub: "failed") }
      host.logs.set("vault-migrate@default.service", ["it cannot"])
    }
    let isFirst = Flag()
    host.fault.arm { [paths = host.paths] _, call in
      let isMeant = failing == "share" ? call.hasPrefix("write \(paths.units)") : call.hasPrefix(failing)
      return isMeant && isFirst.raise()
    }
    // Its unit is another one, so that the manager has to read it.
    let other = VaultPlugin(version: "2", flag: "--two")
    await #expect(throws: (any Error).self) { try await host.berth([other]).change(record, ChangeWish()) }
    let changes = try Snapshot(host).changes(since: before).filter { !$0.contains(host.paths.backups) }
    let left = changes.filter { !$0.contains("/backups") && !$0.contains("backup ") }
    #expect(left == [], "\(failing)")
    #expect(host.text("data/world/map", of: record) == "map 1")
    #expect(host.text("data/db/base", of: record) == "rows 1")
    #expect(host.text("data/stray", of: record) == "stray 1")
    #expect(try await host.berth([old]).status(of: record.key).status == .running)
    // The copy stays, since it was good.
    #expect(try host.registry.backups.all().map(\.reason) == [.update])
  }

  @Test("brings the data back once, however often it is recovered, and never under a service that runs again")
  func onceOnly() async throws {
    let host = try TestHost(mortal: .system)
    let record = try await host.makeVault(old)
    host.fault.arm(.after, dies: true) { _, call in call.hasPrefix("start vault-migrate") }
    _ = try? await host.berth([new]).change(record, ChangeWish())
    let second = try host.reborn()
    // It dies right before it notes that all is done.
    let isUp = Flag()
    second.fault.arm(dies: true) { _, call in
      if call.hasPrefix("start vault@") { _ = isUp.raise() }
      return call.hasPrefix("commit operation") && isUp.isRaised
    }
    _ = try? await second.berth([new]).recover()
    #expect(second.fault.isDead)
    let third = try host.reborn()
    #expect(host.manager.known.units["vault@default.service"]?.active == "active")
    #expect(host.text("data/world/map", of: record) == "map 1")
    try host.put("gone on", at: "data/world/map", of: record)
    #expect(try await third.berth([new]).recover().map(\.ending) == [.undone])
    #expect(host.text("data/world/map", of: record) == "gone on")
    #expect(try await third.berth([old]).status(of: record.key).status == .running)
    #expect(!host.files.exists("\(host.paths.state)/restoring"))
  }

  @Test("whose copy cannot be made or is not good changes nothing", arguments: ["begin", "add", "finish"])
  func copyFails(_ failing: String) async throws {
    let (host, record) = try await host()
    let before = try Snapshot(host)
    host.fault.arm { _, call in call.hasPrefix(failing) }
    await #expect(throws: (any Error).self) { try await host.berth([new]).change(record, ChangeWish()) }
    let changes = try Snapshot(host).changes(since: before)
    #expect(changes == [])
    #expect(host.manager.known.runs.filter { $0.contains("migrate") } == [])
  }

  @Test("of a stopped instance copies it too, and leaves it stopped")
  func stopped() async throws {
    let (host, record) = try await host(isStopped: true)
    let report = try #require(try await host.berth([new]).change(record, ChangeWish()))
    #expect(report.status == .stopped)
    #expect(try host.registry.backups.all().map(\.reason) == [.update])
    #expect(host.text("data/db/base", of: record) == "rows 1, migrated")
  }

  @Test("makes its copies in a series of their own, beside those of the instance in use")
  func ownChain() async throws {
    let (host, record) = try await host()
    let first = try await host.berth([old]).backup(record, BackupWish())
    _ = try await host.berth([new]).change(record, ChangeWish())
    let now = try host.record(app: "vault")
    let second = try await host.berth([new]).backup(now, BackupWish())
    _ = try await host.berth([VaultPlugin(version: "3")]).change(now, ChangeWish())
    let all = try host.registry.backups.all()
    #expect(all.map(\.reason) == [.asked, .update, .asked, .update])
    #expect(all.map(\.base) == [nil, nil, first.id, all[1].id])
    #expect(second.id == all[2].id)
  }

  @Test("can be gone back from by hand: its copy restores the dump's data as files")
  func restoreImage() async throws {
    let (host, record) = try await host()
    _ = try await host.berth([new]).change(record, ChangeWish())
    let image = try #require(try host.registry.backups.all().first)
    _ = try await host.berth([new]).restore(RestoreRequest(app: "vault", backup: image.id)).result.get()
    #expect(host.text("data/db/base", of: record) == "rows 1")
    #expect(host.text("data/world/map", of: record) == "map 1")
  }

  @Test("of several keeps going where one fails, which alone is as it was")
  func several() async throws {
    let (host, first) = try await host()
    let second = try await host.makeVault(old, InstallRequest(app: "vault", name: "Two"))
    host.manager.set {
      $0.outcomes["vault-migrate@default.service"] = UnitState(active: "failed", sub: "failed")
    }
    host.logs.set("vault-migrate@default.service", ["it cannot"])
    let outcomes = try await host.berth([new], options: .keepingGoing).change("update", [first, second], ChangeWish())
    #expect(outcomes.map(\.code) == ["job-failed", nil])
    #expect(host.text("data/world/map", of: first) == "map 1")
    #expect(host.text("data/world/map", of: second) == "map 1, migrated")
    #expect(try host.registry.instances().map(\.pluginVersion) == ["1", "2"])
  }
}
