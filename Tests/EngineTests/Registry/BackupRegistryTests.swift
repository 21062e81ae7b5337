import BerthKit
import Testing

@testable import BerthStore

@Suite("The registry's backups")
struct BackupRegistryTests {
  private let registry: InstanceRegistry
  private var backups: BackupRegistry { registry.backups }

  init() throws { registry = try .inMemory() }

  /// A backup without a number, as it is before the registry has it.
  private func new(_ number: Int, of instance: Int = 1, base: Int? = nil, path: String? = nil) -> BackupRecord {
    Sample.backup(number, of: instance, base: base, path: path, isNumbered: false)
  }

  // MARK: Adding and changing

  @Test("come back as they were added, in the order in which they were, whatever their clocks said")
  func givesBack() throws {
    let full = BackupRecord(
      id: Sample.backupID(7), instance: "uid-1", key: Sample.record(1).key, instanceName: Sample.record(1).name,
      kind: .full, base: nil, path: "/b/'quoted' \"name\".tar.gz", createdAt: "2030-01-01T00:00:00Z", size: 1 << 62,
      files: 3, bytes: 9 << 32, stored: 8 << 32, pause: 0.125, version: nil, pluginVersion: "2", reason: .update,
      labels: ["why": "='x'\\"], note: "before the raid", isKept: true, verifiedAt: "2030-01-01T00:01:00Z",
      checked: "member 3 is torn", warnings: ["data/a\\012b changed", "data/log grew"])
    let added = try [full, new(2, base: 7), new(1, of: 2)].map { try backups.add($0) }
    #expect(added.map(\.number) == [1, 2, 3])
    #expect(try backups.all() == added)
    #expect(try backups.of(instance: "uid-1") == Array(added[..<2]))
    #expect(try backups.of(instance: "uid-3").isEmpty)
    var expected = full
    expected.number = 1
    #expect(added[0] == expected)
    #expect(added[0].title == "demo/name-1 2030-01-01T00:00:00Z")
    #expect(added[0].file == "'quoted' \"name\".tar.gz")
  }

  @Test("are added all or none, and none of them twice")
  func addsOnce() async throws {
    let first = try backups.add(new(1))
    let error = await refusal { try backups.add([new(2), new(1)]) }
    #expect(error?.code == "backup-exists")
    #expect(error?.kind == .conflict)
    #expect(error?.remedy == "berth backups show \(first.id)")
    #expect(try backups.all() == [first])
  }

