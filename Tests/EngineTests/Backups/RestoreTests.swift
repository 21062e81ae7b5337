import BerthKit
import BerthStore
import Testing

@testable import BerthEngine
@testable import BerthPlanning

@Suite("A restore", .serialized)
struct RestoreTests {
  /// Without a dump, so that what no set covers stays.
  private let plugin = VaultPlugin(without: ["db"])

  /// A vault that was backed up and then changed everywhere.
  private func changed(_ kind: TestHost.Kind = .system) async throws -> (
    host: TestHost, record: InstanceRecord, before: [String: String]
  ) {
    let host = try TestHost(kind)
    let record = try await host.makeVault(plugin)
    let before = host.texts(of: record)
    _ = try await host.berth([plugin]).backup(record, BackupWish())
    for path in ["index.db", "world/map", "notes/todo", "stray"] {
      try host.put("later", at: "data/\(path)", of: record)
    }
    try host.remove("data/world/region/a", of: record)
    for path in ["data/world/new", "data/world/new.tmp", "data/notes/new", "config/new"] {
      try host.put("new", at: path, of: record)
    }
    return (host, record, before)
  }

  @Test("brings every set back, lets go of what the backup lacks, and spares what no set covers")
  func everything() async throws {
    let (host, record, before) = try await changed()
    var wanted = before
    // Covered by no set, and excluded from one.
    wanted["data/stray"] = "later"
    wanted["data/world/new.tmp"] = "new"
    let report = try await host.berth([plugin]).restore(RestoreRequest(app: "vault")).result.get()
    #expect(host.texts(of: record) == wanted)
    #expect(report.record == record)
    #expect(report.status == .running)
    #expect(host.locks.held.isEmpty)
    #expect(host.ports.claimed.isEmpty)
    #expect(try host.files.list(host.paths.state).contains("trash") == false)
    #expect(try host.files.list(host.paths.own(record)).filter { $0.hasPrefix(".") } == [])
  }

