import BerthKit
import BerthStore
import Testing

@testable import BerthEngine
@testable import BerthPlanning

@Suite("A series of backups", .serialized)
struct BackupChainTests {
  private let hot = VaultPlugin(without: ["db"], migrates: false)

  /// Much that does not change, so that no difference is as large as the full one. It is a copy that is looked into, while
  /// files this young are stored anew each time.
  private static let index = String(repeating: "index 1 ", count: 1000)

  /// A vault and three backups, each of another state.
  private func three() async throws -> (host: TestHost, record: InstanceRecord, backups: [BackupRecord]) {
    let host = try TestHost(.system)
    let record = try await host.makeVault(hot)
    try host.put(Self.index, at: "data/index.db", of: record)
    let berth = host.berth([hot])
    var backups = [try await berth.backup(record, BackupWish())]
    try host.put("map 2", at: "data/world/map", of: record)
    try host.remove("data/world/region/a", of: record)
    try host.put("region 2", at: "data/world/region/b", of: record)
    backups.append(try await berth.backup(record, BackupWish()))
    try host.put("todo 3", at: "data/notes/todo", of: record)
    try host.put("index 3", at: "data/index.db", of: record)
    backups.append(try await berth.backup(record, BackupWish()))
    return (host, record, backups)
  }

  @Test("is a full one and differences, and each point of it comes back as it was")
  func points() async throws {
    let (host, record, backups) = try await three()
    #expect(backups.map(\.kind) == [.full, .diff, .diff])
    #expect(backups.map(\.base) == [nil, backups[0].id, backups[1].id])
    #expect(backups[1].stored < backups[0].stored)
    let berth = host.berth([hot])
    let states: [[String: String?]] = [
      ["map": "map 1", "region/a": "region 1", "region/b": nil],
      ["map": "map 2", "region/a": nil, "region/b": "region 2"],
      ["map": "map 2", "region/a": nil, "region/b": "region 2"],
    ]
    for index in [1, 0, 2] {
      _ = try await berth.restore(RestoreRequest(app: "vault", backup: backups[index].id)).result.get()
      for (file, text) in states[index] { #expect(host.text("data/world/\(file)", of: record) == text) }
      #expect(host.text("data/notes/todo", of: record) == (index == 2 ? "todo 3" : "todo 1"))
      #expect(host.text("data/index.db", of: record) == (index == 2 ? "index 3" : Self.index))
    }
  }

  @Test("goes on with a difference after a restore")
  func afterRestore() async throws {
    let (host, record, backups) = try await three()
    let berth = host.berth([hot])
    _ = try await berth.restore(RestoreRequest(app: "vault", backup: backups[0].id)).result.get()
    let next = try await berth.backup(record, BackupWish())
    #expect(next.base == backups[2].id)
    try host.put("map 9", at: "data/world/map", of: record)
    _ = try await berth.restore(RestoreRequest(app: "vault", backup: next.id)).result.get()
    #expect(host.text("data/world/map", of: record) == "map 1")
    #expect(host.text("data/world/region/b", of: record) == nil)
  }

  @Test("begins anew when a full one is asked for, when the sets are others, and when a file of it is gone")
  func full() async throws {
    let (host, record, backups) = try await three()
    func planned(_ plugin: VaultPlugin, _ wish: BackupWish = BackupWish()) async throws -> String? {
      try await host.berth([plugin]).planBackup([record], wish).changes[0].reasons.first
    }
    #expect(try await planned(hot) == "a difference to \(backups[2].file)")
    #expect(try await planned(hot, BackupWish(isFull: true)) == "a full backup, since it was asked for")
    var newer = hot
    newer.version = "2"
    #expect(try await planned(newer) == "a difference to \(backups[2].file)")
    newer.without = ["db", "notes"]
    // Until it is updated, it has the sets that it was made with.
    #expect(try await planned(newer) == "a difference to \(backups[2].file)")
    try host.files.remove(host.paths.remembered(record.key))
    #expect(try await planned(newer) == "a full backup, since the plugin's backup sets have changed")
    try host.files.remove(host.paths.backupIndex(backups[2].id))
    #expect(
      try await planned(hot)
        == "a full backup, since an archive or its list of files is gone, cannot be read or was changed")
  }

  @Test("begins anew when an archive that it rests on was found broken")
  func broken() async throws {
    let (host, record, backups) = try await three()
    let berth = host.berth([hot])
    try host.registry.backups.update(backups[1].id) { $0.checked = "the checksum differs" }
    #expect(try await berth.backup(record, BackupWish()).kind == .full)
  }

  @Test("begins anew when the head of the newest cannot be read")
  func unreadableHead() async throws {
    let (host, record, backups) = try await three()
    try host.files.write("nothing of the kind", to: backups[2].path, mode: 0o600, owner: nil, anchor: nil)
    #expect(try await host.berth([hot]).backup(record, BackupWish()).kind == .full)
  }

  @Test("gives each its own name, whether the clock stands still or is set back")
  func names() async throws {
    let (host, record, backups) = try await three()
    #expect(
      backups.map(\.file) == [
        "20261121T090000Z-full.tar.zst", "20261121T090000Z-diff.tar.zst", "20261121T090000Z-diff-2.tar.zst",
      ])
    host.clock.set("2026-11-21T08:00:00Z")
    let berth = host.berth([hot])
    let back = try await berth.backup(record, BackupWish())
    #expect(back.file == "20261121T080000Z-diff.tar.zst")
    #expect(back.base == backups[2].id)
    #expect(try berth.backups(of: record).map(\.backup.id) == ([back] + backups.reversed()).map(\.id))
    // The newest is the one that was made last, whatever its time says.
    try host.put("map 9", at: "data/world/map", of: record)
    _ = try await berth.restore(RestoreRequest(app: "vault")).result.get()
    #expect(host.text("data/world/map", of: record) == "map 2")
  }

  @Test("of another compression has another ending, and its differences may be of either")
  func compressions() async throws {
    let (host, record, backups) = try await three()
    let berth = host.berth([hot])
    try host.put("map 4", at: "data/world/map", of: record)
    let other = try await berth.backup(record, BackupWish(compression: .gzip))
    #expect(other.file == "20261121T090000Z-diff.tar.gz")
    #expect(other.base == backups[2].id)
    try host.put("map 5", at: "data/world/map", of: record)
    _ = try await berth.restore(RestoreRequest(app: "vault", backup: other.id)).result.get()
    #expect(host.text("data/world/map", of: record) == "map 4")
  }

  @Test("keeps what a person says of a backup, and what asked for it")
  func words() async throws {
    let host = try TestHost()
    let record = try await host.makeVault(hot)
    let backup = try await host.berth([hot]).backup(
      record, BackupWish(reason: .schedule, labels: ["site": "north"], note: "before", isKept: true, isVerified: true))
    #expect(backup.reason == .schedule)
    #expect(backup.labels == ["site": "north"])
    #expect(backup.note == "before")
    #expect(backup.isKept)
    #expect(backup.verifiedAt == "2026-11-21T09:00:00Z")
    #expect(backup.pluginVersion == "1")
  }
}
