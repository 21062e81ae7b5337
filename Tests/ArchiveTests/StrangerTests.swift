import BerthKit
import Foundation
import Testing

@testable import BerthArchive

/// What an archive that anybody may have made does not get. The same archive gets it as one of Berth's own.
@Suite("An archive from elsewhere, unpacked")
struct StrangerTests {
  private static let stranger = ArchiveTrust.stranger(keepsOwners: false)
  private let harbour: Harbour
  private var hostile: HostileArchive

  init() throws {
    harbour = try Harbour()
    hostile = HostileArchive(harbour.head("one"))
    hostile.add(folder: "config")
    hostile.add(folder: "data/world")
    hostile.add(file: "data/world/map", "map")
    hostile.sort()
  }

  @Test(
    "with a link out of the instance's folders, by itself or through another link, is refused by the link's name",
    arguments: [
      ("data/config", "/etc"), ("data/world/up", "../../../etc"), ("data/world/up", "../.."), ("data/up", ".."),
      ("data/env", "../env"), ("data/up", "world/../../../etc"), ("data/up", "./../.."), ("data/up", "//etc"),
      ("data/dumps", "../dumps/db"),
    ])
  mutating func links(path: String, target: String) throws {
    hostile.add(link: path, to: target)
    hostile.sort()
    try hostile.write(to: harbour.archive("one"))
    let order = harbour.unpackOrder("one", index: false, trust: Self.stranger)
    for refusal in [
      #expect(throws: BerthError.self, performing: { try harbour.verify("one", trust: Self.stranger) }),
      #expect(throws: BerthError.self, performing: { try harbour.archives.unpack(order) { _, _ in } }),
    ] {
      #expect(refusal?.code == "strange-link" && refusal?.kind == .badInput)
      #expect(refusal?.summary.contains("'\(path)'") == true && refusal?.summary.contains("'\(target)'") == true)
    }
    #expect(!FileManager.default.fileExists(atPath: order.target))
    // An operator's own link comes back from Berth's own archives; nothing of Berth's follows it.
    try harbour.verify("one")
    let unpacked = try harbour.unpack("one", index: false)
    #expect(try FileManager.default.destinationOfSymbolicLink(atPath: "\(unpacked)/\(path)") == target)
  }

  @Test("with a member that its list does not have is refused whole, and not only when it is verified")
  mutating func unlisted() throws {
    hostile.members.append(.init(path: "data/world/zz", content: Array("beside".utf8)))
    try hostile.write(to: harbour.archive("one"))
    let order = harbour.unpackOrder("one", index: false, trust: Self.stranger)
    for refusal in [
      #expect(throws: BerthError.self, performing: { try harbour.verify("one", trust: Self.stranger) }),
      #expect(throws: BerthError.self, performing: { try harbour.archives.unpack(order) { _, _ in } }),
    ] {
      #expect(refusal?.code == "bad-backup", "\(String(describing: refusal))")
    }
    #expect(!FileManager.default.fileExists(atPath: order.target))
  }

  @Test("cannot leave through a link that leads inside and another that climbs behind it")
  mutating func chained() throws {
    hostile.add(link: "data/deep", to: "world")
    hostile.add(link: "data/out", to: "deep/../../../etc")
    hostile.sort()
    try hostile.write(to: harbour.archive("one"))
    let refusal = #expect(throws: BerthError.self) { try harbour.verify("one", trust: Self.stranger) }
    #expect(refusal?.summary.contains("'data/out'") == true)
  }

  @Test("that unpacks to far more than its size is refused before anything is written, unless that was confirmed")
  mutating func expands() throws {
    hostile.add(file: "data/zeros", String(repeating: "0", count: 2 << 20))
    hostile.sort()
    try hostile.write(to: harbour.archive("one"))
    let archives = TarArchives(bound: Expansion(always: 1 << 20, times: 0)) { _ in nil }
    let order = harbour.unpackOrder("one", index: false, trust: Self.stranger)
    let refusal = #expect(throws: BerthError.self) { try archives.unpack(order) { _, _ in } }
    #expect(refusal?.code == "archive-expands" && refusal?.kind == .badInput)
    let remedy = refusal.map { "\($0.remedy.map { "\($0)" } ?? "")" } ?? ""
    #expect(remedy.contains("size"), "\(remedy)")
    #expect(!FileManager.default.fileExists(atPath: order.target))
    for trust in [ArchiveTrust.own(list: nil), .stranger(keepsOwners: false, isBounded: false)] {
      _ = try archives.unpack(harbour.unpackOrder("one", index: false, trust: trust)) { _, _ in }
    }
    _ = try harbour.archives.unpack(order) { _, _ in }
    #expect(Expansion().most(of: 1 << 10) == 1 << 30 && Expansion().most(of: 1 << 30) == 100 << 30)
    #expect(Expansion().most(of: .max / 2) == .max)
  }

