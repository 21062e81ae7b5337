import BerthFiles
import BerthKit
import Glibc

/// Finds what belongs to sets of files, in the order of the names' bytes, each folder before what is in it.
///
/// The folders belong to another user: no link below them is followed, and what disappears meanwhile is passed over.
struct TreeWalk {
  struct Found {
    var entry: FileEntry
    /// Bytes on the disk; less than the size where there are holes.
    var held: Int64 = 0
    /// The same file in the backup before, when it did not change since.
    var former: FileEntry?
    /// Tells a file with several names; nil for one with a single name.
    var identity: Identity?
  }

  struct Identity: Hashable {
    var device: UInt64
    var inode: UInt64
  }

  private struct Step {
    var found: Found
    /// What is known of the folder it lies in.
    var place: Selection.Place
  }

  let selection: Selection
  /// The numbers of the sets.
  let wanted: Set<Int>
  private(set) var found: [Found] = []
  /// What was left out.
  private(set) var remarks = ArchiveRemarks()
  /// Folders on the way that belong to none of the sets, and come along when something in them is found.
  private var onTheWay: [Found] = []

  init(_ selection: Selection, _ wanted: Set<Int>) {
    self.selection = selection
    self.wanted = wanted
  }

  mutating func walk(_ name: String, at folder: String) throws {
    guard let top = OpenFolder(folder), let info = top.info else {
      if errno == ENOENT { return }
      throw BerthError.fileSystem("cannot read", folder)
    }
    guard let root = Self.found(Array(name.utf8), info) else { return }
    let depth = root.entry.path.count
    var cursor = FolderCursor(top)
    var steps = [Step(found: root, place: selection.top)]
    onTheWay = []
    while let step = steps.popLast() {
      let path = step.found.entry.path
      while let last = onTheWay.last, !path.isOrIsBelow(last.entry.path) { onTheWay.removeLast() }
      note(step)
      guard step.found.entry.kind == .folder else { continue }
      let place = selection.place(of: path, in: step.place)
      guard selection.mayHold(wanted, below: path, place) else { continue }
      steps += try children(of: path, &cursor, path.dropFirst(depth + 1), place)
    }
  }

  /// The last child comes first, as steps are taken from the end.
  private mutating func children(
    of path: Bytes, _ cursor: inout FolderCursor, _ below: ArraySlice<UInt8>, _ place: Selection.Place
  ) throws -> [Step] {
    guard let folder = cursor.open(below), let names = folder.names() else {
      if let kind = Self.gone(errno) {
        remarks.note(kind, FileName.text(path))
        return []
      }
      throw BerthError.unreadable(path, cause: String(cString: strerror(errno)))
    }
    var steps: [Step] = []
    steps.reserveCapacity(names.count)
    for name in names.reversed() {
      let child = path + [.slash] + name
      var isWanted: Bool { self.isWanted(selection.owner(of: child, isFile: false, in: place)) }
      guard let info = folder.info(name) else {
        guard let kind = Self.gone(errno) else {
          throw BerthError.unreadable(child, cause: String(cString: strerror(errno)))
        }
        if isWanted { remarks.note(kind, FileName.text(child)) }
        continue
      }
      guard FileListLine.isNameable(child) else {
        if isWanted { remarks.note(.deep, FileName.text(child)) }
        continue
      }
      if var found = Self.found(child, info) {
        if found.entry.kind == .link {
          guard let target = folder.target(of: name) else {
            if isWanted { remarks.note(Self.gone(errno) ?? .exchanged, FileName.text(child)) }
            continue
          }
          found.entry.target = target
        }
        steps.append(Step(found: found, place: place))
      } else if isWanted {
        remarks.note(.special, FileName.text(child))
      }
    }
    return steps
  }

  private mutating func note(_ step: Step) {
    var found = step.found
    let owner = selection.owner(of: found.entry.path, isFile: found.entry.kind == .file, in: step.place)
    found.entry.set = owner.set.map { selection.names[$0] }
    if isWanted(owner) {
      self.found += onTheWay
      onTheWay = []
      self.found.append(found)
    } else if found.entry.kind == .folder {
      onTheWay.append(found)
    }
  }

  private func isWanted(_ owner: Selection.Owner) -> Bool {
    if case .files(let set) = owner { wanted.contains(set) } else { false }
  }

  static func found(_ path: Bytes, _ info: stat) -> Found? {
    guard let entry = FileEntry(path: path, info) else { return nil }
    var found = Found(entry: entry)
    if entry.kind == .file {
      found.held = min(entry.size, Int64(info.st_blocks) * 512)
      if info.st_nlink > 1 { found.identity = Identity(device: UInt64(info.st_dev), inode: UInt64(info.st_ino)) }
    }
    return found
  }

  /// What an error says of something that was seen before, where it was removed or replaced; nil for other errors.
  static func gone(_ number: Int32) -> ArchiveRemarks.Kind? {
    switch number {
    case ENOENT: .vanished
    case ENOTDIR, ELOOP, EINVAL: .exchanged
    default: nil
    }
  }

  static func isGone(_ number: Int32) -> Bool { gone(number) != nil }
}
