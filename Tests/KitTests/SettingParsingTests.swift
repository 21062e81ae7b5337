import BerthKit
import Testing

@Suite("Values of settings") struct SettingParsingTests {
  /// A setting, what a person wrote, and the value that it becomes.
  struct Accepted: Sendable {
    let setting: Setting
    let text: String
    let value: Value

    init(_ setting: Setting, _ text: String, _ value: Value) {
      self.setting = setting
      self.text = text
      self.value = value
    }
  }

  @Test(
    "a fitting text gets the type that the setting declares",
    arguments: [
      Accepted(Setting("s", .string), "", .text("")),
      Accepted(Setting("s", .string), "on", .text("on")),
      Accepted(Setting("s", .string), "a \"b\" $c %d \\ #;`日本`", .text("a \"b\" $c %d \\ #;`日本`")),
      Accepted(Setting("s", .string), String(repeating: "x", count: 255), .text(String(repeating: "x", count: 255))),
      Accepted(Setting("s", .string, length: 3), "日本語", .text("日本語")),
      Accepted(Setting("s", .string, pattern: "[a-z]+"), "abc", .text("abc")),
      Accepted(Setting("s", .password, length: 4), "abcd", .text("abcd")),
      Accepted(
        Setting("s", .secret, length: 16), String(repeating: "x", count: 40), .text(String(repeating: "x", count: 40))),
      Accepted(Setting("s", .int), "-7", .integer(-7)),
      Accepted(Setting("s", .int, min: 1, max: 64), "1", .integer(1)),
      Accepted(Setting("s", .int, min: 1, max: 64), "64", .integer(64)),
      Accepted(Setting("s", .float, min: 0.02, max: 1), "0.02", .number(0.02)),
      Accepted(Setting("s", .float), "10", .number(10)),
      Accepted(Setting("s", .bool), "true", .boolean(true)), Accepted(Setting("s", .bool), "yes", .boolean(true)),
      Accepted(Setting("s", .bool), "on", .boolean(true)), Accepted(Setting("s", .bool), "1", .boolean(true)),
      Accepted(Setting("s", .bool), "false", .boolean(false)), Accepted(Setting("s", .bool), "no", .boolean(false)),
      Accepted(Setting("s", .bool), "off", .boolean(false)), Accepted(Setting("s", .bool), "0", .boolean(false)),
      Accepted(Setting("s", .choice, choices: ["0", "no"]), "no", .text("no")),
      Accepted(Setting("s", .size, min: 1024, max: 2048), "1K", .text("1K")),
      Accepted(Setting("s", .size, min: 1024, max: 2048), "2048", .text("2048")),
      Accepted(Setting("s", .hostname), "play.example.org", .text("play.example.org")),
    ])
  func accepted(_ row: Accepted) throws {
    #expect(try row.setting.parse(row.text) == row.value)
  }

  /// A setting, what a person wrote, and what the error says was expected.
  struct Refused: Sendable {
    let setting: Setting
    let text: String
    let expected: String

    init(_ setting: Setting, _ text: String, _ expected: String) {
      self.setting = setting
      self.text = text
      self.expected = expected
    }
  }

  @Test(
    "a text that does not fit is refused, and the error says what is expected",
    arguments: [
      Refused(Setting("s", .string), String(repeating: "x", count: 256), "at most 255 characters"),
      Refused(Setting("s", .string, length: 3), "abcd", "at most 3 characters"),
      Refused(Setting("s", .string, pattern: "[a-z]+"), "abc1", "text that matches [a-z]+"),
      Refused(Setting("s", .string, pattern: "[a-z]+"), "", "text that matches [a-z]+"),
      Refused(Setting("s", .int), "1.5", "a whole number"),
      Refused(Setting("s", .int), "", "a whole number"),
      Refused(Setting("s", .int), " 1", "a whole number"),
      Refused(Setting("s", .int), "99999999999999999999", "a whole number"),
      Refused(Setting("s", .int, min: 1, max: 64), "0", "a whole number from 1 to 64"),
      Refused(Setting("s", .int, min: 1, max: 64), "65", "a whole number from 1 to 64"),
      Refused(Setting("s", .int, min: 1), "0", "a whole number of at least 1"),
      Refused(Setting("s", .int, max: 9), "10", "a whole number of at most 9"),
      Refused(Setting("s", .float, min: 0.02, max: 1), "0.01", "a number from 0.02 to 1"),
      Refused(Setting("s", .float), "nan", "a number"), Refused(Setting("s", .float), "inf", "a number"),
      Refused(Setting("s", .float), "1,5", "a number"),
      Refused(Setting("s", .bool), "True", "true or false"), Refused(Setting("s", .bool), "", "true or false"),
      Refused(Setting("s", .choice, choices: ["dm", "ctf"]), "ctd", "one of dm, ctf; did you mean 'ctf'?"),
      Refused(Setting("s", .choice, choices: ["dm", "ctf"]), "zzzz", "one of dm, ctf"),
      Refused(Setting("s", .size), "1.5G", "a size such as 512M or 2G"),
      Refused(Setting("s", .size, min: 1024), "1", "a size of at least 1K"),
      Refused(Setting("s", .size, min: 2, max: 0x1p63), "1", "a size from 2 to 9.223372036854776e+18"),
      Refused(Setting("s", .hostname), "play_er.example", "a host name such as play.example.org"),
    ])
  func refused(_ row: Refused) throws {
    let error = try #require(throws: BerthError.self) { _ = try row.setting.parse(row.text) }
    #expect(error.code == "bad-setting")
    #expect(error.kind == .usage)
    #expect(error.summary.hasSuffix("does not fit the setting 's': expected \(row.expected)"))
    #expect(error.remedy == "add --set s=VALUE")
  }

  @Test(
    "no kind of setting takes a character that ends a line or a C string", arguments: Setting.Kind.allCases,
    ["\n", "\r", "\r\n", "\0", "\t", "\u{1B}", "\u{7F}", "\u{85}", "\u{2028}", "\u{2029}"])
  func controlCharacters(_ kind: Setting.Kind, _ character: String) throws {
    let setting = Setting("s", kind, choices: ["a\(character)b"])
    for text in ["a\(character)b", "1\(character)", "\(character)true", character] {
      let error = try #require(throws: BerthError.self) { _ = try setting.parse(text) }
      #expect(error.summary.hasSuffix("expected one line without control characters"))
      #expect(!error.summary.hasControlCharacter)
    }
  }

  @Test("the value of a secret is never quoted", arguments: [Setting.Kind.secret, .password])
  func secretsStaySecret(_ kind: Setting.Kind) throws {
    let setting = Setting("s", kind, length: 8, pattern: "[0-9]+")
    for text in ["hunter2hunter2", "hunter2", "hunter2\n"] {
      let error = try #require(throws: BerthError.self) { _ = try setting.parse(text) }
      #expect(!"\(error)".contains("hunter2"))
      #expect(error.cause == nil)
    }
  }

  @Test("a setting is required unless it has a default, is optional or is generated")
  func required() {
    #expect(Setting("s", .string).isRequired)
    #expect(Setting("s", .password).isRequired)
    #expect(!Setting("s", .string, default: "x").isRequired)
    #expect(!Setting("s", .string, optional: true).isRequired)
    #expect(!Setting("s", .secret).isRequired)
    #expect(Setting("s", .secret).secretLength == 24)
    #expect(Setting("s", .secret, length: 16).secretLength == 16)
  }
}
