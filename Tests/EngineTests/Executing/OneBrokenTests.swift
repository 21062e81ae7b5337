import BerthKit
import GRDB
import Glibc
import Testing

@testable import BerthEngine
@testable import BerthPlanning
@testable import BerthStore

/// One instance of three is broken, in every way that there is. The others must not feel it, whatever is done to all.
@Suite("One broken instance among others")
struct OneBrokenTests {
  /// How it is broken, and what Berth says of it when it is to be changed.
  struct Damage: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let code: String
    var plugins: [any AppPlugin] = OneBrokenTests.plugins
    let harm: @Sendable (TestHost, InstanceRecord) async throws -> Void
  }

  private static let plugins: [any AppPlugin] = [
    DemoPlugin(), HarbourPlugin(version: "2", backup: BackupPolicy()), VaultPlugin.hot,
  ]
  private static let without: [any AppPlugin] = [DemoPlugin(), HarbourPlugin(version: "2", backup: BackupPolicy())]

  static let damages = [
    Damage(testDescription: "its plugin is gone", code: "unknown-app", plugins: without) { _, _ in },
    Damage(testDescription: "its program is gone", code: "program-missing", plugins: without + [LostPlugin()]) { _, _ in
    },
    Damage(testDescription: "its config file is a folder", code: "not-a-file") { host, record in
      let path = "\(host.paths.instance(record.key))/config/vault.conf"
      try host.files.remove(path)
      try host.files.makeFolder(path, mode: 0o755, owner: nil)
    },
    Damage(testDescription: "its config file is a FIFO", code: "not-a-file") { host, record in
      let path = "\(host.paths.instance(record.key))/config/vault.conf"
      try host.files.remove(path)
      mkfifo(host.folder.path + path, 0o600)
    },
    Damage(testDescription: "a setting of it is none any more", code: "bad-setting") { host, record in
      try host.sql("UPDATE setting SET value = 'many' WHERE instance = ? AND key = 'size'", record)
    },
    Damage(testDescription: "its row has labels that cannot be read", code: "unreadable-row") { host, record in
      try host.sql("UPDATE instance SET labels = '{broken' WHERE uid = ?", record)
    },
    Damage(testDescription: "its row has a state that nobody knows", code: "unreadable-row") { host, record in
      try host.registry.database.writeWithoutTransaction { try $0.execute(sql: "PRAGMA ignore_check_constraints = ON") }
      try host.sql("UPDATE instance SET state = 'odd' WHERE uid = ?", record)
    },
    Damage(testDescription: "an operation on it broke off", code: "incomplete") { host, record in
      _ = try host.registry.journal.begin(
        OperationDraft(
          token: "dead", verb: "update", command: "", person: .init(id: 0, name: "root", sudoUser: nil),
          startedAt: "2026-11-21T09:00:00Z", steps: 1,
          items: [.init(uid: record.uid, key: record.key, name: record.name, action: "change")], plan: nil))
    },
    Damage(testDescription: "somebody is at work on it", code: "busy") { host, record in
      _ = try await host.locks.take("/locks/\(record.key.app)@\(record.key.id).lock", purpose: "another", wait: 0)
    },
    Damage(testDescription: "it was removed meanwhile", code: "unknown-instance") { host, record in
      try host.registry.forget([record.uid])
      // A new one in its place finds its folders, and the job that fills them refuses what is there.
      host.logs.set("vault-seed@\(record.key.id).service", ["there is data already"])
    },
  ]

  /// The host, with the broken one in the middle.
  private func broken(_ damage: Damage) async throws -> (host: TestHost, records: [InstanceRecord]) {
    let host = try TestHost(.system)
    let before = host.berth([DemoPlugin(), HarbourPlugin(backup: BackupPolicy()), VaultPlugin.hot])
    let vault = try await host.makeVault(.hot)
    let others = try await before.install([InstallRequest(app: "harbour"), InstallRequest(app: "harbour", name: "Two")])
    let records = [others[0].record, vault, others[1].record]
    try await damage.harm(host, vault)
    return (host, records)
  }

  @Test("is refused by itself, and all others are done, when they are to go on", arguments: damages)
  func goesOn(_ damage: Damage) async throws {
    let (host, records) = try await broken(damage)
    let berth = host.berth(damage.plugins, options: .keepingGoing)
    let changed = try await berth.change("update", records, ChangeWish(labels: ["a": "b"]))
    #expect(changed.map(\.code) == [nil, damage.code, nil])
    #expect(changed.map(\.record.uid) == records.map(\.uid))
    let present = try host.registry.instances().filter { $0.uid != records[1].uid }
    #expect(present.allSatisfy { $0.labels["a"] == "b" && $0.pluginVersion == "2" })
    let backups = try await berth.backup(records, BackupWish())
    let made = backups.map { (try? $0.result.get()) != nil }
    #expect(made[0] && made[2])
    let fleet = FleetFile(
      instances: try [("harbour", "One"), ("vault", "default"), ("harbour", "Two")].map { app, name in
        FleetInstance(
          app: app, id: name == "default" ? .default : nil, name: name == "default" ? nil : try InstanceName(name),
          labels: ["c": "d"])
      })
    let applied = try await berth.apply(fleet, prunes: false)
    #expect(applied.filter { $0.record.key.app == "harbour" }.map(\.code) == [nil, nil])
    let stopped = try await berth.control(.stop, records)
    #expect(stopped.filter { $0.record.uid != records[1].uid }.map(\.code) == [nil, nil])
    let failures = try await berth.remove(records, keepsData: false)
    #expect(failures.keys.filter { $0 != records[1].uid } == [])
    #expect(try host.registry.instances().filter { $0.key.app == "harbour" }.map(\.name.text) == ["One"])
  }

  @Test("is named by every question, which goes on with the others in any case", arguments: damages)
  func questions(_ damage: Damage) async throws {
    let (host, records) = try await broken(damage)
    let berth = host.berth(damage.plugins)
    let others = Set([records[0].uid, records[2].uid])
    let plan = try await berth.planChange("update", records, ChangeWish(labels: ["a": "b"], refreshes: true))
    #expect(others.isSubset(of: plan.changes.map(\.record.uid)))
    let isPlanned = ["busy", "incomplete"].contains(damage.code)
    #expect(plan.refused.map(\.error.code) == (isPlanned ? [] : [damage.code]))
    let backups = try await berth.planBackup(records, BackupWish())
    #expect(others.isSubset(of: backups.changes.map(\.record.uid)))
    let removal = try await berth.planRemove(records, keepsData: false)
    #expect(others.isSubset(of: removal.changes.map(\.record.uid)))
    let listed = try await berth.list()
    #expect(listed.filter { others.contains($0.record.uid) }.map(\.status) == [.running, .running])
    #expect(others.isSubset(of: try await berth.metrics(of: listed.map(\.record)).map(\.record.uid)))
    let findings = try await berth.doctor()
    if !["busy", "unknown-instance"].contains(damage.code) {
      #expect(findings.contains { [damage.code, "incomplete"].contains($0.code) })
    }
  }

  @Test("ends a change of all, with nothing done, unless they are to go on", arguments: damages)
  func ends(_ damage: Damage) async throws {
    let (host, records) = try await broken(damage)
    let berth = host.berth(damage.plugins)
    let error = await refusal { try await berth.change("update", records, ChangeWish(labels: ["a": "b"])) }
    #expect(error?.code == damage.code)
    #expect(try host.registry.instances().allSatisfy { $0.labels["a"] == nil })
  }

  @Test("whose image is not to be had, or whose archive is gone, takes no others along")
  func imageAndArchive() async throws {
    let host = try TestHost(.system)
    host.containers.set { $0.images = [PierPlugin.image] }
    let plugins: [any AppPlugin] = [HarbourPlugin(backup: BackupPolicy()), PierPlugin()]
    let berth = host.berth(plugins, options: .keepingGoing)
    let records = try await berth.install([
      InstallRequest(app: "harbour", name: "One"), InstallRequest(app: "pier"),
      InstallRequest(app: "harbour", name: "Two"),
    ]).map(\.record)
    host.containers.set { $0.images = [] }
    let updated = try await berth.change("update", records, ChangeWish(labels: ["a": "b"], refreshes: true))
    #expect(updated.map(\.code) == [nil, "no-image", nil])
    #expect(try host.registry.instances().filter { $0.labels["a"] == "b" }.count == 2)
    host.containers.set { $0.images = [PierPlugin.image] }
    let made = try await berth.backup(records, BackupWish()).map { try $0.result.get() }
    try host.files.remove(made[1].path)
    #expect(try await berth.verify(made).map { $0.problem?.code } == [nil, "backup-missing", nil])
    // The next one of it has nothing to rest on, and is whole.
    #expect(try await berth.backup(records, BackupWish()).map { try $0.result.get().kind } == [.diff, .full, .diff])
  }

  @Test("whose order the manager refuses takes no others along")
  func managerRefuses() async throws {
    let host = try TestHost(.system)
    let berth = host.berth(options: .keepingGoing)
    let names = ["One", "Two", "Three"]
    let records = try await berth.install(names.map { InstallRequest(app: "harbour", name: $0) }).map(\.record)
    host.fault.arm { _, call in call.hasPrefix("stop ") && call.contains(records[1].target) }
    #expect(try await berth.control(.stop, records).map { $0.code == nil } == [true, false, true])
    host.fault.arm()
    #expect(try await host.berth().list().filter { $0.status == .stopped }.count == 2)
    // One order for all, as it was, says of nobody whose the fault is.
    host.fault.arm { _, call in call.hasPrefix("stop ") && call.contains(records[1].target) }
    await #expect(throws: InjectedFault.self) { try await host.berth().control(.stop, records) }
  }
}

extension TestHost {
  /// Changes a row behind Berth's back.
  fileprivate func sql(_ statement: String, _ record: InstanceRecord) throws {
    try registry.database.write { try $0.execute(sql: statement, arguments: [record.uid]) }
  }
}

/// The vault, whose program is nowhere.
private struct LostPlugin: AppPlugin {
  var manifest: Manifest {
    Manifest(
      id: "vault", name: "Vault", summary: "Its program is gone", category: .database, version: "2",
      programs: [Program("server", ["/usr/bin/gone"])],
      services: [Service(exec: ["{{programs.server}}"])])
  }
}
