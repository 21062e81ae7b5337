@testable import BerthKit
import Foundation
import Testing

@Suite("Reading a manifest") struct ManifestReaderTests {
  @Test("a manifest with every key becomes the value it declares")
  func everything() throws {
    #expect(try Sample.read(Sample.yaml) == Sample.manifest)
  }

  @Test("what a manifest leaves out has its default")
  func minimal() throws {
    let manifest = try Sample.read(Sample.minimal)
    #expect(
      manifest
        == Manifest(
          id: "sample", name: "Sample", summary: "A sample app", category: .game, version: "1",
          services: [Service(exec: ["/usr/bin/sample"])]))
    let service = try #require(manifest.services.first)
    #expect(service.stop == .init(signal: "SIGTERM", grace: 30))
    #expect(service.limits == .init())
    #expect(service.ready == [])
  }

  @Test("a port and a probe have their defaults")
  func defaults() throws {
    let text = Sample.minimal + "    ready: { tcp: http }\nports:\n  http: { protocol: tcp, default: 80 }\n"
    let manifest = try Sample.read(text)
    #expect(manifest.port("http")?.bind == "0.0.0.0")
    #expect(manifest.services.first?.ready == [ReadyProbe(.tcp, "http", timeout: 60)])
  }

  @Test("one scalar stands for a list of one")
  func listOrOne() throws {
    let text =
      Sample.minimal + "programs: { server: /usr/bin/sample }\nports:\n  voice: { protocol: udp, default: 1 }\n"
    let manifest = try Sample.read(text)
    #expect(manifest.programs == [Program("server", ["/usr/bin/sample"])])
    #expect(manifest.port("voice")?.protocols == [.udp])
  }

  @Test("settings, ports and values keep their order")
  func order() throws {
    let manifest = try Sample.read(Sample.yaml)
    #expect(
      manifest.settings.map(\.id) == [
        "title", "rules", "players", "admin", "token", "memory", "web", "mode", "folder", "image",
      ])
    #expect(manifest.config.map(\.id) == ["sample.conf", "banner.txt"])
    #expect(manifest.config.first?.values.map(\.key) == ["title", "token"])
  }

  @Test("a manifest survives JSON")
  func json() throws {
    let data = try JSONEncoder().encode(Sample.manifest)
    #expect(try JSONDecoder().decode(Manifest.self, from: data) == Sample.manifest)
  }

  @Test(
    "YAML's own idea of a scalar does not matter: text stays text",
    arguments: ["on", "no", "yes", "1.10", "007", "0x10", "1e3", "null", "~", "2026-11-21", ".inf", "true", "1_000"])
  func scalars(_ word: String) throws {
    let text = try Sample.yaml(replacing: "version: \"1\"", with: "version: \(word)")
    #expect(try Sample.read(text).version == word)
    let choice = try Sample.yaml(
      replacing: "choices: [easy, hard], default: easy", with: "choices: [x, \(word)], default: \(word)")
    let setting = try #require(try Sample.read(choice).setting("rules"))
    #expect(setting.choices == ["x", word])
    #expect(setting.defaultValue?.literalText == word)
  }

  @Test("booleans of a manifest are true and false; a setting's default takes what a person may write")
  func booleans() throws {
    let text = Sample.minimal + "settings:\n  a: { type: bool, default: on }\n  b: { type: bool, default: \"no\" }\n"
    let manifest = try Sample.read(text)
    #expect(try manifest.setting("a")?.parse("on") == .boolean(true))
    #expect(try manifest.setting("b")?.parse("no") == .boolean(false))
  }

  @Test("anchors and aliases work")
  func anchors() throws {
    let text =
      Sample.minimal + """
        settings:
          first: &text { type: string, optional: true, help: &help Same text }
          second: *text
          third: { type: int, default: 1, help: *help }

        """
    let manifest = try Sample.read(text)
    #expect(manifest.setting("second") == Setting("second", .string, optional: true, help: "Same text"))
    #expect(manifest.setting("third")?.help == "Same text")
  }

  @Test("times are seconds, minutes or hours", arguments: [("1s", 1), ("90s", 90), ("5m", 300), ("1h", 3600)])
  func durations(_ text: String, _ seconds: Int) throws {
    let yaml = try Sample.yaml(replacing: "grace: 90s", with: "grace: \(text)")
    #expect(try Sample.read(yaml).services.first?.stop.grace == seconds)
  }

  @Test("lines that end as on Windows are read")
  func windowsLines() throws {
    let text = Sample.yaml.replacing("\n", with: "\r\n")
    #expect(try Sample.read(text) == Sample.manifest)
  }

  @Test("alternatives of a package are parted by bars")
  func alternatives() throws {
    let text = try Sample.yaml(replacing: "\"sample-server | old-server\"", with: "a1|b2 |  c3")
    #expect(try Sample.read(text).install.first == .apt([["a1", "b2", "c3"], ["sample-data"]]))
  }

  @Test("the same rules hold for a manifest that Swift builds")
  func swiftManifest() throws {
    try ManifestValidator(Sample.manifest).validate()
    var broken = Sample.manifest
    broken.services[0].arguments.append("{{settings.token}}")
    let problem = try #require(throws: ManifestValidator.Problem.self) { try ManifestValidator(broken).validate() }
    #expect(problem.key == "services.main.exec[4]")
    broken = Sample.manifest
    broken.settings.append(Setting("title", .string, optional: true))
    #expect(throws: ManifestValidator.Problem(key: "settings.title", text: "'title' stands here twice")) {
      try ManifestValidator(broken).validate()
    }
  }
}
