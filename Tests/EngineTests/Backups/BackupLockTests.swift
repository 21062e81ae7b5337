import BerthHost
import BerthKit
import BerthStore
import Testing

@testable import BerthEngine
@testable import BerthPlanning

@Suite("Two at once", .serialized)
struct BackupLockTests {
  private let plugin = VaultPlugin.hot

  /// Does something else at a call of the first one, and tells what that was refused with.
  private func refusalMeanwhile(
    at call: String, on host: TestHost, of first: @Sendable () async throws -> Void,
    _ second: @escaping @Sendable () async throws -> Void
  ) async throws -> BerthError? {
    let meanwhile = Meanwhile()
    let isFirst = Flag()
    host.fault.arm()
    // Whoever watches holds the host, which would hold them for ever.
    defer { host.fault.arm() }
    host.fault.watch { now in if now.hasPrefix(call), isFirst.raise() { meanwhile.act(second) } }
    try await first()
    #expect(!isFirst.raise(), "nothing was done at '\(call)'")
    return meanwhile.error
  }

  @Test("a second backup of the same instance is refused while the first one is at work")
  func twoBackups() async throws {
    let host = try TestHost()
    let record = try await host.makeVault(plugin)
    let plugin = plugin
    let error = try await refusalMeanwhile(
      at: "add", on: host, of: { _ = try await host.berth([plugin]).backup(record, BackupWish()) },
      { _ = try await host.berth([plugin]).backup(record, BackupWish()) })
    #expect(error?.code == "busy")
    #expect(error?.cause?.contains("backup vault/default") == true)
    #expect(try host.registry.backups.all().count == 1)
    #expect(host.locks.held.isEmpty)
  }

  @Test("a backup is refused while its instance is updated, restored or removed")
  func backupDuring() async throws {
    let (old, new) = (plugin, VaultPlugin(version: "2", without: ["db", "notes"]))
    let acts: [(call: String, act: @Sendable (TestHost, InstanceRecord) async throws -> Void)] = [
      ("start vault-migrate", { host, record in _ = try await host.berth([new]).change(record, ChangeWish()) }),
      ("unpack", { host, _ in _ = try await host.berth([old]).restore(RestoreRequest(app: "vault")).result.get() }),
      ("disable", { host, record in try await host.berth([old]).remove(record.key, keepsData: false) }),
    ]
    for (call, act) in acts {
      let host = try TestHost(.system)
      let record = try await host.makeVault(old)
      _ = try await host.berth([old]).backup(record, BackupWish())
      let error = try await refusalMeanwhile(
        at: call, on: host, of: { try await act(host, record) },
        { _ = try await host.berth([old]).backup(record, BackupWish()) })
      #expect(error?.code == "busy", "\(call)")
      #expect(try host.registry.backups.all().filter { $0.reason == .asked }.count == 1)
    }
  }

  @Test("an update, a stop and a removal are refused while the instance is backed up")
  func otherDuring() async throws {
    let plugin = plugin
    let new = VaultPlugin(version: "2", without: ["db", "notes"])
    let acts: [@Sendable (TestHost, InstanceRecord) async throws -> Void] = [
      { host, record in _ = try await host.berth([new]).change(record, ChangeWish()) },
      { host, record in _ = try await host.berth([plugin]).control(.stop, [record]) },
      { host, record in try await host.berth([plugin]).remove(record.key, keepsData: false) },
      { host, _ in _ = try await host.berth([plugin]).removeBackup(host.registry.backups.all()[0].id) },
      { host, record in _ = try await host.berth([plugin]).prune([record], Retention(last: 1)) },
    ]
    for act in acts {
      let host = try TestHost(.system)
      let record = try await host.makeVault(plugin)
      _ = try await host.berth([plugin]).backup(record, BackupWish())
      let error = try await refusalMeanwhile(
        at: "add", on: host, of: { _ = try await host.berth([plugin]).backup(record, BackupWish(isFull: true)) },
        { try await act(host, record) })
      #expect(error?.code == "busy")
      #expect(try host.registry.backups.all().count == 2)
      #expect(try await host.berth([plugin]).status(of: record.key).status == .running)
    }
  }

