import Glibc

/// Removes files, links, and folders with all that is in them, by descriptors: no link is followed, whatever others put
/// in the place of what is removed meanwhile. What is mounted in there stays: it is no part of the tree.
package enum TreeRemoval {
  /// What cannot be removed stays.
  ///
  /// - Returns: whether nothing is left; false with `errno`.
  @discardableResult
  package static func remove(_ path: String) -> Bool {
    guard let (folder, name) = HostPath.parent(of: path) else { return errno == ENOENT }
    return remove(name, in: folder)
  }

  /// The same for a name in a folder.
  @discardableResult
  package static func remove(_ name: Bytes, in folder: OpenFolder) -> Bool {
    if unlink(name, folder) || errno == ENOENT { return true }
    guard let top = folder.folder(name, onOneMount: true) else { return errno == ENOENT }
    empty(top)
    return removeFolder(name, folder) || errno == ENOENT
  }

  /// Folders that lie deeper are moved up first, so that neither descriptors nor stack run out in what somebody has
  /// nested on purpose.
  private static let depth = 100

  private static func empty(_ top: OpenFolder) {
    var moved = 0
    // What was moved up is met again, as often as something is.
    repeat {
      let before = moved
      empty(top, top, depth, &moved)
      if moved == before { return }
    } while true
  }

  private static func empty(_ folder: OpenFolder, _ top: OpenFolder, _ left: Int, _ moved: inout Int) {
    // Root takes it away from whoever owns it, so that nobody puts more into it than goes. Whoever is not root needs the
    // right to write in it.
    if geteuid() == 0 { fchown(folder.descriptor, 0, 0) }
    fchmod(folder.descriptor, 0o700)
    for name in folder.names() ?? [] where !unlink(name, folder) {
      guard left > 0 else {
        let place = Array(".berth-removed-\(moved)".utf8)
        let status = name.withCPath { old in
          place.withCPath { renameat(folder.descriptor, old, top.descriptor, $0) }
        }
        if status == 0 { moved += 1 }
        continue
      }
      guard let inner = folder.folder(name, onOneMount: true) else { continue }
      empty(inner, top, left - 1, &moved)
      _ = removeFolder(name, folder)
    }
  }

  private static func unlink(_ name: Bytes, _ folder: OpenFolder) -> Bool {
    name.withCPath { unlinkat(folder.descriptor, $0, 0) } == 0
  }

  private static func removeFolder(_ name: Bytes, _ folder: OpenFolder) -> Bool {
    name.withCPath { unlinkat(folder.descriptor, $0, AT_REMOVEDIR) } == 0
  }
}
