import BerthKit
import Foundation
import Testing

@testable import BerthHost

@Suite("An entry of the journal")
struct JournalLineTests {
  /// Pieces of texts that are escaped, or that something could take for an end.
  private static let pieces = [
    "a", "\"", "\\", "/", "\n", "\t", "\u{1}", "\u{1F980}", "é", "\u{2028}", "\u{FEFF}", "}", "]", ",", ":", "{", "[",
    " ", "null",
    "\\n", "\r\n", "\u{0}",
  ]

  @Test("is read as every reader of JSON reads it, whatever its texts hold")
  func texts() throws {
    var generator = SystemRandomNumberGenerator()
    for _ in 0..<2000 {
      let fields = Dictionary(
        uniqueKeysWithValues: (0..<4).map { number in
          (
            "F\(number)",
            (0..<Int.random(in: 0...8, using: &generator)).map { _ in Self.pieces.randomElement() ?? "" }.joined()
          )
        })
      for options in [[], JSONEncoder.OutputFormatting.prettyPrinted, .withoutEscapingSlashes] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = options
        let text = String(decoding: try encoder.encode(fields), as: UTF8.self)
        #expect(JournalLine(text)?.fields == fields, "\(text)")
        let cut = String(text.dropLast())
        #expect(JournalLine(cut) == nil || cut.isEmpty, "\(cut)")
      }
    }
  }

  @Test(
    "has bytes that are no text, names without a value, and characters by their numbers",
    arguments: [
      (#"{"MESSAGE":[104,105,255],"A":null,"B":7,"C":true}"#, "hi\u{FFFD}"),
      (#"{"MESSAGE":"\ud83e\udd80 \u00e9\/"}"#, "\u{1F980} é/"),
      (#" { "X" : [] , "MESSAGE" : "x" } "#, "x"), (#"{"Y":["a","b\"]"],"MESSAGE":"y"}"#, "y"),
      (#"{"MESSAGE":"\ud83e!"}"#, "\u{FFFD}!"),
    ])
  func odd(_ text: String, _ message: String) { #expect(JournalLine(text)?.fields["MESSAGE"] == message) }

  @Test(
    "is none where it is broken",
    arguments: [
      "", "{", "[]", "x", #"{"A"}"#, #"{"A":"b}"#, #"{"A":"\x"}"#, #"{"A":"\u12"}"#, #"{"A":[1,2"#, #"{"A":}"#,
      #"{"A":"b",}"#,
    ])
  func broken(_ text: String) { #expect(JournalLine(text) == nil) }

  @Test("comes whole, however the pieces fall in which it is read, and only a newline ends it")
  func pieces() {
    let lines = ["one", "", "two \u{2028} and \r three", String(repeating: "é", count: 500), "last"]
    let bytes = Array(lines.joined(separator: "\n").utf8)
    for size in [1, 2, 3, 7, 64, 10_000] {
      var splitter = LineSplitter()
      var found: [String] = []
      for start in stride(from: 0, to: bytes.count, by: size) {
        bytes[start..<min(start + size, bytes.count)].withUnsafeBytes { found += splitter.take($0) }
      }
      #expect(found + [splitter.last() ?? ""] == lines, "\(size)")
    }
    #expect(LineSplitter().last() == nil)
  }

  @Test("has its time in words as every calendar has it")
  func times() {
    for seconds in [0, 1, -1, 86_399, 951_782_400, 951_868_799, 1_709_164_800, 4_107_542_399, 1_795_960_000] {
      #expect(UTCTime.text(seconds: seconds) == Date(timeIntervalSince1970: Double(seconds)).formatted(.iso8601))
    }
    for _ in 0..<2000 {
      let seconds = Int.random(in: 0...7_258_118_400)
      #expect(UTCTime.text(seconds: seconds) == Date(timeIntervalSince1970: Double(seconds)).formatted(.iso8601))
    }
  }
}
