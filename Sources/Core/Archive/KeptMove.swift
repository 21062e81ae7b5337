import BerthFiles
import BerthKit
import Glibc

/// Moves what is kept from one folder's tree to another's.
struct KeptMove {
  private var from: FolderCursor
  private var to: FolderCursor
  private let step: () throws -> Void

  init(from: OpenFolder, to: OpenFolder, step: @escaping () throws -> Void) {
    self.from = FolderCursor(from)
    self.to = FolderCursor(to)
    self.step = step
  }

  /// Moves a file or folder, making the folders on its way like those where it was.
  mutating func move(_ path: Bytes) throws {
    guard let source = from.open(path.parent), let info = source.info(path.lastName) else {
      // It was removed since it was looked for.
      if TreeWalk.isGone(errno) { return }
      throw failure("cannot look at", path)
    }
    let target = try folder(path.parent)
    if let there = target.info(path.lastName) {
      // A folder that holds nothing has nothing to give.
      let areFolders = info.st_mode & there.st_mode & S_IFMT == S_IFDIR && info.st_mode & S_IFMT == S_IFDIR
      if areFolders, source.folder(path.lastName)?.names()?.isEmpty == true { return }
      throw BerthError.inTheWay(FileName.text(path))
    }
    try rename(path, source, target)
  }

  /// Moves a file or folder back to where it was, when it is not there. What others remove, or put in its place, at that
  /// very moment is their affair.
  mutating func moveBack(_ path: Bytes) throws {
    guard let source = from.open(path.parent), source.info(path.lastName) != nil,
      let target = to.open(path.parent), target.info(path.lastName) == nil
    else { return }
    try rename(path, source, target, passesOver: [ENOENT, ENOTDIR, ELOOP, EEXIST, ENOTEMPTY, EISDIR])
  }

  private func rename(
    _ path: Bytes, _ source: OpenFolder, _ target: OpenFolder, passesOver: Set<Int32> = []
  ) throws {
    try step()
    let looks = [source, target].compactMap { folder in folder.info.map { (folder, FolderLook($0)) } }
    let status = path.lastName.withCPath { renameat(source.descriptor, $0, target.descriptor, $0) }
    guard status == 0 else {
      if passesOver.contains(errno) { return }
      throw failure("cannot move", path)
    }
    for (folder, look) in looks { look.applyTimes(to: folder.descriptor) }
  }

  /// Opens a folder of the target's tree, which is made where it is missing.
  private mutating func folder(_ path: ArraySlice<UInt8>) throws -> OpenFolder {
    if let there = to.open(path) { return there }
    guard errno == ENOENT else { throw BerthError.inTheWay(FileName.text(path)) }
    var reached = to.top
    var names: Bytes = []
    for name in path.split(separator: .slash) {
      names += (names.isEmpty ? [] : [.slash]) + name
      if let next = reached.folder(name) {
        reached = next
        continue
      }
      guard errno == ENOENT else { throw BerthError.inTheWay(FileName.text(names)) }
      try step()
      guard let model = from.open(names)?.info, name.withCPath({ mkdirat(reached.descriptor, $0, 0o700) }) == 0,
        let next = reached.folder(name)
      else { throw failure("cannot make the folder", names) }
      try FolderLook(model).apply(to: next.descriptor, FileName.text(names))
      reached = next
    }
    to.forget()
    return reached
  }

  private func failure(_ action: String, _ path: some Sequence<UInt8>) -> BerthError {
    .fileSystem(action, FileName.text(path))
  }
}
