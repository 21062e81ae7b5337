import BerthKit
import Foundation
import TestSupport
import Testing

@testable import BerthFiles
@testable import BerthHost

/// A program of the instance's exchanges a folder and a link for as long as Berth is at work in there.
@Suite("Races for an instance's folders")
struct RaceTests {
  private let folder: Folder
  private let files = LinuxFileTree()
  private var data: String { "\(folder.path)/state/instances/demo/default/data" }
  private var outside: String { "\(folder.path)/outside" }

  /// Seconds that the attacker is at work.
  private static let seconds = 2.0
  /// How often the plain calls try until they have lost; they do within a few hundred.
  private static let most = 200_000

  init() throws {
    folder = try Folder()
    for path in [data, outside] { try files.makeFolder(path, mode: 0o755, owner: nil) }
    symlink(outside, "\(data)/link")
    mkdir("\(data)/world", 0o755)
  }

  /// Whether the folder outside was reached before the attacker ended.
  private func attack(_ act: (_ path: String) -> Void, isLost: () -> Bool) throws -> Bool {
    let attacker = Process()
    attacker.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("Attacks/swap.py").path
    attacker.arguments = ["python3", script, data, "world", "link", "\(Self.seconds)"]
    let (input, output) = (Pipe(), Pipe())
    (attacker.standardInput, attacker.standardOutput) = (input, output)
    try attacker.run()
    defer {
      try? input.fileHandleForWriting.close()
      attacker.waitUntilExit()
    }
    #expect(String(decoding: output.fileHandleForReading.availableData, as: UTF8.self).hasPrefix("ready"))
    var tries = 0
    while attacker.isRunning, tries < Self.most {
      act("\(data)/world")
      tries += 1
      if isLost() { return true }
    }
    #expect(tries > 100)
    return false
  }

  private func put(_ name: String) { close(open("\(outside)/\(name)", O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)) }
  private func isThere(_ name: String) -> Bool { access("\(outside)/\(name)", F_OK) == 0 }

  @Test("nothing outside is removed, and the plain call removes it")
  func removal() throws {
    put("backup")
    #expect(try !attack({ try? files.remove("\($0)/backup") }, isLost: { !isThere("backup") }))
    #expect(try attack({ unlink("\($0)/backup") }, isLost: { !isThere("backup") }))
  }

  @Test("nothing is written outside, and the plain call writes it")
  func writing() throws {
    let write = { (path: String) in
      try? files.write("x", to: "\(path)/cron", mode: 0o600, owner: nil, anchor: data)
      try? files.makeFolder("\(path)/folder/below", mode: 0o700, owner: nil)
    }
    #expect(try !attack(write, isLost: { isThere("cron") || isThere("folder") }))
    #expect(
      try attack(
        { close(open("\($0)/cron", O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0o600)) }, isLost: { isThere("cron") }))
  }

  @Test("nothing outside is read, and the plain call reads it")
  func reading() throws {
    try files.write("root's own", to: "\(outside)/key", mode: 0o600, owner: nil, anchor: nil)
    var seen: String?
    #expect(try !attack({ seen = (try? files.read("\($0)/key")) ?? seen }, isLost: { seen != nil }))
    #expect(
      try attack(
        { seen = (try? String(contentsOfFile: "\($0)/key", encoding: .utf8)) ?? seen }, isLost: { seen != nil }))
  }

  @Test("a tree that its owner keeps putting things into goes at once, and the plain removal leaves something")
  func filling() throws {
    // Others than root cannot take a folder away from its owner, and have no instances of another user.
    guard geteuid() == 0 else { return #expect(TreeRemoval.remove(data)) }
    let attacker = Process()
    attacker.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("Attacks/churn.py").path
    // The tests' own folder need not be one that everybody may enter.
    let copy = "\(folder.path)/churn.py"
    try FileManager.default.copyItem(atPath: script, toPath: copy)
    for path in [folder.path, copy] { chmod(path, 0o755) }
    attacker.arguments = [
      "setpriv", "--reuid=12345", "--regid=12345", "--clear-groups", "--", "/usr/bin/python3", copy, data,
    ]
    let (input, output) = (Pipe(), Pipe())
    (attacker.standardInput, attacker.standardOutput) = (input, output)
    try attacker.run()
    defer {
      try? input.fileHandleForWriting.close()
      attacker.waitUntilExit()
    }
    #expect(String(decoding: output.fileHandleForReading.availableData, as: UTF8.self).hasPrefix("ready"))
    func make() throws {
      // The folder itself last, since its owner exchanges what is in it.
      for name in ["/world", "/mods", "/else", ""] {
        try files.makeFolder(data + name, mode: 0o755, owner: nil)
        chown(data + name, 12345, 12345)
      }
      usleep(10_000)
    }
    for round in 0..<200 {
      try make()
      try #require(TreeRemoval.remove(data), "round \(round)")
    }
    var isLeft = false
    for _ in 0..<2000 where !isLeft {
      try make()
      let plain = Process()
      plain.executableURL = URL(fileURLWithPath: "/usr/bin/env")
      plain.arguments = ["rm", "-rf", data]
      plain.standardError = FileHandle.nullDevice
      try plain.run()
      plain.waitUntilExit()
      isLeft = plain.terminationStatus != 0
    }
    #expect(isLeft)
  }
}
