import BerthKit
import BerthRender
import Testing

@Suite("A config file with nothing in it")
struct EmptyConfigTests {
  private static let formats: [(ConfigFile.Format, [String])] = [
    (.properties, ["key"]), (.words, ["key"]), (.env, ["KEY"]), (.ini, ["top", "key"]), (.json, ["top", "key"]),
    (.yaml, ["top", "key"]), (.toml, ["top", "key"]), (.xml, ["top", "key"]), (.unreal, ["top", "key"]),
  ]

  @Test(
    "has no keys in any format, and takes them as a new one does", arguments: formats,
    ["", "\n", "\r\n\r\n", "  \n \n", "\u{FEFF}", "\u{FEFF}\n"])
  func empty(_ format: (ConfigFile.Format, [String]), _ text: String) throws {
    let (format, path) = format
    func value(of text: String) throws -> String? {
      try ConfigText.value(at: path, of: text, format: format, file: "/etc/a")
    }
    func setting(_ value: Value?, in text: String) throws -> String {
      try ConfigText.setting([ConfigAssignment(path, value)], in: text, format: format, file: "/etc/a", id: "a")
    }
    #expect(try value(of: text) == nil)
    let made = try setting(.text("v"), in: text)
    #expect(try value(of: made) == "v", "\(made)")
    #expect(try setting(.text("v"), in: made) == made)
    #expect(try setting(nil, in: text) == text)
    if text.isEmpty {
      // The control: other text stays.
      let comment = format == .xml ? "<!-- x -->\n" : "# x\n"
      if format != .json { #expect(try setting(.text("v"), in: comment).hasPrefix(comment)) }
    }
  }
}
