import BerthHost
import BerthKit
import Foundation
import TestSupport
import Testing

/// Only root gives files away.
@Suite("Folders that go to another owner")
struct FolderOwnerTests {
  private let folder: Folder
  private let files = LinuxFileTree()

  init() throws { folder = try Folder() }

  private func owner(_ name: String) throws -> [uid_t] {
    var info = stat()
    try #require(lstat("\(folder.path)/\(name)", &info) == 0)
    return [info.st_uid, info.st_gid]
  }

  @Test("what belonged to the former owner goes to the new one, and all else keeps its owners; no link is followed")
  func changes() throws {
    let outside = try Folder()
    for name in ["in", "in/deep"] { try files.makeFolder("\(folder.path)/\(name)", mode: 0o700, owner: nil) }
    for name in ["in/own", "in/deep/own", "in/deep/other", "in/deep/half"] {
      try files.write("x", to: "\(folder.path)/\(name)", mode: 0o600, owner: nil, anchor: nil)
    }
    try files.write("x", to: "\(outside.path)/far", mode: 0o600, owner: nil, anchor: nil)
    try files.makeLink("\(folder.path)/in/link", to: outside.path)
    for path in ["in", "in/deep", "in/own", "in/deep/own", "in/link"] {
      #expect(lchown("\(folder.path)/\(path)", 900, 901) == 0)
    }
    #expect(chown("\(outside.path)/far", 900, 901) == 0 && chown(outside.path, 900, 901) == 0)
    #expect(chown("\(folder.path)/in/deep/other", 33, 34) == 0 && chown("\(folder.path)/in/deep/half", 33, 901) == 0)
    let (former, now) = (FileNumbers(user: 900, group: 901), FileNumbers(user: 700, group: 701))
    try files.changeOwner(of: "\(folder.path)/in", from: former, to: now)
    for path in ["in", "in/deep", "in/own", "in/deep/own", "in/link"] { #expect(try owner(path) == [700, 701]) }
    #expect(try owner("in/deep/other") == [33, 34] && owner("in/deep/half") == [33, 701])
    var info = stat()
    #expect(stat("\(outside.path)/far", &info) == 0 && info.st_uid == 900)
    // Done a second time it changes nothing.
    try files.changeOwner(of: "\(folder.path)/in", from: former, to: now)
    #expect(try owner("in/deep/own") == [700, 701])
    #expect(throws: BerthError.self) { try files.changeOwner(of: "\(folder.path)/in/link", from: now, to: former) }
    #expect(throws: BerthError.self) { try files.changeOwner(of: "\(folder.path)/none", from: now, to: former) }
  }
}
