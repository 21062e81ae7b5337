@testable import BerthRender
import BerthKit
import Foundation
import Testing

@Suite("Environment files") struct EnvironmentFileTests {
  /// A service with one variable `X<n>` for every hostile text.
  private func hostileFile() throws -> RenderedFile {
    var manifest = sampleManifest(settings: HostileText.all.indices.map { Setting("s\($0)", .string) })
    manifest.services[0].environment = HostileText.all.indices.map {
      .init("X\($0)", Template(segments: [.variable("settings.s\($0)")]))
    }
    let values = HostileText.all.enumerated().map { ("s\($0.offset)", Value.text($0.element)) }
    return try file(manifest, settings: Dictionary(uniqueKeysWithValues: values))
  }

  private func file(_ manifest: Manifest, settings: [String: Value] = [:], ports: [String: Int] = [:]) throws
    -> RenderedFile
  {
    try ManifestValidator(manifest).validate()
    let files = try EnvironmentRenderer(manifest: manifest, context: Stage.system.context(manifest))
      .files(
        for: InstanceKey(app: "sample", id: .default), variables: variables(manifest, settings: settings, ports: ports))
    return try #require(files.first)
  }

  @Test("systemd reads every value as it is")
  func systemd() throws {
    let variables = try SystemdReader.environment(try hostileFile().text)
    for (index, text) in HostileText.all.enumerated() { #expect(variables["X\(index)"] == text) }
  }

  @Test("a shell reads every value as it is, and runs nothing of it")
  func shell() throws {
    let text = try hostileFile().text
    let verdict = try Judge.withFolder { folder in
      let file = folder.appending(path: "env")
      try Data(text.utf8).write(to: file)
      return try Judge.run(["/bin/sh", "-c", #"set -ae; . "$1"; exec env -0"#, "sh", file.path], in: folder)
    }
    #expect(verdict.status == 0, "\(verdict.output.prefix(400))")
    var variables: [String: String] = [:]
    for entry in verdict.output.unicodeScalars.split(separator: "\0") {
      let parts = entry.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map {
        String(String.UnicodeScalarView($0))
      }
      if parts.count == 2 { variables[parts[0]] = parts[1] }
    }
    for (index, text) in HostileText.all.enumerated() { #expect(variables["X\(index)"] == text) }
  }

  @Test("a config file in env format says the same as an environment file, so a shell and systemd read it alike")
  func envFormat() throws {
    let settings = HostileText.all.indices.map { Setting("s\($0)", .string) }
    let entries = settings.indices.map {
      ConfigFile.Entry("X\($0)", Template(segments: [.variable("settings.s\($0)")]))
    }
    let values = zip(settings, HostileText.all).map { ($0.id, Value.text($1)) }
    let text = try configText(
      ConfigFile("a.env", .env, values: entries), settings: settings, Dictionary(uniqueKeysWithValues: values))
    let wanted = HostileText.all.enumerated().map { ("X\($0.offset)", $0.element) }
    #expect(try SystemdReader.environment(text) == Dictionary(uniqueKeysWithValues: wanted))
  }

  @Test("the file holds what the arguments and the probes name, the service's own variables, and nothing else")
  func contents() throws {
    var manifest = sampleManifest(
      exec: ["{{programs.server}}", "{{paths.config}}/x", "{{settings.a-b}}"],
      settings: [Setting("a-b", .bool), Setting("unused", .string), Setting("unset", .string, optional: true)],
      ports: [PortRole("game", [.udp], default: 1), PortRole("query", [.udp], default: 2)])
    manifest.services[0].ready = [ReadyProbe(.udp, "game")]
    manifest.services[0].environment = [
      .init("Z", "{{settings.a-b}}!"), .init("Y", "{{settings.unset}}"), .init("A", ""),
    ]
    let values: [String: Value] = ["a-b": .boolean(true), "unused": .text("x")]
    let text = try file(manifest, settings: values, ports: ["game": 7, "query": 8]).text
    let home = "/var/lib/berth/instances/sample/default"
    #expect(
      text == """
        # Made by Berth. Read by the service manager when sample/default starts.
        BERTH_PATHS_CONFIG="\(home)/config"
        BERTH_PORTS_GAME="7"
        BERTH_PORTS_QUERY="8"
        BERTH_SETTINGS_A__B="true"
        HOME="\(home)/data"
        Z="true!"
        A=""

        """)
  }

  @Test("a service that sets its own home keeps it")
  func home() throws {
    var manifest = sampleManifest()
    manifest.services[0].environment = [.init("HOME", "{{paths.cache}}")]
    let variables = try SystemdReader.environment(try file(manifest).text)
    #expect(variables == ["HOME": "/var/lib/berth/instances/sample/default/cache"])
  }

  @Test("every service has a file of its own, and only one with a secret is secret")
  func secrets() throws {
    var manifest = sampleManifest(settings: [Setting("token", .secret)])
    manifest.services.append(
      Service("web", exec: ["/usr/bin/web"], environment: [.init("TOKEN", "x{{settings.token}}")]))
    let files = try EnvironmentRenderer(manifest: manifest, context: Stage.system.context(manifest))
      .files(
        for: InstanceKey(app: "sample", id: .default), variables: variables(manifest, settings: ["token": .text("t")]))
    let home = "/var/lib/berth/instances/sample/default"
    #expect(files.map(\.path) == ["\(home)/env", "\(home)/web.env"])
    #expect(files.map(\.isSecret) == [false, true])
    #expect(!files[0].text.contains("TOKEN"))
  }

  @Test("no two variables share a name in the environment")
  func names() throws {
    let words = ["game", "game-bind", "game--bind", "g", "a-b", "a", "b", "a-b-c", "bind", "x1", "x-1", "id", "name"]
    let manifest = sampleManifest(
      settings: words.map { Setting($0, .string) }, ports: words.map { PortRole($0, [.udp], default: 1) })
    try ManifestValidator(manifest).validate()
    let known = ManifestValidator(manifest).knownVariables
    let names = known.map(UnitText.environmentName)
    #expect(Set(names).count == Set(known).count)
    #expect(names.allSatisfy { $0.allSatisfy { $0.isASCII && ($0.isUppercase || $0.isNumber || $0 == "_") } })
    #expect(UnitText.environmentName("ports.game.bind") == "BERTH_PORTS_GAME_BIND")
    #expect(UnitText.environmentName("ports.game-bind") == "BERTH_PORTS_GAME__BIND")
  }
}
