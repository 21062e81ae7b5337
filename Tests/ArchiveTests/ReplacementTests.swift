import BerthFiles
import BerthKit
import Foundation
import Testing

@testable import BerthArchive

@Suite("Replacing a folder")
struct ReplacementTests {
  private struct Broken: Error {}

  private let harbour: Harbour
  private let order: ReplaceOrder

  init() throws {
    harbour = try Harbour([
      SelectedSet("world", .files(paths: ["data/world"], exclude: ["tmp"])),
      SelectedSet("map", .sqlite(paths: ["data/world/*.sqlite"])),
      SelectedSet("mods", .files(paths: ["data/mods"], exclude: [])),
    ])
    order = ReplaceOrder(
      name: "data", folder: harbour.data, staged: "\(harbour.folder.path)/staged",
      aside: "\(harbour.folder.path)/aside",
      sets: harbour.sets, chosen: ["world"])
    for path in [
      "world/a", "world/b", "world/tmp/t", "world/m.sqlite", "world/m.sqlite-wal", "mods/m/x", "else/e", "top",
    ] {
      try harbour.write("old \(path)", to: "data/\(path)")
    }
    symlink("/etc", "\(harbour.data)/else/link")
    chmod("\(harbour.data)/else", 0o750)
    let time = timespec(tv_sec: 1_000_000, tv_nsec: 7)
    for path in ["", "/world", "/else"] { utimensat(AT_FDCWD, harbour.data + path, [time, time], 0) }
  }

  private func stage(_ paths: [String] = ["world/a", "world/new"]) throws {
    for path in paths {
      let file = "\(order.staged)/\(path)"
      try FileManager.default.createDirectory(
        atPath: (file as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
      try Data("new \(path)".utf8).write(to: URL(fileURLWithPath: file))
    }
  }

  private func content(_ path: String) -> String? {
    try? String(contentsOfFile: "\(harbour.data)/\(path)", encoding: .utf8)
  }

  @Test("keeps what belongs to other sets or none, as high up as nothing can be in the way")
  func kept() throws {
    #expect(
      try harbour.archives.kept(order) == ["else", "mods", "top", "world/m.sqlite", "world/m.sqlite-wal", "world/tmp"])
    var order = order
    order.dropsTheRest = true
    #expect(try harbour.archives.kept(order) == ["mods", "world/m.sqlite", "world/m.sqlite-wal"])
    order.chosen = ["world", "map", "mods"]
    #expect(try harbour.archives.kept(order) == [])
    order = self.order
    order.file = "data/world/a"
    #expect(
      try harbour.archives.kept(order) == [
        "else", "mods", "top", "world/b", "world/m.sqlite", "world/m.sqlite-wal", "world/tmp",
      ])
    // What SQLite had beside the former database would spoil the restored one.
    order.file = "data/world/m.sqlite"
    #expect(try harbour.archives.kept(order) == ["else", "mods", "top", "world/a", "world/b", "world/tmp"])
  }

  @Test("takes a folder of a set with 'exclude' that is there and empty for the set's, as a full one")
  func emptyRoot() throws {
    let empty = try Harbour([SelectedSet("world", .files(paths: ["data/world"], exclude: ["tmp"]))])
    try FileManager.default.createDirectory(atPath: "\(empty.data)/world", withIntermediateDirectories: true)
    try empty.write("x", to: "data/else")
    let order = ReplaceOrder(
      name: "data", folder: empty.data, staged: "\(empty.folder.path)/staged", aside: "\(empty.folder.path)/aside",
      sets: empty.sets, chosen: ["world"])
    #expect(try empty.archives.kept(order) == ["else"])
    #expect(!order.keeps("data/world"))
    // Nor is it looked into further than it is long.
    let selection = Selection(empty.sets)
    let world = Array("data/world".utf8)
    let data = selection.place(of: Array("data".utf8), in: selection.top)
    #expect(selection.owner(of: world, isFile: false, in: selection.place(of: world, in: data)) == .files(0))
  }

