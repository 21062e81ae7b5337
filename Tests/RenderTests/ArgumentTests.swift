import BerthKit
import BerthRender
import Testing

@Suite("Arguments in a unit") struct ArgumentTests {
  private let port = PortRole("game", [.udp], default: 4000)

  /// The arguments that systemd starts the program with.
  private func arguments(_ exec: [Template], settings: [Setting] = [], values: [String: Value] = [:]) throws -> [String]
  {
    let manifest = sampleManifest(exec: ["{{programs.server}}"] + exec, settings: settings, ports: [port])
    let context = Stage.system.context(manifest)
    let unit = try #require(try UnitRenderer(manifest: manifest, context: context).templates().first).text
    let line = try #require(unit.split(separator: "\n").first { $0.hasPrefix("ExecStart=") })
    let variables = try variables(manifest, settings: values, ports: ["game": 4000])
    let key = InstanceKey(app: "sample", id: .default)
    let file = try #require(
      try EnvironmentRenderer(manifest: manifest, context: context).files(for: key, variables: variables).first)
    let words = try SystemdReader.arguments(
      String(line.dropFirst("ExecStart=".count)), environment: try SystemdReader.environment(file.text))
    #expect(words.first == "/usr/bin/sample")
    return Array(words.dropFirst())
  }

  @Test("any literal arrives as it was written, as one argument")
  func literals() throws {
    #expect(try arguments(HostileText.all.map(Template.init(literal:))) == HostileText.all)
  }

  @Test("a literal around a variable arrives as one argument")
  func mixed() throws {
    let exec = HostileText.all.map { Template(segments: [.literal($0), .variable("ports.game"), .literal($0)]) }
    #expect(try arguments(exec) == HostileText.all.map { "\($0)4000\($0)" })
  }

  @Test("any value of a setting arrives as one argument, and nothing in it is read again")
  func values() throws {
    let settings = HostileText.all.indices.map { Setting("s\($0)", .string) }
    let values = zip(settings, HostileText.all).map { ($0.id, Value.text($1)) }
    let exec = settings.map { Template(segments: [.variable("settings.\($0.id)")]) }
    #expect(
      try arguments(exec, settings: settings, values: Dictionary(uniqueKeysWithValues: values)) == HostileText.all)
  }

  @Test("a filter and a bool's words reach the program too, beside a setting whose name is alike")
  func filters() throws {
    let settings = [
      Setting("memory", .size), Setting("memory-mib", .size), Setting("loud", .bool, words: ["on", "off"]),
    ]
    let exec: [Template] = [
      "-Xmx{{settings.memory | mib}}m", "{{settings.memory}}", "{{settings.memory-mib | kib}}", "{{settings.loud}}",
      "{{settings.memory | bytes}}",
    ]
    let values: [String: Value] = ["memory": .text("2G"), "memory-mib": .text("3K"), "loud": .boolean(false)]
    #expect(
      try arguments(exec, settings: settings, values: values) == ["-Xmx2048m", "2G", "3", "off", "2147483648"])
  }

  @Test("percent and dollar signs of a literal are doubled, quotes and backslashes escaped")
  func signs() throws {
    let manifest = sampleManifest(exec: ["/usr/bin/x", #"a%b$c"d\e'f"#, ""])
    let unit = try #require(
      try UnitRenderer(manifest: manifest, context: Stage.system.context(manifest)).templates().first)
    #expect(unit.text.contains("\nExecStart=\"/usr/bin/x\" \"a%%b$$c\\\"d\\\\e'f\" \"\"\n"))
  }
}
