import BerthKit
import BerthRender
import Testing

@Suite("Formats of config files") struct ConfigFormatTests {
  private let text = Setting("s", .string, optional: true)

  private func render(_ format: ConfigFile.Format, _ value: Value?) throws -> String {
    try configText(
      ConfigFile("a.cfg", format, values: [.init("key", "{{settings.s}}")]), settings: [text],
      value.map { ["s": $0] } ?? [:])
  }

  @Test("a properties file holds a value as it is, or refuses it by name")
  func properties() throws {
    var refused: [String] = []
    for value in HostileText.all {
      do {
        #expect(FormatReaders.properties(try render(.properties, .text(value))) == ["key": value])
      } catch let error as BerthError {
        #expect(error.code == "bad-config-value")
        #expect(error.kind == .usage)
        #expect(error.summary.hasPrefix("the value of 'key' cannot stand in a.cfg: "))
        refused.append(value)
      }
    }
    let unsayable = HostileText.all.filter {
      $0.hasPrefix("{") || $0.hasPrefix("\"\"\"") || $0.hasSuffix("\\") || $0.hasPrefix(" ") || $0.hasSuffix(" ")
    }
    #expect(refused == unsayable)
    #expect(refused.count < HostileText.all.count / 2)
  }

  @Test("a words file holds any value, in one command")
  func words() throws {
    for value in HostileText.all {
      let rendered = try render(.words, .text(value))
      let lines = rendered.split(separator: "\n")
      #expect(lines.count == 1)
      let read = try #require(lines.first.flatMap(FormatReaders.words), "\(rendered)")
      #expect(read.key == "key")
      #expect(read.value == value)
    }
  }

  @Test(
    "a value that no format can hold is refused", arguments: [ConfigFile.Format.properties, .words, .env],
    ["a\nb", "a\0", "a\r", "\u{1B}[2J", "a\u{2028}b", "a\u{85}b"])
  func unsayable(_ format: ConfigFile.Format, _ value: String) throws {
    let error = try #require(throws: BerthError.self) { _ = try render(format, .text(value)) }
    #expect(error.code == "bad-config-value")
    #expect(error.summary == "the value of 'key' cannot stand in a.cfg: it has a control character")
    #expect(error.remedy == "choose another value for the setting behind 'key'")
  }

  @Test("a refused secret is not quoted")
  func secrets() throws {
    let file = ConfigFile("a.cfg", .properties, values: [.init("key", "{{settings.token}}")])
    let error = try #require(throws: BerthError.self) {
      _ = try configText(file, settings: [Setting("token", .password)], ["token": .text("{hunter2")])
    }
    #expect(!"\(error)".contains("hunter2"))
  }

  @Test(
    "values keep their type",
    arguments: [
      (ConfigFile.Format.properties, Value.boolean(true), "key = true\n"),
      (.properties, .boolean(false), "key = false\n"),
      (.words, .boolean(true), "key 1\n"), (.words, .boolean(false), "key 0\n"),
      (.env, .boolean(true), "key=\"true\"\n"),
      (.properties, .integer(8303), "key = 8303\n"), (.words, .integer(-1), "key -1\n"),
      (.env, .integer(0), "key=\"0\"\n"),
      (.properties, .number(0.09), "key = 0.09\n"), (.words, .number(0.5), "key 0.5\n"),
      (.properties, .text(""), "key =\n"), (.words, .text(""), "key \"\"\n"), (.env, .text(""), "key=\"\"\n"),
      (.words, .text("dm1"), "key dm1\n"), (.words, .text("a b"), "key \"a b\"\n"),
    ])
  func types(_ format: ConfigFile.Format, _ value: Value, _ expected: String) throws {
    #expect(try render(format, value) == expected)
  }

  @Test("text around a placeholder makes a boolean text")
  func booleanInText() throws {
    let file = ConfigFile("a.cfg", .words, values: [.init("key", "x{{settings.b}}")])
    #expect(try configText(file, settings: [Setting("b", .bool)], ["b": .boolean(true)]) == "key xtrue\n")
  }

  @Test(
    "an optional setting without a value leaves its key out", arguments: [ConfigFile.Format.properties, .words, .env])
  func unset(_ format: ConfigFile.Format) throws {
    let file = ConfigFile(
      "a.cfg", format, values: [.init("one", "{{settings.s}}"), .init("two", "<{{settings.s}}>"), .init("three", "x")])
    let rendered = try configText(file, settings: [text], [:])
    #expect(!rendered.contains("one") && !rendered.contains("two"))
    #expect(rendered.hasPrefix("three"))
  }

  @Test("keys keep the order of the manifest")
  func order() throws {
    let file = ConfigFile("a.cfg", .properties, values: ["z", "a", "m"].map { .init($0, "1") })
    #expect(try configText(file, settings: [], [:]) == "z = 1\na = 1\nm = 1\n")
  }

  @Test("a file lies in the config folder, or where its path says")
  func paths() throws {
    let home = "/var/lib/berth/instances/sample/default"
    var file = ConfigFile("a.cfg", .words, values: [.init("a", "1")])
    #expect(try configFile(file, settings: [], [:]).path == "\(home)/config/a.cfg")
    file.path = "{{paths.cache}}/{{instance.slug}}/b.cfg"
    #expect(try configFile(file, settings: [], [:]).path == "\(home)/cache/kids/b.cfg")
  }

  @Test("a port's bind address and number reach the file")
  func ports() throws {
    let manifest = sampleManifest(
      ports: [PortRole("game", [.udp], default: 1, bind: "::1")],
      config: [
        ConfigFile(
          "a.cfg", .properties, values: [.init("bind", "{{ports.game.bind}}"), .init("port", "{{ports.game}}")])
      ])
    let files = try ConfigRenderer(plugin: DeclarativePlugin(manifest: manifest))
      .files(variables: variables(manifest, ports: ["game": 4007]))
    #expect(files.first?.text == "bind = ::1\nport = 4007\n")
  }

  @Test(
    "a file with a secret in it is secret, whatever its format",
    arguments: [ConfigFile.Format.properties, .words, .env, .template])
  func secretFiles(_ format: ConfigFile.Format) throws {
    let settings = [Setting("token", .secret), text]
    func file(_ name: String) -> ConfigFile {
      format == .template
        ? ConfigFile("a.cfg", format, template: "x {{settings.\(name)}}")
        : ConfigFile(
          "a.cfg", format, values: [.init("key", Template(segments: [.literal("x"), .variable("settings.\(name)")]))])
    }
    let values: [String: Value] = ["token": .text("t"), "s": .text("s")]
    #expect(try configFile(file("token"), settings: settings, values).isSecret)
    #expect(try !configFile(file("s"), settings: settings, values).isSecret)
  }
}