  @Test("with links within the instance's folders is unpacked with them")
  mutating func inside() throws {
    let links = [
      ("data/a", "world/map"), ("data/b", "./world"), ("data/world/c", "../../config/main.conf"), ("data/d", "a"),
      ("data/world/e", "../world/map"), ("data/f", "missing"),
    ]
    for (path, target) in links { hostile.add(link: path, to: target) }
    hostile.sort()
    try hostile.write(to: harbour.archive("one"))
    try harbour.verify("one", trust: Self.stranger)
    let order = harbour.unpackOrder("one", index: false, trust: Self.stranger)
    _ = try harbour.archives.unpack(order) { _, _ in }
    for (path, target) in links {
      #expect(try FileManager.default.destinationOfSymbolicLink(atPath: "\(order.target)/\(path)") == target)
    }
  }

  @Test(
    "with a link in the place of one of the instance's folders is refused, whoever made it",
    arguments: ["cache", "dumps"])
  mutating func ownFolders(name: String) throws {
    hostile.add(link: name, to: "data")
    hostile.sort()
    try hostile.write(to: harbour.archive("one"))
    for trust in [Self.stranger, .own(list: nil)] {
      #expect(throws: BerthError.self) { try harbour.verify("one", trust: trust) }
    }
  }

  private func mode(_ path: String) throws -> Int {
    try #require(try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int)
  }

  @Test("loses the bits by which a program acts as another user or group; Berth's own keeps them")
  mutating func privileges() throws {
    hostile.add(file: "data/shell", "#!/bin/sh", mode: 0o6755)
    hostile.sort()
    try hostile.write(to: harbour.archive("one"))
    let order = harbour.unpackOrder("one", index: false, trust: Self.stranger)
    _ = try harbour.archives.unpack(order) { _, _ in }
    #expect(try mode("\(order.target)/data/shell") == 0o755)
    // Root's own programs lose them anyway.
    if geteuid() != 0 { #expect(try mode("\(harbour.unpack("one", index: false))/data/shell") == 0o6755) }
  }

  @Test("gives all its files to the instance, and Berth's own those of other users to these")
  func owners() {
    var entry = FileEntry(path: Array("data/x".utf8), kind: .file, mode: 0o6755)
    (entry.user, entry.group) = (0, 0)
    let stranger = Ownership(from: nil, to: (700, 701), keepsPrivileges: false)
    #expect(stranger.numbers(of: entry) == (700, 701))
    #expect(stranger.mode(of: entry) == 0o755)
    #expect(Ownership(from: .init(user: 900, group: 901), to: (700, 701)).numbers(of: entry) == (0, 0))
  }

  @Test("whose numbers of users are not wanted has none")
  mutating func numbers() throws {
    hostile.head.owner = FileNumbers(user: 900, group: 901)
    try hostile.write(to: harbour.archive("one"))
    func owner(_ trust: ArchiveTrust) throws -> FileNumbers? {
      try BackupChain(harbour.unpackOrder("one", index: false, trust: trust)).owner
    }
    #expect(try owner(Self.stranger) == nil)
    #expect(try owner(.stranger(keepsOwners: true)) == hostile.head.owner)
    #expect(try owner(.own(list: nil)) == hostile.head.owner)
  }

  @Test("with the head of one that Berth made, over other files, is none of Berth's")
  mutating func otherFiles() throws {
    try hostile.write(to: harbour.archive("one"))
    let seal = try #require(try harbour.verify("one").seal)
    #expect(try harbour.verify("one", trust: .own(list: seal.list)).seal == seal)
    #expect(try harbour.archives.look(at: harbour.archive("one")).digest == seal.head)
    #expect(try harbour.archives.headDigest(of: harbour.archive("one")) == seal.head)
    hostile.add(file: "data/world/more", "more")
    hostile.sort()
    try hostile.write(to: harbour.archive("one"))
    #expect(try harbour.archives.headDigest(of: harbour.archive("one")) == seal.head)
    let order = harbour.unpackOrder("one", index: false, trust: .own(list: seal.list))
    #expect(throws: BerthError.self) { try harbour.archives.unpack(order) { _, _ in } }
    // Whoever does not compare would take them.
    try harbour.verify("one")
  }

  @Test("is sealed when it is made as it is found later")
  func sealed() throws {
    try harbour.write("map", to: "data/world/map")
    let made = try harbour.back(up: "one")
    #expect(made.seal != nil)
    #expect(try harbour.verify("one").seal == made.seal)
  }

  @Test("with sizes that no sum can hold is refused")
  mutating func sums() throws {
    for name in ["data/x", "data/y"] {
      var entry = HostileArchive.entry(name, "tiny")
      entry.size = .max
      hostile.entries.append(entry)
    }
    try hostile.write(to: harbour.archive("one"))
    let order = harbour.unpackOrder("one", index: false)
    #expect(throws: BerthError.self) { try harbour.archives.unpack(order) { _, _ in } }
  }
}
