import BerthKit
import Foundation
import Testing

@testable import BerthHost

@Suite("The journal as journalctl exports it")
struct JournalExportTests {
  /// Pieces of texts that something could take for an end, a name or a size.
  private static let pieces = [
    "a", "=", "\n", "\n\n", "\t", "\u{1}", "\u{0}", "\r\n", "\u{1F980}", "é", "\u{2028}", "MESSAGE=", "MESSAGE\n", "\\",
    "__REALTIME_TIMESTAMP=0\n",
  ]

  /// A field as journalctl writes it: on a line where it is text without control characters, with its size otherwise.
  private static func field(_ name: String, _ value: [UInt8], sized: Bool = false) -> [UInt8] {
    let isPlain =
      !sized && value.allSatisfy { $0 >= 0x20 || $0 == 0x09 } && String(validating: value, as: UTF8.self) != nil
    guard !isPlain else { return Array("\(name)=".utf8) + value + [0x0A] }
    let size = (0..<8).map { UInt8(truncatingIfNeeded: value.count >> (8 * $0)) }
    return Array("\(name)\n".utf8) + size + value + [0x0A]
  }

  private static func entry(
    _ message: [UInt8], _ more: [(String, String)] = [], at seconds: Int = 1, sized: Bool = false
  )
    -> [UInt8]
  {
    field("__CURSOR", Array("s=1;i=2".utf8)) + field("__REALTIME_TIMESTAMP", Array("\(seconds)000000".utf8))
      + more.flatMap { field($0.0, Array($0.1.utf8)) } + field("MESSAGE", message, sized: sized) + [0x0A]
  }

  private func read(_ bytes: [UInt8], by size: Int) -> [LogEntry] {
    var export = JournalExport()
    var found: [LogEntry] = []
    for start in stride(from: 0, to: bytes.count, by: size) {
      found += export.take(bytes[start..<min(start + size, bytes.count)])
    }
    return found + (export.last().map { [$0] } ?? [])
  }

  @Test("is read whole, whatever its texts hold and however the pieces fall in which it comes")
  func texts() {
    for _ in 0..<300 {
      let messages = (0..<5).map { _ in
        (0..<Int.random(in: 0...8)).map { _ in Self.pieces.randomElement() ?? "" }.joined()
      }
      let bytes = messages.flatMap { message in
        Self.entry(Array(message.utf8), [("_SYSTEMD_UNIT", "b@1.service"), ("OTHER", message)], sized: .random())
      }
      for size in [1, 2, 3, 7, 64, 10_000] {
        let found = read(bytes, by: size)
        #expect(found.map(\.message) == messages, "\(size)")
        #expect(found.allSatisfy { $0.unit == "b@1.service" && $0.time == "1970-01-01T00:00:01Z" })
      }
    }
  }

  @Test("has bytes that are no text, and entries without a message or a time count for none")
  func odd() {
    let bytes =
      Self.entry([0x68, 0xFF]) + Self.field("MESSAGE", Array("no time".utf8)) + [0x0A]
      + Self.field("__REALTIME_TIMESTAMP", Array("7".utf8)) + [0x0A] + [0x0A, 0x0A] + Self.entry(Array("x".utf8))
    #expect(read(bytes, by: 5).map(\.message) == ["h\u{FFFD}", "x"])
  }

  @Test("gives the first of a field that somebody sent twice")
  func twice() {
    let bytes = Self.entry(Array("one".utf8), [("MESSAGE", "zero"), ("UNIT", "a@1.service"), ("UNIT", "b@1.service")])
    #expect(read(bytes, by: 9) == [LogEntry(time: "1970-01-01T00:00:01Z", unit: "a@1.service", message: "zero")])
  }

  @Test(
    "keeps the beginning of a field that is too long for memory, and what comes behind it", arguments: [true, false])
  func long(sized: Bool) {
    let long = [UInt8](repeating: 0x61, count: 5 << 20)
    let bytes =
      Self.entry(long, sized: sized) + Self.entry(Array("x".utf8), [("OTHER", String(decoding: long, as: UTF8.self))])
      + Self.entry(Array("y".utf8))
    let found = read(bytes, by: 4099).map(\.message)
    #expect(found.dropFirst() == ["x", "y"])
    #expect(found.first.map { (1000...JournalExport.limit).contains($0.utf8.count) } == true)
  }

  @Test("survives a size that no file could have, and an end in the middle")
  func broken() {
    let size = [UInt8](repeating: 0xFF, count: 8)
    #expect(read(Self.entry(Array("a".utf8)) + Array("MESSAGE\n".utf8) + size + Array("x\n\n".utf8), by: 3).count == 1)
    let bytes = Self.entry(Array("a\u{1}b".utf8))
    for end in 0..<bytes.count - 1 { #expect(read(Array(bytes[..<end]), by: 4).count <= 1) }
  }

  @Test("labels a line with the unit that wrote it, whatever the line says")
  func label() {
    func unit(_ fields: [(String, String)]) -> String? { read(Self.entry([0x78], fields), by: 100).first?.unit }
    let forged = [("UNIT", "a@1.service"), ("USER_UNIT", "a@1.service"), ("SYSLOG_IDENTIFIER", "a@1")]
    #expect(unit(forged + [("_SYSTEMD_UNIT", "b@1.service")]) == "b@1.service")
    #expect(
      unit(forged + [("_SYSTEMD_UNIT", "user@1000.service"), ("_SYSTEMD_USER_UNIT", "b@1.service")]) == "b@1.service")
    #expect(unit(forged + [("_SYSTEMD_CGROUP", "/s/manager/app.slice/app-b.slice/b@1.service")]) == "b@1.service")
    #expect(unit([("_SYSTEMD_UNIT", "init.scope"), ("UNIT", "b@1.service")]) == "b@1.service")
    #expect(unit([("SYSLOG_IDENTIFIER", "b@1")]) == "?")
  }
}
