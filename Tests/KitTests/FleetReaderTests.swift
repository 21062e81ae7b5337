import BerthKit
import Foundation
import Testing

@Suite("Reading a fleet file") struct FleetReaderTests {
  @Test("a fleet file with every key becomes the value that it says")
  func everything() throws {
    let id = "550e8400-e29b-41d4-a716-446655440000"
    let fleet = try FleetSample.read(
      """
      schema: 1
      name: games
      defaults:
        labels: { site: north, tier: b }
        limits: { memory: 1G, tasks: 10 }
        backup: { schedule: daily, keep: { last: 3 } }
        enabled: false
      instances:
        - { app: arena, name: creative, ports: { game: 30010 }, settings: { rules: hard, players: 7 } }
        - { app: arena, name: match, count: 2, enabled: true, backup: { schedule: off } }
        - app: voice
          name: north
          id: \(id)
          enabled: true
          dir: /srv//north/
          labels: { site: south, "a.b/c_d-e": "" }
          limits: { memory: 2G, cpus: 1.5 }
        - app: voice

      """)
    let labels = ["site": "north", "tier": "b"]
    let limits = InstanceLimits(memory: "1G", tasks: 10)
    let keep = Retention(last: 3)
    let off = BackupPolicy(schedule: "off", keep: keep)
    #expect(fleet.name == "games")
    #expect(
      fleet.instances == [
        FleetInstance(
          app: "arena", name: try InstanceName("creative"), ports: ["game": 30010],
          settings: ["rules": "hard", "players": "7"], labels: labels, limits: limits,
          backup: BackupPolicy(schedule: "daily", keep: keep), enabled: false, place: "fleet.yaml:9",
          key: "instances[0]"),
        FleetInstance(
          app: "arena", name: try InstanceName("match-1"), labels: labels, limits: limits, backup: off,
          place: "fleet.yaml:10", key: "instances[1]"),
        FleetInstance(
          app: "arena", name: try InstanceName("match-2"), labels: labels, limits: limits, backup: off,
          place: "fleet.yaml:10", key: "instances[1]"),
        FleetInstance(
          app: "voice", id: try InstanceID(id), name: try InstanceName("north"),
          labels: ["site": "south", "tier": "b", "a.b/c_d-e": ""],
          limits: InstanceLimits(memory: "2G", cpus: 1.5, tasks: 10), directory: "/srv/north",
          place: "fleet.yaml:11", key: "instances[2]"),
        FleetInstance(
          app: "voice", id: .default, labels: labels, limits: limits, enabled: false, place: "fleet.yaml:18",
          key: "instances[3]"),
      ])
  }

  @Test("what is left out has its default")
  func defaults() throws {
    let fleet = try FleetSample.read("schema: 1\ninstances: [{ app: voice, name: a }]\n")
    #expect(fleet.name == nil)
    #expect(
      fleet.unplaced.instances == [FleetInstance(app: "voice", name: try InstanceName("a"))])
    #expect(fleet.instances.first?.enabled == true)
    #expect(fleet.instances.first?.limits.isEmpty == true)
    #expect(fleet.instances.first?.backup.isEmpty == true)
  }

  @Test("a backup policy goes together with the defaults key by key, where there is anything to back up")
  func backup() throws {
    let fleet = try FleetSample.read(
      """
      schema: 1
      defaults: { backup: { schedule: "04:00", keep: { daily: 7, weekly: 4 } } }
      instances:
        - { app: arena, name: a }
        - { app: arena, name: b, backup: { keep: { monthly: 1, last: 0 } } }
        - { app: voice, name: c }

      """)
    #expect(
      fleet.instances.map(\.backup) == [
        BackupPolicy(schedule: "04:00", keep: Retention(daily: 7, weekly: 4)),
        BackupPolicy(schedule: "04:00", keep: Retention(last: 0, monthly: 1)), BackupPolicy(),
      ])
  }

  @Test("a fleet may be empty")
  func empty() throws {
    #expect(try FleetSample.read("schema: 1\ninstances: []\n") == FleetFile(instances: []))
  }

  @Test(
    "YAML's own idea of a value does not matter",
    arguments: ["on", "no", "yes", "1.10", "007", "0x10", "null", "~", "2026-11-21", "true"])
  func scalars(_ word: String) throws {
    #expect(try FleetSample.read(entry: "name: a, settings: { motd: \(word) }").settings == ["motd": word])
    #expect(try FleetSample.read(entry: "name: a, labels: { x: \(word) }").labels == ["x": word])
    #expect(try FleetSample.read(entry: "name: x\(word)").name?.text == "x\(word)")
  }

  @Test("values fit what the app declares, as text of every kind")
  func settings() throws {
    let read = try FleetSample.read(
      entry: "name: a, settings: { players: 100, rules: easy, open: yes, token: abc, key: \"d e\", motd: \"\" }")
    #expect(
      read.settings == ["players": "100", "rules": "easy", "open": "yes", "token": "abc", "key": "d e", "motd": ""])
  }

  @Test("a count stands for numbered names, at most ten thousand")
  func counts() throws {
    let many = try FleetSample.read("schema: 1\ninstances: [{ app: arena, name: match, count: 10000 }]\n")
    #expect(many.instances.count == 10_000)
    #expect(many.instances.first?.name?.text == "match-1")
    #expect(many.instances.last?.name?.text == "match-10000")
    #expect(Set(many.instances.compactMap(\.name)).count == 10_000)
  }

  @Test("instances of two apps may share a name, an id and, on another protocol, a port")
  func shared() throws {
    let fleet = try FleetSample.read(
      """
      schema: 1
      instances:
        - { app: arena }
        - { app: voice }
        - { app: arena, name: a, ports: { console: 64738 } }
        - { app: arena, name: b, ports: { game: 64738, console: 64739 } }
        - { app: voice, name: a, ports: { talk: 64740 } }

      """)
    #expect(fleet.instances.count == 5)
  }

  @Test("what follows a port moves with it unless it has a number of its own")
  func following() throws {
    _ = try FleetSample.read(
      "schema: 1\ninstances:\n  - { app: arena, name: a, ports: { game: 1000, query: 2000, console: 3000 } }\n"
        + "  - { app: arena, name: b, ports: { game: 1001 } }\n")
  }

  @Test("a large fleet is read, though no manifest may be as large")
  func large() throws {
    let entries = (1...3000).map {
      "  - { app: arena, name: \"arena \($0)\", labels: { note: \(String(repeating: "x", count: 100)) } }\n"
    }
    #expect(try FleetSample.read("schema: 1\ninstances:\n\(entries.joined())").instances.count == 3000)
  }

  @Test("limits go together with defaults key by key")
  func limits() throws {
    let defaults = InstanceLimits(memory: "1G", tasks: 4)
    #expect(
      InstanceLimits(memory: "2G", cpus: 2).filled(from: defaults) == InstanceLimits(memory: "2G", cpus: 2, tasks: 4))
    #expect(InstanceLimits().filled(from: defaults) == defaults)
    #expect(InstanceLimits().isEmpty && !defaults.isEmpty)
    #expect(try JSONDecoder().decode(InstanceLimits.self, from: JSONEncoder().encode(defaults)) == defaults)
  }
}
