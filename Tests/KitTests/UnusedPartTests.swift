import BerthKit
import Foundation
import Testing

@Suite("What of a plugin is of no use") struct UnusedPartTests {
  static let home = "/plugins/demo"

  /// A plugin of which everything is of use.
  static let whole = """
    schema: 1
    id: demo
    name: Demo
    summary: A demo
    category: other
    version: "1"
    install:
      - apt: [demo-server]
    programs:
      server: [/usr/bin/demo]
    settings:
      title: { type: string, default: Demo }
      kind: { type: choice, choices: [small, large], default: small }
    ports:
      http: { protocol: tcp, default: 8080 }
      next: { protocol: tcp, follows: { role: http, offset: 1 } }
    services:
      main:
        exec: ["{{programs.server}}", --config, "{{paths.config}}/demo.conf"]
        ready: { tcp: http }
      extra:
        exec: ["{{programs.server}}", "{{paths.data}}"]
        when: { kind: large }
    config:
      demo.conf: { format: properties, values: { title: "{{settings.title}}", port: "{{ports.http}}" } }
      page.txt: { format: template }
    jobs:
      tidy: { calendar: daily, service: extra, exec: ["{{programs.server}}", tidy] }
    backup:
      data: { service: main, files: ["{{paths.data}}"] }

    """

  static func unused(_ yaml: String, more: [String: String] = [:]) throws -> [String] {
    var texts = ["\(home)/plugin.yaml": yaml, "\(home)/files/page.txt": "Hello\n"]
    for (name, text) in more { texts["\(home)/\(name)"] = text }
    return try PluginLoader(files: MemoryFiles(texts)).check(at: home).unused.map { error in
      #expect(error.code == "unused")
      let place = error.location ?? ""
      return "\(place.dropFirst(home.utf8.count + 1)): \(error.summary)"
    }
  }

  /// The plugin with one text in the place of another.
  static func whole(_ old: String, _ new: String) throws -> String {
    #expect(whole.contains(old))
    return whole.replacing(old, with: new)
  }

  @Test("a plugin whose every part is used is told of nothing")
  func nothing() throws {
    #expect(try Self.unused(Self.whole) == [])
  }

  @Test(
    "what nothing uses is named with its line",
    arguments: [
      ("  kind: {", "  color: { type: string, default: red }\n  kind: {", "13: 'settings.color': nothing reads it"),
      ("  server: [", "  other: [/usr/bin/other]\n  server: [", "10: 'programs.other': nothing runs it"),
      (
        "  http: {", "  voice: { protocol: udp, default: 9000 }\n  http: {",
        "15: 'ports.voice': no service is told of it"
      ),
      (", port: \"{{ports.http}}\"", "", "15: 'ports.http': no service is told of it"),
      (
        ", service: extra, exec", ", service: extra, when: { kind: small }, exec",
        "28: 'jobs.tidy.when.kind': no instance"
      ),
      ("  data: {", "  all: { files: [\"{{paths.data}}\"] }\n  data: {", "31: 'backup.data': it copies nothing"),
      (
        "exec: [\"{{programs.server}}\", \"{{paths.data}}\"]",
        "exec: [\"{{programs.server}}\", \"{{paths.data}}\", { when: { kind: [small] }, args: [-s] }]",
        "22: 'services.extra.exec[2].when.kind': no instance"
      ),
      (", --config, \"{{paths.config}}/demo.conf\"", "", "25: 'config.demo.conf': no service is told of it"),
      (
        "  - apt: [demo-server]", "  - apt: [demo-server]\n  - steamcmd: { app: 4711 }",
        "9: 'install[1]': nothing uses what it brings"
      ),
    ])
  func parts(_ old: String, _ new: String, _ says: String) throws {
    let found = try Self.unused(try Self.whole(old, new))
    #expect(found.contains { $0.hasPrefix("plugin.yaml:\(says)") }, "\(found)")
  }

  @Test("one mistake is one warning, and a port that follows an unused one goes with it")
  func counts() throws {
    let more = try Self.whole(
      "  kind: {", "  color: { type: string, default: red }\n  kind: {")
    #expect(try Self.unused(more).count == 1)
    let untold = try Self.whole(", port: \"{{ports.http}}\"", "")
    #expect(try Self.unused(untold).count == 2)
  }

  @Test("packages of a plugin without programs are never looked at")
  func packages() throws {
    let text = try Self.whole("programs:\n  server: [/usr/bin/demo]\n", "").replacing(
      "{{programs.server}}", with: "/usr/bin/demo")
    #expect(try Self.unused(text).map { $0.prefix(31) } == ["plugin.yaml:8: 'install[0].apt'"])
  }

