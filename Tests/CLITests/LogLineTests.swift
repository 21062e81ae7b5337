import BerthKit
import Testing

@testable import BerthCLI

@Suite("Lines of a log")
struct LogLineTests {
  @Test(
    "of which a message has several are set off, whatever ends them",
    arguments: [
      ("one", "one"), ("one\ntwo", "one\n    two"), ("one\r\ntwo\r\n", "one\r\n    two\r\n    "), ("", ""),
      ("\n\n", "\n    \n    "),
    ])
  func furtherLines(_ message: String, _ shown: String) {
    let entry = LogEntry(time: "2026-01-01T00:00:00Z", unit: "a@default.service", message: message)
    #expect(Array(entry.indentedMessage.utf8) == Array(shown.utf8))
  }
}
