import BerthKit
import Foundation
import TestSupport
import Testing

@testable import BerthFiles
@testable import BerthHost

/// Files of root's in the folders of an instance's user, who may put anything else in their place.
@Suite("Files that are not the user's of the folder they lie in")
struct OwnerWalkTests {
  private static let user: uid_t = 1_900_012_345
  /// Root walks for another user. Anybody else walks for a user who owns none of these files.
  private static let isRoot = geteuid() == 0
  private let folder: Folder
  private let files = LinuxFileTree(identities: { $0 == "berth-x" ? (Self.user, Self.user) : nil })
  private let owner = FileOwner(user: "berth-x")
  private var data: String { "\(folder.path)/state/instances/demo/default/data" }
  private var outside: String { "\(folder.path)/outside" }

  init() throws {
    folder = try Folder()
    for path in [data, "\(data)/world", outside] { try files.makeFolder(path, mode: 0o700, owner: nil) }
    try files.write("root's own", to: "\(outside)/shadow", mode: 0o600, owner: nil, anchor: nil)
    guard Self.isRoot else { return }
    for path in [data, "\(data)/world"] { #expect(chown(path, Self.user, Self.user) == 0) }
    try put("world/mine", Self.user, 0o600)
  }

  private func put(_ name: String, _ user: uid_t, _ mode: mode_t) throws {
    try files.write(name, to: "\(data)/\(name)", mode: UInt16(mode), owner: nil, anchor: nil)
    #expect(chown("\(data)/\(name)", user, user) == 0)
  }

  private func owner(_ path: String) -> uid_t? {
    var info = stat()
    return lstat(path, &info) == 0 ? info.st_uid : nil
  }

  private func mode(_ path: String) -> mode_t? {
    var info = stat()
    return lstat(path, &info) == 0 ? info.st_mode & 0o7777 : nil
  }

  private func found(isDeep: Bool = true) -> ForeignFiles { files.foreignFiles(in: [data], of: owner, isDeep: isDeep) }

  @Test("nothing is found where everything is the user's")
  func none() {
    guard Self.isRoot else { return #expect(found().count > 0) }
    #expect(found() == ForeignFiles())
  }

  @Test("root's files and folders are found and given to the user, who can read and write them then")
  func given() throws {
    guard Self.isRoot else { return #expect(found().count > 0) }
    try put("world/map", 0, 0o600)
    try put("list", 0, 0o400)
    try files.makeFolder("\(data)/mods", mode: 0o000, owner: nil)
    try put("mods/deep", 0, 0o6755)
    #expect(found().count == 4 && found().paths.count == 3 && found().sharedCount == 0)
    #expect(found(isDeep: false).paths == ["\(data)/list", "\(data)/mods"])
    try files.giveForeignFiles(in: [data], to: owner)
    #expect(found() == ForeignFiles())
    #expect(mode("\(data)/list") == 0o600 && mode("\(data)/mods") == 0o700 && mode("\(data)/mods/deep") == 0o755)
    #expect(mode("\(data)/world/map") == 0o600)
  }

  @Test("the folder itself counts, and one that is not there has nothing")
  func top() throws {
    guard Self.isRoot else { return #expect(found().count > 0) }
    #expect(chown(data, 0, 0) == 0)
    #expect(found().paths == [data])
    try files.giveForeignFiles(in: [data, "\(data)/none"], to: owner)
    #expect(owner(data) == Self.user)
  }

  @Test("no link is followed, and a file that has another name elsewhere stays root's")
  func hostile() throws {
    guard Self.isRoot else { return #expect(found().count > 0) }
    symlink("\(outside)/shadow", "\(data)/link")
    symlink(outside, "\(data)/world/folder")
    #expect(Glibc.link("\(outside)/shadow", "\(data)/name") == 0)
    #expect(found().count == 0 && found().shared == ["\(data)/name"])
    try files.giveForeignFiles(in: [data], to: owner)
    #expect(owner("\(outside)/shadow") == 0 && owner(outside) == 0 && owner("\(data)/link") == 0)
    // The control: a call that goes by the path gives root's file away.
    #expect(chown("\(data)/name", Self.user, Self.user) == 0)
    #expect(owner("\(outside)/shadow") == Self.user)
  }

  @Test("what a file system keeps for itself stays as it is, at the top only")
  func lost() throws {
    guard Self.isRoot else { return #expect(found().count > 0) }
    for path in ["\(data)/lost+found", "\(data)/world/lost+found"] {
      try files.makeFolder(path, mode: 0o700, owner: nil)
    }
    #expect(found().paths == ["\(data)/world/lost+found"])
  }

  @Test("what is mounted in there is the operator's")
  func mounted() throws {
    guard Self.isRoot else { return #expect(found().count > 0) }
    try files.makeFolder("\(data)/disk", mode: 0o755, owner: nil)
    #expect(chown("\(data)/disk", Self.user, Self.user) == 0)
    guard mount("berth-test", "\(data)/disk", "tmpfs", 0, nil) == 0 else { return }
    defer { umount2("\(data)/disk", Int32(MNT_DETACH)) }
    try files.write("theirs", to: "\(data)/disk/film", mode: 0o600, owner: nil, anchor: nil)
    #expect(owner("\(data)/disk") == 0 && found() == ForeignFiles())
    try files.giveForeignFiles(in: [data], to: owner)
    #expect(owner("\(data)/disk/film") == 0)
  }

  @Test("what is the user's own and closed to it by its mode is found, and opened")
  func closed() throws {
    guard Self.isRoot else { return #expect(found().count > 0) }
    try files.makeFolder("\(data)/inner", mode: 0o700, owner: nil)
    #expect(chown("\(data)/inner", Self.user, Self.user) == 0)
    try put("inner/locked", Self.user, 0o640)
    try put("inner/fine", Self.user, 0o400)
    #expect(chmod("\(data)/inner/locked", 0) == 0)
    #expect(found().closed == ["\(data)/inner/locked"] && found().count == 0)
    #expect(chmod("\(data)/inner", 0) == 0)
    #expect(found().closed == ["\(data)/inner", "\(data)/inner/locked"])
    try files.giveForeignFiles(in: [data], to: owner)
    #expect(found() == ForeignFiles())
    #expect(mode("\(data)/inner") == 0o700 && mode("\(data)/inner/locked") == 0o600)
    #expect(mode("\(data)/inner/fine") == 0o400)
  }
}
