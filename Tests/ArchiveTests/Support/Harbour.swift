import BerthKit
import Foundation
import TestSupport

@testable import BerthArchive

/// A made-up instance with its folders, and a place for its backups.
final class Harbour: Sendable {
  let folder: Folder
  let archives = TarArchives { _ in nil }
  let sets: [SelectedSet]

  var instance: String { "\(folder.path)/instance" }
  var data: String { "\(instance)/data" }
  var backups: String { "\(folder.path)/backups" }
  var folders: [String: String] {
    Dictionary(uniqueKeysWithValues: ["config", "data", "cache"].map { ($0, "\(instance)/\($0)") })
  }

  init(_ sets: [SelectedSet] = [SelectedSet("all", .files(paths: ["config", "data", "cache"], exclude: []))]) throws {
    folder = try Folder()
    self.sets = sets
    for path in ["instance/config", "instance/data", "instance/cache", "backups"] {
      try FileManager.default.createDirectory(
        atPath: "\(folder.path)/\(path)", withIntermediateDirectories: true)
    }
  }

  /// The id of the backup that a test calls by a word.
  static func id(_ word: String) -> String {
    let hex = word.utf8.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    return "00000000-0000-4000-8000-" + String((hex + String(repeating: "0", count: 12)).prefix(12))
  }

  func head(_ id: String, chain: [String] = []) -> BackupHead {
    let record = InstanceRecord(
      uid: Self.id("uid"), key: InstanceKey(app: "harbour", id: InstanceID(unchecked: "default")),
      name: InstanceName(unchecked: "north"), slug: "north", state: .ready, user: nil, version: "1.2.3",
      directory: nil, labels: [:], services: ["main"], ports: [], createdAt: "2026-11-21T09:00:00Z")
    let manifest = Manifest(
      id: "harbour", name: "Harbour", summary: "ships", category: .game, version: "1",
      services: [])
    return BackupHead(
      id: Self.id(id), kind: chain.isEmpty ? .full : .diff, createdAt: "2026-11-21T09:00:00Z", hostName: "host",
      instance: record, settings: [StoredSetting(key: "password", value: "open sesame", isSecret: true)],
      manifest: manifest, sets: sets,
      chain: chain.map { .init(id: Self.id($0), file: "\($0).tar.zst") })
  }

  func archive(_ id: String) -> String { "\(backups)/\(id).tar.zst" }
  func index(_ id: String) -> String { "\(backups)/\(id).mtree" }

  func order(_ id: String, chain: [String] = [], _ compression: ArchiveOrder.Compression = .zstd) -> ArchiveOrder {
    ArchiveOrder(
      path: archive(id), index: index(id), head: head(id, chain: chain), folders: folders,
      previous: chain.last.map { index($0) }, compression: compression)
  }

  /// Makes a backup of all sets.
  @discardableResult
  func back(
    up id: String, chain: [String] = [], copies: [String: String] = [:], _ compression: ArchiveOrder.Compression = .zstd
  ) throws -> ArchiveSummary {
    let archive = try archives.begin(order(id, chain: chain, compression))
    try archive.add(sets.map { ArchivePart($0.name, copy: copies[$0.name]) }) { _, _ in }
    return try archive.finish()
  }

  func unpackOrder(
    _ id: String, chain: [String] = [], index: Bool = true, sets: [String]? = nil, file: String? = nil,
    trust: ArchiveTrust = .own(list: nil)
  ) -> UnpackOrder {
    UnpackOrder(
      archives: (chain + [id]).map { archive($0) }, ids: (chain + [id]).map(Self.id),
      index: index ? self.index(id) : nil,
      target: "\(folder.path)/unpacked-\(UUID().uuidString)", owner: nil, trust: trust, sets: sets, file: file)
  }

  /// Unpacks a backup.
  ///
  /// - Returns: where it lies.
  func unpack(
    _ id: String, chain: [String] = [], index: Bool = true, sets: [String]? = nil, file: String? = nil
  ) throws -> String {
    let order = unpackOrder(id, chain: chain, index: index, sets: sets, file: file)
    _ = try archives.unpack(order) { _, _ in }
    return order.target
  }

  @discardableResult
  func verify(
    _ id: String, index: String? = nil, trust: ArchiveTrust = .own(list: nil)
  ) throws -> ArchiveSummary {
    try archives.verify(archive(id), index: index, trust: trust) { _, _ in }
  }

  func write(_ text: String, to path: String) throws {
    let path = "\(instance)/\(path)"
    try FileManager.default.createDirectory(
      atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
    try Data(text.utf8).write(to: URL(fileURLWithPath: path))
  }
}
