import BerthKit
import Foundation
import Testing

@Suite("Errors") struct BerthErrorTests {
  private func json(_ error: BerthError) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(error), as: UTF8.self)
  }

  @Test("JSON has just the five keys, and what is unknown is null")
  func nulls() throws {
    #expect(
      try json(BerthError("port-in-use", .conflict, "port 1 is taken"))
        == #"{"cause":null,"code":"port-in-use","remedy":null,"summary":"port 1 is taken","where":null}"#)
  }

  @Test("JSON has every part that is known")
  func full() throws {
    let error = BerthError("no-file", .failure, "no 'x'", at: "a/b:7", remedy: "touch x", cause: "errno 2")
    #expect(
      try json(error) == #"{"cause":"errno 2","code":"no-file","remedy":"touch x","summary":"no 'x'","where":"a/b:7"}"#)
  }

  @Test("a person reads what, where, cause and remedy, a line each")
  func text() {
    #expect("\(BerthError("c", .usage, "what"))" == "error: what")
    #expect(
      "\(BerthError("c", .usage, "what", at: "a:1", remedy: "do it", cause: "because"))" == """
        error: what
          where:  a:1
          cause:  because
          remedy: do it
        """)
    #expect(
      "\(BerthError("c", .usage, "what", cause: "line one\n\nline three"))" == """
        error: what
          cause:
            line one
            \("")
            line three
        """)
    // What an instance says must not pass for a line of the error's own, behind a carriage return either.
    #expect(
      "\(BerthError("c", .usage, "what", cause: "one\r\nerror: two"))" == """
        error: what
          cause:
            one\\x0d
            error: two
        """)
  }

  @Test("a place is added only where there is none")
  func place() {
    #expect(BerthError("c", .usage, "what").at("here").location == "here")
    #expect(BerthError("c", .usage, "what", at: "there").at("here").location == "there")
  }

  @Test("the kind alone decides the exit status")
  func statuses() {
    #expect(BerthError.Kind.allCases.map(\.exitStatus) == [64, 65, 69, 70, 73, 75, 77])
  }

  @Test("unknown words of a command offer the nearest")
  func offers() {
    let setting = BerthError.unknownSetting("max-user", app: "luanti", known: ["max-users", "admin"])
    #expect(setting.code == "unknown-setting")
    #expect(setting.summary == "'luanti' has no setting 'max-user'; did you mean 'max-users'?")
    #expect(setting.remedy == "berth app show luanti")
    let role = BerthError.unknownPortRole("gmae", app: "luanti", known: ["game"])
    #expect(role.summary == "'luanti' has no port role 'gmae'; did you mean 'game'?")
  }

  @Test("settings that must be chosen are named together, with what to type")
  func missing() {
    let error = BerthError.missingSettings(["host", "admin"], app: "eqmd")
    #expect(error.code == "missing-setting")
    #expect(error.summary == "'eqmd' needs a value for 'host', 'admin'")
    #expect(error.remedy == "add --set host=VALUE --set admin=VALUE")
  }

  @Test("the remedy of a broken manifest names the file without its line")
  func remedies() {
    #expect(
      BerthError.badManifest("x", at: "a/plugin.yaml:12", key: nil).remedy
        == "berth app check a/plugin.yaml")
    #expect(
      BerthError.badManifest("x", at: "a:b/plugin.yaml", key: "k").remedy
        == "berth app check a:b/plugin.yaml")
  }

  @Test("hostile words are quoted without their control characters")
  func quoting() {
    let words = "a\u{1B}[2J\n\u{2028}b"
    let errors = [
      BerthError.badInstanceID(words), .badInstanceName(words, "why"), .unknownApp(words, known: []),
      .badSetting("s", value: words, expected: "x"), .badManifest(words, at: "f", key: words),
    ]
    for error in errors { #expect(!error.summary.hasControlCharacter, "\(error.code)") }
    #expect(BerthError.badInstanceID(words).summary.hasPrefix("'a\\u{1b}[2J\\u{a}\\u{2028}b' is not"))
    #expect(BerthError.badInstanceID(String(repeating: "x", count: 5000)).summary.count < 250)
  }

  @Test("however long what they quote is, errors are bounded, and show its beginning and its end")
  func bounded() throws {
    let hostile = "begin " + String(repeating: "\u{1F980}e\u{301}", count: 40_000) + " end"
    let error = BerthError("c", .usage, "'\(hostile)' is bad", at: hostile, remedy: "rm \(hostile)", cause: hostile)
    for part in [error.summary, error.location, error.remedy?.text, error.at(hostile).location] {
      let part = try #require(part)
      #expect(part.utf8.count < BerthError.longest + 10 && part.contains("…") && part.contains("begin "))
    }
    #expect(error.summary.hasSuffix(" end' is bad") && error.summary.hasPrefix("'begin "))
    #expect(error.cause.map { $0.utf8.count < 4 * BerthError.longest + 10 } == true)
    #expect("\(error)".utf8.count < 8 * BerthError.longest && !"\(error)".contains("\u{FFFD}"))
    for length in [0, 1, 2, 3, 5, 100] {
      #expect(hostile.bounded(to: length).utf8.count <= length + 3)
      #expect(
        String("\u{1F980}\u{1F980}\u{1F980}".bounded(to: length)).unicodeScalars.allSatisfy {
          "\u{1F980}…".unicodeScalars.contains($0)
        })
    }
    #expect("short".bounded(to: 5) == "short" && "longer".bounded(to: 3) == "lo…r")
  }

  @Test("what is no error of Berth's becomes one, and the end of a command is said in words")
  func anything() {
    let known = BerthError("c", .conflict, "what")
    #expect(BerthError(anything: known) == known)
    let ended = BerthError(anything: CancellationError())
    #expect(ended.code == "ended" && ended.summary == "it was told to end before it was done")
    #expect(!"\(ended)".contains("CancellationError"))
    struct Other: Error {}
    #expect(BerthError(anything: Other()).summary == "Other()")
  }
}
