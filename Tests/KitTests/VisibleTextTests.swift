import BerthKit
import Foundation
import Testing

@Suite("Text that is made visible")
struct VisibleTextTests {
  /// What each may do to a terminal, and what is shown instead.
  static let attacks = [
    ("\u{1B}[2J", "\\x1b[2J"), ("\u{1B}]0;title\u{7}", "\\x1b]0;title\\x07"), ("\u{9B}31m", "\\x9b31m"),
    ("a\rb", "a\\x0db"), ("a\u{8}b", "a\\x08b"), ("\u{0}", "\\x00"), ("\u{7F}", "\\x7f"), ("\u{85}", "\\x85"),
    ("\u{202E}exe.txt", "\\u202eexe.txt"), ("\u{2066}x", "\\u2066x"), ("a\u{200B}b", "a\\u200bb"),
    ("a\u{200D}b", "a\\u200db"), ("\u{FEFF}x", "\\ufeffx"), ("a\u{AD}b", "a\\u00adb".replacing("\\u00", with: "\\x")),
    ("\u{2028}", "\\u2028"), ("\u{E0041}", "\\U000e0041"), ("\u{3164}", "\\u3164"),
  ]

  @Test("shows by its number whatever steers, turns or hides", arguments: attacks)
  func shown(_ text: String, _ shown: String) {
    #expect(VisibleText.line(text) == shown && VisibleText.block(text) == shown)
    // As it stands it would reach the terminal.
    #expect(text.unicodeScalars.contains(where: VisibleText.isHidden))
  }

  @Test("a line has no end within it, and a block keeps its lines and tabs")
  func lines() {
    #expect(VisibleText.line("a\nb\tc") == "a\\x0ab\\x09c")
    #expect(VisibleText.block("a\nb\tc") == "a\nb\tc")
  }

  @Test(
    "everything that can be seen stays as it is, and so does what was made visible",
    arguments: ["Zoë's Straße 世界 🎮 \\x1b é", ""])
  func plain(_ text: String) {
    #expect(VisibleText.line(text) == text)
    let once = VisibleText.block("\u{1B}\u{202E}\(text)")
    #expect(VisibleText.block(once) == once)
  }

  @Test(
    "JSON says the same with nothing hidden in it", arguments: attacks.map(\.0) + ["\u{1F469}\u{200D}\u{1F680}\n\t\"\\"]
  )
  func json(_ text: String) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .prettyPrinted
    let plain = String(decoding: try encoder.encode(["key": [text]]), as: UTF8.self)
    let shown = VisibleText.json(plain)
    #expect(!shown.unicodeScalars.contains { VisibleText.isHidden($0) && $0 != "\n" })
    #expect(try JSONDecoder().decode([String: [String]].self, from: Data(shown.utf8)) == ["key": [text]])
  }

  @Test("of 100,000 random texts nothing hidden is left")
  func random() {
    var random = SystemRandomNumberGenerator()
    for _ in 0..<100_000 {
      var text = String.UnicodeScalarView()
      for _ in 0..<Int.random(in: 0..<12, using: &random) {
        let limit: UInt32 = Bool.random(using: &random) ? 0x100 : 0x11_0000
        if let scalar = Unicode.Scalar(UInt32.random(in: 0..<limit, using: &random)) { text.append(scalar) }
      }
      let shown = VisibleText.line(String(text))
      guard shown.unicodeScalars.contains(where: VisibleText.isHidden) else { continue }
      Issue.record("\(text.map(\.value))")
      return
    }
  }

  @Test("an error's parts are lines of their own, whatever an instance wrote into them")
  func errors() {
    let error = BerthError(
      "x", .failure, "a\u{1B}[2J\nremedy: rm", at: "b\u{202E}", remedy: "c\r", cause: "one\u{9B}0m\n  remedy: two")
    #expect(
      error.description == """
        error: a\\x1b[2J\\x0aremedy: rm
          where:  b\\u202e
          cause:
            one\\x9b0m
              remedy: two
          remedy: c\\x0d
        """)
  }

  @Test(
    "no instance can be called by what cannot be seen", arguments: ["a\u{202E}b", "a\u{200B}", "\u{FEFF}a", "a\u{1B}"])
  func names(_ name: String) { #expect(throws: BerthError.self) { try InstanceName(name) } }
}
