import Glibc

/// Removes a folder with all that is in it, following no link.
enum TreeRemoval {
  /// What cannot be removed stays.
  ///
  /// - Returns: whether nothing is left.
  @discardableResult
  static func remove(_ path: String) -> Bool {
    if let top = OpenFolder(path) { empty(top) }
    return rmdir(path) == 0 || errno == ENOENT
  }

  private static func empty(_ top: OpenFolder) {
    var cursor = FolderCursor(top)
    // A folder comes up twice: to be emptied, and then to go.
    var steps: [(folder: Bytes, isEmptied: Bool)] = [([], false)]
    while let step = steps.popLast() {
      guard !step.isEmptied else {
        if let parent = cursor.open(step.folder.parent) {
          step.folder.lastName.withCPath { _ = unlinkat(parent.descriptor, $0, AT_REMOVEDIR) }
        }
        continue
      }
      guard let folder = cursor.open(step.folder) else { continue }
      // Whoever is not root needs the right to write in it.
      fchmod(folder.descriptor, 0o700)
      if !step.folder.isEmpty { steps.append((step.folder, true)) }
      for name in folder.names() ?? [] where name.withCPath({ unlinkat(folder.descriptor, $0, 0) }) != 0 {
        steps.append((step.folder.isEmpty ? name : step.folder + [.slash] + name, false))
      }
    }
  }
}
