import BerthFiles
import BerthKit
import Glibc

extension Replacement {
  /// What stays when the folder is replaced: the topmost ones of which nothing can be in the way of what is restored.
  func kept() throws -> [String] {
    guard let top = OpenFolder(order.folder) else {
      if errno == ENOENT { return [] }
      throw BerthError.fileSystem("cannot read", order.folder)
    }
    let keeping = Keeping(order)
    let name = Array(order.name.utf8)
    var cursor = FolderCursor(top)
    var kept: [Bytes] = []
    var steps = [(path: name, place: keeping.selection.place(of: name, in: keeping.selection.top))]
    while let (path, place) = steps.popLast() {
      guard let folder = cursor.open(path.dropFirst(name.count + 1)), let children = folder.names() else {
        if TreeWalk.isGone(errno) { continue }
        throw BerthError.unreadable(path, cause: String(cString: strerror(errno)))
      }
      var isEmpty = true
      for child in children.reversed() {
        let below = path + [.slash] + child
        guard let info = folder.info(child) else { continue }
        isEmpty = false
        // No backup has anything so deep: it goes with the folder that it lies in, or stays with it.
        guard FileListLine.isNameable(below) else {
          if keeping.stays(below, isFile: false, in: place) { kept.append(below) }
          continue
        }
        let isFolder = info.st_mode & S_IFMT == S_IFDIR
        let stays = keeping.stays(below, isFile: info.st_mode & S_IFMT == S_IFREG, in: place)
        let inside = keeping.selection.place(of: below, in: place)
        if isFolder, keeping.mustLook(below, inside, stays: stays) {
          steps.append((below, inside))
        } else if stays {
          kept.append(below)
        }
      }
      if isEmpty, path != name, keeping.stays(path, isFile: false, in: place) { kept.append(path) }
    }
    return kept.map { FileName.text($0.dropFirst(name.count + 1)) }.sorted()
  }
}

extension ReplaceOrder {
  /// Whether a file in the folder stays when that is replaced.
  ///
  /// - Parameter path: in the instance, such as `data/world/map.sqlite`.
  public func keeps(_ path: String) -> Bool {
    let keeping = Keeping(self)
    let path = Array(path.utf8)
    var place = keeping.selection.top
    for end in path.indices where path[end] == .slash {
      place = keeping.selection.place(of: Array(path[..<end]), in: place)
    }
    return keeping.stays(path, isFile: true, in: place)
  }
}

/// Which files stay when a folder is replaced.
private struct Keeping {
  let selection: Selection
  private let chosen: Set<Int>
  private let file: Bytes?
  private let dropsTheRest: Bool
  private static let companions = ["-wal", "-shm", "-journal"]

  init(_ order: ReplaceOrder) {
    let selection = Selection(order.sets)
    self.selection = selection
    chosen = Set(selection.names.indices.filter { order.chosen.contains(selection.names[$0]) })
    file = order.file.map { FileName.bytes(typed: $0) }
    dropsTheRest = order.dropsTheRest
  }

  func stays(_ path: Bytes, isFile: Bool, in place: Selection.Place) -> Bool {
    let owner = selection.owner(of: path, isFile: isFile, in: place)
    let isCovered =
      if let file {
        path.isOrIsBelow(file) || isBeside(path, file, owner)
      } else {
        owner.set.map { chosen.contains($0) } ?? false
      }
    if dropsTheRest { return !isCovered && owner.set != nil }
    return !isCovered
  }

  /// What SQLite has beside a database that is restored belongs to the former one.
  private func isBeside(_ path: Bytes, _ file: Bytes, _ owner: Selection.Owner) -> Bool {
    guard case .database = owner else { return false }
    return Self.companions.contains { path.elementsEqual(file + Array($0.utf8)) }
  }

  /// Whether what is in a folder has to be looked at one by one.
  func mustLook(_ folder: Bytes, _ place: Selection.Place, stays: Bool) -> Bool {
    if let file { return stays && file.isOrIsBelow(folder) }
    return stays ? selection.mayHold(chosen, below: folder, place) : true
  }
}
