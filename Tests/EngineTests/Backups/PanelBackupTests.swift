import BerthHost
import BerthKit
import BerthStore
import Foundation
import Testing

@testable import BerthEngine
@testable import BerthPlanning

@Suite("Backups that a panel asks for")
struct PanelBackupTests {
  private let wish = BackupWish(reason: .panel, compression: .gzip)

  private func backUp(_ host: TestHost, _ record: InstanceRecord, _ wish: BackupWish) async throws -> BackupRecord {
    try #require(try await host.berth([VaultPlugin.hot]).backup([record], wish).first).result.get()
  }

  @Test("each is whole and a .tar.gz, and none of Berth's own rests on one")
  func alone() async throws {
    let host = try TestHost(.system)
    let record = try await host.makeVault(.hot)
    let own = try await backUp(host, record, BackupWish())
    let panel = try await backUp(host, record, wish)
    let next = try await backUp(host, record, BackupWish())
    #expect(own.kind == .full && panel.kind == .full && panel.base == nil && panel.path.hasSuffix("-full.tar.gz"))
    // The control: without the panel's between them the chain goes on.
    #expect(next.kind == .diff && next.base == own.id)
    _ = try await backUp(host, record, wish)
    #expect(try host.registry.backups.all().filter { $0.reason == .panel }.allSatisfy { $0.base == nil })
  }

  @Test("an instance's own retention leaves them alone, and a panel's number counts them alone")
  func retention() async throws {
    let host = try TestHost(.system)
    var record = try await host.makeVault(.hot)
    let berth = host.berth([VaultPlugin.hot])
    _ = try await berth.change(
      "backup", [record], ChangeWish(backup: BackupPolicy(keep: Retention(last: 1))))
    record = try #require(try host.registry.instances().first)
    let own = try await backUp(host, record, BackupWish(isFull: true))
    for _ in 1...3 { _ = try await backUp(host, record, wish) }
    func all(_ reason: BackupReason) throws -> [BackupRecord] {
      try host.registry.backups.all().filter { $0.reason == reason }
    }
    // No number, or 0, keeps all of them.
    #expect(try all(.panel).count == 3 && all(.asked).map(\.id) == [own.id])
    try await berth.prune([record], Retention(last: 2), isPanels: true)
    #expect(try all(.panel).count == 2 && all(.asked).map(\.id) == [own.id])
    _ = try await backUp(host, record, BackupWish(isFull: true))
    #expect(try all(.panel).count == 2 && all(.asked).count == 1)
    // A person who removes old ones means all.
    try await berth.prune([record], Retention(last: 1))
    #expect(try host.registry.backups.all().count == 1)
  }

  @Test("one is restored by the path that a panel shows, and by the name that it has given the file")
  func renamed() async throws {
    let host = try TestHost(.system)
    let record = try await host.makeVault(.hot)
    let berth = host.berth([VaultPlugin.hot])
    let backup = try await backUp(host, record, wish)
    let before = host.texts(of: record)
    let folder = ScopePaths.folder(of: backup.path)
    try host.files.move(backup.path, to: "\(folder)/before-patch.tar.gz")
    for text in ["before-patch.tar.gz", "\(folder)/before-patch.tar.gz"] {
      try host.put("changed", at: "data/world/map", of: record)
      _ = try await berth.restore(try berth.managedBackup(text, of: record)).result.get()
      #expect(host.texts(of: record) == before, "\(text)")
    }
    // By a name that is no file's any more it is what the registry knows of it.
    let error = await refusal {
      try await berth.restore(try berth.managedBackup(backup.file, of: record)).result.get()
    }
    #expect(error?.code == "backup-missing", "\(error?.code ?? "")")
    let none = await refusal { try await berth.restore(try berth.managedBackup("no.tar.gz", of: record)).result.get() }
    #expect(none?.code == "unknown-backup")
  }

  @Test("one that was given another name is listed as good under it, found by both, and goes with its file")
  func follows() async throws {
    let host = try TestHost(.system)
    let record = try await host.makeVault(.hot)
    let backup = try await backUp(host, record, wish)
    let newest = try await backUp(host, record, wish)
    var services = host.services
    services.registry.locate = ArchivePlaces(paths: host.paths, files: host.files, archives: services.archives).place
    let berth = Berth(
      host: services, rights: host.kind.rights, environment: HostEnvironment(userID: 0, variables: [:]),
      options: .init(),
      builtIn: [VaultPlugin.hot], sandbox: nil)
    let place = "\(ScopePaths.folder(of: backup.path))/before the patch.tar.gz"
    try host.files.move(backup.path, to: place)
    for text in [backup.id, "before the patch", "before the patch.tar.gz", backup.file] {
      let report = try berth.backup(text).report
      #expect(report.backup.id == backup.id && report.backup.path == place && report.state == "good", "\(text)")
    }
    #expect(try berth.backups().map(\.state) == ["good", "good"])
    try await berth.prune([record], Retention(last: 1), isPanels: true)
    #expect(!host.files.exists(place) && host.files.exists(newest.path))
    #expect(try berth.backups().map(\.backup.id) == [newest.id])
    // The control: another file under another name is not it.
    try host.files.remove(newest.path)
    try host.files.write("no archive", to: place, mode: 0o600, owner: nil, anchor: nil)
    #expect(try berth.backups().map(\.state) == ["missing"])
  }

  @Test("the copy of an instance that goes leaves it stopped; any other one starts it again")
  func leavesStopped() async throws {
    for leaves in [true, false] {
      let host = try TestHost(.system)
      let record = try await host.makeVault(VaultPlugin(without: ["db"]))
      let before = host.manager.known.calls.count
      let berth = host.berth([VaultPlugin(without: ["db"])])
      _ = try await berth.backup([record], BackupWish(reason: .panel, leavesStopped: leaves)).first?.result.get()
      let starts = host.manager.known.calls.dropFirst(before).filter { $0.hasPrefix("start \(record.target)") }
      #expect(starts.isEmpty == leaves)
      #expect(try await berth.list()[0].status == (leaves ? .stopped : .running))
      #expect(try await berth.verify(try host.registry.backups.all()).allSatisfy { $0.problem == nil })
    }
  }
}
