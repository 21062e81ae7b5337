@testable import BerthKit
import Foundation
import Testing
import Yams

/// What editors are told of a plugin and a fleet file, against the readers that decide.
@Suite("The schemas for editors") struct SchemaTests {
  private static let root = DocsTests.root.resolvingSymlinksInPath().path

  @Test("every plugin and fleet that ships fits, and every whole example of a page")
  func shipped() throws {
    let files = try ["plugins.d", "examples"].flatMap { folder in
      try FileManager.default.subpathsOfDirectory(atPath: "\(Self.root)/\(folder)").map { "\(folder)/\($0)" }
    }.filter { $0.hasSuffix("/plugin.yaml") || $0.wholeMatch(of: /examples\/[a-z-]+\.yaml/) != nil }
    #expect(files.count > 25)
    let docs = try FileManager.default.contentsOfDirectory(atPath: "\(Self.root)/docs").filter { $0.hasSuffix(".md") }
    let pages = ["README.md", "CONTRIBUTING.md", "examples/README.md"] + docs.map { "docs/\($0)" }
    let said = try check((files + pages).map { "\(Self.root)/\($0)" })
    for line in said { #expect(line.hasPrefix("ok "), "\(line)") }
    for file in files { #expect(said.contains("ok \(Self.root)/\(file)"), "\(file)") }
    for page in ["README.md", "docs/plugin-yaml.md", "docs/fleet.md", "docs/multi-deployment.md"] {
      #expect(said.contains { $0.hasPrefix("ok \(Self.root)/\(page):") }, "\(page)")
    }
  }

  // MARK: What the reader takes

  /// Ways to write what the sample says, or nearly, which an editor's own idea of YAML's types could trip over.
  private static let otherForms: [(old: String, new: String)] = [
    ("schema: 1", "schema: \"01\""), ("version: \"1\"", "version: 1.10"), ("optional: true", "optional: \"true\""),
    ("default: 10,", "default: +10,"), ("max: 4G", "max: 4294967296"), ("default: 4000", "default: 04000"),
    ("web: { type: bool, default: false }", "web: { type: bool, default: off }"), ("offset: 1", "offset: \"-1\""),
    ("grace: 90s", "grace: +0090s"), ("status: [200, 204]", "status: \"200\""), ("tasks: 64", "tasks: \"64\""),
    ("memory: \"{{settings.memory}}\"", "memory: 6291456"), ("cpus: 1.5", "cpus: 2"),
    ("loosen: { MemoryDenyWriteExecute: it compiles as it runs }", "loosen: {}"),
    ("initial: { motd: Hi }", "initial: {}"), ("values: { title:", "values: { \"1\": 1, off: no, title:"),
    ("at: [install, update]", "at: update"), ("schedule: \"*-*-* 02:00\"", "schedule: off"),
    ("keep: { last: 3, daily: 7, weekly: 4, monthly: 6 }", "keep: { last: 0, daily: \"1\" }"),
    ("mode: ro, when: { mode: fast }", "mode: rw"), ("help: Game traffic", "help: 12"),
  ]

  @Test("a plugin that the reader takes fits, whichever key is changed and however it is written")
  func plugins() throws {
    var changes: [(old: String, new: String)] = ManifestKey.all.map { (old: $0.old, new: $0.new) }
    changes += Self.otherForms
    for word in ["on", "no", "007", "0x10", "1e3", "null", "~", "2026-11-21", ".inf", "1_000"] {
      changes.append((old: "version: \"1\"", new: "version: \(word)"))
      changes.append((old: "choices: [easy, hard], default: easy", new: "choices: [\(word)], default: \(word)"))
    }
    let changed = try changes.map { try Sample.yaml(replacing: $0.old, with: $0.new) }
    let aliases = Sample.minimal.replacing(
      "name: Sample\nsummary: A sample app", with: "name: &text A sample app\nsummary: *text")
    let texts = [Sample.yaml, Sample.minimal, aliases] + changed
    for text in texts { _ = try Sample.read(text) }
    for (text, verdict) in zip(texts, try verdicts("plugin", texts)) { #expect(verdict == nil, "\(text)") }
  }

  @Test("a fleet that the reader takes fits, however it is written")
  func fleets() throws {
    let entries = [
      "app: arena", "app: \"arena\", name: 5", "app: arena, name: \"North Sea – 2\"", "app: arena, id: default",
      "app: arena, id: 550e8400-e29b-41d4-a716-446655440000, dir: /srv//a/", "app: arena, name: a, count: \"3\"",
      "app: arena, ports: { game: \"09\", console: 10, query: 11 }", "app: arena, labels: { a/b.c_d-1: \"\", on: 1.5 }",
      "app: arena, settings: { title: ~, motd: \"\", players: +7, open: off, token: 12345678 }",
      "app: arena, limits: { memory: 6M, cpus: 0.01, tasks: 4194304 }", "app: arena, limits: { memory: 6291456 }",
      "app: arena, limits: {}, labels: {}, ports: {}, settings: {}, backup: {}, enabled: \"false\"",
      "app: arena, backup: { schedule: \"Mon,Wed..fri *-1,7-1..9/2 0:0/15\", keep: { monthly: 10000, last: 0 } }",
      "app: arena, backup: { schedule: off }",
    ]
    let texts =
      ["schema: 1\ninstances: []\n", "schema: \"1\"\nname: 7\ndefaults: {}\ninstances: []\n"]
      + entries.map { "schema: 1\ninstances:\n  - { \($0) }\n" }
    for text in texts { _ = try FleetSample.read(text) }
    for (text, verdict) in zip(texts, try verdicts("fleet", texts)) { #expect(verdict == nil, "\(text)") }
  }

  // MARK: What is wrong in itself

  private static let brokenPlugins: [(old: String, new: String)] = [
    // Unknown keys, level by level.
    ("summary: A", "sumary: A"), ("- apt:", "- atp:"), ("sha256: 9", "sha1: 9"), ("branch: beta", "line: beta"),
    ("optional: true", "optinal: true"), ("bind: 127", "bnid: 127"), ("offset: 1", "ofset: 1"),
    ("workdir: ", "workdri: "), ("{ when: { mode: fast }, args:", "{ if: { mode: fast }, args:"),
    ("first: { exec:", "first: { hook:"), ("grace: 90s", "graec: 90s"), ("timeout: 20s", "tmeout: 20s"),
    ("status: [200", "codes: [200"), ("tasks: 64", "swap: 64"), ("user: \"1000", "uid: \"1000"),
    ("{ path: /dev/dri", "{ paht: /dev/dri"), ("mode: ro", "rights: ro"), ("format: properties", "fromat: properties"),
    ("calendar: Mon", "calender: Mon"), ("sticky: true", "stikcy: true"),
    ("port: game, password", "prot: game, password"),
    ("last: 3", "lastly: 3"), ("hot: true", "warm: true"), ("[{ exec: [/usr/bin/hold", "[{ run: [/usr/bin/hold"),
    // Missing keys, and keys that do not go together.
    ("id: sample\n", ""), ("type: int, ", ""), ("protocol: [tcp, udp], ", ""), ("udp: game, ", ""),
    ("udp: game,", "udp: game, tcp: game,"), ("default: 4000", "default: 4000, follows: { role: query, offset: 1 }"),
    ("type: int,", "type: string,"), ("type: int,", "type: int, pattern: x,"), ("secret, ", "secret, default: x, "),
    ("at: [install, update], ", ""), ("    restore: [/usr/bin/load, \"{{ports.site}}\"]\n", ""),
    ("hot: true", "hot: true\n    sqlite: [\"{{paths.data}}/x\"]"),
    ("workdir: ", "capabilities: { CAP_KILL: x }\n    workdir: "),
    // Wrong types, and words of no closed set.
    ("schema: 1", "schema: 2"), ("name: Sample", "name: [x]"), ("category: game", "category: gmae"),
    ("type: int,", "type: integer,"), ("optional: true", "optional: yes"), ("[tcp, udp]", "sctp"),
    ("signal: SIGINT", "signal: SIGKILL"), ("depends-on: [main]", "depends-on: main"),
    ("when: { mode: slow }", "when: slow"), ("[install, update]", "[instal]"), ("protocol: teeworlds", "protocol: tw"),
    ("MemoryDenyWriteExecute", "MemoryDenyWrite"), ("CAP_CHOWN", "CHOWN"), ("format: properties", "format: custom"),
    ("values: { title: ", "values: { title: [x], subtitle: "), ("env: { DATA: \"{{paths.data}}\" }", "env: [x]"),
    // Out of range, and of no such form.
    ("default: 4000", "default: 65536"), ("offset: 1", "offset: 65536"), ("length: 16", "length: 7"),
    ("tasks: 64", "tasks: 0"), ("cpus: 1.5", "cpus: 0"), ("files: 4096", "files: 1048577"),
    ("grace: 90s", "grace: 61m"),
    ("timeout: 2h", "timeout: 25h"), ("strip: 2", "strip: 17"), ("last: 3", "last: 10001"), ("[200, 204]", "[99]"),
    ("min: 64M", "min: 64MB"), ("id: sample\n", "id: Sample\n"), ("guid: 0c2de651", "guid: 0C2DE651"),
    ("/opt/sample]", "opt/sample]"), ("sample-data]", "Sample]"), ("Mon..Fri 04:00", "noon"),
    ("path: /app", "path: app"), ("bind: 127.0.0.1", "bind: localhost"), ("env: { DATA:", "env: { BERTH_DATA:"),
    ("registry.example/shelf:1", "shelf"), ("announce: \"say {{message}}\"", "announce: say"),
    ("DATA: \"{{paths.data}}\"", "DATA: \"{{paths.data\""), ("{{paths.data}}/etc/", "/etc/"),
    ("help: Shown to players", "help: \"a\\tb\""),
  ]

  @Test("what is wrong with a plugin in itself is refused by the reader and by the schema")
  func wrongPlugins() throws {
    let texts = try Self.brokenPlugins.map { try Sample.yaml(replacing: $0.old, with: $0.new) }
    for text in texts { #expect(try Sample.refusal(of: text).code == "bad-plugin") }
    for (change, verdict) in zip(Self.brokenPlugins, try verdicts("plugin", texts)) {
      #expect(verdict != nil, "\(change.new)")
    }
  }

  @Test("what is wrong with a fleet in itself is refused by the reader and by the schema")
  func wrongFleets() throws {
    let entries = [
      "name: a", "app: arena, nam: a", "app: [arena]", "app: arena, name: default", "app: arena, name: abcdef01",
      "app: arena, name: \" a\"", "app: arena, id: X", "app: arena, count: 2", "app: arena, name: a, count: 0",
      "app: arena, name: a, count: 10001", "app: arena, name: a, count: 2, id: default",
      "app: arena, name: a, count: 2, ports: {}", "app: arena, enabled: on", "app: arena, dir: srv",
      "app: arena, dir: /srv/../etc", "app: arena, dir: \"/srv/a:b\"", "app: arena, ports: { game: 0 }",
      "app: arena, ports: { game: x }", "app: arena, settings: { title: [a] }", "app: arena, labels: { \"a b\": c }",
      "app: arena, limits: { memory: 2GB }", "app: arena, limits: { memory: 5M }", "app: arena, limits: { cpus: 0 }",
      "app: arena, limits: { tasks: 4194305 }", "app: arena, limits: { swap: 1G }", "app: arena, backup: daily",
      "app: arena, backup: { when: x }", "app: arena, backup: { schedule: x }", "app: arena, backup: { keep: {} }",
      "app: arena, backup: { keep: { last: 0 } }", "app: arena, backup: { keep: { yearly: 1 } }",
      "app: arena, pool: North",
    ]
    let texts =
      [
        "- schema\n", "instances: []\n", "schema: 1\n", "schema: 2\ninstances: []\n", "schema: 1\ninstances: arena\n",
        "schema: 1\ninstances: [arena]\n", "schema: 1\ninstances: []\ninstance: []\n",
        "schema: 1\nname: \"\"\ninstances: []\n", "schema: 1\ndefaults: { settings: {} }\ninstances: []\n",
        "schema: 1\ndefaults: { limits: { cpu: 1 } }\ninstances: []\n", "schema: 1\nschema: 1\ninstances: []\n",
      ] + entries.map { "schema: 1\ninstances:\n  - { \($0) }\n" }
    for text in texts { #expect(throws: BerthError.self, "\(text)") { _ = try FleetSample.read(text) } }
    for (text, verdict) in zip(texts, try verdicts("fleet", texts)) { #expect(verdict != nil, "\(text)") }
  }

  // MARK: Keys and words

  @Test("the keys of each mapping are those that the reader knows, and each says what it means")
  func keys() throws {
    let kit = "\(Self.root)/Sources/Core/Kit"
    let reading = try FileManager.default.contentsOfDirectory(atPath: "\(kit)/Reading")
      .filter { $0.hasPrefix("ManifestReader") }.map { "Reading/\($0)" }
    let fleet = try FileManager.default.contentsOfDirectory(atPath: "\(kit)/Fleet").map { "Fleet/\($0)" }
    for (name, files) in [("plugin", reading), ("fleet", fleet)] {
      let texts = try (files + ["Reading/YAMLValue+Backup.swift"]).map { try DocsTests.text("Sources/Core/Kit/\($0)") }
      let sources = texts.joined(separator: "\n")
      let known = Set(sources.matches(of: /fields\(\[([^\]]*)\]/).map { Self.words(in: $0.output.1) })
      let schema = try Self.schema(name)
      let mappings = Self.mappings(in: schema)
      #expect(known.count > 5)
      #expect(Set(mappings.filter(\.isClosed).map { $0.properties.keys.sorted() }) == known, "\(name)")
      // Beside sets of any name stand those that say when and what stays.
      let policy = sources.firstMatch(of: /policyKeys = \[([^\]]*)\]/).map { Self.words(in: $0.output.1) } ?? []
      let all = Set(known.joined()).union(policy)
      for mapping in mappings {
        #expect(Set(mapping.properties.keys).isSubset(of: all), "\(name)")
        for (key, value) in mapping.properties where mapping.isClosed {
          #expect((value as? [String: Any])?["description"] is String, "\(name): \(key)")
        }
      }
    }
  }

  @Test("the words of each closed set are those that the reader takes")
  func words() throws {
    let schema = try Self.schema("plugin")
    func words(_ path: String...) throws -> Set<String> {
      var place: Any = schema
      for key in path { place = try #require((place as? [String: Any])?[key], "\(path)") }
      let list = try #require(place as? [String], "\(path)")
      #expect(Set(list).count == list.count)
      return Set(list)
    }
    #expect(try words("properties", "category", "enum") == Set(Manifest.Category.allCases.map(\.rawValue)))
    #expect(
      try words("definitions", "setting", "properties", "type", "enum") == Set(Setting.Kind.allCases.map(\.rawValue)))
    #expect(
      try words("definitions", "configFile", "properties", "format", "enum")
        == Set(ConfigFile.Format.allCases.filter { $0 != .custom }.map(\.rawValue)))
    #expect(
      try words("properties", "query", "properties", "protocol", "enum")
        == Set(PlayerQuery.Kind.allCases.map(\.rawValue)))
    #expect(
      try words("properties", "console", "properties", "protocol", "enum") == Set(Console.Kind.allCases.map(\.rawValue))
    )
    #expect(try words("definitions", "transport", "enum") == Set(TransportProtocol.allCases.map(\.rawValue)))
    #expect(try words("definitions", "moment", "enum") == Set(Job.Moment.allCases.map(\.rawValue)))
    #expect(try words("definitions", "signal", "enum") == Set(ManifestValidator.stopSignals))
    #expect(try words("definitions", "hardeningLine", "enum") == Set(HardeningKey.allCases.map(\.rawValue)))
    #expect(try words("definitions", "containerLine", "enum") == Set(ContainerLine.allCases.map(\.rawValue)))
    #expect(
      try words("definitions", "composeException", "enum") == Set(ComposeKey.Exception.allCases.map(\.rawValue)))
    #expect(try words("definitions", "capability", "enum") == Set(Capability.names))
  }

  // MARK: Tools

  /// What a schema says of one mapping.
  private struct Mapping {
    let properties: [String: Any]
    /// Whether it may have no other keys.
    let isClosed: Bool
  }

  /// JSON is YAML, and the YAML library gives plain values.
  private static func schema(_ name: String) throws -> [String: Any] {
    try #require(try Yams.load(yaml: DocsTests.text("docs/schema/\(name).schema.json")) as? [String: Any], "\(name)")
  }

  /// The mappings at any depth of a schema.
  private static func mappings(in value: Any) -> [Mapping] {
    if let list = value as? [Any] { return list.flatMap { mappings(in: $0) } }
    guard let schema = value as? [String: Any] else { return [] }
    let below = schema.values.flatMap { mappings(in: $0) }
    guard let properties = schema["properties"] as? [String: Any] else { return below }
    return below + [Mapping(properties: properties, isClosed: schema["additionalProperties"] as? Bool == false)]
  }

  /// The texts in a list of Swift's, in order of the alphabet.
  private static func words(in list: Substring) -> [String] {
    list.matches(of: /"([a-z0-9-]+)"/).map { String($0.output.1) }.sorted()
  }

  /// What the schema has against each text; nil for one that fits.
  private func verdicts(_ kind: String, _ texts: [String]) throws -> [String?] {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("berth-schema-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    var files: [String] = []
    for (index, text) in texts.enumerated() {
      let file = folder.appendingPathComponent("\(index).yaml")
      try Data(text.utf8).write(to: file)
      files.append(file.path)
    }
    let said = try check(["--as", kind] + files)
    try #require(said.count == files.count)
    return zip(files, said).map { file, line in line == "ok \(file)" ? nil : line }
  }

  /// Runs `scripts/check-schema`.
  ///
  /// - Returns: a line for each file.
  private func check(_ arguments: [String]) throws -> [String] {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "\(Self.root)/scripts/check-schema")
    process.arguments = arguments
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let data = try output.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    #expect([0, 1].contains(process.terminationStatus), "scripts/check-schema")
    return String(decoding: data, as: UTF8.self).split(separator: "\n").map(String.init)
  }
}
