import BerthKit
import BerthStore
import Testing

@testable import BerthEngine
@testable import BerthPlanning

@Suite("A new instance from a backup", .serialized)
struct RestoreCopyTests {
  private let plugin = VaultPlugin(without: ["db"])

  private func host(_ kind: TestHost.Kind = .system, _ request: InstallRequest = InstallRequest(app: "vault"))
    async throws -> (host: TestHost, record: InstanceRecord, backup: BackupRecord)
  {
    let host = try TestHost(kind)
    let record = try await host.makeVault(plugin, request)
    let backup = try await host.berth([plugin]).backup(record, BackupWish())
    return (host, record, backup)
  }

  private func value(_ key: String, _ record: InstanceRecord, _ host: TestHost) throws -> String? {
    try host.registry.settings(of: record.uid).first { $0.key == key }?.value
  }

  @Test("has an id, user, ports and secrets of its own, but for those that lie in the data")
  func copy() async throws {
    let (host, record, _) = try await host()
    let source = try Snapshot(host)
    let report = try await host.berth([plugin]).restore(RestoreRequest(app: "vault", newName: "Copy")).result.get()
    let copy = report.record
    #expect(copy.name.text == "Copy")
    #expect(copy.key.id != record.key.id)
    #expect(copy.uid != record.uid)
    #expect(copy.user != record.user)
    #expect(host.users.names.count == 2)
    #expect(report.ports.map(\.port) == [32002, 32003])
    #expect(try value("size", copy, host) == "4")
    #expect(try value("token", copy, host) != value("token", record, host))
    #expect(try value("seal", copy, host) == value("seal", record, host))
    #expect(host.text("config/vault.conf", of: copy)?.contains("web = 32002") == true)
    #expect(host.text("data/world/map", of: copy) == "map 1")
    #expect(host.text("data/stray", of: copy) == nil)
    #expect(report.status == .running)
    #expect(report.isEnabled)
    #expect(host.manager.known.runs.suffix(2).map { $0.split(separator: "@")[0] } == ["vault-reindex", "vault-rename"])
    // Nothing of the source is gone or otherwise.
    #expect(source.lines.subtracting(try Snapshot(host).lines) == [])
    #expect(try host.berth([plugin]).backups(of: copy).isEmpty)
    #expect(try await host.berth([plugin]).doctor() == [])
  }

  @Test("takes the id, folder and ports that are asked for")
  func asked() async throws {
    let (host, _, _) = try await host()
    let id = "6f9619ff-8b86-4011-b42d-00c04fc964ff"
    let report = try await host.berth([plugin]).restore(
      RestoreRequest(app: "vault", newName: "Copy", newID: id, ports: ["web": 40000], directory: "/srv/copy")
    ).result.get()
    #expect(report.record.key.id.text == id)
    #expect(report.ports.map(\.port) == [40000, 40001])
    #expect(report.directory == "/srv/copy")
    #expect(host.text("data/world/map", of: report.record) == "map 1")
    #expect(try host.files.list("/srv") == ["copy"])
    #expect(try host.files.list("/srv/copy") == ["cache", "config", "data"])
  }

