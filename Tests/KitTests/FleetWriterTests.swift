import BerthKit
import Testing

@Suite("Writing a fleet file") struct FleetWriterTests {
  @Test("a fleet is written with its keys in order, and without what is empty")
  func everything() throws {
    let fleet = FleetFile(
      name: "our games",
      instances: [
        FleetInstance(
          app: "arena", id: .default, name: try InstanceName("Kids & Co"), ports: ["query": 8, "game": 7],
          settings: ["title": "1.10", "rules": "hard"], labels: ["site": "north", "note": "yes: \"no\""],
          limits: InstanceLimits(memory: "2G", cpus: 1.5, tasks: 64),
          backup: BackupPolicy(schedule: "Mon *-*-* 03:00", keep: Retention(last: 2, weekly: 4)), enabled: false,
          directory: "/srv/kids"),
        FleetInstance(app: "arena", name: try InstanceName("off"), backup: BackupPolicy(schedule: "off")),
        FleetInstance(app: "voice", name: try InstanceName("talk")),
      ])
    #expect(
      FleetWriter.text(fleet) == """
        # A fleet file: the instances that a host should have.
        # 'berth plan -f FILE' shows what it would change here, and 'berth apply -f FILE' does it.
        schema: 1
        name: "our games"
        instances:
          - app: arena
            name: "Kids & Co"
            id: default
            enabled: false
            dir: "/srv/kids"
            ports:
              game: 7
              query: 8
            settings:
              rules: hard
              title: "1.10"
            labels:
              note: "yes: \\"no\\""
              site: north
            limits:
              memory: "2G"
              cpus: 1.5
              tasks: 64
            backup:
              schedule: "Mon *-*-* 03:00"
              keep: { last: 2, weekly: 4 }
          - app: arena
            name: "off"
            enabled: true
            backup:
              schedule: "off"
          - app: voice
            name: talk
            enabled: true

        """)
    #expect(try FleetSample.read(FleetWriter.text(fleet)).unplaced == fleet)
  }

  @Test("an empty fleet is read back empty")
  func empty() throws {
    #expect(try FleetSample.read(FleetWriter.text(FleetFile(instances: []))) == FleetFile(instances: []))
  }

  static let hostileTexts = [
    "", " ", "  two  ", "yes", "no", "null", "~", "true", "1.10", "0x10", "-", "- a", "--- a", "...", "#", "# x",
    "a # b",
    ":", "a: b", "a:", "'", "\"", "''", "\"\"", "\\", "\\n", "\\\"", "{a}", "[a]", "{", "]", "*x", "&x", "!x", "%x",
    "@x",
    "`x`", "|", ">", "?", "<<", "=", ",", "é", "e\u{301}", "日本語", "🏴‍☠️", "\u{A0}", "x\u{FEFF}x", "\u{202E}x", "\u{301}x",
    "\"\u{301}", "\u{1F600}", "\u{E000}", "\u{FFFE}", "\u{10FF7F}", "$HOME", "{{settings.x}}",
  ]

  @Test("any text is read back as it was", arguments: hostileTexts)
  func hostile(_ text: String) throws {
    let name = try? InstanceName(text)
    let fleet = FleetFile(
      name: text.isEmpty || text.first == " " ? nil : text,
      instances: [
        FleetInstance(
          app: "arena", id: .default, name: name, settings: ["title": text, "key": text], labels: ["a": text])
      ])
    let read = try FleetSample.read(FleetWriter.text(fleet))
    #expect(read.unplaced == fleet)
    // Equal texts may still differ in their bytes.
    #expect(read.instances[0].settings["title"].map { Array($0.utf8) } == Array(text.utf8))
  }

  @Test("random fleets are read back as they were")
  func random() throws {
    var generator = Dice(state: 7)
    for _ in 0..<300 {
      let fleet = try generator.fleet()
      #expect(try FleetSample.read(FleetWriter.text(fleet)).unplaced == fleet)
    }
  }
}

/// Random fleets, the same in every run.
private struct Dice: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return state ^ (state >> 29)
  }

  mutating func text() -> String {
    (0..<Int.random(in: 0...6, using: &self)).map { _ in FleetWriterTests.hostileTexts.randomElement(using: &self) ?? ""
    }
    .joined()
  }

  mutating func fleet() throws -> FleetFile {
    var instances: [FleetInstance] = []
    for number in 0..<Int.random(in: 0...6, using: &self) {
      let isArena = Bool.random(using: &self)
      var instance = FleetInstance(app: isArena ? "arena" : "voice", enabled: Bool.random(using: &self))
      // A name with characters that cannot be seen is none.
      instance.name = try (try? InstanceName("\(number)x\(String(text().prefix(40)))x")) ?? InstanceName("\(number)x")
      if Bool.random(using: &self) { instance.id = try InstanceID("550e8400-e29b-41d4-a716-44665544000\(number)") }
      if Bool.random(using: &self) { instance.directory = "/srv/\(number) é#-" }
      if isArena, Bool.random(using: &self) { instance.ports["game"] = 1000 + 10 * number }
      if isArena, Bool.random(using: &self) { instance.settings["title"] = text() }
      for _ in 0..<Int.random(in: 0...3, using: &self) { instance.labels["no.-/_\(number)"] = text() }
      if Bool.random(using: &self) { instance.limits.cpus = Double(Int.random(in: 1...1000, using: &self)) / 100 }
      if Bool.random(using: &self) { instance.limits.memory = "512M" }
      if Bool.random(using: &self) { instance.limits.tasks = Int.random(in: 1...9999, using: &self) }
      if isArena, Bool.random(using: &self) {
        instance.backup.schedule = ["off", "daily", "Sun *-*-* 03:00", "*:0/15"].randomElement(using: &self)
      }
      if isArena, Bool.random(using: &self) {
        instance.backup.keep = Retention(last: Int.random(in: 1...10_000, using: &self), monthly: 0)
      }
      instances.append(instance)
    }
    return FleetFile(name: Bool.random(using: &self) ? "f\(instances.count)" : nil, instances: instances)
  }
}
