import BerthKit
import Testing

/// Files that are only in memory. They can be read; whatever would change them fails the test.
struct MemoryFiles: FileTree {
  /// Text by path; folders are there by the files in them.
  var texts: [String: String]
  /// Links to folders, by path.
  var links: [String: String] = [:]

  init(_ texts: [String: String], links: [String: String] = [:]) {
    self.texts = texts
    self.links = links
  }

  func exists(_ path: String) -> Bool { texts[realPath(path)] != nil || isFolder(path) }

  func changeable(onTheWayTo path: String) -> String? { nil }
  func isFolder(_ path: String) -> Bool {
    let folder = realPath(path) + "/"
    return texts.keys.contains { $0.hasPrefix(folder) }
  }

  func isFile(_ path: String) -> Bool { texts[path] != nil }
  func isOwners(_ path: String, mode: UInt16, owner: FileOwner?) -> Bool { texts[path] != nil }
  func mayRead(_ path: String, _ user: FileOwner?) -> Bool { true }
  func ownership(of folder: String) -> FolderAccess? { nil }
  func isExecutable(_ path: String) -> Bool { false }

  func realPath(_ path: String) -> String {
    for (link, target) in links where path == link || path.hasPrefix(link + "/") {
      return target + path.dropFirst(link.count)
    }
    return path
  }

  func list(_ folder: String) throws -> [String] {
    let prefix = realPath(folder) + "/"
    let below = texts.keys.filter { $0.hasPrefix(prefix) }.compactMap {
      $0.dropFirst(prefix.count).split(separator: "/").first
    }
    return Set(below.map(String.init)).sorted()
  }

  func read(_ path: String) throws -> String {
    guard let text = texts[realPath(path)] else { throw BerthError("no-file", .failure, "no file '\(path)'") }
    return text
  }

  func write(_ text: String, to path: String, mode: UInt16, owner: FileOwner?, anchor: String?) throws { try refuse() }
  func makeFolder(_ path: String, mode: UInt16, owner: FileOwner?) throws { try refuse() }
  func makeLink(_ path: String, to target: String) throws { try refuse() }
  func copy(_ path: String, to target: String, mode: UInt16) throws { try refuse() }
  func move(_ path: String, to target: String) throws { try refuse() }
  func exchange(_ path: String, with other: String) throws { try refuse() }
  func usedBytes(_ path: String) -> Int64? { nil }
  func room(in folder: String) -> DiskRoom? { nil }
  func isOneFileSystem(_ path: String, _ other: String) -> Bool { true }
  func changeOwner(of folder: String, from former: FileNumbers, to now: FileNumbers) throws { try refuse() }
  func foreignFiles(in folders: [String], of owner: FileOwner, isDeep: Bool) -> ForeignFiles { ForeignFiles() }
  func giveForeignFiles(in folders: [String], to owner: FileOwner) throws { try refuse() }
  func remove(_ path: String) throws { try refuse() }
  func removeFolderIfEmpty(_ path: String) { Issue.record("finding plugins must not change files") }
  func unpinRemoved(_ folder: String) { unpin(folder) }
  func unpin(_ folder: String) { Issue.record("finding plugins must not change files") }
  func flush(_ folders: Set<String>) { Issue.record("finding plugins must not change files") }

  private func refuse() throws -> Never {
    Issue.record("finding plugins must not change files")
    throw BerthError("read-only", .failure, "these files can only be read")
  }
}
