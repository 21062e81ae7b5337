import BerthFiles
import BerthKit
import Glibc

/// Replaces one folder of an instance, and takes that back.
///
/// Both the present folder and the unpacked one may hold links that somebody made to lead elsewhere: whatever lies below
/// the two is reached name by name, and no link is followed.
struct Replacement {
  let order: ReplaceOrder
  /// Called before each change; tests break off there.
  var step: () throws -> Void = {}

  init(_ order: ReplaceOrder) { self.order = order }

  func replace(keeping kept: [String]) throws {
    guard HostPath.info(order.aside) == nil else { throw BerthError.inTheWay(order.aside) }
    let staged = HostPath.info(order.staged)
    if HostPath.info(order.folder) == nil {
      guard errno == ENOENT else { throw BerthError.fileSystem("cannot look at", order.folder) }
      // It was lost, and what takes its place is like the unpacked one.
      guard let like = staged ?? HostPath.info(WholeFile.folder(of: order.folder)) else {
        throw BerthError.fileSystem("cannot make the folder", order.folder)
      }
      try make(order.folder, owner: (like.st_uid, like.st_gid))
    }
    guard let info = HostPath.info(order.folder), info.st_mode & S_IFMT == S_IFDIR else {
      throw BerthError.fileSystem("not a folder:", order.folder)
    }
    try step()
    try rename(order.folder, order.aside)
    try step()
    if staged != nil { try putInPlace() } else { try make(order.folder) }
    try step()
    guard let old = OpenFolder(order.aside), let new = OpenFolder(order.folder) else {
      throw BerthError.fileSystem("cannot open the folder", order.folder)
    }
    var move = KeptMove(from: old, to: new, step: step)
    for path in kept { try move.move(FileName.bytes(typed: path)) }
    try FolderLook(info).apply(to: new.descriptor, order.folder)
    try flush()
  }

  func putBack(keeping kept: [String]) throws {
    guard let old = OpenFolder(order.aside) else {
      if errno == ENOENT { return }
      throw BerthError.fileSystem("cannot open the folder", order.aside)
    }
    if let new = OpenFolder(order.folder) {
      var move = KeptMove(from: new, to: old, step: step)
      for path in kept { try move.moveBack(FileName.bytes(typed: path)) }
      try step()
      // Back to where it was unpacked, which goes afterwards: others may put things into it for as long as it is there.
      if !HostPath.rename(order.folder, to: order.staged), !TreeRemoval.remove(order.folder) {
        throw BerthError.fileSystem("cannot remove", order.folder)
      }
    }
    try step()
    try rename(order.aside, order.folder)
    try flush()
  }

  /// What was unpacked lies on another disk where the operator has put the folder there by a link.
  private func putInPlace() throws {
    guard !HostPath.rename(order.staged, to: order.folder) else { return }
    guard errno == EXDEV, let from = HostPath.parent(of: order.staged), let to = HostPath.parent(of: order.folder)
    else {
      throw BerthError.fileSystem("cannot move '\(order.staged)' to", order.folder)
    }
    do {
      try TreeCopy.copy(from, to: to, path: order.staged) {
        BerthError.fileSystem("cannot copy '\(order.staged)' to", order.folder)
      }
    } catch {
      TreeRemoval.remove(to.name, in: to.folder)
      throw error
    }
  }

  private func rename(_ from: String, _ to: String) throws {
    guard HostPath.rename(from, to: to) else { throw BerthError.fileSystem("cannot move '\(from)' to", to) }
  }

  private func make(_ path: String, owner: (user: uid_t, group: gid_t)? = nil) throws {
    guard let made = HostPath.makeFolder(path),
      owner.map({ fchown(made.descriptor, $0.user, $0.group) == 0 }) ?? true
    else { throw BerthError.fileSystem("cannot make the folder", path) }
  }

  /// Makes the renames outlast a power cut.
  private func flush() throws {
    for path in Set([order.folder, order.aside].map { WholeFile.folder(of: $0) }) {
      guard let folder = OpenFolder(path) else { continue }
      fsync(folder.descriptor)
    }
  }
}

/// Owner, mode and times of a folder.
struct FolderLook {
  private let info: stat

  init(_ info: stat) { self.info = info }

  func apply(to descriptor: Int32, _ path: String) throws {
    var now = stat()
    guard fstat(descriptor, &now) == 0 else { throw BerthError.fileSystem("cannot look at", path) }
    if (now.st_uid, now.st_gid) != (info.st_uid, info.st_gid), fchown(descriptor, info.st_uid, info.st_gid) != 0 {
      throw BerthError.fileSystem("cannot give away", path)
    }
    guard fchmod(descriptor, info.st_mode & 0o7777) == 0 else { throw BerthError.fileSystem("cannot set up", path) }
    applyTimes(to: descriptor)
  }

  func applyTimes(to descriptor: Int32) {
    let times = [info.st_atim, info.st_mtim]
    futimens(descriptor, times)
  }
}
