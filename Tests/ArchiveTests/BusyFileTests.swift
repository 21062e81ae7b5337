import BerthKit
import Foundation
import Testing

@testable import BerthArchive

@Suite("A file that is written to while it is backed up")
struct BusyFileTests {
  private let harbour: Harbour
  private var path: String { "\(harbour.data)/busy" }

  init() throws { harbour = try Harbour() }

  /// Backs up while something happens to the file.
  private func back(_ moment: ArchiveBuilder.Moment, _ act: @escaping (Int) -> Void) throws -> ArchiveSummary {
    let builder = try ArchiveBuilder(harbour.order("one"))
    var calls = 0
    builder.watch = { at, file in
      guard at == moment, file.elementsEqual("data/busy".utf8) else { return }
      calls += 1
      act(calls)
    }
    try builder.add([ArchivePart("all")]) { _, _ in }
    let summary = try builder.finish()
    try harbour.verify("one")
    return summary
  }

  private func restored() throws -> Data {
    try Data(contentsOf: URL(fileURLWithPath: "\(try harbour.unpack("one"))/data/busy"))
  }

  private func append(_ text: String) {
    let file = open(path, O_WRONLY | O_APPEND)
    write(file, text, text.utf8.count)
    close(file)
  }

  @Test("is read again when it is small, until it holds still")
  func small() throws {
    try harbour.write("one", to: "data/busy")
    let path = path
    let summary = try back(.reading) { if $0 < 3 { truncate(path, 0); self.append("call \($0)") } }
    #expect(summary.remarks.isEmpty)
    #expect(try restored() == Data("call 2".utf8))
  }

  @Test("is kept as it was read last, and named, when it never holds still")
  func restless() throws {
    try harbour.write("one", to: "data/busy")
    // Changed right behind the look at it, each time.
    let summary = try back(.reading) { _ in self.append("+") }
    #expect(summary.remarks.first == [.init(.changed, "data/busy")])
    #expect(try restored().starts(with: Data("one+".utf8)))
  }

  @Test("is cut where it ended when it grows")
  func grows() throws {
    try harbour.write(String(repeating: "a", count: 3 << 20), to: "data/busy")
    let summary = try back(.reading) { _ in self.append("more") }
    #expect(summary.remarks.first == [.init(.changed, "data/busy")])
    #expect(try restored() == Data(repeating: UInt8(ascii: "a"), count: 3 << 20))
  }

  @Test("is filled with zeros when it shrinks")
  func shrinks() throws {
    try harbour.write(String(repeating: "a", count: 3 << 20), to: "data/busy")
    let path = path
    let summary = try back(.reading) { _ in truncate(path, 1 << 20) }
    #expect(summary.remarks.first == [.init(.changed, "data/busy")])
    let restored = try restored()
    #expect(restored.count == 3 << 20)
    #expect(restored.filter { $0 == 0 }.count == 2 << 20)
  }

  @Test("grows from small to large between two looks")
  func leaps() throws {
    try harbour.write("one", to: "data/busy")
    let summary = try back(.reading) { if $0 == 1 { self.append(String(repeating: "a", count: 2 << 20)) } }
    #expect(summary.files == 1)
    #expect(try restored().count == 3 || restored().count == 3 + 2 << 20)
  }

  @Test("is left out when it vanishes, or is replaced by something else", arguments: ["", "link", "folder", "fifo"])
  func vanishes(by: String) throws {
    try harbour.write("one", to: "data/busy")
    try harbour.write("two", to: "data/other")
    let path = path
    let summary = try back(.opening) { _ in
      unlink(path)
      switch by {
      case "link": symlink("/etc/passwd", path)
      case "folder": mkdir(path, 0o700)
      case "fifo": mkfifo(path, 0o600)
      default: break
      }
    }
    #expect(summary.files == 1)
    // Whoever has the archive alone learns of it too.
    for remarks in [summary.remarks, try harbour.verify("one").remarks] {
      #expect(remarks.first == [.init(by.isEmpty ? .vanished : .exchanged, "data/busy")])
      #expect(remarks.leftOut == 1)
    }
    #expect(
      try FileManager.default.subpathsOfDirectory(atPath: harbour.unpack("one")).sorted() == [
        "cache", "config", "data", "data/other",
      ])
  }
}
