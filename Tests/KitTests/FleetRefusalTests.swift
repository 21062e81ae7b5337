import BerthKit
import Testing

/// A fleet file that cannot be, the line that its error names, and what the error says.
struct FleetRefusal: Sendable, CustomTestStringConvertible {
  let text: String
  let line: Int?
  let says: String

  var testDescription: String { says }

  init(_ text: String, line: Int?, _ says: String) {
    self.text = text
    self.line = line
    self.says = says
  }

  /// Entries below `schema: 1` and `instances:`, so that the first stands on line 3.
  init(entries: String..., line: Int, _ says: String) {
    self.init("schema: 1\ninstances:\n" + entries.map { "  - { \($0) }\n" }.joined(), line: line, says)
  }

  private static let id = "550e8400-e29b-41d4-a716-446655440000"

  static let ofTheFile: [FleetRefusal] = [
    .init("", line: nil, "the file is empty"),
    .init("schema: 1\ninstances: [\n", line: 3, "this is not YAML: "),
    .init("schema: 1\n\tinstances: []\n", line: 2, "this is not YAML: "),
    .init("- schema\n", line: 1, "expected a mapping, found a list"),
    .init("instances: []\n", line: 1, "the key 'schema' is missing"),
    .init("schema: 1\n", line: 1, "the key 'instances' is missing"),
    .init("schema: 2\ninstances: []\n", line: 1, "'schema': this Berth reads schema 1"),
    .init("schema: 1\ninstance: []\n", line: 2, "'instance': unknown key; did you mean 'instances'?"),
    .init("schema: 1\nschema: 1\ninstances: []\n", line: 1, "the key 'schema' stands here twice"),
    .init("schema: 1\ninstances: arena\n", line: 2, "'instances': expected a list, found 'arena'"),
    .init("schema: 1\ninstances:\n  - arena\n", line: 3, "'instances[0]': expected a mapping, found 'arena'"),
    .init("schema: 1\nname: \"\"\ninstances: []\n", line: 2, "'name': expected one line of 1 to 64 characters"),
    .init("schema: 1\nname: \"a\\nb\"\ninstances: []\n", line: 2, "'name': expected one line"),
    .init("schema: 1\ndefaults: { settings: {} }\ninstances: []\n", line: 2, "'defaults.settings': unknown key"),
    .init("schema: 1\ndefaults:\n  limits: { cpu: 1 }\ninstances: []\n", line: 3, "'defaults.limits.cpu': unknown key"),
    .init(
      "schema: 1\ndefaults:\n  enabled: yes\ninstances: []\n", line: 3, "'defaults.enabled': expected true or false"),
    .init(
      "schema: 1\ndefaults: &x { labels: { a: b } }\ninstances:\n  - { app: arena, labels: { <<: *x } }\n", line: 4,
      "'instances[0].labels.<<': merge keys are not allowed"),
    .init("schema: 1\ninstances: []\n#" + String(repeating: "x", count: 8 << 20), line: nil, "the file is larger than"),
  ]

