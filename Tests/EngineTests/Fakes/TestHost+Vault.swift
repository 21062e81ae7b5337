import BerthKit
import Foundation
import Testing

@testable import BerthEngine
@testable import BerthPlanning

/// What the programs of ``VaultPlugin`` do, and what is in a vault.
///
/// They write beside Berth, so that nothing of it counts as a call of Berth's.
extension TestHost {
  /// What is in a vault before anything is done with it, by path.
  static let vaultFiles = [
    "data/db/base": "rows 1", "data/index.db": "index 1", "data/world/map": "map 1", "data/world/region/a": "region 1",
    "data/world/lock.tmp": "temporary",
    "data/notes/todo": "todo 1", "data/stray": "stray 1", "cache/tile": "tile 1",
  ]

  /// So much that nothing makes it small, that an archive's end is far from its beginning.
  static let noise: String = {
    var state: UInt64 = 1
    return (0..<40_000).map { _ in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return String(state >> 16, radix: 36)
    }.joined()
  }()

  /// Changes a byte near the end of a file.
  func damage(_ path: String) throws {
    let place = URL(filePath: folder.path + path)
    var bytes = try Data(contentsOf: place)
    bytes[bytes.count - 4000] ^= 0xff
    try bytes.write(to: place)
  }

  /// Installs a vault and fills it.
  @discardableResult
  func makeVault(_ plugin: VaultPlugin = VaultPlugin(), _ request: InstallRequest = InstallRequest(app: "vault"))
    async throws -> InstanceRecord
  {
    teachVault()
    let record = try await berth([plugin]).install(request).record
    for (path, text) in Self.vaultFiles { try put(text, at: path, of: record) }
    return record
  }

  /// Puts a text into an instance's folders.
  func put(_ text: String, at path: String, of record: InstanceRecord) throws {
    try Self.write(text, to: "\(folder.path)\(paths.own(record))/\(path)")
  }

  func remove(_ path: String, of record: InstanceRecord) throws {
    try FileManager.default.removeItem(atPath: "\(folder.path)\(paths.own(record))/\(path)")
  }

  /// What is in a file of an instance; nil when it is not there.
  func text(_ path: String, of record: InstanceRecord) -> String? {
    try? String(contentsOfFile: "\(folder.path)\(paths.own(record))/\(path)", encoding: .utf8)
  }

  /// Everything in an instance's folders, by path.
  func texts(of record: InstanceRecord) -> [String: String] {
    var texts: [String: String] = [:]
    for name in ScopePaths.ownFolders {
      let top = "\(folder.path)\(paths.own(record))/\(name)"
      for case let path as String in FileManager.default.enumerator(atPath: top) ?? .init() {
        if let text = try? String(contentsOfFile: "\(top)/\(path)", encoding: .utf8) { texts["\(name)/\(path)"] = text }
      }
    }
    return texts
  }

  /// The archives and lists of files that are there, unfinished ones included.
  var archives: [String] {
    [paths.backups, paths.backupIndexes].flatMap { top -> [String] in
      let found = FileManager.default.enumerator(atPath: folder.path + top)?.compactMap { $0 as? String } ?? []
      return found.filter { !(files.isFolder("\(top)/\($0)")) }.map { "\(top)/\($0)" }
    }.sorted()
  }

  private static func write(_ text: String, to path: String) throws {
    let folder = (path as NSString).deletingLastPathComponent
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    // A file of another inode, as most programs write theirs.
    try Data(text.utf8).write(to: URL(filePath: path), options: .atomic)
  }

  private struct Failed: Error {}

  /// Teaches the manager what the units of a vault do.
  func teachVault() {
    let (root, paths) = (folder.path, paths)
    @Sendable func home(_ unit: String) -> String {
      let id = unit.split(separator: "@").last?.split(separator: ".").dropLast().joined(separator: ".") ?? ""
      return root + paths.instance("vault", id)
    }
    @Sendable func isUp(_ unit: String, _ state: FakeManager.State) -> Bool {
      let service = "vault@\(unit.split(separator: "@").last ?? "")"
      return state.units[service]?.active == "active"
    }
    @Sendable func read(_ path: String) throws -> String { try String(contentsOfFile: path, encoding: .utf8) }
    manager.set { state in
      // Like initdb it refuses what is there already.
      state.effects["vault-seed@.service"] = { unit, _ in
        let base = "\(home(unit))/data/db/base"
        guard !FileManager.default.fileExists(atPath: base) else { throw Failed() }
        try Self.write("rows 0", to: base)
      }
      state.effects["vault-migrate@.service"] = { unit, _ in
        for file in ["data/db/base", "data/world/map"] {
          let path = "\(home(unit))/\(file)"
          try Self.write("\(try read(path)), migrated", to: path)
        }
      }
      // The manager opens the file; it makes no folder for it.
      state.effects["vault-db-dump@.service"] = { unit, state in
        let place = "\(home(unit))/dumps"
        guard isUp(unit, state), FileManager.default.fileExists(atPath: place) else { throw Failed() }
        try Self.write("dump of \(try read("\(home(unit))/data/db/base"))", to: "\(place)/db")
      }
      state.effects["vault-db-restore@.service"] = { unit, state in
        let dump = try read("\(home(unit))/dumps/db")
        let base = "\(home(unit))/data/db/base"
        guard isUp(unit, state), try read(base) == "rows 0" else { throw Failed() }
        try Self.write(String(dump.dropFirst("dump of ".count)), to: base)
      }
      state.effects["vault-index-dump@.service"] = { unit, _ in
        let path = "data/index.db"
        let text = try read("\(home(unit))/\(path)")
        try Self.write(text, to: "\(home(unit))/cache/\(ScopePaths.snapshots)/index/\(path)")
      }
    }
  }
}
