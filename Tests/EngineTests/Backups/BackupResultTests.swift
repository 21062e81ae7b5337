import BerthKit
import BerthStore
import Testing

@testable import BerthEngine
@testable import BerthPlanning

@Suite("How a backup went", .serialized)
struct BackupResultTests {
  private let plugin = VaultPlugin(without: ["db"])

  private func last(_ host: TestHost, _ record: InstanceRecord) async throws -> LastBackup? {
    try await host.berth([plugin]).status(of: record.key).lastBackup
  }

  /// Fails at the copy of what must stand still.
  private func fail(_ host: TestHost, _ record: InstanceRecord) async {
    host.fault.arm { _, call in call.hasPrefix("add notes") }
    await #expect(throws: (any Error).self) { try await host.berth([plugin]).backup(record, BackupWish()) }
    host.fault.arm()
  }

  @Test("is noted, and a failure is shown until a success follows")
  func noted() async throws {
    let host = try TestHost()
    let record = try await host.makeVault(plugin)
    let berth = host.berth([plugin])
    #expect(try await last(host, record) == nil)
    await fail(host, record)
    host.clock.set("2026-11-21T10:00:00Z")
    #expect(try await last(host, record)?.succeeded == false)
    #expect(try await last(host, record)?.at == "2026-11-21T09:00:00Z")
    #expect(try await last(host, record)?.error?.isEmpty == false)
    #expect(try await berth.list().first?.lastBackup?.succeeded == false)
    let findings = try await berth.doctor()
    #expect(findings.map(\.code) == ["backup-failed"])
    #expect(findings.map(\.remedy) == ["berth backup vault --instance default"])
    let backup = try await berth.backup(record, BackupWish(reason: .schedule))
    #expect(try await last(host, record)?.succeeded == true)
    #expect(try await last(host, record)?.at == "2026-11-21T10:00:00Z")
    #expect(try await berth.doctor() == [])
    let runs = try berth.backupRuns(of: record, newest: 5)
    #expect(runs.map(\.backup) == [backup.id, nil])
    #expect(runs.map(\.reason) == [.schedule, .asked])
  }

  @Test("is noted as a failure when it broke off, once somebody recovers")
  func brokeOff() async throws {
    let host = try TestHost(mortal: .user)
    let record = try await host.makeVault(plugin)
    host.fault.arm(dies: true) { _, call in call.hasPrefix("add notes") }
    _ = try? await host.berth([plugin]).backup(record, BackupWish())
    let next = try host.reborn()
    #expect(try await last(next, record) == nil)
    #expect(try await next.berth([plugin]).list().map(\.status) == [.incomplete])
    _ = try await next.berth([plugin]).recover()
    #expect(try await last(next, record)?.error == "it broke off")
    #expect(try next.berth([plugin]).backupRuns(of: record, newest: 2).count == 1)
    // Nothing is noted a second time.
    _ = try await next.berth([plugin]).recover()
    #expect(try next.berth([plugin]).backupRuns(of: record, newest: 2).count == 1)
  }

  @Test("leaves the others untried when one fails, unless they shall go on")
  func several() async throws {
    let host = try TestHost()
    let first = try await host.makeVault(plugin)
    let second = try await host.makeVault(plugin, InstallRequest(app: "vault", name: "Two"))
    host.fault.arm { _, call in call.hasPrefix("begin") && call.contains("/default/") }
    let stopped = try await host.berth([plugin]).backup([first, second], BackupWish())
    #expect(stopped.map { $0.code } == ["failed", "untried"])
    host.fault.arm { _, call in call.hasPrefix("begin") && call.contains("/default/") }
    let outcomes = try await host.berth([plugin], options: .keepingGoing).backup([first, second], BackupWish())
    #expect(outcomes.map { $0.code } == ["failed", nil])
    #expect(try host.registry.backups.all().map(\.instance) == [second.uid])
  }

  @Test("a retention rule is applied after each backup, and a failure removes nothing")
  func retention() async throws {
    let host = try TestHost()
    let record = try await host.makeVault(plugin)
    let berth = host.berth([plugin])
    _ = try await berth.change(record, ChangeWish(backup: BackupPolicy(keep: Retention(last: 2))))
    let now = try host.record(app: "vault")
    var made: [BackupRecord] = []
    for _ in 1...3 { made.append(try await berth.backup(now, BackupWish(isFull: true))) }
    #expect(try host.registry.backups.all().map(\.id) == made.suffix(2).map(\.id))
    #expect(host.archives == made.suffix(2).flatMap { [$0.path, host.paths.backupIndex($0.id)] }.sorted())
    await fail(host, now)
    #expect(try host.registry.backups.all().count == 2)
  }

