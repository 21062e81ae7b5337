/// What is mounted on a host now, as proc_pid_mountinfo(5) lists it.
public struct MountedTrees: Sendable {
  public static let file = "/proc/self/mountinfo"

  private struct Tree {
    /// Its file system, as `major:minor`.
    let device: Substring
    /// What of the file system is mounted.
    let root: String
    /// The folder it is mounted on.
    let place: String
  }

  private let trees: [Tree]

  public init(_ text: String) {
    trees = text.split(separator: "\n").compactMap { line in
      let fields = line.split(separator: " ")
      guard fields.count > 5 else { return nil }
      return Tree(
        device: fields[2], root: MountTable.unescaped(fields[3]), place: MountTable.unescaped(fields[4]))
    }
  }

  /// The path by which a file is reached without bind mounts: that of the same file below the mount that has the most of its
  /// file system. Two paths of one file get one path.
  ///
  /// - Parameter path: absolute and without links. What it names need not exist.
  public func origin(of path: String) -> String {
    guard let tree = tree(of: path) else { return path }
    let inside = Self.joined(tree.root, Self.rest(of: path, below: tree.place))
    let others = trees.filter { $0.device == tree.device && Self.isIn(inside, $0.root) }
    for other in others.sorted(by: { $0.root.utf8.count < $1.root.utf8.count }) {
      let origin = Self.joined(other.place, Self.rest(of: inside, below: other.root))
      // What is mounted over it hides it.
      if let seen = self.tree(of: origin), seen.place == other.place, seen.root == other.root { return origin }
    }
    return path
  }

  /// The mount that a path is on: of those on the way to it the deepest one, and of those on one folder the last.
  private func tree(of path: String) -> Tree? {
    trees.reduce(nil) { best, tree in
      guard Self.isIn(path, tree.place) else { return best }
      return best.map { $0.place.utf8.count > tree.place.utf8.count } ?? false ? best : tree
    }
  }

  private static func isIn(_ path: String, _ folder: String) -> Bool {
    folder == "/" || path == folder || path.hasPrefix("\(folder)/")
  }

  /// What follows a folder in a path; nothing, or what begins with a slash.
  private static func rest(of path: String, below folder: String) -> Substring {
    folder == "/" ? (path == "/" ? "" : path[...]) : path.dropFirst(folder.count)
  }

  private static func joined(_ folder: String, _ rest: Substring) -> String {
    rest.isEmpty ? folder : folder == "/" ? String(rest) : folder + rest
  }
}