  @Test("puts the unpacked one in its place with what is kept")
  func replace() throws {
    try stage()
    let before = try Tree(harbour.data)
    try harbour.archives.replace(order, keeping: try harbour.archives.kept(order))
    #expect(content("world/a") == "new world/a")
    #expect(content("world/new") == "new world/new")
    #expect(content("world/b") == nil)
    for path in ["world/tmp/t", "world/m.sqlite", "mods/m/x", "else/e", "top"] {
      #expect(content(path) == "old \(path)")
    }
    let after = try Tree(harbour.data)
    for path in ["else", "else/link", "world/tmp"] { #expect(after.nodes[path] == before.nodes[path]) }
    var info = stat()
    lstat(harbour.data, &info)
    #expect(info.st_mtim.tv_sec == 1_000_000)
  }

  @Test("by nothing leaves what is kept, in folders like the former ones")
  func nothing() throws {
    chmod("\(harbour.data)/world", 0o710)
    try harbour.archives.replace(order, keeping: try harbour.archives.kept(order))
    #expect(
      try Tree(harbour.data).nodes.keys.sorted() == [
        "else", "else/e", "else/link", "mods", "mods/m", "mods/m/x", "top", "world", "world/m.sqlite",
        "world/m.sqlite-wal", "world/tmp", "world/tmp/t",
      ])
    #expect(try Tree(harbour.data).nodes["world"]?.mode == 0o40710)
  }

  @Test("is taken back wherever it broke off, and so is the taking back")
  func brokenOff() throws {
    try stage()
    let before = try Tree(harbour.data)
    let kept = try harbour.archives.kept(order)
    var moments = 0
    for moment in 1... {
      try? stage()
      var replacement = Replacement(order)
      var calls = 0
      replacement.step = {
        calls += 1
        if calls == moment { throw Broken() }
      }
      let isDone: Bool
      do {
        try replacement.replace(keeping: kept)
        isDone = true
      } catch is Broken { isDone = false }
      for again in 1...20 {
        calls = 0
        replacement.step = {
          calls += 1
          if calls == again { throw Broken() }
        }
        do {
          try replacement.putBack(keeping: kept)
          break
        } catch is Broken {}
      }
      try harbour.archives.putBack(order, keeping: kept)
      #expect(try Tree(harbour.data).differences(from: before) == [], "broken off at \(moment)")
      #expect(!FileManager.default.fileExists(atPath: order.aside))
      TreeRemoval.remove(order.staged)
      moments = moment
      if isDone { break }
    }
    #expect(moments > 8)
  }

  @Test("that was never done is taken back without harm")
  func neverDone() throws {
    let before = try Tree(harbour.data)
    try harbour.archives.putBack(order, keeping: ["else", "top"])
    #expect(try Tree(harbour.data) == before)
  }

  @Test("of one that is gone makes it anew")
  func gone() throws {
    try stage()
    TreeRemoval.remove(harbour.data)
    #expect(try harbour.archives.kept(order) == [])
    try harbour.archives.replace(order, keeping: [])
    #expect(content("world/new") == "new world/new")
  }

  @Test("follows no link in either tree")
  func links() throws {
    let outside = "\(harbour.folder.path)/outside"
    try FileManager.default.createDirectory(atPath: outside, withIntermediateDirectories: true)
    // The unpacked tree has a link where a kept file has to go.
    try FileManager.default.createDirectory(atPath: order.staged, withIntermediateDirectories: true)
    symlink(outside, "\(order.staged)/world")
    let before = try Tree(harbour.data)
    let kept = try harbour.archives.kept(order)
    #expect { try harbour.archives.replace(order, keeping: kept) } throws: { ($0 as? BerthError)?.kind == .conflict }
    #expect(try FileManager.default.contentsOfDirectory(atPath: outside) == [])
    try harbour.archives.putBack(order, keeping: kept)
    #expect(try Tree(harbour.data).differences(from: before) == [])
    TreeRemoval.remove(order.staged)
    // The present tree has one where a kept file was.
    TreeRemoval.remove("\(harbour.data)/world")
    symlink(outside, "\(harbour.data)/world")
    try Data("secret".utf8).write(to: URL(fileURLWithPath: "\(outside)/m.sqlite"))
    try stage()
    try harbour.archives.replace(order, keeping: kept)
    #expect(content("world/m.sqlite") == nil)
    #expect(try FileManager.default.contentsOfDirectory(atPath: outside) == ["m.sqlite"])
  }