  @Test("the doctor finds archives that are missing, broken, unknown or unfinished, with the command for each")
  func doctor() async throws {
    let host = try TestHost()
    let record = try await host.makeVault(plugin)
    let berth = host.berth([plugin])
    var made: [BackupRecord] = []
    for _ in 1...3 { made.append(try await berth.backup(record, BackupWish(isFull: true))) }
    #expect(try await berth.doctor() == [])
    try host.files.remove(made[0].path)
    try host.registry.backups.update(made[1].id) { $0.checked = "the checksum differs" }
    let folder = host.paths.backups(of: record.key)
    try host.files.write("", to: "\(folder)/stranger.tar.zst", mode: 0o600, owner: nil, anchor: nil)
    try host.files.write("", to: "\(folder)/half.tar.zst.part", mode: 0o600, owner: nil, anchor: nil)
    let findings = try await berth.doctor()
    #expect(findings.map(\.code) == ["backup-missing", "backup-broken", "leftovers", "stray-backup"])
    #expect(
      findings.map(\.remedy) == [
        "berth backups remove \(made[0].id)", "berth backups verify \(made[1].id)", "berth operations recover",
        "berth backups import \(folder)/stranger.tar.zst",
      ])
    #expect(try berth.backups().map(\.state) == ["good", "broken", "missing"])
  }

  @Test("an archive on a disk that is not mounted is not to be forgotten; the doctor says what to mount")
  func unmounted() async throws {
    let host = try TestHost()
    let record = try await host.makeVault(plugin)
    let berth = host.berth([plugin])
    let backup = try await berth.backup(record, BackupWish(isFull: true))
    try host.files.makeFolder("/etc", mode: 0o755, owner: nil)
    let place = ScopePaths.folder(of: host.paths.backups)
    func findings(_ table: String) async throws -> [Finding] {
      try host.files.write(table, to: "/etc/fstab", mode: 0o644, owner: nil, anchor: nil)
      return try await berth.doctor().filter { $0.code == "backup-missing" }
    }
    try host.files.remove(backup.path)
    let table = "# disks\nUUID=1 / ext4 defaults 0 1\nUUID=2 \(place) ext4 nofail 0 2\nUUID=3 none swap sw 0 0\n"
    #expect(try await findings(table).map(\.remedy) == [.run(Command("mount", [place]))])
    #expect(try await findings(table).first?.problem.contains("nothing is mounted on \(place)") == true)
    // The folder of the disk is there, and the archive alone has gone.
    #expect(try await findings("").map(\.remedy) == ["berth backups remove \(backup.id)"])
    try host.files.remove(host.paths.backups)
    #expect(try await findings("").map(\.remedy) == ["findmnt --fstab"])
  }

  @Test("a backup with a damaged database says so, and the doctor says it until there is another one")
  func damaged() async throws {
    let host = try TestHost()
    let record = try await host.makeVault(plugin)
    let berth = host.berth([plugin])
    let backup = try await berth.backup(record, BackupWish(isFull: true))
    var remarks = ArchiveRemarks()
    remarks.note(.damaged, "data/a.sqlite")
    try host.registry.backups.remove([backup.id])
    try host.registry.backups.add(backup.with(remarks))
    let found = try await berth.doctor()
    #expect(found.map(\.code) == ["backup-damaged"])
    #expect(found.first?.problem == "data/a.sqlite is a damaged database, by SQLite's own check of its copy")
  }
}

extension BackupRecord {
  /// The same with other remarks.
  fileprivate func with(_ remarks: ArchiveRemarks) -> BackupRecord {
    BackupRecord(
      id: id, instance: instance, key: key, instanceName: instanceName, kind: kind, base: base, path: path,
      createdAt: createdAt, size: size, files: files, bytes: bytes, stored: stored, version: version,
      pluginVersion: pluginVersion, reason: reason, warnings: remarks.lines, remarks: remarks, seal: seal, end: end)
  }
}

extension BackupOutcome {
  /// What went wrong, in its word.
  var code: String? { if case .failure(let error) = result { error.code } else { nil } }
}
