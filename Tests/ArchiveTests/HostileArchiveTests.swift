import BerthKit
import Foundation
import Testing

@testable import BerthArchive

@Suite("A hostile archive")
struct HostileArchiveTests {
  private let harbour: Harbour
  private var hostile: HostileArchive
  private var outside: String { "\(harbour.folder.path)/outside" }

  init() throws {
    harbour = try Harbour()
    hostile = HostileArchive(harbour.head("one"))
    hostile.add(file: "data/good", "good")
    try FileManager.default.createDirectory(atPath: "\(harbour.folder.path)/outside", withIntermediateDirectories: true)
  }

  /// Writes the archive, and finds it refused when it is verified.
  private func expectRefused(_ code: String = "bad-backup") throws {
    try hostile.write(to: harbour.archive("one"))
    #expect { try harbour.verify("one") } throws: { ($0 as? BerthError)?.code == code }
  }

  /// Finds that unpacking fails and leaves nothing.
  private func expectNotUnpacked(_ code: String = "bad-backup") throws {
    try hostile.write(to: harbour.archive("one"))
    let order = harbour.unpackOrder("one", index: false)
    #expect { try harbour.archives.unpack(order) { _, _ in } } throws: { ($0 as? BerthError)?.code == code }
    #expect(!FileManager.default.fileExists(atPath: order.target))
    try expectNothingOutside()
  }

  private func expectNothingOutside() throws {
    #expect(try FileManager.default.contentsOfDirectory(atPath: outside) == [])
  }

  /// Finds that what the list does not know is not unpacked.
  private func expectOnlyTheGood() throws {
    try hostile.write(to: harbour.archive("one"))
    let target = try harbour.unpack("one", index: false)
    #expect(try FileManager.default.subpathsOfDirectory(atPath: target).sorted() == ["data", "data/good"])
    try expectNothingOutside()
  }

  @Test("made by hand is taken as long as it is right")
  func good() throws {
    try hostile.write(to: harbour.archive("one"))
    try harbour.verify("one")
    try expectOnlyTheGood()
  }

  @Test(
    "with a member that leads elsewhere is refused",
    arguments: [
      "data/../../outside/evil", "../outside/evil", "/OUTSIDE/evil", "outside/evil", "data//evil", "data/./evil",
    ])
  mutating func places(path: String) throws {
    let path = path.replacingOccurrences(of: "/OUTSIDE", with: outside)
    hostile.members.append(.init(path: path, content: Array("evil".utf8)))
    try expectRefused()
    try expectOnlyTheGood()
    hostile.entries.append(HostileArchive.entry(path, "evil"))
    try expectRefused()
    try expectNotUnpacked()
  }

  @Test("that writes through a link is refused")
  mutating func throughLink() throws {
    hostile.add(link: "data/out", to: outside)
    hostile.add(file: "data/out/evil", "evil")
    try expectRefused()
    try expectNotUnpacked()
  }

  @Test("with a link out of the instance is unpacked, and the link not followed")
  mutating func linkOut() throws {
    hostile.add(link: "data/out", to: outside)
    try hostile.write(to: harbour.archive("one"))
    try harbour.verify("one")
    let target = try harbour.unpack("one", index: false)
    #expect(try FileManager.default.destinationOfSymbolicLink(atPath: "\(target)/data/out") == outside)
    try expectNothingOutside()
  }

  @Test("with a hard link to what is not in it is refused", arguments: ["data/none", "../outside", "/etc/passwd"])
  mutating func hardLink(target: String) throws {
    hostile.members.append(.init(path: "data/evil", hardLink: target))
    try expectRefused()
    var entry = HostileArchive.entry("data/evil", "evil")
    entry.hardLink = Array(target.utf8)
    hostile.entries.append(entry)
    try expectRefused()
    try expectNotUnpacked()
  }

  @Test("with devices, FIFOs or sockets is refused", arguments: [0o020000, 0o060000, 0o010000] as [UInt32])
  mutating func device(type: UInt32) throws {
    hostile.members.append(.init(path: "data/device", type: type))
    try expectRefused()
    try expectOnlyTheGood()
    hostile.entries.append(HostileArchive.entry("data/device", ""))
    try expectRefused()
    try expectNotUnpacked()
  }

  @Test("with two members of one name is refused")
  mutating func duplicate() throws {
    hostile.members.append(.init(path: "data/good", content: Array("evil".utf8)))
    try expectRefused()
    try expectOnlyTheGood()
    hostile.entries.append(HostileArchive.entry("data/good", "evil"))
    try expectRefused()
    try expectNotUnpacked()
  }

  @Test("that lacks a file of its list is refused")
  mutating func missing() throws {
    hostile.entries.append(HostileArchive.entry("data/gone", "gone"))
    try expectRefused()
    try expectNotUnpacked()
  }

  @Test(
    "with a file that is shorter, longer or another than its list says is refused", arguments: ["evi", "evil!", "live"])
  mutating func otherContent(content: String) throws {
    hostile.members.append(.init(path: "data/evil", content: Array(content.utf8)))
    hostile.entries.append(HostileArchive.entry("data/evil", "evil"))
    try expectRefused()
    try expectNotUnpacked()
  }

  @Test("that is a bomb is refused before it has filled the disk")
  mutating func bomb() throws {
    hostile.members.append(.init(path: "data/bomb", zeros: 64 << 20))
    hostile.entries.append(HostileArchive.entry("data/bomb", "tiny"))
    try expectRefused()
    try expectNotUnpacked()
    hostile.entries[2].size = 4_000_000_000_000_000
    try expectNotUnpacked("no-space")
  }

  @Test("whose list belongs to another backup is refused")
  mutating func otherList() throws {
    hostile.listID = "two"
    try expectRefused()
    try expectNotUnpacked()
  }

  @Test("of a newer format is refused as such")
  mutating func newer() throws {
    hostile.head.format = BackupHead.newestFormat + 1
    try expectRefused("backup-newer")
    #expect { try harbour.archives.head(of: harbour.archive("one")) } throws: {
      ($0 as? BerthError)?.code == "backup-newer"
    }
    try expectNotUnpacked("backup-newer")
  }

  @Test(
    "whose list has a line that Berth would not write is refused",
    arguments: [
      "./data/x type=file", "./data/x type=dir mode=0700 mode=0700", "x", "", "./data/x type=dir mode=0999",
      "./data/\\141 type=dir mode=0700 uid=0 gid=0 time=0.000000000 in=0 inode=0 ctime=0.000000000",
      "./data/x type=dir mode=0700 uid=0 gid=0 time=0.000000000 in=1 inode=0 ctime=0.000000000",
      "./data/x type=dir mode=0700 uid=99999999999 gid=0 time=0.000000000 in=0 inode=0 ctime=0.000000000",
      "./data/x type=dir mode=0700 uid=0 gid=0 time=0.0 in=0 inode=0 ctime=0.000000000",
      "./data/y/x type=dir mode=0700 uid=0 gid=0 time=0.000000000 in=0 inode=0 ctime=0.000000000",
    ])
  func lines(line: String) throws {
    var list = FileListWriter(id: Harbour.id("one"), number: 0, head: FileDigest())
    list.append(FileEntry(path: Array("data".utf8), kind: .folder, mode: 0o700))
    list.append(line: Array(line.utf8))
    let text = list.finished()
    #expect(throws: FileList.Problem.self) { try FileList(text) }
  }
}
