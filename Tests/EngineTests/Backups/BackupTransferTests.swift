import BerthKit
import BerthStore
import Foundation
import Testing

@testable import BerthEngine
@testable import BerthPlanning

@Suite("A backup elsewhere", .serialized)
struct BackupTransferTests {
  private let plugin = VaultPlugin()

  private func exported() async throws -> (host: TestHost, record: InstanceRecord, files: [String]) {
    let host = try TestHost(.system)
    let record = try await host.makeVault(plugin, InstallRequest(app: "vault", name: "Main"))
    let berth = host.berth([plugin])
    _ = try await berth.backup(record, BackupWish())
    try host.put("map 2", at: "data/world/map", of: record)
    try host.put(TestHost.noise, at: "data/world/noise", of: record)
    let last = try await berth.backup(record, BackupWish())
    try host.files.makeFolder("/mnt", mode: 0o755, owner: nil)
    return (host, record, try await berth.exportBackup(last.id, to: "/mnt/usb"))
  }

  /// Carries files to another host.
  private func carry(_ files: [String], from host: TestHost, to other: TestHost) throws {
    try other.files.makeFolder("/mnt/usb", mode: 0o755, owner: nil)
    for file in files {
      try FileManager.default.copyItem(atPath: host.folder.path + file, toPath: other.folder.path + file)
    }
  }

  @Test("is carried with all that it needs, checked, and what is there is not overwritten")
  func export() async throws {
    let (host, _, files) = try await exported()
    #expect(files == ["/mnt/usb/20261121T090000Z-full.tar.zst", "/mnt/usb/20261121T090000Z-diff.tar.zst"])
    #expect(try host.files.list("/mnt/usb").count == 2)
    let last = try #require(try host.registry.backups.all().last)
    #expect(
      await refusal { try await host.berth([plugin]).exportBackup(last.id, to: "/mnt/usb") }?.code == "file-exists")
    try host.files.write("broken", to: last.path, mode: 0o600, owner: nil, anchor: nil)
    #expect(
      await refusal { try await host.berth([plugin]).exportBackup(last.id, to: "/mnt/other") }?.code == "bad-backup")
    #expect(!host.files.exists("/mnt/other"))
  }

  @Test("is restored on another host straight from its file, with what it needs beside it")
  func restoreElsewhere() async throws {
    let (host, record, files) = try await exported()
    let other = try TestHost(.user)
    other.teachVault()
    try carry(files, from: host, to: other)
    // Both hosts count from one.
    for _ in 1...9 { _ = other.clock.uuid() }
    let berth = other.berth([plugin])
    let report = try await berth.restore(RestoreRequest(app: "vault", archive: files[1])).result.get()
    // Who it was elsewhere, nobody here can know.
    #expect(report.record.uid != record.uid)
    #expect(report.record.key == record.key)
    #expect(report.record.name == record.name)
    #expect(report.record.user == nil)
    #expect(report.ports.map(\.port) == [32000, 32001])
    #expect(other.text("data/world/map", of: report.record) == "map 2")
    #expect(other.text("data/db/base", of: report.record) == "rows 1")
    #expect(other.text("data/notes/todo", of: report.record) == "todo 1")
    #expect(try other.registry.backups.all().isEmpty)
  }

  @Test("is imported on another host with its chain, checked, and restored there by its id")
  func importElsewhere() async throws {
    let (host, record, files) = try await exported()
    let other = try TestHost(.user)
    other.teachVault()
    try carry(files, from: host, to: other)
    let berth = other.berth([plugin])
    let imported = try await berth.importBackup(files[1])
    #expect(imported.map(\.kind) == [.full, .diff])
    #expect(imported.map(\.origin) == [.imported, .imported])
    #expect(imported.allSatisfy { $0.verifiedAt != nil })
    #expect(try berth.backups().map(\.state) == ["good", "good"])
    #expect(try await berth.importBackup(files[1]).isEmpty)
    let report = try await berth.restore(
      RestoreRequest(app: "vault", backup: imported[1].id, newName: "Copy")
    ).result.get()
    #expect(other.text("data/world/map", of: report.record) == "map 2")
    #expect(report.record.uid != record.uid)
    // What the carried files were is not needed any more.
    for file in files { try other.files.remove(file) }
    #expect(try await berth.verify(other.registry.backups.all()).allSatisfy { $0.problem == nil })
    #expect(try await berth.doctor() == [])
  }

  @Test("that is imported is no base of the next one, which was made from other files")
  func noBase() async throws {
    let (host, _, files) = try await exported()
    let other = try TestHost(.user)
    other.teachVault()
    try carry(files, from: host, to: other)
    let berth = other.berth([plugin])
    let imported = try await berth.importBackup(files[1])
    // None is meant by itself.
    #expect(await refusal { try await berth.restore(RestoreRequest(app: "vault")) }?.code == "no-instance")
    let report = try await berth.restore(RestoreRequest(app: "vault", backup: imported[1].id)).result.get()
    #expect(try await berth.backup(report.record, BackupWish()).kind == .full)
  }

  @Test("that is broken or lacks a link is not imported, and nothing of it stays")
  func broken() async throws {
    let (host, _, files) = try await exported()
    let other = try TestHost(.user)
    try carry([files[1]], from: host, to: other)
    let before = try Snapshot(other)
    let berth = other.berth([plugin])
    #expect(await refusal { try await berth.importBackup(files[1]) }?.code == "backup-link-missing")
    #expect(try Snapshot(other).changes(since: before) == [])
    try carry([files[0]], from: host, to: other)
    try other.damage(files[1])
    #expect(await refusal { try await berth.importBackup(files[1]) }?.code == "bad-backup")
    // The full one is good by itself.
    #expect(try berth.backups().map { "\($0.backup.kind) \($0.state)" } == ["full good"])
    #expect(other.archives.filter { $0.contains("diff") } == [])
  }

  @Test("whose row was lost is taken up where it lies")
  func inPlace() async throws {
    let (host, record, _) = try await exported()
    let berth = host.berth([plugin])
    let all = try host.registry.backups.all()
    let archives = host.archives
    try host.registry.backups.remove(all.map(\.id))
    for backup in all { try host.files.remove(host.paths.backupIndex(backup.id)) }
    #expect(try await berth.doctor().map(\.code) == ["stray-backup", "stray-backup"])
    let imported = try await berth.importBackup(all[1].path)
    #expect(imported.map(\.id) == all.map(\.id))
    #expect(imported.map(\.path) == all.map(\.path))
    #expect(host.archives == archives)
    #expect(try await berth.doctor() == [])
    try host.put("later", at: "data/world/map", of: record)
    _ = try await berth.restore(RestoreRequest(app: "vault", instance: "Main", backup: all[1].id)).result.get()
    #expect(host.text("data/world/map", of: record) == "map 2")
  }
}

