import BerthKit
import BerthStore
import Testing

@testable import BerthEngine
@testable import BerthPlanning

@Suite("A restore that cannot be", .serialized)
struct RestoreRefusalTests {
  private let plugin = VaultPlugin(without: ["db"])

  private func host() async throws -> (host: TestHost, record: InstanceRecord, backups: [BackupRecord]) {
    let host = try TestHost(.system)
    let record = try await host.makeVault(plugin, InstallRequest(app: "vault", name: "Vault"))
    let berth = host.berth([plugin, DemoPlugin()])
    var backups = [try await berth.backup(record, BackupWish())]
    try host.put("map 2", at: "data/world/map", of: record)
    backups.append(try await berth.backup(record, BackupWish()))
    return (host, record, backups)
  }

  /// Expects that a request is refused with nothing done.
  private func refused(
    _ host: TestHost, _ request: RestoreRequest, _ location: SourceLocation = #_sourceLocation
  ) async throws -> String? {
    let before = try Snapshot(host)
    host.fault.arm()
    let error = await refusal { try await host.berth([plugin, DemoPlugin()]).restore(request).result.get() }
    #expect(error?.remedy != nil, sourceLocation: location)
    #expect(host.fault.calls.filter { $0.hasPrefix("replace") || $0.hasPrefix("stop") } == [], sourceLocation: location)
    let changes = try Snapshot(host).changes(since: before)
    #expect(changes == [], sourceLocation: location)
    #expect(host.locks.held.isEmpty, sourceLocation: location)
    return error?.code
  }

  @Test("since it names what is not there is refused with nothing changed")
  func unknown() async throws {
    let (host, _, _) = try await host()
    #expect(try await refused(host, RestoreRequest(app: "vault", backup: "no-such-one")) == "unknown-backup")
    #expect(try await refused(host, RestoreRequest(app: "vault", sets: ["wrld"])) == "unknown-set")
    #expect(try await refused(host, RestoreRequest(app: "vault", instance: "Nobody")) == "unknown-instance")
    #expect(try await refused(host, RestoreRequest(app: "vault", file: "data/world/none")) == "not-in-backup")
    #expect(try await refused(host, RestoreRequest(app: "vault", archive: "/srv/none.tar.zst")) == "backup-missing")
    #expect(try await refused(host, RestoreRequest(app: "tidal")) == "unknown-app")
    #expect(try await refused(host, RestoreRequest(app: "demo")) == "no-instance")
  }

  @Test(
    "since a port, a folder or a state is asked for that only a new instance could get is refused, and never passed over"
  )
  func onlyForNew() async throws {
    let (host, _, _) = try await host()
    for request in [
      RestoreRequest(app: "vault", ports: ["": 40000]), RestoreRequest(app: "vault", directory: "/srv/other"),
      RestoreRequest(app: "vault", isStarted: false),
    ] {
      #expect(try await refused(host, request) == "usage")
    }
    let berth = host.berth([plugin, DemoPlugin()])
    let error = await refusal { try await berth.planRestore(RestoreRequest(app: "vault", ports: ["web": 40000])) }
    #expect(error?.kind == .usage && error?.remedy == "berth config set vault --instance default --port N")
    // A new instance gets what was asked for.
    let copy = try await berth.restore(RestoreRequest(app: "vault", newName: "Copy", isStarted: false)).result.get()
    #expect(copy.record.name.text == "Copy")
  }

  @Test("since the archive is another app's is refused with nothing changed")
  func foreign() async throws {
    let (host, _, backups) = try await host()
    _ = try await host.berth([plugin, DemoPlugin()]).install(InstallRequest(app: "demo"))
    #expect(try await refused(host, RestoreRequest(app: "demo", backup: backups[0].id)) == "foreign-backup")
    #expect(try await refused(host, RestoreRequest(app: "demo", archive: backups[0].path)) == "foreign-backup")
  }

  @Test("since a link of its chain is gone is refused with nothing changed")
  func missingLink() async throws {
    let (host, _, backups) = try await host()
    try host.files.move(backups[0].path, to: "/srv-full.tar.zst")
    #expect(try await refused(host, RestoreRequest(app: "vault")) == "backup-link-missing")
    #expect(try await refused(host, RestoreRequest(app: "vault", backup: backups[0].id)) == "backup-missing")
    #expect(try await refused(host, RestoreRequest(app: "vault", archive: backups[1].path)) == "backup-link-missing")
  }

  @Test("since the archive is damaged is refused with nothing changed, and the instance runs on")
  func damaged() async throws {
    let (host, record, _) = try await host()
    try host.put(TestHost.noise, at: "data/world/noise", of: record)
    let backup = try await host.berth([plugin]).backup(record, BackupWish(isFull: true))
    try host.damage(backup.path)
    let codes = [
      try await refused(host, RestoreRequest(app: "vault")),
      try await refused(host, RestoreRequest(app: "vault", newName: "New")),
    ]
    #expect(codes == ["bad-backup", "bad-backup"])
    #expect(host.fault.calls.contains { $0.hasPrefix("unpack") })
    #expect(!host.fault.calls.contains { $0.hasPrefix("stop") })
  }