  @Test("shows in its plan which ports are others")
  func plan() async throws {
    let (host, _, _) = try await host()
    let before = try Snapshot(host)
    host.fault.arm { _, _ in true }
    let plan = try await host.berth([plugin]).planRestore(RestoreRequest(app: "vault", newName: "Copy"))
    #expect(plan.changes.map(\.action) == [.make])
    #expect(
      plan.changes[0].reasons == [
        "from the backup of vault/default of 2026-11-21T09:00:00Z", "port admin: 32001 → 32003",
        "port web: 32000 → 32002",
      ])
    #expect(host.fault.calls == [])
    #expect(try Snapshot(host).changes(since: before) == [])
  }

  @Test("that is not to be started has its files, and is neither started nor enabled")
  func notStarted() async throws {
    let (host, _, _) = try await host()
    let report = try await host.berth([plugin]).restore(
      RestoreRequest(app: "vault", newName: "Copy", isStarted: false)
    ).result.get()
    #expect(report.status == .stopped)
    #expect(!report.isEnabled)
    #expect(host.text("data/world/map", of: report.record) == "map 1")
  }

  @Test(
    "under the id of one that is gone has its identity, its ports where they are free, and its backups again",
    arguments: [nil, "Main", "default"])
  func gone(_ named: String?) async throws {
    let (host, record, backup) = try await host(.system, InstallRequest(app: "vault", name: "Main", labels: ["a": "b"]))
    let settings = try host.registry.settings(of: record.uid)
    let berth = host.berth([plugin])
    try await berth.remove(record.key, keepsData: false)
    #expect(try host.registry.all().isEmpty)
    let report = try await berth.restore(RestoreRequest(app: "vault", instance: named)).result.get()
    let back = report.record
    #expect(back.uid == record.uid)
    #expect(back.key == record.key)
    #expect(back.name == record.name)
    #expect(back.user == record.user)
    #expect(back.labels == record.labels)
    #expect(back.ports == record.ports)
    #expect(Set(try host.registry.settings(of: back.uid)) == Set(settings))
    #expect(host.text("data/notes/todo", of: back) == "todo 1")
    #expect(try berth.backups(of: back).map(\.backup.id) == [backup.id])
    #expect(try await berth.backup(back, BackupWish()).base == backup.id)
    #expect(host.manager.known.runs.filter { $0.hasPrefix("vault-rename") } == [])
  }

  @Test("of one that is gone whose ports and name others have now takes other ports, and refuses the name")
  func goneAndTaken() async throws {
    let (host, record, backup) = try await host(.system, InstallRequest(app: "vault", name: "Main"))
    let berth = host.berth([plugin])
    try await berth.remove(record.key, keepsData: false)
    let other = try await berth.install(InstallRequest(app: "vault", name: "Other")).record
    #expect(other.key == record.key)
    let request = RestoreRequest(app: "vault", backup: backup.id)
    #expect(await refusal { try await berth.restore(request) }?.code == "id-in-use")
    // The one that came later is filled only when it is named.
    var named = request
    named.instance = "Other"
    #expect(try await berth.restore(named).result.get().record.uid == other.uid)
    var copied = request
    copied.newName = "Main"
    let report = try await berth.restore(copied).result.get()
    #expect(report.record.uid != record.uid)
    #expect(report.ports.map(\.port) == [32002, 32003])
  }

  @Test("of one whose data was kept takes that one up again", arguments: [nil, "/srv/vault"])
  func kept(_ directory: String?) async throws {
    let (host, record, backup) = try await host(.system, InstallRequest(app: "vault", directory: directory))
    let berth = host.berth([plugin])
    try host.put("later", at: "data/world/map", of: record)
    try host.put("later", at: "data/stray", of: record)
    try await berth.remove(record.key, keepsData: true)
    let report = try await berth.restore(RestoreRequest(app: "vault")).result.get()
    #expect(report.record.uid == record.uid)
    #expect(report.record.directory == directory)
    #expect(report.status == .running)
    #expect(host.text("data/world/map", of: record) == "map 1")
    #expect(host.text("data/stray", of: record) == "later")
    #expect(try berth.backups(of: report.record).map(\.backup.id) == [backup.id])
    if directory != nil { #expect(try host.files.list("/srv") == ["vault"]) }
  }

  @Test("is taken back as a whole when its last step fails")
  func fails() async throws {
    let (host, _, _) = try await host()
    let before = try Snapshot(host)
    host.manager.set { $0.outcomes["vault-rename@.service"] = UnitState(active: "failed", sub: "failed") }
    // Whatever its id will be.
    for number in 1...60 { host.logs.set("vault-rename@\(FakeClock.uuid(number)).service", ["no"]) }
    let error = await refusal {
      try await host.berth([plugin]).restore(RestoreRequest(app: "vault", newName: "Copy")).result.get()
    }
    #expect(error?.code == "job-failed")
    #expect(try Snapshot(host).changes(since: before) == [])
  }
}

@Suite("A clone", .serialized)
struct CloneTests {
  private func request(_ name: String = "Copy") -> RestoreRequest { RestoreRequest(app: "vault", newName: name) }

  @Test("leaves its source running and unstopped when all is hot, and no backup behind")
  func hot() async throws {
    let host = try TestHost(.system)
    let record = try await host.makeVault(.hot)
    let berth = host.berth([VaultPlugin.hot])
    let before = try Snapshot(host)
    host.fault.arm()
    let copy = try await berth.clone(record, request()).result.get()
    #expect(!host.fault.calls.contains { $0.contains("stop") })
    #expect(host.text("data/world/map", of: copy.record) == "map 1")
    #expect(copy.status == .running)
    #expect(before.lines.subtracting(try Snapshot(host).lines) == [])
    #expect(try host.registry.backups.all().isEmpty)
    #expect(host.archives == [])
    #expect(try berth.backupRuns(of: copy.record, newest: 1) == [])
  }

