import BerthFiles
import BerthKit
import Testing

@testable import BerthArchive

@Suite("Which set a path belongs to")
struct SelectionTests {
  private func owner(_ path: String, isFile: Bool = true, _ sets: [SelectedSet]) -> String? {
    let selection = Selection(sets)
    var place = selection.top
    let path = Array(path.utf8)
    for end in path.indices where path[end] == .slash { place = selection.place(of: Array(path[..<end]), in: place) }
    switch selection.owner(of: path, isFile: isFile, in: place) {
    case .nobody: return nil
    case .files(let set): return selection.names[set]
    case .database(let set): return "database \(selection.names[set])"
    }
  }

  @Test("databases come first, with what SQLite puts beside them")
  func databases() {
    let sets = [
      SelectedSet("world", .files(paths: ["data"], exclude: [])),
      SelectedSet("map", .sqlite(paths: ["data/**/*.sqlite"])),
    ]
    for path in ["data/map.sqlite", "data/w/map.sqlite-wal", "data/map.sqlite-shm", "data/map.sqlite-journal"] {
      #expect(owner(path, sets) == "database map")
    }
    #expect(owner("data/map.sqlite-old", sets) == "world")
    #expect(owner("data/-wal", sets) == "world")
    #expect(owner("data/map.sqlite", isFile: false, sets) == "world")
  }

  @Test("the first set of files is the one")
  func order() {
    let sets = [
      SelectedSet("players", .files(paths: ["data/*/players"], exclude: ["old"])),
      SelectedSet("world", .files(paths: ["data", "config/main.conf"], exclude: [])),
    ]
    #expect(owner("data/w/players/a", sets) == "players")
    #expect(owner("data/w/players", sets) == "players")
    // What the first leaves out is free for the next.
    #expect(owner("data/w/players/old/x", sets) == "world")
    #expect(owner("data/w", sets) == "world")
    #expect(owner("config/main.conf", sets) == "world")
    #expect(owner("config/other.conf", sets) == nil)
    #expect(owner("config", sets) == nil)
  }

  @Test("what is excluded is left out with all below it")
  func excludes() {
    let sets = [
      SelectedSet("world", .files(paths: ["data/*"], exclude: ["tmp", "**/*.log", "data/w/cache", "cache/x"]))
    ]
    #expect(owner("data/w/a", sets) == "world")
    #expect(owner("data/w/tmp", sets) == nil)
    #expect(owner("data/w/tmp/deep/a", sets) == nil)
    #expect(owner("data/tmp", sets) == "world")
    #expect(owner("data/w/a/tmp", sets) == "world")
    #expect(owner("data/w/a/b.log", sets) == nil)
    #expect(owner("data/w/cache/a", sets) == nil)
    #expect(owner("data/v/cache/a", sets) == "world")
  }

  @Test("a set without files has none")
  func dump() { #expect(owner("data/x", [SelectedSet("dump", .dump)]) == nil) }

  @Test("a folder is looked into only where something may be")
  func mayHold() {
    let selection = Selection([
      SelectedSet("one", .files(paths: ["data/a/b"], exclude: ["x"])), SelectedSet("two", .sqlite(paths: ["data/c/*"])),
    ])
    let data = selection.place(of: Array("data".utf8), in: selection.top)
    #expect(selection.mayHold([0], below: Array("data".utf8), data))
    for (folder, sets) in [("data/a", [0]), ("data/c", [1]), ("data/d", [])] {
      let place = selection.place(of: Array(folder.utf8), in: data)
      for set in [0, 1] {
        #expect(selection.mayHold([set], below: Array(folder.utf8), place) == sets.contains(set), "\(folder) \(set)")
      }
    }
    let below = selection.place(of: Array("data/a/b".utf8), in: selection.place(of: Array("data/a".utf8), in: data))
    #expect(selection.mayHold([0], below: Array("data/a/b".utf8), below))
    let excluded = selection.place(of: Array("data/a/b/x".utf8), in: below)
    #expect(!selection.mayHold([0], below: Array("data/a/b/x".utf8), excluded))
  }

  @Test("parts of an instance are archived as they are selected")
  func archived() throws {
    let harbour = try Harbour([
      SelectedSet("players", .files(paths: ["data/*/players"], exclude: ["old"])),
      SelectedSet("map", .sqlite(paths: ["data/**/*.sqlite"])),
      SelectedSet("rest", .files(paths: ["data/w"], exclude: ["data/w/tmp"])),
    ])
    for path in ["w/players/a", "w/players/old", "w/map.sqlite", "w/map.sqlite-wal", "w/b", "w/tmp/c", "v/d"] {
      try harbour.write(path, to: "data/\(path)")
    }
    try harbour.back(up: "one")
    let list = try FileList(try WholeFile.read(harbour.index("one"), atMost: 1 << 20))
    let entries = (0..<list.count).map { list.entry($0) }
    #expect(
      entries.map { "\(FileName.text($0.path)) \($0.set ?? "-")" } == [
        "data -", "data/w rest", "data/w/b rest", "data/w/players players", "data/w/players/a players",
        "data/w/players/old rest",
      ])
    let target = try harbour.unpack("one", sets: ["players"])
    #expect(try Tree(target).nodes.keys.sorted() == ["data", "data/w", "data/w/players", "data/w/players/a"])
    let file = try harbour.unpack("one", file: "data/w/b")
    #expect(try Tree(file).nodes.keys.sorted() == ["data", "data/w", "data/w/b"])
    for order in [harbour.unpackOrder("one", file: "data/w/none"), harbour.unpackOrder("one", sets: ["none"])] {
      #expect { try harbour.archives.unpack(order) { _, _ in } } throws: {
        ($0 as? BerthError)?.code == "not-in-backup"
      }
    }
  }
}
