import Glibc

/// Looks at everything in a folder, by descriptors: nobody who may write in there can lead elsewhere.
package enum TreeVisit {
  /// What came of it.
  package enum End: Equatable {
    case whole
    /// A folder could not be opened or listed.
    case unreadable
    case tooDeep
  }

  /// - Parameter look: called with the folder that holds it, its name, and what it is; a link is itself.
  package static func visit(
    _ folder: OpenFolder, _ look: (_ folder: OpenFolder, _ name: Bytes, _ info: stat) throws -> Void
  ) rethrows -> End {
    try visit(folder, TreeWalkLimit.depth, look)
  }

  private static func visit(
    _ folder: OpenFolder, _ left: Int, _ look: (OpenFolder, Bytes, stat) throws -> Void
  ) rethrows -> End {
    guard left > 0 else { return .tooDeep }
    guard let names = folder.names() else { return .unreadable }
    var end = End.whole
    for name in names {
      // What has gone since the folder was opened is passed over.
      guard let info = folder.info(name) else { continue }
      try look(folder, name, info)
      guard info.st_mode & S_IFMT == S_IFDIR else { continue }
      guard let inner = folder.folder(name) else {
        if ![ENOENT, ENOTDIR, ELOOP].contains(errno) { end = .unreadable }
        continue
      }
      let below = try visit(inner, left - 1, look)
      if below != .whole { end = below }
    }
    return end
  }
}
