import BerthKit
import Testing

@Suite("Settings as a text to edit") struct SettingsSheetTests {
  private static let lines = [
    SettingsSheet.Line("title", "Hall \"A\" #1: $x", group: "Look", comments: ["Shown to players", "string"]),
    SettingsSheet.Line("players", "10", comments: ["int, 1 to 100"]),
    SettingsSheet.Line("admin", nil, group: "Look", comments: ["string; may be left out"]),
    SettingsSheet.Line("open", "true"),
  ]

  @Test("it has every setting under its heading, with what it may be above it")
  func text() {
    #expect(
      SettingsSheet.text(Self.lines, heading: ["The settings of demo/A."]) == #"""
        # The settings of demo/A.

        # == Look ==

        # Shown to players
        # string
        title: "Hall \"A\" #1: $x"

        # string; may be left out
        # admin:

        # int, 1 to 100
        players: 10

        open: true

        """#)
  }

  private func changes(_ text: String) throws -> (settings: [String: String], unset: Set<String>) {
    try SettingsSheet.changes(in: text, from: Self.lines, file: "/tmp/demo.yaml")
  }

  @Test("untouched it changes nothing; a line that is gone is a default, one that is new or other a value")
  func changes() throws {
    let text = SettingsSheet.text(Self.lines, heading: [])
    let same = try changes(text)
    #expect(same.settings == [:] && same.unset == [])
    let other = try changes(
      text.replacing("# admin:", with: "admin: ann").replacing("players: 10", with: "players: 1.10")
        .replacing("open: true", with: "# open: true"))
    #expect(other.settings == ["admin": "ann", "players": "1.10"] && other.unset == ["open"])
  }

  @Test("a variable of the instance's own may be added, changed and left alone")
  func variables() throws {
    let lines = Self.lines + [SettingsSheet.Line("env.TZ", nil, group: "Variables", comments: ["password"])]
    let text = SettingsSheet.text(lines, heading: [])
    #expect(text.contains("# == Variables ==\n\n# password\n# env.TZ:\n"))
    func changes(_ text: String) throws -> [String: String] {
      try SettingsSheet.changes(in: text, from: lines, file: "/tmp/demo.yaml").settings
    }
    #expect(try changes(text) == [:])
    #expect(try changes(text + "env.NEW: 1.10\nenv.TZ: UTC\n") == ["env.NEW": "1.10", "env.TZ": "UTC"])
    let error = #expect(throws: BerthError.self) { try changes(text + "environ: 1\n") }
    #expect(error?.summary.contains("unknown key") == true)
  }

  @Test(
    "what cannot be read is named with its line",
    arguments: [
      ("title: a\nplayer: 3\n", "'player': unknown key; did you mean 'players'?", ""),
      ("title: a\ntitle: b\n", "the key 'title' stands here twice", ""),
      ("title: [a]\n", "'title': expected text, found a list", ":1"),
      ("title:\n", "'title': expected text, found nothing", ":1"), ("", "the file is empty", ""),
      ("# nothing\n", "the file is empty", ""), ("title: \"a\n", "this is not YAML", ""),
    ])
  func broken(_ text: String, _ says: String, _ line: String) throws {
    let error = try #require(throws: BerthError.self) { try changes(text) }
    #expect(error.code == "bad-settings" && error.kind == .badInput)
    #expect(error.summary.hasPrefix(says), "\(error.summary)")
    #expect(error.location?.hasPrefix("/tmp/demo.yaml\(line)") == true, "\(error.location ?? "")")
  }

  @Test("whatever a value holds is read back: 5,000 of them")
  func values() throws {
    var random = SystemRandomNumberGenerator()
    let signs = Array("aZ0 9:#'\"\\{}[]&*!|>%@`-?,~$=<ü€😀\u{a0}.yes".unicodeScalars)
    for _ in 0..<5000 {
      var text = String.UnicodeScalarView()
      for _ in 0..<Int.random(in: 1...12, using: &random) {
        text.append(signs[Int.random(in: 0..<signs.count, using: &random)])
      }
      let line = SettingsSheet.Line("key", String(text))
      let sheet = SettingsSheet.text([line], heading: [])
      let other = try SettingsSheet.changes(in: sheet, from: [SettingsSheet.Line("key", nil)], file: "x")
      #expect(other.settings == ["key": String(text)], "\(sheet)")
    }
  }
}
