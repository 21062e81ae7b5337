import BerthArchive
import BerthKit
import BerthStore
import Foundation
import Testing

@testable import BerthEngine

/// Makes archives of ``PierPlugin`` as an attacker would, and hosts that they are brought to.
protocol Forging {}

extension Forging {
  func host() throws -> TestHost {
    let host = try TestHost(.system)
    host.containers.set { $0.images = [PierPlugin.image] }
    try host.files.makeFolder("/srv", mode: 0o755, owner: nil)
    return host
  }

  /// What an attacker writes: a head that asks for something, over one file.
  func forge(
    on host: TestHost, _ change: (inout BackupHead) -> Void = { _ in }
  ) throws -> (path: String, head: BackupHead) {
    let record = InstanceRecord(
      uid: host.clock.uuid(), key: InstanceKey(app: "pier", id: .default), name: InstanceName(unchecked: "Guest"),
      slug: "guest", state: .ready, user: "root", version: "1", directory: "/etc", labels: [:], services: ["main"],
      ports: [], createdAt: "2026-11-21T09:00:00Z")
    var head = BackupHead(
      id: host.clock.uuid(), kind: .full, createdAt: "2026-11-21T09:00:00Z", hostName: "elsewhere", instance: record,
      settings: [], manifest: PierPlugin().manifest,
      sets: [SelectedSet("files", .files(paths: ["data"], exclude: []))])
    change(&head)
    let token = host.clock.uuid()
    let path = "/srv/forged-\(token).tar.zst"
    let source = "\(host.folder.path)/srv/source-\(token)"
    try FileManager.default.createDirectory(atPath: source, withIntermediateDirectories: true)
    try Data("theirs".utf8).write(to: URL(filePath: "\(source)/note"))
    let archive = try TarArchives { _ in nil }.begin(
      ArchiveOrder(
        path: host.folder.path + path, index: host.folder.path + "\(path).mtree", head: head,
        folders: ["data": source]))
    try archive.add([ArchivePart("files")]) { _, _ in }
    _ = try archive.finish()
    return (path, head)
  }

  func settings(_ values: [String: String]) -> [StoredSetting] {
    values.sorted { $0.key < $1.key }.map { StoredSetting(key: $0.key, value: $0.value, isSecret: false) }
  }

  /// Notes an archive as one that the registry made, which an attacker cannot.
  func trust(_ path: String, _ head: BackupHead, on host: TestHost) throws {
    let archives = JailedArchives(files: host.files)
    let seal = try #require(try archives.verify(path, index: nil, trust: .own(list: nil)) { _, _ in }.seal)
    try host.registry.backups.add(
      BackupRecord(
        id: head.id, instance: head.instance.uid, key: head.instance.key, instanceName: head.instance.name,
        kind: .full, base: nil, path: path, createdAt: head.createdAt, size: 1, files: 1, bytes: 1, stored: 1,
        version: nil, pluginVersion: nil, reason: .asked, seal: seal))
  }

  func renamed(_ record: InstanceRecord, uid: String.SubSequence) -> InstanceRecord {
    renamed(record, uid: String(uid))
  }

  func renamed(_ record: InstanceRecord, uid: String) -> InstanceRecord {
    InstanceRecord(
      uid: uid, key: record.key, name: record.name, slug: record.slug, state: record.state, user: record.user,
      version: record.version, directory: record.directory, labels: record.labels, services: record.services,
      ports: record.ports, createdAt: record.createdAt)
  }

  func request(_ path: String, _ change: (inout RestoreRequest) -> Void = { _ in }) -> RestoreRequest {
    var request = RestoreRequest(app: "pier", archive: path)
    change(&request)
    return request
  }
}
