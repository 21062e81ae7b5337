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

  /// By the folder that each is mounted on; of several on one folder the last, which hides the others.
  private let places: [String: Tree]
  /// By file system, and by what of it is mounted, in the order in which they were.
  private let roots: [Substring: [String: [Tree]]]

  public init(_ text: String) {
    let trees = text.split(separator: "\n").compactMap { line -> Tree? in
      let fields = line.split(separator: " ")
      guard fields.count > 5 else { return nil }
      return Tree(
        device: fields[2], root: MountTable.unescaped(fields[3]), place: MountTable.unescaped(fields[4]))
    }
    places = Dictionary(trees.map { ($0.place, $0) }, uniquingKeysWith: { _, last in last })
    roots = Dictionary(grouping: trees, by: \.device).mapValues { Dictionary(grouping: $0, by: \.root) }
  }

  /// The path by which a file is reached without bind mounts: that of the same file below the mount that has the most of its
  /// file system. Two paths of one file get one path.
  ///
  /// - Parameter path: absolute and without links. What it names need not exist.
  public func origin(of path: String) -> String {
    guard let tree = tree(of: path) else { return path }
    let inside = Self.joined(tree.root, Self.rest(of: path, below: tree.place))
    for root in Self.way(to: inside) {
      for other in roots[tree.device]?[root] ?? [] {
        let origin = Self.joined(other.place, Self.rest(of: inside, below: root))
        // What is mounted over it hides it.
        if let seen = self.tree(of: origin), seen.place == other.place, seen.root == root { return origin }
      }
    }
    return path
  }

  /// The mount that a path is on: the deepest one on the way to it.
  private func tree(of path: String) -> Tree? { Self.way(to: path).reversed().lazy.compactMap { places[$0] }.first }

  /// The folders on the way to a path, from the root on, and the path itself.
  private static func way(to path: String) -> [String] {
    ["/"] + path.indices.dropFirst().filter { path[$0] == "/" }.map { String(path[..<$0]) }
      + (path == "/" ? [] : [path])
  }

  /// What follows a folder in a path; nothing, or what begins with a slash.
  private static func rest(of path: String, below folder: String) -> Substring {
    folder == "/" ? (path == "/" ? "" : path[...]) : path.dropFirst(folder.count)
  }

  private static func joined(_ folder: String, _ rest: Substring) -> String {
    rest.isEmpty ? folder : folder == "/" ? String(rest) : folder + rest
  }
}