  static let ofEntries: [FleetRefusal] = [
    .init(entries: "name: a", line: 3, "'instances[0]': the key 'app' is missing"),
    .init(entries: "app: areno", line: 3, "'instances[0].app': there is no app 'areno'; did you mean 'arena'?"),
    .init(entries: "app: wreck", line: 3, "'instances[0].app': the plugin of 'wreck' is broken"),
    .init(
      entries: "app: voice", "app: arena, nam: a", line: 4, "'instances[1].nam': unknown key; did you mean 'name'?"),
    .init(entries: "app: arena, settings: { title: a, title: b }", line: 3, "the key 'title' stands here twice"),
    .init(
      entries: "app: arena, settings: { titel: a }", line: 3,
      "'instances[0].settings.titel': 'arena' has no setting 'titel'; did you mean 'title'?"),
    .init(
      entries: "app: arena, settings: { players: 101 }", line: 3,
      "'instances[0].settings.players': '101' does not fit the setting 'players': expected a whole number from 1 to 100"
    ),
    .init(
      entries: "app: arena, settings: { rules: hrad }", line: 3, "'instances[0].settings.rules': 'hrad' does not fit"),
    .init(entries: "app: arena, settings: { title: [a] }", line: 3, "'instances[0].settings.title': expected text"),
    .init(
      entries: "app: arena, settings: { title: }", line: 3,
      "'instances[0].settings.title': expected text, found nothing"),
    .init(
      entries: #"app: arena, settings: { title: "a\nb" }"#, line: 3,
      "'instances[0].settings.title': 'a\\u{a}b' does not"),
    .init(
      entries: #"app: arena, settings: { key: "hunter2\n" }"#, line: 3, "'instances[0].settings.key': '…' does not"),
    .init(
      entries: "app: arena, ports: { gaem: 1 }", line: 3,
      "'instances[0].ports.gaem': 'arena' has no port role 'gaem'; did you mean 'game'?"),
    .init(entries: "app: arena, ports: { game: 0 }", line: 3, "'instances[0].ports.game': 0 is not a port: 1 to 65535"),
    .init(entries: "app: arena, ports: { game: 65536 }", line: 3, "'instances[0].ports.game': 65536 is not a port"),
    .init(entries: "app: arena, ports: { game: x }", line: 3, "'instances[0].ports.game': expected a whole number"),
    .init(
      entries: "app: arena, ports: { game: 65535 }", line: 3,
      "'instances[0].ports.game': the port 'query', which follows it, would be 65536"),
    .init(entries: "app: arena, count: 2", line: 3, "'instances[0].count': 'count' needs a 'name'"),
    .init(entries: "app: arena, name: a, count: 0", line: 3, "'instances[0].count': expected 1 to 10000, found 0"),
    .init(entries: "app: arena, name: a, count: 10001", line: 3, "'instances[0].count': expected 1 to 10000"),
    .init(entries: "app: arena, name: a, count: 2, id: default", line: 3, "'instances[0].count': 'id' belongs to one"),
    .init(entries: "app: arena, name: a, count: 2, dir: /srv/a", line: 3, "'instances[0].count': 'dir' belongs to one"),
    .init(entries: "app: arena, name: a, count: 1, ports: {}", line: 3, "'instances[0].count': 'ports' belongs to one"),
    .init(
      entries: "app: arena, name: \(String(repeating: "n", count: 63)), count: 1", line: 3,
      "'instances[0].name': '\(String(repeating: "n", count: 63))-1' cannot be an instance name: it is longer than 64"),
    .init(
      entries: "app: arena, name: abcdef, count: 2", line: 3, "'instances[0].name': 'abcdef-1' cannot be an instance"),
    .init(entries: "app: arena, name: default", line: 3, "'instances[0].name': 'default' cannot be an instance name"),
    .init(
      entries: "app: arena, name: \"\"", line: 3, "'instances[0].name': '' cannot be an instance name: it is empty"),
    .init(entries: "app: arena, id: X", line: 3, "'instances[0].id': 'X' is not an instance id"),
    .init(entries: "app: arena, id: \(id.uppercased())", line: 3, "'instances[0].id': '\(id.uppercased())' is not"),
    .init(entries: "app: arena, enabled: on", line: 3, "'instances[0].enabled': expected true or false, found 'on'"),
    .init(entries: "app: arena, dir: srv", line: 3, "'instances[0].dir': 'srv' is not an absolute path"),
    .init(entries: "app: arena, dir: /", line: 3, "'instances[0].dir': '/' is not an absolute path"),
    .init(
      entries: "app: arena, dir: /srv/../etc", line: 3, "'instances[0].dir': '/srv/../etc' is not an absolute path"),
    .init(entries: "app: arena, dir: \"/srv/a:b\"", line: 3, "'instances[0].dir': a control character and"),
    .init(
      entries: "app: arena, labels: { \"a b\": c }", line: 3, "'instances[0].labels.a b': a label's key is made of"),
    .init(entries: "app: arena, labels: { é: c }", line: 3, "'instances[0].labels.é': a label's key is made of"),
    .init(
      entries: #"app: arena, labels: { a: "b\nc" }"#, line: 3, "'instances[0].labels.a': a label's value is one line"),
    .init(entries: "app: arena, limits: { memory: 2GB }", line: 3, "'instances[0].limits.memory': expected a size"),
    .init(entries: "app: arena, backup: { when: x }", line: 3, "'instances[0].backup.when': unknown key"),
    .init(entries: "app: arena, backup: daily", line: 3, "'instances[0].backup': expected a mapping"),
    .init(entries: "app: arena, backup: { schedule: x }", line: 3, "'instances[0].backup.schedule': expected weekdays"),
    .init(entries: "app: arena, backup: { keep: 3 }", line: 3, "'instances[0].backup.keep': expected a mapping"),
    .init(entries: "app: arena, backup: { keep: {} }", line: 3, "'instances[0].backup.keep': at least one of 'last'"),
    .init(entries: "app: arena, backup: { keep: { last: 0 } }", line: 3, "'instances[0].backup.keep': at least one of"),
    .init(
      entries: "app: arena, backup: { keep: { last: 10001 } }", line: 3,
      "'instances[0].backup.keep.last': expected 0 to"),
    .init(entries: "app: voice, backup: { schedule: daily }", line: 3, "'instances[0].backup': 'voice' has nothing to"),
    .init(entries: "app: arena, limits: { tasks: 0 }", line: 3, "'instances[0].limits.tasks': expected 1 to 4194304"),
    .init(entries: "app: arena, limits: { cpus: 0 }", line: 3, "'instances[0].limits.cpus': expected a number of"),
    .init(entries: "app: arena, limits: { cpus: -1 }", line: 3, "'instances[0].limits.cpus': expected a number of"),
    .init(entries: "app: arena, limits: { cpus: inf }", line: 3, "'instances[0].limits.cpus': expected a number of"),
    .init(entries: "app: arena, limits: { cpus: 0x1 }", line: 3, "'instances[0].limits.cpus': expected a number of"),
  ]

  static let ofTwo: [FleetRefusal] = [
    .init(
      entries: "app: arena, name: a", "app: arena, name: a", line: 4,
      "'instances[1].name': instances[0] (fleet.yaml:3) has the name 'a' for 'arena' too"),
    .init(
      entries: "app: arena, name: a-2", "app: arena, name: a, count: 3", line: 4,
      "'instances[1].name': instances[0] (fleet.yaml:3) has the name 'a-2'"),
    .init(
      entries: "app: arena, id: \(id)", "app: arena, name: b, id: \(id)", line: 4,
      "'instances[1].id': instances[0] (fleet.yaml:3) is the instance '\(id)' of 'arena' too"),
    .init(
      entries: "app: arena", "app: arena", line: 4,
      "'instances[1]': an entry without 'name' and 'id' means the id 'default', and instances[0]"),
    .init(entries: "app: arena", "app: arena, id: default", line: 4, "'instances[1].id': instances[0]"),
    .init(
      entries: "app: arena, dir: /srv/a", "app: voice, dir: /srv//a/", line: 4,
      "'instances[1].dir': instances[0] (fleet.yaml:3) lies in '/srv/a' too"),
    .init(
      entries: "app: arena, name: a, ports: { game: 9 }", "app: arena, name: b, ports: { game: 9 }", line: 4,
      "'instances[1].ports.game': udp 9, the port 'game', is 'game' of instances[0] (fleet.yaml:3) too"),
    .init(
      entries: "app: voice, ports: { talk: 9 }", "app: arena, ports: { console: 9 }", line: 4,
      "'instances[1].ports.console': tcp 9, the port 'console', is 'talk' of instances[0]"),
    .init(
      entries: "app: arena, ports: { game: 8 }", "app: voice, ports: { talk: 9 }", line: 4,
      "'instances[1].ports.talk': udp 9, the port 'talk', is 'query' of instances[0]"),
    .init(
      entries: "app: voice, ports: { talk: 9 }", "app: arena, ports: { game: 8, console: 5 }", line: 4,
      "'instances[1].ports.game': udp 9, the port 'query', is 'talk' of instances[0]"),
    .init(
      entries: "app: arena, ports: { game: 8, query: 8 }", line: 3,
      "'instances[0].ports.query': udp 8, the port 'query', is 'game' of instances[0]"),
  ]
}

@Suite("Fleet files that cannot be") struct FleetRefusalTests {
  @Test(
    "a fleet file with a fault names file, line and key",
    arguments: FleetRefusal.ofTheFile + FleetRefusal.ofEntries + FleetRefusal.ofTwo)
  func refusals(_ refusal: FleetRefusal) throws {
    let error = try #require(throws: BerthError.self) { _ = try FleetSample.read(refusal.text) }
    #expect(error.code == "bad-fleet")
    #expect(error.kind == .badInput)
    #expect(error.summary.hasPrefix(refusal.says), "\(error.summary)")
    #expect(error.location == refusal.line.map { "fleet.yaml:\($0)" } ?? "fleet.yaml")
    #expect(error.remedy == "berth plan -f fleet.yaml")
    #expect(!"\(error)".contains("hunter2"))
  }

  @Test("an app with a broken plugin shows what is wrong with the plugin")
  func brokenPlugin() throws {
    let error = try #require(throws: BerthError.self) {
      _ = try FleetSample.read("schema: 1\ninstances: [{ app: wreck }]\n")
    }
    #expect(error.cause == "'name': no name (/plugins/wreck/plugin.yaml:3)")
  }

  @Test("a short file cannot stand for more instances than fit in memory")
  func bounded() throws {
    let entries = (1...11).map { "  - { app: arena, name: n\($0), count: 10000 }\n" }.joined()
    let error = try #require(throws: BerthError.self) { _ = try FleetSample.read("schema: 1\ninstances:\n\(entries)") }
    #expect(error.summary == "'instances[1]': a fleet has at most 10000 instances")
    #expect(error.location == "fleet.yaml:4")
  }
}
