import Foundation
import Testing

@testable import BerthHost

@Suite("A text in KeyValues")
struct KeyValuesTests {
  @Test("is read from where its name stands alone, whatever is before and behind it")
  func reads() {
    let text = """
      "y" "1"
      some "x" {
        "x"
      {  "a" "1" "b" { "c" "two words" } d "\\"q\\" \\\\ \\n" "A" "2" "e" { } }
      rest }
      """
    let block = KeyValues.block("x", in: text)
    #expect(block?["a"] == .text("1") && block?["B"]?["c"] == .text("two words"))
    #expect(block?["d"] == .text("\"q\" \\ \n") && block?["e"] == .block([]))
    #expect(block?["none"] == nil && block?["a"]?["b"] == nil)
    #expect(block?["a"]?.number == 1 && block?["b"]?.number == nil)
  }

  @Test(
    "that is broken or empty is none",
    arguments: [
      "", "\"x\"", "\"x\" {", "\"x\" { \"a\"", "\"x\" { \"a\" }", "\"x\" { \"a\" \"b }", "\"x\" { { } }", "\"x\" { }",
      "\"x\" \"y\"", "\"xx\" { \"a\" \"b\" }", "\"x\" { \"a\" \"b\\", "\"x\" }",
    ])
  func broken(_ text: String) { #expect(KeyValues.block("x", in: text) == nil) }

  @Test("that is deeper or longer than any of Steam's is none, and takes no long time")
  func bounded() {
    func nested(_ depth: Int) -> String {
      "\"x\" " + String(repeating: "{ \"a\" ", count: depth) + "\"1\"" + String(repeating: " }", count: depth)
    }
    #expect(KeyValues.block("x", in: nested(KeyValues.deepest)) != nil)
    #expect(KeyValues.block("x", in: nested(KeyValues.deepest + 1)) == nil)
    #expect(KeyValues.block("x", in: nested(100_000)) == nil)
    let long = "\"x\" { \"a\" \"" + String(repeating: "b", count: KeyValues.longest) + "\" }"
    #expect(KeyValues.block("x", in: long) == nil)
  }

  @Test("of random letters ends nothing but the reading")
  func random() throws {
    var generator = SystemRandomNumberGenerator()
    let letters = Array("\"\"{}{}\\ \n\tab1/[]")
    for _ in 0..<20_000 {
      let text = "\"x\" { " + String((0..<40).map { _ in letters.randomElement(using: &generator) ?? " " })
      if let block = KeyValues.block("x", in: text), case .text = block { Issue.record("no block: \(text)") }
    }
    for end in SteamCMDTests.answer.indices {
      #expect((SteamCMD.builds(of: 42, in: String(SteamCMDTests.answer[..<end])) ?? [:]).allSatisfy { $0.value > 0 })
    }
  }
}
