import BerthKit
import Glibc

/// Finds the databases below an instance that patterns match, by the bytes of their names and without following links.
struct DatabaseSearch {
  let root: String
  /// A folder that is passed over.
  let besides: String
  let patterns: [PathPattern]

  /// What a database has beside it while it is in use.
  private static let companions = ["-wal", "-shm", "-journal"].map { Array($0.utf8) }

  /// Paths relative to the root, sorted.
  ///
  /// - Throws: `bad-database` for a link, a socket or a device of such a name, and `snapshot-failed` for a folder that
  ///   cannot be read.
  func databases() throws -> [[UInt8]] {
    var found: [[UInt8]] = []
    try search([], into: &found)
    let all = Set(found)
    return found.filter { path in
      !Self.companions.contains { path.suffix($0.count).elementsEqual($0) && all.contains(path.dropLast($0.count)) }
    }.sorted { $0.lexicographicallyPrecedes($1) }
  }

  private func search(_ folder: [UInt8], into found: inout [[UInt8]]) throws {
    for name in try names(in: folder) {
      let path = folder.isEmpty ? name : folder + [UInt8(ascii: "/")] + name
      let isMatch = patterns.contains { $0.matches(path) }
      guard isMatch || patterns.contains(where: { $0.mayMatch(below: path) }) else { continue }
      var info = stat()
      let full = full(path)
      // The instance's own folders may be links; Berth made them.
      guard (folder.isEmpty ? stat(full.cString, &info) : lstat(full.cString, &info)) == 0 else {
        if errno == ENOENT { continue }
        throw failure(path)
      }
      switch info.st_mode & S_IFMT {
      case S_IFDIR:
        if !full.elementsEqual(besides.utf8) { try search(path, into: &found) }
      case S_IFREG: if isMatch { found.append(path) }
      default: if isMatch { throw BerthError.badDatabase(String(decoding: path, as: UTF8.self), "it is no file") }
      }
    }
  }

  private func names(in folder: [UInt8]) throws -> [[UInt8]] {
    guard let stream = opendir(full(folder).cString) else {
      if errno == ENOENT { return [] }
      throw failure(folder)
    }
    defer { closedir(stream) }
    var names: [[UInt8]] = []
    while let entry = readdir(stream) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
      if !name.elementsEqual(".".utf8), !name.elementsEqual("..".utf8) { names.append(name) }
    }
    return names
  }

  private func full(_ path: [UInt8]) -> [UInt8] { Array("\(root)/".utf8) + path }

  private func failure(_ path: [UInt8]) -> BerthError {
    BerthError.snapshotFailed(String(decoding: path, as: UTF8.self), String(cString: strerror(errno)))
  }
}