  @Test("one that waited plans anew, and rests on what the other one made")
  func plansAnew() async throws {
    let host = try TestHost()
    let record = try await host.makeVault(plugin)
    let berth = host.berth([plugin])
    _ = try await berth.planBackup([record], BackupWish())
    let first = try await berth.backup(record, BackupWish())
    _ = try await berth.backup(record, BackupWish())
    let all = try host.registry.backups.all()
    #expect(all.map(\.kind) == [.full, .diff])
    #expect(all[1].base == first.id)
  }

  /// Locks of which the one of an instance is held at first, by somebody who changes the instance meanwhile.
  private final class HeldLocks: LockKeeper {
    let real: FakeLocks
    let isFirst = Flag()
    let meanwhile: @Sendable () async throws -> Void

    init(_ real: FakeLocks, _ meanwhile: @escaping @Sendable () async throws -> Void) {
      self.real = real
      self.meanwhile = meanwhile
    }

    func take(_ path: String, purpose: String, wait: Int) async throws -> any HeldLock {
      if path.hasSuffix("/vault@default.lock"), isFirst.raise() {
        try await meanwhile()
        throw BerthError("busy", .busy, "another Berth is at work here", at: path)
      }
      return try await real.take(path, purpose: purpose, wait: wait)
    }

    func holder(of path: String) -> String? { real.holder(of: path) }
  }

  /// A Berth that has to wait for the vault's lock.
  private func waiting(_ host: TestHost, _ meanwhile: @escaping @Sendable () async throws -> Void) -> Berth {
    var services = host.services
    services.locks = HeldLocks(host.locks, meanwhile)
    return Berth(
      host: services, rights: host.kind.rights,
      environment: HostEnvironment(userID: 1000, variables: ["HOME": "/home/mara"]), options: .init(),
      builtIn: [plugin], sandbox: nil)
  }

  @Test("a backup that waited for the lock is of the instance that the other one has left")
  func waitedBackup() async throws {
    let host = try TestHost()
    let record = try await host.makeVault(plugin)
    let other = host.berth([plugin])
    // What it would have been, had it been planned before it waited.
    let stale = try await other.planBackup([record], BackupWish())
    #expect(stale.backups.map(\.kind) == [.full])
    let berth = waiting(host) {
      _ = try await other.change(record, ChangeWish(settings: ["size": "9"]))
      _ = try await other.backup(record, BackupWish())
    }
    let backup = try await berth.backup(record, BackupWish())
    let all = try host.registry.backups.all()
    #expect(all.count == 2 && backup.kind == .diff && backup.base == all[0].id)
    let head = try host.services.archives.head(of: backup.path)
    #expect(head.settings.first { $0.key == "size" }?.value == "9")
  }

  @Test("a restore that waited for the lock leaves what the other one has made of the instance")
  func waitedRestore() async throws {
    let host = try TestHost()
    let record = try await host.makeVault(plugin)
    let other = host.berth([plugin])
    _ = try await other.backup(record, BackupWish())
    try host.put("later", at: "data/world/map", of: record)
    let berth = waiting(host) {
      _ = try await other.change(record, ChangeWish(ports: ["web": 33000], name: "Renamed"))
    }
    let report = try await berth.restore(RestoreRequest(app: "vault")).result.get()
    #expect(report.ports.map(\.port) == [33000, 33001] && report.record.name.text == "Renamed")
    #expect(host.text("config/vault.conf", of: record)?.contains("web = 33000") == true)
    #expect(host.text("data/world/map", of: record) == "map 1")
    #expect(try await other.doctor() == [])
  }

  @Test("an instance that was removed meanwhile is not backed up")
  func removedMeanwhile() async throws {
    let host = try TestHost()
    let record = try await host.makeVault(plugin)
    let berth = host.berth([plugin])
    try await berth.remove(record.key, keepsData: false)
    #expect(await refusal { try await berth.backup(record, BackupWish()) } != nil)
    #expect(host.archives == [])
    #expect(try host.registry.backups.all().isEmpty)
  }
}
