import BerthKit
import Foundation
import Testing

@testable import BerthArchive

@Suite("A difference")
struct DifferenceTests {
  @Test("does not read what did not change")
  func unchanged() throws {
    let harbour = try Harbour()
    try harbour.write("ships", to: "data/world/ships")
    usleep(60_000)
    try harbour.back(up: "one")
    // Its content can be told only by reading it, since the times stay.
    let summary = try harbour.back(up: "two", chain: ["one"])
    #expect(summary.stored == 0)
    #expect(summary.files == 1)
    #expect(summary.bytes == 5)
    #expect(try harbour.verify("two").stored == 0)
  }

  @Test("holds what has another content, mode or name")
  func changed() throws {
    let harbour = try Harbour()
    for name in ["content", "mode", "name", "same"] { try harbour.write(name, to: "data/\(name)") }
    usleep(60_000)
    try harbour.back(up: "one")
    try harbour.write("CONTENT", to: "data/content")
    chmod("\(harbour.data)/mode", 0o600)
    rename("\(harbour.data)/name", "\(harbour.data)/other")
    let summary = try harbour.back(up: "two", chain: ["one"])
    #expect(summary.stored == 7 + 4 + 4)
    #expect(summary.bytes == 7 + 4 + 4 + 4)
    let before = try Tree(harbour.instance)
    #expect(try Tree(try harbour.unpack("two", chain: ["one"])).differences(from: before) == [])
  }

  @Test("reads again what was changed in the moment of the backup before")
  func fresh() throws {
    let harbour = try Harbour()
    try harbour.write("ships", to: "data/ships")
    try harbour.back(up: "one")
    #expect(try harbour.back(up: "two", chain: ["one"]).stored == 5)
  }

  @Test("reads again what has a time to come, as after the clock was set back")
  func clock() throws {
    let harbour = try Harbour()
    try harbour.write("ships", to: "data/ships")
    usleep(60_000)
    try harbour.back(up: "one")
    let list = try FileList(try WholeFile.read(harbour.index("one"), atMost: 1 << 20))
    var entry = list.entry(try #require(list.find("data/ships".utf8.map { $0 })))
    #expect(entry.changed != FileEntry.Moment())
    entry.changed.seconds += 1000
    entry.distrustFreshTimes()
    #expect(entry.changed == FileEntry.Moment())
  }

  @Test("does not hold a copy that has the content of the former one")
  func copies() throws {
    let sets = [SelectedSet("map", .sqlite(paths: ["data/*.sqlite"])), SelectedSet("dump", .dump)]
    let harbour = try Harbour(sets)
    try harbour.write("live", to: "data/map.sqlite")
    try harbour.write("wal", to: "data/map.sqlite-wal")
    for (id, chain) in [("one", []), ("two", ["one"])] {
      let copy = "\(harbour.folder.path)/copy-\(id)"
      try FileManager.default.createDirectory(atPath: "\(copy)/data", withIntermediateDirectories: true)
      try Data("snapshot".utf8).write(to: URL(fileURLWithPath: "\(copy)/data/map.sqlite"))
      try Data("rows".utf8).write(to: URL(fileURLWithPath: "\(copy).dump"))
      let summary = try harbour.back(up: id, chain: chain, copies: ["map": copy, "dump": "\(copy).dump"])
      #expect(summary.stored == (chain.isEmpty ? 12 : 0))
      #expect(summary.files == 2)
    }
    let target = try harbour.unpack("two", chain: ["one"])
    #expect(try String(contentsOfFile: "\(target)/data/map.sqlite", encoding: .utf8) == "snapshot")
    #expect(try String(contentsOfFile: "\(target)/dumps/dump", encoding: .utf8) == "rows")
    #expect(try FileManager.default.contentsOfDirectory(atPath: "\(target)/data") == ["map.sqlite"])
  }

  @Test("of an index that belongs to no archive of the chain stores everything")
  func foreign() throws {
    let harbour = try Harbour()
    try harbour.write("ships", to: "data/ships")
    usleep(60_000)
    try harbour.back(up: "one")
    var order = harbour.order("two", chain: ["other"])
    order.previous = harbour.index("one")
    let archive = try harbour.archives.begin(order)
    try archive.add([ArchivePart("all")]) { _, _ in }
    #expect(try archive.finish().stored == 5)
  }

  @Test("that lacks an archive of its chain is refused before anything is written")
  func missing() throws {
    let harbour = try Harbour()
    try harbour.write("ships", to: "data/ships")
    usleep(60_000)
    try harbour.back(up: "one")
    try harbour.back(up: "two", chain: ["one"])
    try harbour.back(up: "other")
    unlink(harbour.archive("one"))
    let order = harbour.unpackOrder("two", chain: ["one"])
    #expect { try harbour.archives.unpack(order) { _, _ in } } throws: {
      ($0 as? BerthError)?.code == "backup-link-missing"
    }
    rename(harbour.archive("other"), harbour.archive("one"))
    #expect { try harbour.archives.unpack(order) { _, _ in } } throws: {
      ($0 as? BerthError)?.code == "backup-link-missing"
    }
    #expect(!FileManager.default.fileExists(atPath: order.target))
  }
}
