import BerthKit
import Foundation
import TestSupport
import Testing

@testable import BerthFiles
@testable import BerthHost

/// Mounts of what was opened, at places of root's. They take root.
@Suite("Sources that are pinned")
struct SourcePinTests {
  private let folder: Folder
  private let files = LinuxFileTree()
  private var data: String { "\(folder.path)/state/instances/demo/default/data" }
  private var pins: String { "\(folder.path)/mounts/demo@default/main" }

  init() throws {
    folder = try Folder()
    try files.makeFolder("\(data)/world", mode: 0o755, owner: nil)
    try files.write("seed", to: "\(data)/world/level", mode: 0o644, owner: nil, anchor: nil)
    try files.write("key", to: "\(folder.path)/secret", mode: 0o600, owner: nil, anchor: nil)
    symlink("\(folder.path)/secret", "\(data)/world/link")
  }

  private func pin(_ words: String..., body: () throws -> Void) throws {
    defer { SourcePins.unpin(pins) }
    let left = try SourcePins.pin(words.map { try #require(SourcePins.Pin($0)) }, in: pins)
    #expect(left == [])
    try body()
  }

  private func options(_ path: String) throws -> Set<Substring> {
    let lines = try String(contentsOfFile: "/proc/self/mountinfo", encoding: .utf8).split(separator: "\n")
    let line = lines.last { $0.split(separator: " ")[4] == Substring(path) }
    return Set(line?.split(separator: " ")[5].split(separator: ",") ?? [])
  }

  private var mounted: [Substring] {
    get throws {
      try String(contentsOfFile: "/proc/self/mountinfo", encoding: .utf8).split(separator: "\n").filter {
        $0.contains(folder.path)
      }
    }
  }

  private func read(_ path: String) -> String? { try? String(contentsOfFile: path, encoding: .utf8) }

  @Test("folders and files are shown as they are, without bits and devices, and nothing is left of it")
  func kinds() throws {
    symlink("\(folder.path)/secret", "\(folder.path)/link")
    try pin("own:0:\(data)/world", "own:7:\(data)/world/level", "chosen:9:\(folder.path)/link") {
      #expect(read("\(pins)/0/level") == "seed" && read("\(pins)/7") == "seed" && read("\(pins)/9") == "key")
      // A service follows its own links.
      #expect(read("\(pins)/0/link") == "key")
      for name in ["0", "7", "9"] {
        #expect(try options("\(pins)/\(name)").isSuperset(of: ["rw", "nosuid", "nodev"]))
      }
      try files.write("more", to: "\(pins)/0/made", mode: 0o600, owner: nil, anchor: nil)
      // What is no longer wanted goes, and what lies there now is shown.
      try files.move("\(data)/world", to: "\(data)/former")
      try files.makeFolder("\(data)/world", mode: 0o755, owner: nil)
      _ = try SourcePins.pin([try #require(SourcePins.Pin("own:0:\(data)/world"))], in: pins)
      #expect(try files.list(pins) == ["0"] && files.list("\(pins)/0") == [])
    }
    #expect(read("\(data)/former/made") == "more")
    #expect(try mounted == [] && files.list("\(folder.path)/mounts") == [])
  }

  @Test("who serves it follows no link in there, and does where it is mounted plainly")
  func served() throws {
    try pin("served:0:\(data)/world") {
      #expect(read("\(pins)/0/level") == "seed" && read("\(pins)/0/link") == nil)
      #expect(
        try options("\(pins)/0").isSuperset(of: ["ro", "nosuid", "nodev", "noexec", "nosymfollow"]))
      // A request meets no gap while another instance of the pool starts.
      let before = try mounted
      _ = try SourcePins.pin([try #require(SourcePins.Pin("served:0:\(data)/world"))], in: pins)
      #expect(try mounted == before)
    }
    let plain = "\(folder.path)/plain"
    mkdir(plain, 0o755)
    #expect(mount("\(data)/world", plain, nil, UInt(MS_BIND), nil) == 0)
    #expect(read("\(plain)/link") == "key")
    #expect(umount2(plain, Int32(MNT_DETACH)) == 0)
  }

  @Test("a folder to serve that does not exist is said, and is no error; any other is")
  func missing() throws {
    defer { SourcePins.unpin(pins) }
    #expect(try SourcePins.pin([try #require(SourcePins.Pin("served:0:\(data)/none"))], in: pins) == ["\(data)/none"])
    for (kind, path, code) in [
      ("own", "none", "file-system"), ("own", "world/link", "link-in-the-way"),
      ("served", "world/link", "link-in-the-way"),
      ("own", "world/link/x", "link-in-the-way"),
    ] {
      let error = #expect(throws: BerthError.self) {
        try SourcePins.pin([try #require(SourcePins.Pin("\(kind):0:\(data)/\(path)"))], in: pins)
      }
      #expect(error?.code == code, "\(kind) \(path)")
    }
    mkfifo("\(data)/pipe", 0o600)
    let error = #expect(throws: BerthError.self) {
      try SourcePins.pin([try #require(SourcePins.Pin("own:0:\(data)/pipe"))], in: pins)
    }
    #expect(error?.code == "not-a-file")
    #expect(try mounted == [])
  }

  @Test(
    "a path of the operator's leads through the operator's links, and through none of an instance's by any way to it")
  func chosen() throws {
    // A number that instances have; one of a person's; and who may write beside the operator.
    let (instance, person): (uid_t, uid_t) = (1_950_000_001, 1_234)
    let (home, disk) = ("\(folder.path)/elsewhere", "\(folder.path)/disk")
    try files.makeFolder("\(home)/data", mode: 0o755, owner: nil)
    try files.makeFolder("\(disk)/films", mode: 0o755, owner: nil)
    try files.write("film", to: "\(disk)/films/one", mode: 0o644, owner: nil, anchor: nil)
    for (target, link) in [
      (disk, "\(folder.path)/library"), (folder.path, "\(home)/data/way"), ("\(home)/data", "\(folder.path)/round"),
      ("\(folder.path)/state", "\(folder.path)/berth"), (disk, "\(folder.path)/planted"),
    ] {
      #expect(symlink(target, link) == 0)
    }
    chown("\(home)/data", instance, instance)
    lchown("\(folder.path)/planted", instance, instance)
    // The operator may have given a link to somebody, which makes it no instance's.
    lchown("\(folder.path)/library", person, person)
    for path in [
      "\(folder.path)/library/films", "/proc/self/root\(folder.path)/library/films", "\(folder.path)/library/./films/",
    ] {
      try pin("chosen:0:\(path)") { #expect(read("\(pins)/0/one") == "film", "\(path)") }
    }
    let ways = [
      "\(home)/data/way", "/proc/self/root\(home)/data/way/secret", "\(folder.path)/round/way",
      "\(folder.path)/round/../../secret", "\(folder.path)/planted/films",
      "\(folder.path)/berth/instances/demo/default/data/world/link",
    ]
    for path in ways {
      let error = #expect(throws: BerthError.self) {
        try SourcePins.pin([try #require(SourcePins.Pin("chosen:0:\(path)"))], in: pins)
      }
      #expect(error?.code == "link-in-the-way", "\(path): \(error.map { "\($0)" } ?? "none")")
      // The control: the kernel follows each of these links for root.
      #expect(access(path, F_OK) == 0, "\(path)")
    }
    // A folder of the instance's itself is what the operator may well have meant.
    try pin("chosen:0:\(folder.path)/round") { #expect(read("\(pins)/0/way/secret") == "key") }
    chown("\(home)/data", person, person)
    try pin("chosen:0:\(home)/data/way") { #expect(read("\(pins)/0/secret") == "key") }
  }

  @Test("a removal takes nothing of what is mounted in a folder, and the plain one does")
  func removal() throws {
    try pin("own:0:\(data)/world") {
      #expect(throws: BerthError.self) { try files.remove("\(folder.path)/mounts") }
      #expect(!TreeRemoval.remove("\(folder.path)/mounts"))
      #expect(read("\(data)/world/level") == "seed")
      try? FileManager.default.removeItem(atPath: "\(folder.path)/mounts")
      #expect(read("\(data)/world/level") == nil)
    }
  }

  @Test(
    "a word that is no source is none",
    arguments: ["", "own", "own:0", "other:0:/x", "own:X:/x", "own:../x:/x", "own::/x"])
  func words(_ text: String) { #expect(SourcePins.Pin(text) == nil) }
}