  @Test("a file that no part names is found, and so is a hook")
  func files() throws {
    let found = try Self.unused(
      Self.whole, more: ["files/old.conf": "x\n", "hooks/start": "#!/bin/sh\n", "README.md": "Demo\n"])
    #expect(
      found.map { $0.prefix { $0 != ";" } } == ["files/old.conf: nothing reads it", "hooks/start: nothing runs it"])
  }

  @Test("a port of a container is opened by its engine, and so it is of use")
  func containers() throws {
    let text = """
      schema: 1
      id: demo
      name: Demo
      summary: A demo
      category: other
      version: "1"
      ports:
        http: { protocol: tcp, default: 8080, service: web, target: 80 }
        lost: { protocol: tcp, default: 8081 }
      services:
        web: { container: { image: "docker.io/library/nginx:1" } }
        worker: { container: { image: "docker.io/library/nginx:1" } }

      """
    #expect(try Self.unused(text).first?.hasPrefix("plugin.yaml:9: 'ports.lost'") == true)
  }

  @Test("a plugin in Swift says what its code reads")
  func swift() {
    struct Coded: AppPlugin {
      var manifest = Manifest(
        id: "coded", name: "Coded", summary: "A demo", category: .other, version: "1",
        settings: [Setting("title", .string, default: "x"), Setting("lost", .string, default: "x")],
        services: [Service(exec: ["/usr/bin/x", "{{paths.config}}"])], config: [ConfigFile("x.conf", .custom)])
      var readsInCode = ["settings.title"]
    }
    let check = PluginLoader(files: MemoryFiles([:])).check(Coded())
    #expect(check.unused.map(\.location) == ["built-in"])
    #expect(check.unused.map { $0.summary.prefix(15) } == ["'settings.lost'"])
  }

  @Test("every part of the plugins that ship, and of the examples, is of use")
  func shipped() throws {
    let examples = URL(filePath: ShippedPluginTests.folder).deletingLastPathComponent().appending(
      path: "examples/plugins"
    ).path
    for folder in [ShippedPluginTests.folder, examples] {
      let loader = PluginLoader(files: try ShippedPluginTests.files(below: folder))
      for name in try FileManager.default.contentsOfDirectory(atPath: folder) where name != "levels.json" {
        #expect(try loader.check(at: "\(folder)/\(name)").unused.map(\.summary) == [], "\(name)")
      }
    }
  }
}

@Suite("Several mistakes in one plugin") struct SeveralMistakeTests {
  private func all(_ yaml: String) throws -> [String] {
    let error = try #require(throws: BerthError.self) { _ = try ManifestReader(file: "p.yaml").manifest(from: yaml) }
    let more = error.cause.map { $0.split(separator: "\n").dropFirst().map(String.init) } ?? []
    return ["\(error.location ?? ""): \(error.summary)"] + more
  }

  private let top = "schema: 1\nid: demo\nname: Demo\nsummary: A demo\ncategory: other\n"

  @Test("an unknown key, a wrong type, a rule and a missing key are four errors, in the order of lines")
  func four() throws {
    let found = try all(
      top + """
        version: "1"
        services:
          main:
            exec: [/usr/bin/demo, "{{settings.titel}}"]
            ready: { tcp: http, timeout: soon }
        settings:
          title: { type: string, default: x, hlep: Shown }
        ports:
          http: { protocol: tcp, default: 99999 }

        """)
    #expect(
      found.map { $0.prefix { $0 != ";" } }.map { $0.split(separator: "'").prefix(2).joined() } == [
        "p.yaml:9: services.main.exec[1]", "p.yaml:10: services.main.ready.timeout",
        "p.yaml:12: settings.title.hlep", "p.yaml:14: ports.http.default",
      ], "\(found)")
  }

  @Test("mistakes of every part are told at once")
  func parts() throws {
    let found = try all(
      top + """
        version: "1"
        install:
          - apt: [Bad]
          - apt: [Worse]
        services:
          main: { exec: [demo] }
        jobs:
          one: { calendar: never, exec: [/usr/bin/demo] }
          two: { exec: [/usr/bin/demo] }
        backup:
          a: { files: [/etc] }
          b: { files: [/usr] }
        query: { protocol: teeworlds, port: lost }
        console: { protocol: quake3-rcon, port: lost, password: "x" }

        """)
    #expect(found.map { $0.dropFirst(7).prefix { $0 != ":" } } == ["8", "9", "11", "13", "14", "16", "17", "18", "19"])
  }

  @Test("what follows from a part that could not be read is not told of")
  func cascades() throws {
    let found = try all(
      top + """
        version: "1"
        settings:
          title: { type: strin, default: x }
        ports:
          http: { protocol: tpc, default: 80 }
        services:
          main:
            exec: [/usr/bin/demo, "{{settings.title}}", "{{ports.http}}"]
            ready: { tcp: http }
            mounts: { /srv/x: { from: stock, mode: rx } }
        routes:
          page: { host: a.example, port: http }
        backup:
          stock: { volume: stock }

        """)
    #expect(found.count == 3, "\(found)")
  }

  @Test("a missing name hides nothing of the rest")
  func missing() throws {
    let found = try all(top + "services:\n  main: { exec: [demo] }\n")
    #expect(found.count == 2, "\(found)")
    #expect(found.last?.contains("'version' is missing") == true)
  }
}
