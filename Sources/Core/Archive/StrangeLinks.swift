import BerthFiles
import BerthKit

/// Where the symbolic links of an archive from elsewhere lead.
///
/// A link may climb from the folder that it lies in, which is a real one, and then go down. As it never climbs again, it
/// cannot climb from where another link has led, whichever of the links are there: so none of them leaves the instance's
/// own folders, alone or through others.
enum StrangeLinks {
  private static let folders = ScopePaths.ownFolders.map { Array($0.utf8) }

  /// The first link that may lead out; nil for none.
  static func first(in list: FileList) -> FileEntry? {
    for index in 0..<list.count {
      let entry = list.entry(index)
      if entry.kind == .link, leaves(entry.path, entry.target ?? []) { return entry }
    }
    return nil
  }

  static func leaves(_ path: Bytes, _ target: Bytes) -> Bool {
    guard let first = target.first, first != .slash else { return true }
    var folder = path.split(separator: .slash).dropLast()[...]
    var down: Bytes?
    for name in target.split(separator: .slash) where !name.elementsEqual([0x2e]) {
      guard name.elementsEqual([0x2e, 0x2e]) else {
        if down == nil { down = Bytes(name) }
        continue
      }
      guard down == nil, folder.popLast() != nil else { return true }
    }
    guard folder.isEmpty else { return false }
    // It has climbed to where the own folders lie, beside what is Berth's.
    return down.map { !folders.contains($0) } ?? true
  }
}
