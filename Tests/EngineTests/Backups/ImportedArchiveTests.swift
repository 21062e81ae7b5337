import BerthKit
import BerthStore
import Testing

@testable import BerthEngine

/// What becomes of archives that somebody brought in, or put in the place of one that Berth made.
@Suite("An archive beside those that Berth made", .serialized)
struct ImportedArchiveTests: Forging {
  private let plugin = PierPlugin()

  @Test("that is imported under an instance's uid is not its newest, no base, not counted, and used when it is named")
  func imported() async throws {
    let host = try host()
    let berth = host.berth([plugin])
    let record = try await berth.install(InstallRequest(app: "pier")).record
    try host.put("ours", at: "data/note", of: record)
    let own = try await berth.backup(record, BackupWish())
    let (path, head) = try forge(on: host) {
      $0.instance = renamed($0.instance, uid: record.uid)
      $0.createdAt = "2027-01-01T00:00:00Z"
    }
    let imported = try #require(try await berth.importBackup(path).first)
    #expect(imported.origin == .imported && imported.instance == record.uid && imported.id == head.id)
    // The newest is Berth's own.
    try host.put("later", at: "data/note", of: record)
    _ = try await berth.restore(RestoreRequest(app: "pier")).result.get()
    #expect(host.text("data/note", of: record) == "ours")
    // The next one is a difference to Berth's own.
    #expect(try await berth.backup(record, BackupWish()).base == own.id)
    // It takes nobody's place, and goes by nobody's rule.
    let verdict = try #require(try berth.planPrune([record], Retention(last: 1)).first)
    #expect(verdict.stays.first { $0.backup.id == imported.id }?.reasons.contains(.imported) == true)
    #expect(verdict.stays.contains { $0.backup.id == own.id })
    #expect(
      await refusal { try await berth.restore(RestoreRequest(app: "pier", backup: imported.id)) }?.code == "id-in-use")
    var named = RestoreRequest(app: "pier", instance: "default", backup: imported.id)
    named.accepted = []
    _ = try await berth.restore(named).result.get()
    #expect(host.text("data/note", of: record) == "theirs")
  }

  @Test("that is imported would be the newest backup of the instance if the registry called it made")
  func importedBelieved() async throws {
    let host = try host()
    let berth = host.berth([plugin])
    let record = try await berth.install(InstallRequest(app: "pier")).record
    try host.put("ours", at: "data/note", of: record)
    _ = try await berth.backup(record, BackupWish())
    let (path, head) = try forge(on: host) { $0.instance = renamed($0.instance, uid: record.uid) }
    try trust(path, head, on: host)
    _ = try await berth.restore(RestoreRequest(app: "pier")).result.get()
    #expect(host.text("data/note", of: record) == "theirs")
  }

  @Test("in the place of one that Berth made is refused, whether it has another head or other files")
  func swapped() async throws {
    let host = try host()
    let berth = host.berth([plugin])
    let record = try await berth.install(InstallRequest(app: "pier")).record
    try host.put("ours", at: "data/note", of: record)
    let own = try await berth.backup(record, BackupWish())
    let head = try host.services.archives.head(of: own.path)
    // The very head, over other files.
    let (files, _) = try forge(on: host) { $0 = head }
    // The same id with another head.
    let (heads, _) = try forge(on: host) {
      $0 = head
      $0.hostName = "elsewhere"
      $0.settings = settings(["downloads": "/"])
    }
    for path in [files, heads] {
      try host.files.remove(own.path)
      try host.files.copy(path, to: own.path, mode: 0o600)
      try host.files.remove(host.paths.backupIndex(own.id))
      let error = await refusal { try await berth.restore(RestoreRequest(app: "pier")).result.get() }
      #expect(error?.code == "bad-backup")
      #expect(host.text("data/note", of: record) == "ours")
      #expect(try await berth.verify([own]).first?.problem?.code == "bad-backup")
      try host.registry.backups.update(own.id) { $0.checked = nil }
      // What it rests on is looked at before a difference is made.
      if path == heads { #expect(try await berth.backup(record, BackupWish()).kind == .full) }
    }
  }
}
