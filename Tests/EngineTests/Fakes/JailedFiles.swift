import BerthHost
import BerthKit
import TestSupport
import Testing

/// The real file tree below a temporary folder: what Berth takes for `/` is that folder.
///
/// It is a fake because the paths of the system scope are fixed, and no test may write to them. Owners are checked and
/// then left out, since only root can give a file away.
struct JailedFiles: FileTree {
  /// Kept, since the folder goes with its last owner.
  let folder: Folder
  let fault: Fault
  let users: FakeUsers
  private let real = LinuxFileTree()

  private var root: String { folder.path }

  init(folder: Folder, fault: Fault, users: FakeUsers) {
    self.folder = folder
    self.fault = fault
    self.users = users
  }

  func exists(_ path: String) -> Bool { real.exists(root + path) }
  func changeable(onTheWayTo path: String) -> String? { real.changeable(onTheWayTo: root + path) }
  func isFolder(_ path: String) -> Bool { real.isFolder(root + path) }
  func isFile(_ path: String) -> Bool { real.isFile(root + path) }
  /// As far as the mode tells; no file here is given away.
  func isOwners(_ path: String, mode: UInt16, owner: FileOwner?) -> Bool {
    real.isOwners(root + path, mode: mode, owner: nil)
  }
  func mayRead(_ path: String, _ user: FileOwner?) -> Bool { real.mayRead(root + path, nil) }
  /// No file here is given away, so that its owner tells nothing but where a test says it.
  func ownership(of folder: String) -> FolderAccess? {
    guard users.closed.withLock({ $0.contains(folder) }) else { return nil }
    return FolderAccess(FileNumbers(user: 0, group: 0), names: ("root", "root"), mode: 0o755)
  }
  func isExecutable(_ path: String) -> Bool { real.isExecutable(root + path) }
  func list(_ folder: String) throws -> [String] { try real.list(root + folder) }
  func read(_ path: String) throws -> String { try real.read(root + path) }

  func realPath(_ path: String) -> String {
    let resolved = real.realPath(root + path)
    guard resolved.hasPrefix(root) else { return path }
    return resolved.count == root.count ? "/" : String(resolved.dropFirst(root.count))
  }

  func write(_ text: String, to path: String, mode: UInt16, owner: FileOwner?, anchor: String?) throws {
    try checkOwner(owner, of: path)
    try fault.act("write \(path)") {
      try real.write(text, to: root + path, mode: mode, owner: nil, anchor: anchor.map { root + $0 })
    }
  }

  func makeFolder(_ path: String, mode: UInt16, owner: FileOwner?) throws {
    try checkOwner(owner, of: path)
    try fault.act("make folder \(path)") { try real.makeFolder(root + path, mode: mode, owner: nil) }
  }

  func makeLink(_ path: String, to target: String) throws {
    try fault.act("link \(path)") { try real.makeLink(root + path, to: root + target) }
  }

  func copy(_ path: String, to target: String, mode: UInt16) throws {
    try fault.act("copy \(path)") { try real.copy(root + path, to: root + target, mode: mode) }
  }

  func move(_ path: String, to target: String) throws {
    try fault.act("move \(path)") { try real.move(root + path, to: root + target) }
  }

  func exchange(_ path: String, with other: String) throws {
    try fault.act("exchange \(path)") { try real.exchange(root + path, with: root + other) }
  }

  func remove(_ path: String) throws { try fault.act("remove \(path)") { try real.remove(root + path) } }

  func removeFolderIfEmpty(_ path: String) { if !fault.isDead { real.removeFolderIfEmpty(root + path) } }
  func usedBytes(_ path: String) -> Int64? { real.usedBytes(root + path) }
  func room(in folder: String) -> DiskRoom? { fault.room(real.room(in: root + folder)) }
  func isOneFileSystem(_ path: String, _ other: String) -> Bool { real.isOneFileSystem(root + path, root + other) }

  func changeOwner(of folder: String, from former: FileNumbers, to now: FileNumbers) throws {
    try fault.act("change the owner of \(folder) from \(former.user) to \(now.user)") {}
  }

  /// No file here is given away.
  func foreignFiles(in folders: [String], of owner: FileOwner, isDeep: Bool) -> ForeignFiles { ForeignFiles() }
  func giveForeignFiles(in folders: [String], to owner: FileOwner) throws {}

  // Nothing of a test has to outlast a power cut.
  func unpinRemoved(_ folder: String) { real.unpinRemoved(root + folder) }
  func unpin(_ folder: String) { real.unpin(root + folder) }
  func flush(_ folders: Set<String>) {}

  /// A file is given only to a user that exists by then.
  private func checkOwner(_ owner: FileOwner?, of path: String) throws {
    guard let owner, !users.exists(owner.user), !fault.isDead else { return }
    Issue.record("\(path) is given to '\(owner.user)', who does not exist")
    throw BerthError("unknown-user", .failure, "there is no user '\(owner.user)'")
  }
}
