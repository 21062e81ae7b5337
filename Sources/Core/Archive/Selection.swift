import BerthFiles
import BerthKit

/// Which set each path of an instance belongs to.
///
/// Databases claim their files first, and then sets of files in their order. A path is asked for on the way down from
/// the top, with what is known of the folder it lies in.
struct Selection {
  /// Whose a path is.
  enum Owner: Equatable {
    case nobody
    /// A set of files, by its number.
    case files(Int)
    /// A database or a file beside it. The set keeps a copy of it, and the file itself stays out.
    case database(Int)

    var set: Int? {
      switch self {
      case .nobody: nil
      case .files(let set), .database(let set): set
      }
    }
  }

  /// What is known of a folder.
  struct Place {
    /// For each set of files: how long the paths are that were matched on the way; nil when it leaves the folder out.
    fileprivate var roots: [[Int]?]
  }

  private struct Files {
    var set: Int
    var paths: [PathPattern]
    /// Relative to what was matched.
    var excludes: [PathPattern]
    /// Relative to the instance.
    var excludesFromTop: [PathPattern]
  }

  /// What SQLite puts beside a database.
  private static let companions = ["-wal", "-shm", "-journal"].map { Array($0.utf8) }
  private static let tops = ["config/", "data/", "cache/"]

  let names: [String]
  private var databases: [(set: Int, paths: [PathPattern])] = []
  private var files: [Files] = []

  init(_ sets: [SelectedSet]) {
    names = sets.map(\.name)
    for (number, set) in sets.enumerated() {
      switch set.source {
      case .sqlite(let paths): databases.append((number, paths.map { PathPattern($0) }))
      case .files(let paths, let exclude):
        let isFromTop = { (text: String) in Self.tops.contains { text.hasPrefix($0) } }
        files.append(
          Files(
            set: number, paths: paths.map { PathPattern($0) },
            excludes: exclude.filter { !isFromTop($0) }.map { PathPattern($0) },
            excludesFromTop: exclude.filter(isFromTop).map { PathPattern($0) }))
      case .dump: break
      }
    }
  }

  /// The instance itself.
  var top: Place { Place(roots: files.map { _ in [] }) }

  /// Whose a path is that lies in a folder. Only files are databases.
  func owner(of path: Bytes, isFile: Bool, in place: Place) -> Owner {
    if isFile {
      for (set, paths) in databases where paths.contains(where: { isDatabase(path, $0) }) { return .database(set) }
    }
    for (index, set) in files.enumerated() {
      if let roots = roots(of: path, set, place.roots[index]), !roots.isEmpty { return .files(set.set) }
    }
    return .nobody
  }

  /// What is known of a folder that lies in another.
  func place(of folder: Bytes, in place: Place) -> Place {
    Place(roots: files.enumerated().map { roots(of: folder, $1, place.roots[$0]) })
  }

  /// Whether something below a folder may belong to one of the sets.
  func mayHold(_ wanted: Set<Int>, below folder: Bytes, _ place: Place) -> Bool {
    for (set, paths) in databases
    where wanted.contains(set) && paths.contains(where: { $0.mayMatch(below: folder) }) { return true }
    for (index, set) in files.enumerated() where wanted.contains(set.set) {
      guard let roots = place.roots[index] else { continue }
      if !roots.isEmpty || set.paths.contains(where: { $0.mayMatch(below: folder) }) { return true }
    }
    return false
  }

  /// The set that a folder belongs to, found from the top.
  func set(ofFolder path: Bytes) -> String? {
    var place = top
    for end in path.indices where path[end] == .slash { place = self.place(of: Array(path[..<end]), in: place) }
    return owner(of: path, isFile: false, in: place).set.map { names[$0] }
  }

  private func isDatabase(_ path: Bytes, _ pattern: PathPattern) -> Bool {
    if pattern.matches(path) { return true }
    return Self.companions.contains {
      path.count > $0.count && path.suffix($0.count).elementsEqual($0)
        && pattern.matches(path.dropLast($0.count))
    }
  }

  private func roots(of path: Bytes, _ set: Files, _ above: [Int]?) -> [Int]? {
    guard var roots = above else { return nil }
    if set.excludesFromTop.contains(where: { $0.matches(path) }) { return nil }
    if !set.excludes.isEmpty {
      // A folder that was matched itself is below none of what was matched.
      for root in roots where root < path.count {
        if set.excludes.contains(where: { $0.matches(path[(root + 1)...]) }) { return nil }
      }
    }
    if set.paths.contains(where: { $0.matches(path) }) {
      // Without excludes one root says as much as many.
      if set.excludes.isEmpty { roots.removeAll() }
      roots.append(path.count)
    }
    return roots
  }
}
