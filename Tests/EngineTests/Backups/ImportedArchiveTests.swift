import BerthKit
import BerthStore
import Foundation
import Testing

@testable import BerthEngine
@testable import BerthPlanning

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

  @Test("waits for the instance that it names only once it was read, and leaves nothing when that one is busy")
  func busy() async throws {
    let host = try host()
    let berth = host.berth([plugin], options: Berth.Options(wait: 0))
    let record = try await berth.install(InstallRequest(app: "pier")).record
    let (path, _) = try forge(on: host)
    let (broken, _) = try forge(on: host) { $0.instance.limits = InstanceLimits(cpus: 1e300) }
    let lock = try await berth.instanceLock(record.key, "somebody else")
    #expect(await refusal { try await berth.importBackup(broken) }?.code == "bad-backup")
    #expect(await refusal { try await berth.importBackup(path) }?.code == "busy")
    #expect(host.archives.isEmpty)
    #expect(try host.registry.backups.all().isEmpty)
    lock.release()
    #expect(try await berth.importBackup(path).count == 1)
  }

  @Test(
    "that goes by the id of one that is known is here already when it is that one, and a conflict when it is another")
  func sameID() async throws {
    let host = try host()
    let berth = host.berth([plugin])
    let (path, head) = try forge(on: host)
    let imported = try #require(try await berth.importBackup(path).first)
    #expect(try await berth.importBackup(path).isEmpty)
    // The very head over other files, and the same files under another head.
    let (files, _) = try forge(on: host) { $0 = head }
    let (heads, _) = try forge(on: host) {
      $0 = head
      $0.hostName = "another"
    }
    for other in [files, heads] {
      let error = try #require(await refusal { try await berth.importBackup(other) })
      // Times of the files differ, and with them the lists.
      #expect(error.code == "backup-exists" && error.kind == .conflict)
      #expect(error.summary.contains(other) && error.summary.contains(imported.path))
      #expect(error.remedy?.text.contains("berth restore pier --from \(other)") == true)
    }
    #expect(try host.registry.backups.all() == [imported])
    // What the remedy says works.
    _ = try await berth.restore(RestoreRequest(app: "pier", archive: heads, newName: "Other")).result.get()
    // One whose archive was lost is taken up again, and no other in its place.
    try host.files.remove(imported.path)
    try host.files.remove(host.paths.backupIndex(imported.id))
    #expect(await refusal { try await berth.importBackup(heads) }?.code == "backup-exists")
    #expect(!host.files.exists(imported.path))
    #expect(try await berth.importBackup(path).map(\.id) == [imported.id])
    #expect(try await berth.verify([imported]).allSatisfy { $0.problem == nil })
    #expect(try berth.backups().map(\.state) == ["good"])
  }

  @Test("cannot pass for the one that a difference was made upon, which names it by what it is")
  func strangeBase() async throws {
    let host = try host()
    let berth = host.berth([plugin])
    let record = try await berth.install(InstallRequest(app: "pier")).record
    try host.put("ours", at: "data/note", of: record)
    let full = try await berth.backup(record, BackupWish())
    try host.put("more", at: "data/more", of: record)
    let difference = try await berth.backup(record, BackupWish())
    let head = try host.services.archives.head(of: difference.path)
    #expect(head.chain.map(\.seal) == [full.seal])
    #expect(try await berth.verify(RestoreRequest(app: "pier")).count == 2)
    let fullHead = try host.services.archives.head(of: full.path)
    let (files, _) = try forge(on: host) { $0 = fullHead }
    let (heads, _) = try forge(on: host) {
      $0 = fullHead
      $0.hostName = "another"
    }
    for path in [files, heads] {
      // Elsewhere, where nobody noted anything.
      let other = try self.host()
      try FileManager.default.createDirectory(
        atPath: "\(other.folder.path)/srv/usb", withIntermediateDirectories: true)
      for (source, name) in [(path, full.file), (difference.path, difference.file)] {
        try FileManager.default.copyItem(
          atPath: host.folder.path + source, toPath: "\(other.folder.path)/srv/usb/\(name)")
      }
      let elsewhere = other.berth([plugin])
      let request = RestoreRequest(app: "pier", archive: "/srv/usb/\(difference.file)")
      let code = path == files ? "bad-backup" : "backup-link-missing"
      #expect(await refusal { try await elsewhere.verify(request) }?.code == code)
      if path == heads {
        #expect(await refusal { try await elsewhere.importBackup("/srv/usb/\(difference.file)") }?.code == code)
      }
      // And here, in the place of the one that was made.
      try host.files.remove(full.path)
      try host.files.copy(path, to: full.path, mode: 0o600)
      #expect(await refusal { try await berth.verify(RestoreRequest(app: "pier")) }?.code == code)
      #expect(try await berth.verify([difference]).first?.problem != nil)
      try host.registry.backups.update(difference.id) { $0.checked = nil }
    }
  }

  @Test("passes for the base of a difference that does not name it by what it is, as older ones do not")
  func namelessBase() async throws {
    let host = try host()
    let (base, head) = try forge(on: host)
    let (path, _) = try forge(on: host) {
      $0.instance = head.instance
      $0.kind = .diff
      $0.chain = [.init(id: head.id, file: String(base.split(separator: "/").last ?? ""))]
    }
    // It is read as before: nothing that it says can tell the two apart.
    #expect(try await host.berth([plugin]).verify(RestoreRequest(app: "pier", archive: path)).count == 2)
  }
}
