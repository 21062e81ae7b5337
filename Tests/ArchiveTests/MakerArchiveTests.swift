import BerthKit
import Foundation
import TestSupport
import Testing

@testable import BerthArchive

/// Archives of an app's maker: real ones, and such as nobody should make.
@Suite("An archive of an app's maker")
struct MakerArchiveTests {
  private typealias Member = HostileArchive.Member
  private let folder: Folder
  private var archive: String { "\(folder.path)/app.archive" }
  private var target: String { "\(folder.path)/app" }

  init() throws {
    folder = try Folder()
    try FileManager.default.createDirectory(atPath: target, withIntermediateDirectories: true)
    try FileManager.default.createDirectory(atPath: "\(folder.path)/outside", withIntermediateDirectories: true)
  }

  private static let good = [
    Member(path: "app-1.2/", type: 0o040000), Member(path: "app-1.2/bin/server", content: Array("run".utf8)),
    Member(path: "./app-1.2/lib/a.so.1", content: Array("lib".utf8)), Member(path: "README", content: Array("no".utf8)),
  ]

  private func unpack(_ archives: MakerArchives = MakerArchives(), strip: Int = 1) throws {
    try archives.unpack(archive, into: target, strip: strip) { _, _ in }
  }

  private func names() throws -> [String] { try FileManager.default.subpathsOfDirectory(atPath: target).sorted() }

  private func mode(_ path: String) throws -> Int? {
    try FileManager.default.attributesOfItem(atPath: "\(target)/\(path)")[.posixPermissions] as? Int
  }