  @Test("checks and unpacks while the instance runs, and stops it only to put things in place")
  func order() async throws {
    let (host, _, _) = try await changed()
    host.fault.arm()
    _ = try await host.berth([plugin]).restore(RestoreRequest(app: "vault")).result.get()
    let acts = host.fault.calls.compactMap { call -> String? in
      let words = call.split(separator: " ")
      switch words[0] {
      case "unpack": return "unpack"
      case "replace": return "replace \(words[1].split(separator: "/").last ?? "")"
      case "start", "stop": return "\(words[0]) \(words[1].split(separator: "@")[0])"
      default: return nil
      }
    }
    #expect(
      acts == ["unpack", "stop vault", "replace config", "replace data", "start vault-reindex", "start vault"])
  }

  @Test("leaves a stopped instance stopped")
  func stopped() async throws {
    let (host, record, _) = try await changed()
    let berth = host.berth([plugin])
    _ = try await berth.control(.stop, [record])
    let report = try await berth.restore(RestoreRequest(app: "vault")).result.get()
    #expect(report.status == .stopped)
    #expect(report.isEnabled)
    #expect(host.text("data/world/map", of: record) == "map 1")
  }

  @Test("of one set touches nothing of the others")
  func oneSet() async throws {
    let (host, record, before) = try await changed()
    let now = host.texts(of: record)
    _ = try await host.berth([plugin]).restore(RestoreRequest(app: "vault", sets: ["world"])).result.get()
    var wanted = now.filter { !$0.key.hasPrefix("data/world/") }
    wanted.merge(before.filter { $0.key.hasPrefix("data/world/") }) { first, _ in first }
    wanted["data/world/new.tmp"] = "new"
    #expect(host.texts(of: record) == wanted)
  }

  @Test(
    "of one file or folder touches nothing else", arguments: ["data/world/map", "data/world/region", "data/index.db"])
  func oneFile(_ file: String) async throws {
    let (host, record, before) = try await changed()
    var wanted = host.texts(of: record)
    wanted.merge(before.filter { $0.key == file || $0.key.hasPrefix("\(file)/") }) { _, old in old }
    _ = try await host.berth([plugin]).restore(RestoreRequest(app: "vault", file: file)).result.get()
    #expect(host.texts(of: record) == wanted)
  }

  @Test("brings settings back with the whole, and not with a part")
  func settings() async throws {
    let host = try TestHost(.system)
    let record = try await host.makeVault(plugin)
    let berth = host.berth([plugin])
    func setting(_ key: String) throws -> String? {
      try host.registry.settings(of: record.uid).first { $0.key == key }?.value
    }
    let token = try setting("token")
    _ = try await berth.backup(record, BackupWish())
    _ = try await berth.change(record, ChangeWish(settings: ["size": "9", "motto": "later", "token": "anotherToken"]))
    _ = try await berth.restore(RestoreRequest(app: "vault", sets: ["config"])).result.get()
    #expect(try setting("size") == "9")
    #expect(host.text("config/vault.conf", of: record)?.contains("size = 9") == true)
    let plan = try await berth.planRestore(RestoreRequest(app: "vault"))
    #expect(plan.changes[0].reasons.contains("setting size: 9 → 4"))
    _ = try await berth.restore(RestoreRequest(app: "vault")).result.get()
    #expect(try setting("size") == "4")
    #expect(try setting("token") == token)
    // One that the backup does not have was unset then.
    #expect(try setting("motto") == nil)
    #expect(host.text("config/vault.conf", of: record)?.contains("size = 4") == true)
    #expect(try host.files.read("\(host.paths.instance(record.key))/env").contains(token ?? "none"))
    #expect(try await berth.doctor() == [])
  }

  @Test("leaves the ports as they are, and writes them into the config files that come back")
  func ports() async throws {
    let host = try TestHost(.system)
    let record = try await host.makeVault(plugin)
    let berth = host.berth([plugin])
    _ = try await berth.backup(record, BackupWish())
    _ = try await berth.change(record, ChangeWish(ports: ["web": 33000]))
    let plan = try await berth.planRestore(RestoreRequest(app: "vault"))
    #expect(plan.changes[0].reasons.contains("port web: 32000 → 33000"))
    let report = try await berth.restore(RestoreRequest(app: "vault")).result.get()
    #expect(report.ports.map(\.port) == [33000, 33001])
    #expect(host.text("config/vault.conf", of: record)?.contains("web = 33000") == true)
  }

  @Test("keeps what a person had written into a config file by the time of the backup")
  func handEdits() async throws {
    let host = try TestHost(.system)
    let record = try await host.makeVault(plugin)
    let berth = host.berth([plugin])
    let rendered = try #require(host.text("config/vault.conf", of: record))
    try host.put("\(rendered)# mine, early\nown = 1\n", at: "config/vault.conf", of: record)
    _ = try await berth.backup(record, BackupWish())
    try host.put("\(rendered)# mine, late\nown = 2\n", at: "config/vault.conf", of: record)
    _ = try await berth.change(record, ChangeWish(settings: ["size": "9"]))
    for request in [RestoreRequest(app: "vault", sets: ["config"]), RestoreRequest(app: "vault")] {
      _ = try await berth.restore(request).result.get()
      let text = host.text("config/vault.conf", of: record)
      #expect(text?.contains("# mine, early\nown = 1\n") == true)
      #expect(text?.contains("late") == false)
    }
    #expect(host.texts(of: record).keys.filter { $0.hasPrefix("config/") }.sorted() == ["config/vault.conf"])
  }

  @Test("brings back into an instance that lies elsewhere, by its own folder")
  func elsewhere() async throws {
    let host = try TestHost(.system)
    let record = try await host.makeVault(plugin, InstallRequest(app: "vault", directory: "/srv/vault"))
    let before = host.texts(of: record)
    let berth = host.berth([plugin])
    _ = try await berth.backup(record, BackupWish())
    try host.put("later", at: "data/world/map", of: record)
    try host.put("later", at: "config/vault.conf", of: record)
    host.fault.arm()
    _ = try await berth.restore(RestoreRequest(app: "vault")).result.get()
    // Renames need one file system.
    #expect(host.fault.calls.first { $0.hasPrefix("unpack") }?.hasPrefix("unpack /srv/vault/.berth-restoring") == true)
    #expect(host.texts(of: record) == before)
    #expect(try host.files.list("/srv/vault") == ["cache", "config", "data"])
    #expect(try host.files.list("/srv") == ["vault"])
  }

  @Test("brings back what was lost altogether")
  func lostFolder() async throws {
    let (host, record, before) = try await changed()
    try host.files.remove("\(host.paths.own(record))/data")
    _ = try await host.berth([plugin]).restore(RestoreRequest(app: "vault")).result.get()
    var wanted = before
    wanted["data/stray"] = nil
    wanted["data/world/lock.tmp"] = nil
    wanted["data/db/base"] = nil
    #expect(host.texts(of: record) == wanted)
  }

  @Test("into another instance that is there fills that one, which keeps its secrets and its ports")
  func intoAnother() async throws {
    let (host, record, before) = try await changed()
    let berth = host.berth([plugin])
    let other = try await berth.install(InstallRequest(app: "vault", name: "Two", settings: ["size": "7"])).record
    let backup = try #require(try host.registry.backups.all().last)
    let own = try host.registry.settings(of: other.uid)
    _ = try await berth.restore(RestoreRequest(app: "vault", instance: "Two", backup: backup.id)).result.get()
    #expect(host.text("data/world/map", of: other) == before["data/world/map"])
    #expect(host.text("data/world/map", of: record) == "later")
    let now = try host.registry.settings(of: other.uid)
    func value(_ key: String, _ settings: [StoredSetting]) -> String? { settings.first { $0.key == key }?.value }
    #expect(value("token", now) == value("token", own))
    #expect(value("seal", now) == value("seal", try host.registry.settings(of: record.uid)))
    #expect(value("size", now) == "4")
    #expect(try host.record(other.key.id.text, app: "vault").ports == other.ports)
    let seal = value("seal", now) ?? "none"
    #expect(host.text("config/vault.conf", of: other)?.contains("seal = \(seal)") == true)
    #expect(host.manager.known.runs.suffix(2).map { $0.split(separator: "@")[0] } == ["vault-reindex", "vault-rename"])
  }

  @Test("that is only planned changes nothing and shows what would be put where")
  func dryRun() async throws {
    let (host, _, _) = try await changed()
    let before = try Snapshot(host)
    host.fault.arm { _, _ in true }
    let plan = try await host.berth([plugin]).planRestore(RestoreRequest(app: "vault"))
    #expect(host.fault.calls == [])
    #expect(plan.changes.map(\.action) == [.restore])
    #expect(plan.changes[0].reasons[0] == "from the backup of vault/default of 2026-11-21T09:00:00Z")
    #expect(
      plan.kinds.filter { ["unpack", "replace-folder", "stop", "start", "run-job"].contains($0) }
        == ["unpack", "stop", "replace-folder", "replace-folder", "run-job", "start"])
    #expect(try Snapshot(host).changes(since: before) == [])
    #expect(host.ports.claimed.isEmpty)
  }

  @Test("verifies only, where only that is asked for, and names what is wrong")
  func verifyOnly() async throws {
    let (host, record, _) = try await changed()
    let berth = host.berth([plugin])
    let second = try await berth.backup(record, BackupWish())
    let before = try Snapshot(host)
    host.fault.arm { _, _ in true }
    #expect(try await berth.verify(RestoreRequest(app: "vault")).count == 2)
    #expect(host.fault.calls == [])
    #expect(try Snapshot(host).changes(since: before) == [])
    host.fault.arm()
    try host.files.write("cut short", to: second.path, mode: 0o600, owner: nil, anchor: nil)
    #expect(await refusal { try await berth.verify(RestoreRequest(app: "vault")) }?.code == "bad-backup")
  }
}
