@testable import BerthQuery
import Testing

@Suite("Text from servers") struct ServerTextTests {
  @Test("names come in UTF-8, and in Latin-1 where they are not")
  func encodings() {
    #expect(ServerText.line(Array("Zoë 🚀".utf8)) == "Zoë 🚀")
    #expect(ServerText.line([0x5a, 0x6f, 0xeb]) == "Zoë")
    #expect(ServerText.line([UInt8]()) == "")
  }

  @Test(
    "nothing that steers a terminal or turns the direction of text stays",
    arguments: [
      ("a\u{1B}[31mb\u{1B}[0m", "ab"), ("a\u{1B}]0;title\u{7}b", "a]0;titleb"), ("a\u{9B}2Jb", "ab"),
      ("a\u{1B}b", "ab"),
      ("a\u{202E}b\u{2066}c", "abc"), ("a\rb\u{8}c\u{7F}d\u{0}", "abcd"), ("a\u{2028}b\u{200B}c\u{FEFF}", "abc"),
      ("a\nb\tc", "abc"), ("\u{1B}[", ""), ("\u{1B}", ""),
    ])
  func hostile(_ text: String, _ shown: String) { #expect(ServerText.line(text) == shown) }

  @Test("an answer keeps its lines, but for empty ones at its end")
  func lines() { #expect(ServerText.lines("a\r\nb\tc\u{1B}[1m\n\n") == "a\nb\tc") }

  @Test("a name has 256 characters at most")
  func length() { #expect(ServerText.line([UInt8](repeating: 0x61, count: 100_000)).utf8.count == 256) }

  @Test(
    "colour codes go, and what only looks like one stays",
    arguments: [
      ("^1Red^7", "^", "Red"), ("^", "^", ""), ("^^1x", "^", "^1x"), ("a^ b", "^", "a^ b"), ("§aGreen§r", "§", "Green"),
      ("2^", "^", "2"),
    ] as [(String, Unicode.Scalar, String)])
  func colours(_ text: String, _ mark: Unicode.Scalar, _ shown: String) {
    #expect(ServerText.withoutColours(text, mark: mark) == shown)
  }
}
