import BerthKit
import Glibc

/// Copies of an instance's databases as of one moment each, made by SQLite itself while others write to them.
///
/// They are laid out below the target as the databases are below the instance.
public struct SQLiteSnapshot: Sendable {
  /// How long copies may take.
  public struct Patience: Sendable {
    /// How long locks that others hold are waited for, all databases of one call together.
    public var lock: Duration
    /// For one database, from beginning to end.
    public var copy: Duration

    public init(lock: Duration = .seconds(20), copy: Duration = .seconds(3000)) {
      self.lock = lock
      self.copy = copy
    }
  }

  private let root: String
  private let target: String
  private let patterns: [PathPattern]
  private let patience: Patience
  private let files: any FileTree

  /// - Parameters:
  ///   - root: the instance's folder.
  ///   - target: where the copies go. What is there is removed.
  ///   - patterns: the databases, relative to the root.
  public init(
    root: String, target: String, patterns: [PathPattern], patience: Patience = Patience(), files: any FileTree
  ) {
    self.root = root
    self.target = target
    self.patterns = patterns
    self.patience = patience
    self.files = files
  }

  /// Copies every database that a pattern matches; none is no error. What is there afterwards outlasts a power cut.
  ///
  /// A file beside the copies names those that are damaged (``ScopePaths/damaged(besides:)``).
  ///
  /// - Returns: the number of databases, and those of them that are damaged.
  /// - Throws: `bad-database` for what is none, `database-busy`, `snapshot-failed`.
  public func take() throws -> (count: Int, damaged: [String]) {
    try files.remove(target)
    try files.remove(ScopePaths.damaged(besides: target))
    try files.makeFolder(target, mode: 0o700, owner: nil)
    let search = DatabaseSearch(root: root, besides: target, patterns: patterns)
    let found = try search.databases()
    let waiting = LockWaiting(atMost: patience.lock)
    var damaged: [String] = []
    for path in found {
      try makeFolders(above: path)
      let name = String(decoding: path, as: UTF8.self)
      let copy = DatabaseCopy(
        source: Array("\(root)/".utf8) + path, target: Array("\(target)/".utf8) + path, name: name,
        patience: patience, waiting: waiting)
      if try !copy.make() { damaged.append(name) }
    }
    if !damaged.isEmpty {
      let names = damaged.map { $0.replacing("\n", with: "?") }.joined(separator: "\n")
      try files.write(names + "\n", to: ScopePaths.damaged(besides: target), mode: 0o600, owner: nil, anchor: nil)
    }
    return (found.count, damaged)
  }

  private func makeFolders(above path: [UInt8]) throws {
    for end in path.indices where path[end] == UInt8(ascii: "/") {
      let folder = Array("\(target)/".utf8) + path[..<end]
      guard mkdir(folder.cString, 0o700) != 0, errno != EEXIST else { continue }
      throw BerthError.snapshotFailed(String(decoding: path, as: UTF8.self), String(cString: strerror(errno)))
    }
  }
}

extension [UInt8] {
  /// The bytes with a NUL behind them.
  var cString: [CChar] { map { CChar(bitPattern: $0) } + [0] }
}
