import BerthKit
import BerthRender
import Testing

@Suite("Reading and refusing config files") struct ConfigReadingTests {
  private static let file = "/state/data/a.cfg"

  private func set(_ format: ConfigFile.Format, _ text: String, _ path: [String], _ value: Value?) throws -> String {
    try ConfigText.setting([ConfigAssignment(path, value)], in: text, format: format, file: Self.file, id: "a.cfg")
  }

  @Test(
    "the value at a path is read as text",
    arguments: [
      (ConfigFile.Format.properties, ["port"], "a = 1\nport = 2 \nport=3\n", "3"),
      (.properties, ["motd"], "motd = \"\"\"\na\nb\n\"\"\"\n", "a\nb"),
      (.properties, ["b"], "a = 1\n[s]\nb = 2\n", nil),
      (.words, ["name"], "port 1; NAME \"a; \\\"b\\\"\" # c\n", "a; \"b\""),
      (.words, ["port"], "port 1 // the port\n", "1"),
      (.words, ["ports"], "port 1\n", nil),
      (.env, ["A"], "A=\"x \\\"y\\\" \\$z\" \nB=1\n", "x \"y\" $z"),
      (.env, ["A"], "export A='it'\\''s'\n", "it's"),
      (.env, ["B"], "A=\"\nB=1\"\n", nil),
      (.ini, ["Preferences", #"WebUI\Port"#], RealConfig.qBittorrent, "8080"),
      (
        .ini, ["Preferences", #"WebUI\Password_PBKDF2"#], RealConfig.qBittorrent,
        "@ByteArray(AAAAAAAAAAAAAAAAAAAAAA==:BBBB+/BB==)"
      ),
      (.ini, [#"WebUI\Port"#], RealConfig.qBittorrent, nil),
      (.xml, ["Config", "InstanceName"], RealConfig.radarr, "Radarr & friends"),
      (.xml, ["Config", "UrlBase"], RealConfig.radarr, ""),
      (.xml, ["a", "@b"], "<a b='&#65;&#x42;'/>", "AB"),
      (.xml, ["a", "b"], "<a><b>1<!-- 2 --><![CDATA[<3>]]></b></a>", "1<3>"),
      (.xml, ["Config", "Nothing"], RealConfig.radarr, nil),
      (.json, ["visibility", "lan"], RealConfig.factorio, "true"),
      (.json, ["description"], RealConfig.factorio, "Say \"hi\" é"),
      (.json, ["x"], #"{"x": "\ud83c\udff4\/"}"#, "🏴/"),
      (.json, ["nothing"], RealConfig.factorio, nil),
      (.yaml, ["messages", "kick", "connection-throttle"], RealConfig.paper, "Connection throttled! It's too fast."),
      (.yaml, ["proxies", "velocity", "enabled"], RealConfig.paper, "false"),
      (.yaml, ["proxies", "nothing"], RealConfig.paper, nil),
      (.toml, ["advanced", "query", "port"], RealConfig.velocity, "25565"),
      (.toml, ["forced-hosts", "lobby.example.com"], RealConfig.velocity, "[ \"lobby\" ]"),
      (.toml, ["plugin", "name"], RealConfig.velocity, nil),
      (.unreal, [PathEdit.world, "OptionSettings", "ServerName"], RealConfig.palworld, "Default, \"Palworld\" Server"),
      (.unreal, [PathEdit.world, "OptionSettings", "DeathPenalty"], RealConfig.palworld, "All"),
      (.unreal, ["/Script/Engine.GameSession", "Name"], RealConfig.palworld, "x y"),
      (.template, ["a"], "a 1\n", nil),
    ] as [(ConfigFile.Format, [String], String, String?)])
  func reads(_ format: ConfigFile.Format, _ path: [String], _ text: String, _ expected: String?) throws {
    #expect(try ConfigText.value(at: path, of: text, format: format, file: Self.file) == expected)
  }

  @Test(
    "a file that is not what its format says is named with its line, and nothing is written",
    arguments: [
      (ConfigFile.Format.ini, "a=1\n[b\nc=2\n", 2, "a section's name has no ']'"),
      (.ini, "a=1\r\nb=\"2\r\n", 2, "a quote has no end"),
      (.ini, "a=1\rb=C:\\\r", 2, "a backslash at the end of the line"),
      (.xml, "<a>\n<b>\n</a>", 3, "'</a>' does not end '<b>' of line 2"),
      (.xml, "<a>\n", 1, "'<a>' has no end"), (.xml, "<a/>\n<b/>", 2, "there is a second root element"),
      (.xml, "<a/>\nx", 2, "text stands outside of the root element"), (.xml, "<a>&x;</a>", 1, "'&' begins no entity"),
      (.xml, "<!DOCTYPE a [\n<!ENTITY x \"y\">]><a/>", 1, "a DOCTYPE with declarations of its own"),
      (.xml, "<a><!-- x</a>", 1, "a comment has no end"),
      (.xml, "<a b=c/>", 1, "the attribute 'b' has no value in quotes"),
      (.xml, "<a b='1' b='2'/>", 1, "the attribute 'b' stands here twice"),
      (.xml, String(repeating: "<a>", count: 100_000), 1, "elements stand in each other too deeply"),
      (.json, "{\n\"a\": 1,\n}", 3, "expected a key in double quotes"),
      (.json, "{\n// mine\n\"a\": 1}", 2, "expected a key in double quotes"),
      (.json, "{\"a\":\n # 1\n2}", 2, "JSON knows no comments"), (.json, "{\"a\": 1", 1, "an object has no '}'"),
      (.json, "{\"a\": 01}", 1, "'01' is no value"), (.json, "{}\n{}", 2, "something stands behind the end"),
      (.json, String(repeating: "[", count: 100_000), 1, "values stand in each other too deeply"),
      (.json, "[1]", 1, "the document is no object"), (.json, "{\"k\": 1}", 1, "'k' is no object"),
      (.yaml, "a: 1\nb: [\n", 3, "did not find expected node content"),
      (.yaml, "a: 1\na: 2\n", 1, "the key 'a' stands"),
      (.yaml, "k: 1\n", 1, "'k' is no mapping"), (.yaml, "- k\n", 1, "'' is no mapping"),
      (.yaml, String(repeating: "[", count: 100_000), 1, "values stand in each other too deeply"),
      (.yaml, String(repeating: "- ", count: 100_000), 1, "values stand in each other too deeply"),
      (.toml, "[[x]]\na = 1\na = 2\n", 3, "the key 'x.a' stands here twice"),
      (.toml, "a = 1\rb = 2\n", 1, "a carriage return without a line feed"),
      (.toml, "a = 1\n# \u{1}\n", 2, "a control character"), (.toml, "a = 00\n", 1, "'00' is no value"),
      (.toml, "a = maybe\n", 1, "'maybe' is no value"), (.xml, "<a>\n\u{1}</a>", 2, "a control character"),
      (.xml, "<a>\n<!-- x -- y --></a>", 2, "a comment has '--' in it"), (.xml, "<1/>", 1, "'<' without a name"),
      (.toml, "a = 1\nb = \n", 2, "expected a value"), (.toml, "a = 1\na = 2\n", 2, "the key 'a' stands here twice"),
      (.toml, "[a]\n[a]\n", 2, "the table 'a' stands here twice"), (.toml, "[a\n", 1, "a table's name has no ']'"),
      (.toml, "a = \"x\nb = 1", 1, "a text has no quote at its end"), (.toml, "k = {v = 1}", 1, "'k' is no table"),
      (.toml, "[[k]]\nv = 1\n", 1, "'k' is an array of tables"), (.toml, "[k.v]\n", 1, "'k.v' is a table"),
      (.toml, "a = \(String(repeating: "[", count: 100_000))", 1, "values stand in each other too deeply"),
      (.unreal, "[k]\nv=(a=1\n", 2, "a list has no ')'"), (.unreal, "[k]\nv=(a=\"1)\n", 2, "a quote in the list"),
      (.unreal, "[k]\nv=1\n", 2, "expected a list in parentheses"),
      (.unreal, "[k]\nv=(x=(1))\n", 2, "a list stands where one value is expected"),
    ] as [(ConfigFile.Format, String, Int, String)])
  func broken(_ format: ConfigFile.Format, _ text: String, _ line: Int, _ problem: String) throws {
    let error = try #require(throws: BerthError.self) {
      _ = try set(format, text, format == .unreal ? ["k", "v", "x"] : ["k", "v"], .integer(1))
    }
    #expect(error.code == "broken-config-file")
    #expect(error.kind == .badInput)
    #expect(
      error.summary.hasPrefix("'\(Self.file)' cannot be read as \(format.rawValue): \(problem)"), "\(error.summary)")
    #expect(error.location == "\(Self.file):\(line)")
    #expect(error.remedy == "mend line \(line) of \(Self.file)")
  }

  @Test(
    "an ini file with an odd quote or a backslash is changed where all programs read the same",
    arguments: [
      ("name=Say \"hi\n[k]\nv=2\n", nil), ("[k]\nv=2\nname=Say \"hi\n", "[k]\nv=1\nname=Say \"hi\n"),
      ("[k]\nv=\"2\nw=3\n", "[k]\nv=1\nw=3\n"), ("[k]\nw=a \"b\" c\nv=2\n", "[k]\nw=a \"b\" c\nv=1\n"),
      ("[k]\npath=C:\\\nv=2\n", nil), ("[k]\npath=C:\\\n\nv=2\n", "[k]\npath=C:\\\n\nv=1\n"),
      ("[k]\nx=\"\n[l]\ny=\"\n", "[k]\nv=1\nx=\"\n[l]\ny=\"\n"), ("x=\"\n[k]\ny=\"\n", nil),
      ("[k]\nx=\"a\nb=\"\nv=2\n[z]\n", "[k]\nx=\"a\nb=\"\nv=1\n[z]\n"),
      ("; it's \"x\n[k]\nv=2\n", "; it's \"x\n[k]\nv=1\n"),
      ("[k]\nx=\"a\nv=3\"\nv=2\n", nil), ("x=a;\"b\n[k]\n", "x=a;\"b\n[k]\nv=1\n"),
      ("# the 5\" rack\n[k]\nv=2\n", nil), ("# the \"rack\"\n[k]\nv=2\n", "# the \"rack\"\n[k]\nv=1\n"),
    ] as [(String, String?)])
  func oddQuotes(_ text: String, _ expected: String?) throws {
    guard let expected else {
      let error = try #require(throws: BerthError.self) { _ = try set(.ini, text, ["k", "v"], .integer(1)) }
      #expect(
        error.code == "broken-config-file" && error.summary.contains("at the end of the line")
          || error.summary.contains("a quote has no end"))
      return
    }
    let changed = try set(.ini, text, ["k", "v"], .integer(1))
    #expect(changed == expected)
    #expect(QtReader.read(changed)["k/v"] == "1")
  }

  @Test(
    "a file of which the Quake III engine would not read all is left alone",
    arguments: [
      ("set k 1\n// a\0\n", 2, "a NUL"), ("set k 1\n/* notes\nset v 2\n", 2, "a comment has no '*/'"),
      ("/* it\"s */\nset v 2\n", 1, "or a quote in it hides that"),
      (String(repeating: "// a comment of a line\n", count: 6000), 1, "larger than the 124 KiB"),
    ])
  func quakeBounds(_ text: String, _ line: Int, _ problem: String) throws {
    let error = try #require(throws: BerthError.self) { _ = try set(.words, text, ["set v"], .integer(1)) }
    #expect(error.code == "broken-config-file" && error.location == "\(Self.file):\(line)")
    #expect(error.summary.contains(problem), "\(error.summary)")
    // The others know no such comment, nor such a bound.
    #expect(try set(.words, text, ["v"], .integer(1)).hasSuffix("v 1\n"))
  }

  @Test(
    "in an XML file that says another encoding, characters beyond ASCII are written by their numbers",
    arguments: [
      ("<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>\n<a><b>x</b></a>\n", "Zw&#246;lf &amp; &#8364;"),
      ("<?xml version='1.0' encoding='utf-8'?>\n<a><b>x</b></a>\n", "Zwölf &amp; €"),
      ("<a><b>x</b></a>\n", "Zwölf &amp; €"),
      ("<!-- encoding=\"latin-1\" --><a><b>x</b></a>\n", "Zwölf &amp; €"),
    ])
  func declared(_ text: String, _ written: String) throws {
    let set = try set(.xml, text, ["a", "b"], .text("Zwölf & €"))
    #expect(set == text.replacing("<b>x</b>", with: "<b>\(written)</b>"))
    #expect(try ConfigText.value(at: ["a", "b"], of: set, format: .xml, file: Self.file) == "Zwölf & €")
  }

  @Test("text for a program that reads Latin-1 or ASCII is in its bytes, or is refused by the key's name")
  func encodings() throws {
    func set(_ encoding: ConfigFile.Encoding, _ value: String, in text: String = "") throws -> [UInt8] {
      let text = try ConfigText.setting(
        [ConfigAssignment(["v"], .text(value))], in: text, format: .properties, file: Self.file, id: "a.cfg",
        encoding: encoding)
      return RawText.bytes(of: text)
    }
    let latin: [UInt8] = Array("v = Zo".utf8) + [0xEB, 10]
    #expect(try set(.latin1, "Zoë") == latin && set(.latin1, "Zoe\u{308}") == latin)
    #expect(try set(.latin1, "Zoë", in: RawText.text(of: latin)) == latin)
    #expect(try set(.latin1, "Ã©") == Array("v = ".utf8) + [0xC3, 0xA9, 10])
    #expect(try set(.ascii, "Zoe") == Array("v = Zoe\n".utf8))
    for (encoding, value) in [(ConfigFile.Encoding.ascii, "Zoë"), (.latin1, "Łódź"), (.latin1, "“a”")] {
      let error = try #require(throws: BerthError.self) { _ = try set(encoding, value) }
      #expect(error.code == "bad-config-value" && error.kind == .usage)
      #expect(
        error.summary
          == "the value of 'v' cannot stand in a.cfg: its program reads \(encoding.rawValue), which lacks one of its characters"
      )
    }
    // A template goes whole into the encoding; what is read back is the same text, so that nothing is written twice.
    let file = ConfigFile("a.cfg", .template, encoding: .latin1, template: "é {{settings.s}}\n")
    func render(_ value: String) throws -> RenderedFile {
      try configFile(file, settings: [Setting("s", .string)], ["s": .text(value)])
    }
    let made = try render("Ã©")
    #expect(RawText.bytes(of: made.text) == [0xE9, 32, 0xC3, 0xA9, 10])
    #expect(RawText.text(of: RawText.bytes(of: made.text)).isSame(as: made.text))
    let error = try #require(throws: BerthError.self) { _ = try render("Ł") }
    #expect(error.summary.hasPrefix("the value of 'settings.s' cannot stand in a.cfg: "))
  }

  @Test(
    "what is more than one value is not overwritten",
    arguments: [
      (ConfigFile.Format.xml, "<k><v><x/></v></k>"), (.json, "{\"k\": {\"v\": [1]}}"), (.json, "{\"k\": {\"v\": {}}}"),
      (.yaml, "k:\n  v: [1]\n"), (.yaml, "k:\n  v:\n    x: 1\n"), (.yaml, "k:\n  v: |\n    long\n"),
      (.yaml, "k:\n  v: a\n    b\n"), (.yaml, "x: &x {v: 1}\nk: *x\n"), (.toml, "[k]\nv = [1]\n"),
      (.toml, "[k]\nv = {x = 1}\n"), (.unreal, "[k]\nv=(x=1)\n"),
    ])
  func notOneValue(_ format: ConfigFile.Format, _ text: String) throws {
    let error = try #require(throws: BerthError.self) { _ = try set(format, text, ["k", "v"], .integer(7)) }
    #expect(error.code == "broken-config-file")
  }

  @Test(
    "bytes that are not UTF-8 stay as they are beside a key that changes, and so does the sign for such bytes",
    arguments: ConfigFile.Format.allCases.filter { ![.template, .custom].contains($0) })
  func otherEncodings(_ format: ConfigFile.Format) throws {
    let path = [.properties, .words, .env].contains(format) ? ["v"] : ["k", "v"]
    for strange in [[0xF4], [0xC3, 0x28], Array("\u{FFFD}".utf8), Array("\u{10FFF4}".utf8), Array(0x80...0xFF)] {
      func bytes(_ value: Int) throws -> [UInt8] {
        let made = Array(try set(format, "", path, .integer(value)).utf8)
        return switch format {
        case .json:
          Array(made.prefix(made.count - 7)) + Array(",\n    \"x\": \"".utf8) + strange + Array("\"\n  }\n}\n".utf8)
        case .xml: made + Array("<!-- ".utf8) + strange + Array(" -->\n".utf8)
        case .ini, .unreal: made + Array("; ".utf8) + strange + Array("\n".utf8)
        default: Array("# ".utf8) + strange + Array("\n".utf8) + made
        }
      }
      let changed = try set(format, RawText.text(of: bytes(1)), path, .integer(2))
      #expect(try RawText.bytes(of: changed) == bytes(2), "\(strange)")
      #expect(try ConfigText.value(at: path, of: changed, format: format, file: Self.file) == "2")
    }
  }

  @Test(
    "UTF-16 is not written into, nor a byte that is not UTF-8 as a value",
    arguments: ConfigFile.Format.allCases.filter { ![.template, .custom].contains($0) })
  func notBytes(_ format: ConfigFile.Format) throws {
    for mark: [UInt8] in [[0xFF, 0xFE, 0x6B, 0], [0xFE, 0xFF, 0, 0x6B]] {
      let error = try #require(throws: BerthError.self) {
        _ = try set(format, RawText.text(of: mark), ["k", "v"], .integer(1))
      }
      #expect(error.code == "broken-config-file" && error.location == "\(Self.file):1")
      #expect(error.summary.hasSuffix("it is UTF-16"), "\(error.summary)")
    }
    let error = try #require(throws: BerthError.self) {
      _ = try set(format, "", ["k", "v"], .text(RawText.text(of: [0x62, 0xF4])))
    }
    #expect(error.code == "bad-config-value")
  }

  @Test(
    "a value that a format cannot say is refused by its key",
    arguments: [
      (ConfigFile.Format.ini, "a\"b"), (.ini, "a\\b"), (.ini, "@@x"), (.ini, "@Variant(x)"), (.xml, "  "),
      (.xml, "a\u{FFFF}"), (.json, "a\nb"), (.yaml, "a\u{0}"), (.toml, "a\u{7F}"), (.unreal, "a\r"),
    ])
  func unsayable(_ format: ConfigFile.Format, _ value: String) throws {
    let error = try #require(throws: BerthError.self) { _ = try set(format, "", ["k", "v"], .text(value)) }
    #expect(error.code == "bad-config-value")
    #expect(error.summary.hasPrefix("the value of 'k.v' cannot stand in a.cfg: "))
  }

  @Test(
    "an initial value is set where the key is absent, and stays as the app or a person has it",
    arguments: [ConfigFile.Format.properties, .words, .env, .ini, .xml, .json, .yaml, .toml])
  func initial(_ format: ConfigFile.Format) throws {
    let path = format == .xml ? ["root", "name"] : ["name"]
    func merged(_ text: String, _ value: Value?) throws -> String {
      try ConfigText.setting(
        [ConfigAssignment(path, value, isInitial: true)], in: text, format: format, file: Self.file, id: "a")
    }
    let made = try merged("", .text("Kids"))
    #expect(try ConfigText.value(at: path, of: made, format: format, file: Self.file) == "Kids")
    let changed = try set(format, made, path, .text("Mine"))
    #expect(changed != made)
    #expect(try merged(changed, .text("Kids")) == changed)
    #expect(try merged(changed, nil) == changed)
    #expect(try merged("", nil) == "")
    let empty = try set(format, made, path, .text(""))
    #expect(try merged(empty, .text("Kids")) == empty)
  }

  @Test("a manifest's values, initial values and literals reach the file with their types")
  func renderer() throws {
    let file = ConfigFile(
      "a.json", .json,
      values: [
        .init(path: ["a", "port"], "{{ports.game}}"), .init(path: ["a", "on"], "true"), .init(path: ["n"], "0.5"),
        .init(path: ["t"], "5", isText: true), .init(path: ["zip"], "007"), .init(path: ["gone"], "{{settings.gone}}"),
      ], initial: [.init(path: ["a", "first"], "1"), .init(path: ["token"], "{{settings.token}}")])
    let manifest = sampleManifest(
      settings: [Setting("gone", .string, optional: true), Setting("token", .secret)],
      ports: [PortRole("game", [.udp], default: 1)], config: [file])
    try ManifestValidator(manifest).validate()
    func render(_ existing: String?) throws -> RenderedFile {
      let values = try variables(manifest, settings: ["token": .text("s3cret")], ports: ["game": 4000])
      let files = try ConfigRenderer(plugin: DeclarativePlugin(manifest: manifest))
        .files(variables: values, existing: { _ in existing })
      return try #require(files.first)
    }
    let made = try render(nil)
    #expect(
      made.text == """
        {
          "a": {
            "port": 4000,
            "on": true,
            "first": 1
          },
          "n": 0.5,
          "t": "5",
          "zip": "007",
          "token": "s3cret"
        }

        """)
    #expect(made.isSecret)
    #expect(try render(made.text) == made)
    let error = try #require(throws: BerthError.self) { _ = try render("{\n") }
    #expect(error.location == "\(made.path):2")
  }
}