  @Test("is an error where a file has come in the way of what is kept")
  func inTheWay() throws {
    try stage(["world"])
    let before = try Tree(harbour.data)
    let kept = try harbour.archives.kept(order)
    #expect { try harbour.archives.replace(order, keeping: kept) } throws: { ($0 as? BerthError)?.kind == .conflict }
    try harbour.archives.putBack(order, keeping: kept)
    #expect(try Tree(harbour.data).differences(from: before) == [])
  }

  /// A program of the instance's user that is at work in a folder until it is ended.
  private final class Attacker {
    private let program = Process()
    private let input = Pipe()
    static let user: uid_t = 12345

    /// - Parameter place: where that user finds the program.
    init(_ folder: String, from place: String) throws {
      let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Attacks/churn.py").path
      program.executableURL = URL(fileURLWithPath: "/usr/bin/env")
      let copy = "\(place)/churn.py"
      try FileManager.default.copyItem(atPath: script, toPath: copy)
      for path in [place, copy] { chmod(path, 0o755) }
      program.arguments = [
        "setpriv", "--reuid=\(Self.user)", "--regid=\(Self.user)", "--clear-groups", "--", "/usr/bin/python3", copy,
        folder,
      ]
      let output = Pipe()
      (program.standardInput, program.standardOutput) = (input, output)
      try program.run()
      #expect(String(decoding: output.fileHandleForReading.availableData, as: UTF8.self).hasPrefix("ready"))
    }

    func end() {
      try? input.fileHandleForWriting.close()
      program.waitUntilExit()
    }
  }

  /// Gives all in a folder to the instance's user.
  private func give(_ folder: String) throws {
    for path in [""] + (try FileManager.default.subpathsOfDirectory(atPath: folder)).map({ "/\($0)" }) {
      lchown(folder + path, Attacker.user, Attacker.user)
    }
  }

  @Test("is taken back at once, whatever others put into the folders and exchange in them meanwhile")
  func raced() throws {
    for path in [harbour.folder.path, harbour.instance] { chmod(path, 0o755) }
    try give(harbour.data)
    // Only root can be another user.
    let attacker = geteuid() == 0 ? try Attacker(harbour.data, from: harbour.folder.path) : nil
    defer { attacker?.end() }
    var lost = 0
    for round in 0..<150 {
      try stage(["world/a", "world/new", "else/x", "world/sub/deep/y"])
      try give(order.staged)
      let info = HostPath.info(harbour.data)
      do {
        try harbour.archives.replace(order, keeping: try harbour.archives.kept(order))
      } catch { lost += 1 }
      try harbour.archives.putBack(order, keeping: ["mods", "else", "top", "world/tmp"])
      #expect(HostPath.info(harbour.data)?.st_ino == info?.st_ino, "round \(round)")
      #expect(HostPath.info(order.aside) == nil)
      try #require(TreeRemoval.remove(order.staged), "round \(round)")
    }
    // The attacker is fast enough for something.
    #expect(lost > 0 || attacker == nil)
  }

  @Test("does not look at what lies deeper than a backup can have, which goes or stays with the folder that it is in")
  func deep() throws {
    for place in ["world", "else", "mods"] {
      var current = open("\(harbour.data)/\(place)", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
      for _ in 0..<10_000 {
        mkdirat(current, "d", 0o700)
        let next = openat(current, "d", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        close(current)
        current = next
      }
      close(current)
    }
    try stage()
    let kept = try harbour.archives.kept(order)
    #expect(kept == ["else", "mods", "top", "world/m.sqlite", "world/m.sqlite-wal", "world/tmp"])
    try harbour.archives.replace(order, keeping: kept)
    #expect(content("world/a") == "new world/a" && HostPath.exists("\(harbour.data)/else/d/d/d"))
    #expect(!HostPath.exists("\(harbour.data)/world/d"))
    #expect(TreeRemoval.remove(order.aside))
  }
}