@Suite("Removing backups", .serialized)
struct BackupRemovalTests {
  private let plugin = VaultPlugin.hot

  private func chain() async throws -> (host: TestHost, record: InstanceRecord, backups: [BackupRecord]) {
    let host = try TestHost()
    let record = try await host.makeVault(plugin)
    let berth = host.berth([plugin])
    var backups: [BackupRecord] = []
    for number in 1...3 {
      try host.put("map \(number)", at: "data/world/map", of: record)
      backups.append(try await berth.backup(record, BackupWish()))
    }
    return (host, record, backups)
  }

  @Test("refuses one that another needs, and one that is kept, with the command that helps")
  func refuses() async throws {
    let (host, _, backups) = try await chain()
    let berth = host.berth([plugin])
    let before = try Snapshot(host)
    let needed = await refusal { try await berth.removeBackup(backups[1].id) }
    #expect(needed?.code == "backup-needed")
    #expect(needed?.remedy == "berth backups remove \(backups[2].id)")
    _ = try berth.mark(backups[2].id, labels: [:], note: nil, isKept: true)
    let kept = await refusal { try await berth.removeBackup(backups[2].id) }
    #expect(kept?.code == "backup-kept")
    #expect(kept?.remedy == "berth backups set \(backups[2].id) --no-keep")
    #expect(host.archives.count == 6)
    _ = try berth.mark(backups[2].id, labels: [:], note: nil, isKept: false)
    #expect(try Snapshot(host).changes(since: before) == [])
    for backup in backups.reversed() { _ = try await berth.removeBackup(backup.id) }
    #expect(host.archives == [])
    #expect(!host.files.exists(host.paths.backups(of: backups[0].key)))
  }

  @Test("prunes by the rule, never breaks a chain, and shows beforehand what would go")
  func prune() async throws {
    let (host, record, backups) = try await chain()
    let berth = host.berth([plugin])
    let rule = Retention(last: 1)
    let before = try Snapshot(host)
    #expect(try berth.planPrune([record], rule).flatMap(\.goes) == [])
    #expect(try await berth.prune([record], rule) == [])
    #expect(try Snapshot(host).changes(since: before) == [])
    let full = try await berth.backup(record, BackupWish(isFull: true))
    #expect(try berth.planPrune([record], rule).flatMap(\.goes).map(\.id) == backups.reversed().map(\.id))
    #expect(host.archives.count == 8)
    #expect(try await berth.prune([record], rule).map(\.id) == backups.reversed().map(\.id))
    #expect(try host.registry.backups.all().map(\.id) == [full.id])
    #expect(host.archives == [full.path, host.paths.backupIndex(full.id)].sorted())
    #expect(try await berth.verify([full]).allSatisfy { $0.problem == nil })
  }

  @Test("keeps the newest that can be relied on, beside a newer one whose archive is gone")
  func keepsGood() async throws {
    let (host, record, backups) = try await chain()
    let berth = host.berth([plugin])
    let full = try await berth.backup(record, BackupWish(isFull: true))
    try host.files.remove(full.path)
    #expect(try await berth.prune([record], Retention(last: 1)) == [])
    #expect(try host.registry.backups.all().map(\.id) == (backups + [full]).map(\.id))
  }

  @Test("that breaks off is gone on with by the next one, and lists nothing as good that is not there")
  func breaksOff() async throws {
    let (host, record, backups) = try await chain()
    let berth = host.berth([plugin])
    _ = try await berth.backup(record, BackupWish(isFull: true))
    let count = Counter()
    host.fault.arm { _, call in call.hasPrefix("remove") && count.next() == 4 }
    await #expect(throws: (any Error).self) { try await berth.prune([record], Retention(last: 1)) }
    host.fault.arm()
    for report in try berth.backups() where report.state == "good" {
      #expect(try await berth.verify([report.backup]).allSatisfy { $0.problem == nil })
    }
    _ = try await berth.prune([record], Retention(last: 1))
    #expect(try host.registry.backups.all().count == 1)
    #expect(host.archives.count == 2)
    #expect(backups.count == 3)
  }
}
