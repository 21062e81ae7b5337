import BerthKit
import Testing

@testable import BerthCLI

@Suite("Labels on the command line") struct LabelTests {
  @Test(
    "are one line of characters: neither what steers a terminal nor what stands for a byte that is not UTF-8",
    arguments: ["site=a\nb", "site=\u{1B}[31m", "site=\u{10FFFF}", "site=x\u{10FF80}", "s\u{10FFF4}te=north", "a\tb=c"])
  func refused(_ word: String) {
    let error = #expect(throws: BerthError.self) { try Pairs.labels([word], option: "--label") }
    #expect(error?.kind == .usage && error?.summary.hasControlCharacter == false)
  }

  @Test("are everything else, the sign for a character that is none included")
  func accepted() throws {
    #expect(
      try Pairs.labels(["site=Zürich 🎮", "mark=\u{FFFD}", "none="], option: "--label")
        == ["site": "Zürich 🎮", "mark": "\u{FFFD}", "none": ""])
  }
}
