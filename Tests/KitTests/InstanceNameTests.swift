import BerthKit
import Testing

@Suite("Instance names and slugs") struct InstanceNameTests {
  @Test(
    "a name is one line that a person reads",
    arguments: [
      "Kids", "a", "Übungs-Server №1", "日本", "Tom & \"Jerry\" $5 100%", "deadbee", "DEADBEEF", "12345", "x-y", "שלום",
      "خادم 2",
    ])
  func accepted(_ text: String) throws {
    #expect(try InstanceName(text).text == text)
  }

  @Test(
    "a name that cannot be shown, or could be taken for an id, is refused",
    arguments: [
      ("", "empty"), (String(repeating: "x", count: 65), "64 characters"), (" a", "space"), ("a ", "space"),
      ("a\nb", "control"), ("a\0b", "control"), ("a\u{1B}[31mb", "control"), ("a\u{85}b", "control"),
      ("a\u{2028}b", "control"), ("a\tb", "control"), ("default", "an instance id"), ("deadbeef", "an instance id"),
      ("12345678", "an instance id"), ("6f9619ff-8b86", "an instance id"),
      ("6f9619ff-8b86-4011-b42d-00c04fc964ff", "an instance id"), ("--------", "an instance id"),
      ("a\u{A0}b", "cannot be seen"), ("\u{2800}", "cannot be seen"), ("a\u{200B}", "cannot be seen"),
      ("a\u{3164}b", "cannot be seen"), ("a\u{3000}b", "cannot be seen"), ("a\u{202E}b", "the direction"),
      ("\u{200F}a", "the direction"), ("a\u{2066}b", "the direction"),
      // What stands for bytes that are not UTF-8, and what is no character.
      ("a\u{10FFFF}", "control"), ("a\u{10FF80}b", "control"), ("\u{10FFF4}", "control"),
      ("a\u{FFFF}", "cannot be seen"),
    ])
  func refused(_ text: String, _ reason: String) throws {
    let error = try #require(throws: BerthError.self) { _ = try InstanceName(text) }
    #expect(error.code == "bad-instance-name")
    #expect(error.kind == .usage)
    #expect(error.summary.contains(reason))
    #expect(!error.summary.hasControlCharacter)
  }

  @Test(
    "a slug is lowercase ASCII words with single dashes",
    arguments: [
      ("Kids", "kids"), ("Kids & Adults", "kids-adults"), ("  --PvP--!", "pvp"), ("Tor 7", "tor-7"),
      ("Übungs-Server", "bungs-server"), ("日本", "instance"), ("…", "instance"), ("ALL_CAPS.x", "all-caps-x"),
      ("../../etc", "etc"), ("a%i$b", "a-i-b"),
    ])
  func slugs(_ name: String, _ slug: String) {
    #expect(InstanceName(unchecked: name).slug(avoiding: []) == slug)
  }

  @Test("a taken slug gets the next free number")
  func unique() {
    let name = InstanceName(unchecked: "Kids")
    #expect(name.slug(avoiding: ["kids"]) == "kids-2")
    #expect(name.slug(avoiding: ["kids", "kids-2", "kids-3"]) == "kids-4")
    #expect(name.slug(avoiding: ["kids-2"]) == "kids")
    #expect(InstanceName(unchecked: "日本").slug(avoiding: ["instance"]) == "instance-2")
  }

  @Test(
    "a slug has at most 40 characters and no dash at its end, its number included",
    arguments: [
      String(repeating: "x", count: 64), String(repeating: "x", count: 39) + " y", String(repeating: "a ", count: 32),
    ])
  func length(_ text: String) {
    let name = InstanceName(unchecked: text)
    var taken: Set<String> = []
    for _ in 1...12 {
      let slug = name.slug(avoiding: taken)
      #expect(slug.count <= 40)
      #expect(slug.last != "-" && !slug.contains("--"))
      #expect(taken.insert(slug).inserted)
    }
  }

  @Test("without a name an instance is called 'default' or by the beginning of its UUID")
  func automatic() throws {
    #expect(InstanceName(automaticFor: .default).text == "default")
    let id = try InstanceID("6f9619ff-8b86-4011-b42d-00c04fc964ff")
    #expect(InstanceName(automaticFor: id).text == "6f9619ff")
  }
}