  @Test("of one with a dump and with what must stand still has all of it")
  func full() async throws {
    let host = try TestHost(.system)
    let record = try await host.makeVault()
    let berth = host.berth([VaultPlugin()])
    let copy = try await berth.clone(record, request()).result.get().record
    for (path, text) in TestHost.vaultFiles where !["data/stray", "cache/tile", "data/world/lock.tmp"].contains(path) {
      #expect(host.text(path, of: copy) == text, "\(path)")
    }
    #expect(try host.registry.backups.all().isEmpty)
    #expect(try await berth.doctor() == [])
  }

  @Test("leaves nothing behind when its second half fails, and says why")
  func fails() async throws {
    let host = try TestHost(.system)
    let record = try await host.makeVault(.hot)
    // So that there are folders for backups.
    let first = try await host.berth([VaultPlugin.hot]).backup(record, BackupWish())
    let before = try Snapshot(host)
    host.fault.arm { _, call in call.hasPrefix("replace ") }
    await #expect(throws: (any Error).self) {
      try await host.berth([VaultPlugin.hot]).clone(record, request()).result.get()
    }
    #expect(host.fault.fired != nil)
    let changes = try Snapshot(host).changes(since: before)
    #expect(changes == [])
    #expect(try host.registry.backups.all() == [first])
  }

  @Test("that broke off between its halves is found by the doctor, and its backup goes when somebody recovers")
  func brokeOff() async throws {
    let host = try TestHost(mortal: .system)
    let record = try await host.makeVault(.hot)
    let berth = host.berth([VaultPlugin.hot])
    let first = try await berth.backup(record, BackupWish())
    let before = try Snapshot(host)
    // The first call of its second half.
    host.fault.arm(dies: true) { [state = host.paths.state] _, call in call == "make folder \(state)/restoring" }
    _ = try? await berth.clone(record, request())
    let next = try host.reborn()
    let again = next.berth([VaultPlugin.hot])
    _ = try await again.recover()
    #expect(try Snapshot(next).changes(since: before) == [])
    // Nothing is open when it dies before it begins the second half.
    let backup = try await again.backup(record, BackupWish(reason: .clone))
    #expect(try await again.doctor().map(\.code) == ["leftovers"])
    #expect(try await again.doctor().map(\.remedy) == ["berth operations recover"])
    #expect(try await again.recover().isEmpty)
    #expect(!next.files.exists(backup.path))
    #expect(try next.registry.backups.all() == [first])
    #expect(try await again.doctor() == [])
  }

  @Test("copies nothing when what is asked for cannot be")
  func refused() async throws {
    let host = try TestHost(.system)
    let record = try await host.makeVault(.hot, InstallRequest(app: "vault", name: "Vault"))
    let before = try Snapshot(host)
    host.fault.arm()
    let error = await refusal { try await host.berth([VaultPlugin.hot]).clone(record, request("Vault")) }
    #expect(error?.code == "name-in-use")
    #expect(host.fault.calls == [])
    #expect(try Snapshot(host).changes(since: before) == [])
  }

  @Test("is no backup: it takes no other's place, and says nothing of how backups go")
  func noBackup() async throws {
    let host = try TestHost(.system)
    let record = try await host.makeVault(.hot)
    let berth = host.berth([VaultPlugin.hot])
    _ = try await berth.change(record, ChangeWish(backup: BackupPolicy(keep: Retention(last: 1))))
    let now = try host.record(app: "vault")
    let backup = try await berth.backup(now, BackupWish())
    host.fault.arm { _, call in call.hasPrefix("begin") }
    await #expect(throws: (any Error).self) { try await berth.backup(now, BackupWish()) }
    host.fault.arm()
    _ = try await berth.clone(now, request()).result.get()
    #expect(try host.registry.backups.all().map(\.id) == [backup.id])
    #expect(try await berth.status(of: now.key).lastBackup?.succeeded == false)
  }

  @Test("planned only shows both halves and changes nothing")
  func dryRun() async throws {
    let host = try TestHost(.system)
    let record = try await host.makeVault()
    let before = try Snapshot(host)
    host.fault.arm { _, _ in true }
    let plan = try await host.berth([VaultPlugin()]).planClone(record, request())
    #expect(plan.changes.map(\.action) == [.backup, .make])
    #expect(plan.changes[1].reasons.contains("port web: 32000 → 32002"))
    #expect(host.fault.calls == [])
    #expect(try Snapshot(host).changes(since: before) == [])
  }
}