  @Test(
    "is unpacked without its first folders, and everybody may run what is in it",
    arguments: [
      ("pax", "gzip"), ("gnutar", "bzip2"), ("ustar", "xz"), ("pax", "zstd"), ("pax", "none"), ("zip", "none"),
    ])
  func good(_ format: String, _ filter: String) throws {
    let link = Member(path: "app-1.2/lib/a.so", type: 0o120000, target: "a.so.1")
    try HostileArchive.write([link] + Self.good, to: archive, format, filter)
    try unpack()
    #expect(try names() == ["bin", "bin/server", "lib", "lib/a.so", "lib/a.so.1"])
    #expect(try String(contentsOfFile: "\(target)/lib/a.so", encoding: .utf8) == "lib")
    for path in ["bin", "bin/server", "lib"] { #expect(try mode(path) == 0o755) }
  }

  @Test("goes into what another one has left, but replaces nothing of it")
  func together() throws {
    try HostileArchive.write(Self.good, to: archive, "pax", "gzip")
    try unpack()
    try HostileArchive.write([Member(path: "x/bin/client", content: [1])], to: archive, "zip", "none")
    try unpack()
    #expect(try names() == ["bin", "bin/client", "bin/server", "lib", "lib/a.so.1"])
    #expect(throws: BerthError.self) { try unpack() }
  }

  @Test("keeps several names of one file, and links that stay inside")
  func links() throws {
    let more = [
      Member(path: "a/two", hardLink: "a/one"), Member(path: "a/deep/up", type: 0o120000, target: "../one"),
      Member(path: "a/dot", type: 0o120000, target: "./deep/."),
    ]
    try HostileArchive.write([Member(path: "a/one", content: [49])] + more, to: archive, "gnutar", "gzip")
    try unpack()
    for name in ["two", "deep/up", "dot/up"] {
      #expect(try String(contentsOfFile: "\(target)/\(name)", encoding: .utf8) == "1")
    }
  }

  /// What is wrong with a member, and how the refusal ends.
  private static let hostile: [(member: Member, says: String)] = [
    (Member(path: "/etc/evil", content: [1]), "has an absolute name"),
    (Member(path: "a/../../outside/evil", content: [1]), "has '..' in its name"),
    (Member(path: "..", type: 0o040000), "has '..' in its name"),
    (Member(path: "a/link", type: 0o120000, target: "/etc/passwd"), "is a link that leads out of the app's folder"),
    (Member(path: "a/link", type: 0o120000, target: "../outside"), "is a link that leads out of the app's folder"),
    (Member(path: "a/b/link", type: 0o120000, target: "../../x"), "is a link that leads out of the app's folder"),
    // Behind a link to its own folder, one step up is outside.
    (Member(path: "a/b/link", type: 0o120000, target: "dot/../.."), "is a link that leads out of the app's folder"),
    (Member(path: "a/name", hardLink: "/etc/passwd"), "has an absolute name"),
    (Member(path: "a/name", hardLink: "a/../../outside/x"), "has '..' in its name"),
    (Member(path: "a/name", hardLink: "top"), "is another name of a file that is left out"),
    (Member(path: "a/fifo", type: 0o010000), "is neither a file, a folder nor a link"),
    (Member(path: "a/device", type: 0o060000), "is neither a file, a folder nor a link"),
  ]

  @Test("with a member that leads elsewhere, or is no file, is refused", arguments: hostile.indices)
  func refused(_ index: Int) throws {
    let (member, says) = Self.hostile[index]
    try HostileArchive.write([Member(path: "a/good", content: [1]), member], to: archive, "gnutar", "gzip")
    #expect {
      try unpack()
    } throws: { error in
      let error = error as? BerthError
      return error?.code == "bad-archive" && error?.summary.hasSuffix(says) == true
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: "\(folder.path)/outside") == [])
  }

  @Test("writes nothing through a link of its own, whatever their order")
  func throughLink() throws {
    let link = Member(path: "a/way", type: 0o120000, target: "deep")
    for members in [[link, Member(path: "a/way/x", content: [1])], [Member(path: "a/way/x", content: [1]), link]] {
      try HostileArchive.write(members + [Member(path: "a/deep", type: 0o040000)], to: archive, "pax", "gzip")
      #expect(throws: BerthError.self) { try unpack() }
      #expect(!FileManager.default.fileExists(atPath: "\(target)/deep/x"))
      try FileManager.default.removeItem(atPath: target)
      try FileManager.default.createDirectory(atPath: target, withIntermediateDirectories: true)
    }
  }

  @Test(
    "that becomes a hundred times as large as it is, and larger than any may, is refused", arguments: ["pax", "zip"])
  func bomb(_ format: String) throws {
    let members = (1...4).map { Member(path: "a/\($0)", zeros: 1 << 20) }
    try HostileArchive.write(members, to: archive, format, format == "zip" ? "none" : "gzip")
    #expect {
      try unpack(MakerArchives(leastRoom: 2 << 20))
    } throws: {
      ($0 as? BerthError)?.code == "bad-archive"
    }
    try FileManager.default.removeItem(atPath: target)
    try FileManager.default.createDirectory(atPath: target, withIntermediateDirectories: true)
    try unpack(MakerArchives(leastRoom: 8 << 20))
  }

  @Test("that is cut off, empty or none at all is refused")
  func broken() throws {
    try HostileArchive.write(
      [Member(path: "a/x", content: Array(repeating: 7, count: 100_000))], to: archive, "pax", "none")
    let whole = try #require(FileManager.default.contents(atPath: archive))
    for part in [whole.prefix(50_000), Data("<html>not found</html>".utf8), Data()] {
      try part.write(to: URL(fileURLWithPath: archive))
      #expect {
        try unpack()
      } throws: {
        ($0 as? BerthError)?.code == "bad-archive"
      }
    }
  }

  @Test("what is settled may be read by everybody and changed by nobody else, programs stay programs")
  func settled() throws {
    let made = ["deep": 0o700, "deep/er": 0o777]
    try FileManager.default.createDirectory(atPath: "\(target)/deep/er", withIntermediateDirectories: true)
    for (name, mode) in ["data": 0o600, "deep/run": 0o4711, "deep/er/open": 0o666] {
      try Data().write(to: URL(fileURLWithPath: "\(target)/\(name)"))
      try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: "\(target)/\(name)")
    }
    for (name, mode) in made {
      try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: "\(target)/\(name)")
    }
    try FileManager.default.createSymbolicLink(atPath: "\(target)/out", withDestinationPath: "\(folder.path)/outside")
    let outside = try FileManager.default.attributesOfItem(atPath: "\(folder.path)/outside")[.posixPermissions] as? Int
    try MakerArchives().settle(target)
    for (name, mode) in ["data": 0o644, "deep": 0o755, "deep/run": 0o755, "deep/er": 0o755, "deep/er/open": 0o644] {
      #expect(try self.mode(name) == mode, "\(name)")
    }
    #expect(
      try FileManager.default.attributesOfItem(atPath: "\(folder.path)/outside")[.posixPermissions] as? Int == outside)
  }

  @Test("the checksum of a file is the one that sha256sum says")
  func digest() throws {
    try Data("abc".utf8).write(to: URL(fileURLWithPath: archive))
    #expect(
      try MakerArchives().digest(of: archive) { _, _ in }
        == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    #expect(throws: BerthError.self) { try MakerArchives().digest(of: target) { _, _ in } }
  }
}
