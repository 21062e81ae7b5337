import BerthKit
import Testing

@Suite("Variables of an instance's own") struct OwnVariableTests {
  private func manifest() -> Manifest {
    var manifest = Manifest(
      id: "ward", name: "Ward", summary: "Of parts", category: .web, version: "1",
      settings: [Setting("title", .string, default: "None")],
      services: [
        Service(
          "web", .container(Container(image: "registry.example/web:1", composeFile: "compose.yaml")),
          environment: [.init("TITLE", "{{settings.title}}"), .init("MODE", "fixed")]),
        Service("store", .container(Container(image: "registry.example/store:1"))),
        Service("game", .exec(["/usr/bin/game"])),
      ])
    manifest.compose = ComposeFile(
      name: "compose.yaml", text: "services: {}\n",
      services: [.init("web", image: "registry.example/web:1", variables: ["LANG"])])
    return manifest
  }

  @Test(
    "a key names a variable, and a service where one is meant",
    arguments: [
      ("env.TZ", OwnVariable("TZ")), ("env._x9", OwnVariable("_x9")),
      ("env.discovery.type", OwnVariable("discovery.type")), ("env.a-b", OwnVariable("a-b")),
      ("env.TZ@web", OwnVariable("TZ", service: "web")),
      ("env.discovery.type@store", OwnVariable("discovery.type", service: "store")),
      ("env.", nil), ("env.9A", nil), ("env.A B", nil), ("env.A=B", nil), ("env.A*", nil), ("env.É", nil),
      ("env.A\n", nil), ("env.A@", nil), ("env.A@Web", nil), ("env.A@web@web", nil), ("env.@web", nil),
      ("environment", nil), ("TZ", nil), ("ENV.TZ", nil),
    ] as [(String, OwnVariable?)])
  func keys(_ key: String, _ variable: OwnVariable?) {
    #expect(OwnVariable(key: key) == variable)
    if let variable { #expect(variable.key == key) }
  }

  @Test("an app with containers has them as optional secrets of one line, declared settings stay what they are")
  func choices() throws {
    let manifest = manifest()
    let choice = try #require(try manifest.choice("env.TZ"))
    #expect(choice.id == "env.TZ" && choice.isSecret && choice.isOptional && !choice.isRequired)
    #expect(try choice.parse("") == .text("") && choice.parse(String(repeating: "x", count: 4096)) != .text(""))
    for value in ["a\nb", "a\u{0}", String(repeating: "x", count: 4097), String(repeating: "é", count: 2049)] {
      let error = #expect(throws: BerthError.self) { try choice.parse(value) }
      #expect(error?.code == "bad-setting" && error?.summary.contains("a\nb") == false)
    }
    #expect(try manifest.choice("title") == manifest.setting("title"))
    #expect(try manifest.choice("titel") == nil && manifest.choice("env") == nil)
  }

  @Test(
    "a variable that no instance can have is refused with the reason",
    arguments: [
      ("env.9", "expected env.NAME"), ("env.TITLE", "sets TITLE of 'web', by the setting 'title'"),
      ("env.TITLE@web", "sets TITLE of 'web', by the setting 'title'"), ("env.MODE", "sets MODE of 'web'"),
      ("env.LANG@web", "sets LANG of 'web'"), ("env.TZ@wed", "no container 'wed'; did you mean 'web'?"),
      ("env.TZ@game", "no container 'game'"),
    ])
  func refusals(_ key: String, _ reason: String) throws {
    let error = #expect(throws: BerthError.self) { try manifest().choice(key) }
    #expect(error?.code == "bad-variable" && error?.kind == .usage, "\(key)")
    #expect(error?.summary.contains(reason) == true, "\(error?.summary ?? "")")
    #expect(manifest().stored(key) == nil)
  }

  @Test("what the plugin sets of one service another one may have")
  func others() throws {
    #expect(try manifest().choice("env.TITLE@store")?.id == "env.TITLE@store")
  }

  @Test("an app whose services are programs has none")
  func programs() throws {
    var manifest = manifest()
    manifest.services = [manifest.services[2]]
    let error = #expect(throws: BerthError.self) { try manifest.choice("env.TZ") }
    #expect(error?.summary.contains("it runs no containers") == true)
  }

  @Test("a container has those of all and its own, and its own stand before")
  func values() {
    let settings: [String: Value] = [
      "title": .text("x"), "env.TZ": .text("UTC"), "env.TZ@web": .text("America/Bahia"), "env.A@store": .text("1"),
      "env.9": .text("never"),
    ]
    let services = manifest().services
    #expect(services[0].ownVariables(settings) == ["TZ": "America/Bahia"])
    #expect(services[1].ownVariables(settings) == ["TZ": "UTC", "A": "1"])
    #expect(services[2].ownVariables(settings) == [:])
  }

  @Test("no template and no condition can name one")
  func templates() throws {
    func read(_ place: String, _ more: String = "") throws -> Manifest {
      try ManifestReader(file: "plugin.yaml").manifest(
        from: """
          schema: 1
          id: ward
          name: Ward
          summary: One
          category: web
          version: "1"
          settings:
            mode: { type: choice, choices: [a, b], default: a }
          services:
            main:
              container: { image: registry.example/web:1 }
              env: { X: "{{\(place)}}" }
            side:
              container: { image: registry.example/web:1 }
              when: { \(more.isEmpty ? "mode" : more): a }

          """)
    }
    #expect(try read("settings.mode").services.count == 2)
    #expect(throws: BerthError.self) { try read("settings.env.TZ") }
    #expect(throws: BerthError.self) { try read("settings.mode", "env.TZ") }
  }
}
