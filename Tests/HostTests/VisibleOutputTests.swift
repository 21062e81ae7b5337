import BerthKit
import Foundation
import TestSupport
import Testing

@testable import BerthCLI

@Suite("What reaches the terminal")
struct VisibleOutputTests {
  @Test("a service's escape sequences come out of no command, and whole out of JSON")
  func logs() async throws {
    try await SandboxFixture.with { box in
      try box.addPlugin("idle", FixturePlugins.idle())
      let text = #"\\x1b[31mred\\x1b]0;owned\\x07 \\xe2\\x80\\xae gnp"#
      try await box.succeed(
        "install", "idle", "--set", "greeting=plain", "--no-start")
      // A program chooses its words by itself.
      try box.addPlugin("idle", FixturePlugins.idle().replacing("said: $ARGV[0]", with: "said: \(text)"))
      try await box.succeed("update", "idle")
      try await box.succeed("start", "idle")
      var shown = ""
      for _ in 0..<100 where !shown.contains("said") {
        try await Task.sleep(for: .milliseconds(50))
        shown = try await box.berth("logs", "idle").output
      }
      #expect(shown.contains("said: \\x1b[31mred\\x1b]0;owned\\x07 \\u202e gnp"), "\(shown)")
      #expect(!shown.unicodeScalars.contains { VisibleText.isHidden($0) && $0 != "\n" })
      let json = try await box.berth("logs", "idle", "--json").output
      #expect(!json.unicodeScalars.contains { VisibleText.isHidden($0) && $0 != "\n" })
      let messages = try json.split(separator: "\n").map { try JSON(parsing: String($0))["message"].text }
      #expect(messages.contains("said: \u{1B}[31mred\u{1B}]0;owned\u{7} \u{202E} gnp"))
    }
  }

  @Test("only Berth's own colours become escape sequences")
  func colours() {
    #expect(
      Paint.finished("a \(Paint.coloured("b\u{1B}[2J", "31")) c\u{9B}") == "a \u{1B}[31mb\\x1b[2J\u{1B}[0m c\\x9b")
    #expect(Paint.finished("\u{1}12345:31mx") == "\\x0112345:31mx")
  }

  @Test("columns are as wide as what is shown in them")
  func table() {
    var table = Table(["A", "B"])
    table.add(["x\u{1B}[2J", "1"])
    table.add(["y", "2\n3"])
    #expect(table.lines().map { $0.replacing(" ", with: "·") } == ["A·········B", "x\\x1b[2J··1", "y·········2\\x0a3"])
  }
}