  @Test("since the archive is of a newer format is refused with nothing changed")
  func newer() async throws {
    let (host, record, _) = try await host()
    let path = try archive(record, on: host) { $0.format = BackupHead.newestFormat + 1 }
    #expect(try await refused(host, RestoreRequest(app: "vault", archive: path)) == "backup-newer")
  }

  /// An archive of Berth's form that says something else of itself.
  private func archive(_ record: InstanceRecord, on host: TestHost, _ change: (inout BackupHead) -> Void) throws
    -> String
  {
    var head = BackupHead(
      id: Sample.backupID(1), kind: .full, createdAt: "2027-01-01T00:00:00Z", hostName: "later", instance: record,
      settings: [], manifest: plugin.manifest, sets: [])
    change(&head)
    try host.files.makeFolder("/srv", mode: 0o755, owner: nil)
    let path = "/srv/strange-\(host.clock.uuid()).tar.zst"
    let archive = try host.services.archives.begin(
      ArchiveOrder(path: path, index: "\(path).mtree", head: head, folders: [:]))
    _ = try archive.finish()
    return path
  }

  /// What would become a part of a path, of a unit file or of a line on a terminal.
  static let strangeHeads: [(word: String, change: @Sendable (inout BackupHead) -> Void)] = [
    ("id", { $0.id = "../../../../etc/berth" }),
    ("uid", { $0.instance = renamed($0.instance, uid: "../../etc") }),
    ("name", { $0.instance = renamed($0.instance, name: "a\u{1b}[2J") }),
    ("time", { $0.createdAt = "2027-01-01\u{7}" }),
    ("link", { $0.chain = [.init(id: Sample.backupID(2), file: "../../../etc/shadow")] }),
    ("set", { $0.sets = [SelectedSet("../main", .dump)] }),
    ("memory", { $0.instance.limits.memory = "1G\nExecStartPre=+/bin/true" }),
    ("schedule", { $0.instance.backup = BackupPolicy(schedule: "daily\nUnit=poweroff.target") }),
    ("label", { $0.instance.labels = ["a": "b\nc"] }), ("host", { $0.hostName = "a\u{1b}]0;" }),
  ]

  private static func renamed(_ record: InstanceRecord, uid: String? = nil, name: String? = nil) -> InstanceRecord {
    InstanceRecord(
      uid: uid ?? record.uid, key: record.key, name: name.map { InstanceName(unchecked: $0) } ?? record.name,
      slug: record.slug, state: record.state, user: record.user, version: record.version, directory: record.directory,
      labels: record.labels, services: record.services, ports: record.ports, createdAt: record.createdAt)
  }

  @Test(
    "since the archive says of itself what no Berth has written is refused with nothing changed",
    arguments: strangeHeads)
  func strange(_ example: (word: String, change: @Sendable (inout BackupHead) -> Void)) async throws {
    let (host, record, _) = try await host()
    let path = try archive(record, on: host, example.change)
    #expect(try await refused(host, RestoreRequest(app: "vault", archive: path)) == "bad-backup")
    #expect(try await refused(host, RestoreRequest(app: "vault", archive: path, newName: "New")) == "bad-backup")
    let before = try Snapshot(host)
    #expect(await refusal { try await host.berth([plugin]).importBackup(path) }?.code == "bad-backup")
    #expect(try Snapshot(host).changes(since: before) == [])
    // As it would be.
    let good = try archive(record, on: host) { _ in }
    #expect(try await host.berth([plugin]).importBackup(good).count == 1)
  }

  @Test("since a new instance cannot be made from a part is refused with nothing changed")
  func partOfNew() async throws {
    let (host, record, _) = try await host()
    let request = RestoreRequest(app: "vault", newName: "New", sets: ["world"])
    #expect(try await refused(host, request) == "nothing-to-restore-into")
    try await host.berth([plugin]).remove(record.key, keepsData: false)
    #expect(try await refused(host, RestoreRequest(app: "vault", file: "data/world/map")) == "nothing-to-restore-into")
  }

  @Test("since its name, id, folder or port is taken is refused with nothing changed")
  func taken() async throws {
    let (host, record, _) = try await host()
    func request(_ change: (inout RestoreRequest) -> Void) -> RestoreRequest {
      var request = RestoreRequest(app: "vault", newName: "New")
      change(&request)
      return request
    }
    #expect(try await refused(host, request { $0.newName = "Vault" }) == "name-in-use")
    #expect(try await refused(host, request { $0.newID = record.key.id.text }) == "id-in-use")
    #expect(try await refused(host, request { $0.ports = ["web": 32000] }) == "port-in-use")
    try host.files.makeFolder("/srv/full/thing", mode: 0o755, owner: nil)
    #expect(try await refused(host, request { $0.directory = "/srv/full" }) == "directory-in-use")
  }

  @Test("since nothing good is there to choose by itself says so")
  func noGood() async throws {
    let (host, record, backups) = try await host()
    for backup in backups { try host.registry.backups.update(backup.id) { $0.checked = "broken" } }
    #expect(try await refused(host, RestoreRequest(app: "vault")) == "no-backup")
    let other = try await host.berth([plugin]).install(InstallRequest(app: "vault", name: "Other")).record
    #expect(other.key != record.key)
    #expect(try await refused(host, RestoreRequest(app: "vault", instance: "Other")) == "no-backup")
  }
}