  @Test("come back under their numbers when a removal is taken back, also when it is taken back twice")
  func putsBack() throws {
    let added = try backups.add([new(1), new(2, base: 1), new(3)])
    try backups.remove(added.map(\.id))
    #expect(try backups.all().isEmpty)
    for _ in 1...2 { #expect(try backups.add(added) == added) }
    #expect(try backups.all() == added)
    #expect(try backups.add(new(4)).number == 4)
  }

  @Test("never give a number to another, not even that of the newest when it was removed")
  func numbersOnce() throws {
    try backups.remove([backups.add(new(1)).id])
    #expect(try backups.add(new(2)).number == 2)
  }

  @Test("are not removed while one that stays needs them, and nothing else of that removal is done")
  func keepsNeeded() async throws {
    let added = try backups.add([new(1), new(2, base: 1), new(3, base: 2), new(4)])
    let error = await refusal { try backups.remove([4, 1, 2].map(Sample.backupID)) }
    #expect(error?.code == "backup-needed")
    #expect(error?.kind == .conflict)
    #expect(error?.location == Sample.backupID(3))
    #expect(try backups.all() == added)
    try backups.remove([1, 3, 2, 9].map(Sample.backupID))
    #expect(try backups.all() == [added[3]])
  }

  @Test("take labels, a note, a lock and the outcome of a verification, as the registry has them at that moment")
  func updates() async throws {
    let added = try backups.add([new(1), new(2)])
    try backups.update(added[0].id) { $0.note = "good" }
    let updated = try backups.update(added[0].id) {
      $0.labels = ["k": "v"]
      $0.isKept = true
      $0.verifiedAt = "2026-11-21T12:00:00Z"
      $0.checked = "torn"
    }
    var expected = added[0]
    expected.note = "good"
    expected.labels = ["k": "v"]
    expected.isKept = true
    expected.verifiedAt = "2026-11-21T12:00:00Z"
    expected.checked = "torn"
    #expect(updated == expected)
    #expect(try backups.all() == [expected, added[1]])
    #expect(await refusal { try backups.update("none") { _ in } }?.code == "unknown-backup")
  }

  // MARK: Finding

  private static let files = [
    "2026-11-21T09:00:00Z-full", "2026-11-21T09:00:00Z-full.tar.zst", "1/2026-11-21T09:00:00Z-full",
  ]

  @Test("are found by id, by its beginning, and by the name of the archive", arguments: files)
  func finds(_ file: String) throws {
    let one = try backups.add(
      Sample.backup(1, id: "0a1b2c3d-0000-4000-8000-000000000001", at: "2026-11-21T09:00:00Z", isNumbered: false))
    try backups.add(Sample.backup(2, id: "0a1b2c3e-0000-4000-8000-000000000001", base: 1, isNumbered: false))
    #expect(try backups.find(one.id) == one)
    #expect(try backups.find("0a1b2c3d") == one)
    #expect(try backups.find(file) == one)
  }

  @Test("are found by the name of an archive of either compression, and among one instance's alone")
  func findsAmongSome() async throws {
    let paths = ["/b/1/noon-full.tar.gz", "/b/2/noon-full.tar.zst"]
    let added = try backups.add([new(1, of: 1, path: paths[0]), new(2, of: 2, path: paths[1])])
    for backup in added { #expect(try backups.find("noon-full", instance: backup.instance) == backup) }
    #expect(await refusal { try backups.find("noon-full") }?.code == "ambiguous-backup")
    #expect(await refusal { try backups.find(added[0].id, instance: "uid-2") }?.code == "unknown-backup")
  }

  @Test("are found by a whole id though another begins with it")
  func findsExact() throws {
    let added = try backups.add(["abcdefgh", "abcdefgh-1"].map { Sample.backup(1, id: $0, isNumbered: false) })
    #expect(try backups.find("abcdefgh") == added[0])
  }

  @Test(
    "are not found by what is too short, by what has a meaning in a pattern, or by a part of a name",
    arguments: [
      "", "bbbbbbb", "%", "%%%%%%%%", "________", "bbbbbbbb%", "full", "0Z-full", ".tar.zst", "/",
      "'; DROP TABLE backup",
      "BBBBBBBB-2222-4222", "bbbbbbb\u{301}b",
    ])
  func findsNothing(_ text: String) async throws {
    try backups.add(new(1))
    let error = await refusal { try backups.find(text) }
    #expect(error?.code == "unknown-backup")
    #expect(error?.kind == .usage)
    #expect(error?.remedy == "berth backups list")
    #expect(try backups.all().count == 1)
  }

  @Test("that a text may mean are named when they are several, five of them at most")
  func ambiguous() async throws {
    try backups.add((1...7).map { new($0) })
    let error = await refusal { try backups.find("bbbbbbbb") }
    #expect(error?.code == "ambiguous-backup")
    #expect(error?.kind == .usage)
    #expect(error?.remedy == "berth backups list")
    #expect(error?.summary.contains("may mean 7 backups: \(Sample.backupID(1)) (demo/name-1 ") == true)
    #expect(error?.summary.contains(Sample.backupID(5)) == true)
    #expect(error?.summary.contains(Sample.backupID(6)) == false)
  }

  // MARK: Chains

  @Test("have their chains, oldest first, those of other backups left out")
  func chain() async throws {
    let added = try backups.add([new(1), new(2, base: 1), new(3), new(4, base: 2), new(5, base: 1)])
    #expect(try backups.chain(of: Sample.backupID(4)) == [added[0], added[1], added[3]])
    #expect(try backups.chain(of: Sample.backupID(5)) == [added[0], added[4]])
    #expect(try backups.chain(of: Sample.backupID(3)) == [added[2]])
    #expect(await refusal { try backups.chain(of: "none") }?.code == "unknown-backup")
  }

  /// Chains that cannot be restored, and the number of the last one's last link that is there.
  private static let broken: [(String, [BackupRecord], Int)] = [
    ("a link that was never there", [Sample.backup(2, base: 1), Sample.backup(3, base: 2)], 2),
    ("another instance's backup", [Sample.backup(1, of: 2), Sample.backup(3, base: 1)], 3),
    ("itself", [Sample.backup(3, base: 3)], 3),
    ("a circle", [Sample.backup(1, base: 3), Sample.backup(2, base: 1), Sample.backup(3, base: 2)], 1),
    ("a circle further back", [Sample.backup(1, base: 2), Sample.backup(2, base: 1), Sample.backup(3, base: 2)], 1),
  ]

  @Test("have no chain where it leads nowhere", arguments: broken)
  func brokenChain(_ what: String, _ records: [BackupRecord], _ last: Int) async throws {
    try backups.add(records)
    let error = await refusal { try backups.chain(of: Sample.backupID(3)) }
    #expect(error?.code == "backup-link-missing", "\(what)")
    #expect(error?.cause?.hasPrefix(Sample.backupID(last)) == true)
    #expect(error?.remedy == "berth backups list")
  }

  // MARK: Their instances

  @Test("outlive their instance, and the runs go with it")
  func outlive() throws {
    try registry.register([(Sample.record(1), []), (Sample.record(2), [])])
    let kept = try [1, 2].map { try backups.add(new($0, of: $0), run: Sample.run($0, of: $0)) }
    try registry.forget(["uid-1"])
    #expect(try backups.all() == kept)
    #expect(try backups.runs(of: "uid-1", newest: 10).isEmpty)
    #expect(try backups.runs(of: "uid-2", newest: 10).count == 1)
  }

  @Test("stay with an instance that is only kept, and so do the runs")
  func stayWithKept() throws {
    try registry.register(Sample.record(1), settings: [])
    try backups.add(new(1), run: Sample.run(1))
    try registry.keep(["uid-1"])
    #expect(try backups.of(instance: "uid-1").count == 1)
    #expect(try backups.lastRuns().keys.sorted() == ["uid-1"])
  }

  private static let policies: [(BackupPolicy?, BackupPolicy?)] = [
    (nil, nil), (BackupPolicy(), nil), (BackupPolicy(schedule: "off"), BackupPolicy(schedule: "off")),
    (
      BackupPolicy(schedule: "daily", keep: Retention(last: 3, monthly: 0)),
      BackupPolicy(schedule: "daily", keep: Retention(last: 3, monthly: 0))
    ),
  ]

  @Test("have an instance's own schedule and retention, nothing being the same as none", arguments: policies)
  func policy(_ given: BackupPolicy?, _ expected: BackupPolicy?) throws {
    var record = Sample.record(1)
    for former in [BackupPolicy(schedule: "weekly"), given] {
      record.backup = former
      try registry.register(record, settings: [])
    }
    #expect(try registry.instances().map(\.backup) == [expected])
  }
}
