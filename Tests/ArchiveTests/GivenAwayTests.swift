import BerthKit
import Foundation
import Testing

@testable import BerthArchive

/// Only root gives files away.
@Suite("Backups of files that belong to others")
struct GivenAwayTests {
  @Test("files of other users keep their numbers in full backups and differences", arguments: [true, false])
  func roundTrip(_ index: Bool) throws {
    let harbour = try Harbour()
    let owner = FileNumbers(user: 900, group: 901)
    func give(_ path: String, _ user: uid_t, _ group: gid_t) {
      #expect(chown("\(harbour.instance)/\(path)", user, group) == 0)
    }
    func back(up id: String, chain: [String] = []) throws {
      var order = harbour.order(id, chain: chain)
      order.head.owner = owner
      let archive = try harbour.archives.begin(order)
      try archive.add(harbour.sets.map { ArchivePart($0.name) }) { _, _ in }
      _ = try archive.finish()
    }
    try harbour.write("rows", to: "data/volumes/db/base")
    try harbour.write("mine", to: "data/own")
    for path in ["config", "data", "cache", "data/volumes", "data/own"] { give(path, 900, 901) }
    for path in ["data/volumes/db", "data/volumes/db/base"] { give(path, 101, 102) }
    try back(up: "one")
    try harbour.write("log", to: "data/volumes/db/log")
    give("data/volumes/db/log", 101, 901)
    // Only its owner is another one.
    give("data/own", 55, 56)
    try back(up: "two", chain: ["one"])
    for (id, chain) in [("one", [String]()), ("two", ["one"])] {
      var order = harbour.unpackOrder(id, chain: chain, index: index)
      order.owner = FileOwner(user: "new")
      _ = try TarArchives { $0 == "new" ? (700, 701) : nil }.unpack(order) { _, _ in }
      func owners(_ path: String) throws -> [Int] {
        var info = stat()
        try #require(lstat("\(order.target)/\(path)", &info) == 0)
        return [Int(info.st_uid), Int(info.st_gid)]
      }
      #expect(try owners("data") == [700, 701] && owners("data/volumes") == [700, 701])
      #expect(try owners("data/volumes/db") == [101, 102] && owners("data/volumes/db/base") == [101, 102])
      #expect(try owners("data/own") == (id == "one" ? [700, 701] : [55, 56]))
      if id == "two" { #expect(try owners("data/volumes/db/log") == [101, 701]) }
    }
  }
}
