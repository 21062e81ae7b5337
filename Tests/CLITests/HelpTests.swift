import ArgumentParser
import Foundation
import Testing

@testable import BerthCLI

@Suite("Help")
struct HelpTests {
  private static let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "docs/commands.md")

  @Test("the page of all commands is what each says of itself, byte for byte")
  func page() throws {
    let text = HelpPage.text
    if ProcessInfo.processInfo.environment["RECORD_GOLDEN"] == "1" {
      try text.write(to: Self.file, atomically: true, encoding: .utf8)
      Issue.record("recorded anew: read the difference")
    }
    #expect(try String(contentsOf: Self.file, encoding: .utf8) == text)
    #expect(HelpPage.commands.count > 45)
  }

  @Test("is as wide as the terminal: no line is longer, and no word is lost", arguments: [40, 60, 80, 100, 200])
  func width(_ columns: Int) {
    for entry in HelpPage.commands {
      let text = HelpText.of(entry.type, columns: columns)
      for line in text.split(separator: "\n") where line.count > columns {
        // What cannot be broken: one word, or one pair of brackets.
        #expect(!line.drop { $0 == " " }.contains(" ") || line.contains("["), "\(entry.words): \(line)")
      }
      #expect(Self.words(text) == Self.words(HelpText.of(entry.type, columns: 100_000)), "\(entry.words)")
    }
  }

  private static func words(_ text: String) -> [Substring] { text.split { $0 == " " || $0 == "\n" } }

  @Test("a line that is continued stands below what it continues")
  func continued() {
    let text = """
      OVERVIEW: One two three four five six seven eight nine ten

      EXAMPLES
        berth install luanti --set a=b --set c=d       a comment on it

      USAGE: berth list [--app <app>] [--plugins <dir> ...] [--json]

        --scope <scope>         Whose service manager to use of all.
      """
    #expect(
      HelpText.wrapped(text, to: 44) == """
        OVERVIEW: One two three four five six seven
        eight nine ten

        EXAMPLES
          berth install luanti --set a=b --set c=d
              a comment on it

        USAGE: berth list [--app <app>]
               [--plugins <dir> ...] [--json]

          --scope <scope>
              Whose service manager to use of all.
        """)
    #expect(
      HelpText.wrapped(text, to: 52).hasSuffix(
        "--scope <scope>         Whose service manager to\n                          use of all."))
    // The control: what is no help is not touched, however long it is.
    let script = String(repeating: "word ", count: 50)
    #expect(HelpText.wrapped(script, to: 40) == script)
  }

  @Test("that of the root lists the global options, and completions offer them before a command")
  func root() throws {
    let text = HelpText.of(BerthCommand.self, columns: 100)
    for option in ["--root <dir>", "--plugins <dir>", "-y, --yes", "--json"] { #expect(text.contains(option)) }
    for shell in [CompletionShell.bash, .zsh, .fish] {
      let script = BerthCommand.completionScript(for: shell)
      #expect(script.contains("plugins") && script.contains("backups") && !script.contains("sandbox-supervise"))
    }
  }
}
