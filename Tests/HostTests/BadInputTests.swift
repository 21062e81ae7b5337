import BerthHost
import BerthKit
import Foundation
import TestSupport
import Testing

@Suite("Bad input changes nothing")
struct BadInputTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let what: String
    let words: [String]
    let status: Int32
    let code: String
    /// Words that the summary must hold.
    let says: [String]
    var testDescription: String { what }
  }

  /// Of the first instance; the second one has the next.
  static let port = FreePorts.block(4)

  static let cases: [Case] = [
    Case(
      what: "an unknown app", words: ["install", "teewords"], status: 64, code: "unknown-app",
      says: ["teewords", "teeworlds"]),
    Case(
      what: "an unknown setting", words: ["install", "idle", "--set", "greting=x"], status: 64, code: "unknown-setting",
      says: ["greting", "greeting"]),
    Case(
      what: "an unknown port role", words: ["install", "idle", "--port", "gane=\(port + 2)"], status: 64,
      code: "unknown-port-role", says: ["gane", "game"]),
    Case(
      what: "a port that is no number", words: ["install", "idle", "--port", "game=x"], status: 64, code: "bad-port",
      says: ["'x'"]),
    Case(
      what: "a port out of range", words: ["install", "idle", "--port", "70000"], status: 64, code: "bad-port",
      says: ["70000"]),
    Case(
      what: "a value out of range", words: ["install", "teeworlds", "--set", "max-clients=65"], status: 64,
      code: "bad-setting", says: ["65", "max-clients", "1 to 64"]),
    Case(
      what: "a word that is no choice", words: ["install", "teeworlds", "--set", "gametype=cft"], status: 64,
      code: "bad-setting", says: ["cft", "ctf"]),
    Case(
      what: "a value with a newline", words: ["install", "idle", "--set", "greeting=a\nExecStart=/bin/true"],
      status: 64, code: "bad-setting", says: ["\\u{a}", "one line"]),
    Case(
      what: "an id that is no UUID", words: ["install", "idle", "--instance-id", "../etc"], status: 64,
      code: "bad-instance-id", says: ["../etc"]),
    Case(
      what: "an id in use", words: ["install", "idle", "--instance-id", "default"], status: 73, code: "id-in-use",
      says: ["default"]),
    Case(
      what: "a name in use", words: ["install", "idle", "--instance-name", "First"], status: 73, code: "name-in-use",
      says: ["First"]),
    Case(
      what: "a port of another instance", words: ["install", "idle", "--port", "\(port)"], status: 73,
      code: "port-in-use", says: ["udp/\(port)", "idle/First"]),
    Case(
      what: "a port of a stopped instance", words: ["install", "idle", "--port", "\(port + 1)"], status: 73,
      code: "port-in-use", says: ["udp/\(port + 1)", "idle/Stopped"]),
    Case(
      what: "a folder in use", words: ["install", "idle", "--dir", "/usr"], status: 73, code: "directory-in-use",
      says: ["/usr", "not empty"]),
    Case(
      what: "a folder that cannot be", words: ["install", "idle", "--dir", "/tmp/a:b"], status: 64,
      code: "bad-directory", says: ["':'"]),
    Case(
      what: "an unknown instance", words: ["stop", "idle", "--instance", "Frist"], status: 64, code: "unknown-instance",
      says: ["Frist", "First"]),
    Case(
      what: "a label without '='", words: ["install", "idle", "--label", "north"], status: 64, code: "usage",
      says: ["north", "key=value"]),
    Case(
      what: "an unknown flag", words: ["install", "idle", "--instance-nmae", "x"], status: 64, code: "usage",
      says: ["--instance-nmae"]),
    Case(
      what: "a removal that nobody confirmed", words: ["remove", "idle", "--instance", "First"], status: 64,
      code: "not-confirmed", says: ["idle/First"]),
    Case(
      what: "settings that do not go together", words: ["install", "icecast", "--set", "max-sources=200"], status: 64,
      code: "bad-setting", says: ["max-sources", "max-listeners"]),
    Case(
      what: "a required setting left out by a script", words: ["install", "asking"], status: 64,
      code: "missing-setting", says: ["motto"]),
    Case(
      what: "a package that is not installed", words: ["install", "packaged"], status: 69, code: "packages-missing",
      says: ["packaged"]),
    Case(
      what: "a program that is not there", words: ["install", "programless"], status: 69, code: "program-missing",
      says: ["/usr/bin/no-such-program"]),
    Case(
      what: "a unit name that is taken", words: ["install", "getty"], status: 73, code: "unit-taken",
      says: ["getty@.service"]),
    Case(
      what: "a plugin with a YAML error", words: ["install", "yamless"], status: 65, code: "broken-plugin",
      says: ["yamless"]),
    Case(
      what: "a plugin with an unknown variable", words: ["install", "variable"], status: 65, code: "broken-plugin",
      says: ["settings.greting", "settings.greeting"]),
    Case(
      what: "a plugin with a secret in exec", words: ["install", "secretive"], status: 65, code: "broken-plugin",
      says: ["settings.key", "secret"]),
    Case(
      what: "two plugins of one id", words: ["install", "luanti"], status: 65, code: "duplicate-plugin",
      says: ["luanti", "plugins.d/luanti"]),
  ]

  @Test("each has its error with code, exit status and remedy, and the sandbox stays as it was")
  func allCases() async throws {
    try await SandboxFixture.with { box in
      try prepare(box)
      #expect(try await box.berth("install", "idle", "--instance-name", "First", "--port", "\(Self.port)").status == 0)
      #expect(
        try await box.berth("install", "idle", "--instance-name", "Stopped", "--port", "\(Self.port + 1)", "--no-start")
          .status
          == 0)
      let files = box.tree()
      let list = try await box.berth("list", "--json").output
      for item in Self.cases {
        let run = try await box.berth(item.words + ["--json"])
        #expect(run.status == item.status, "\(item.what): \(run.errors)")
        #expect(run.output == "", "\(item.what): stdout")
        let failure = try run.failure()
        #expect(failure.keys == ["cause", "code", "remedy", "summary", "where"], "\(item.what)")
        #expect(failure["code"].text == item.code, "\(item.what): \(run.errors)")
        #expect(failure["remedy"].text?.isEmpty == false, "\(item.what): remedy")
        for word in item.says {
          #expect(failure["summary"].text?.contains(word) == true, "\(item.what): \(run.errors)")
        }
        #expect(box.tree().filter { !files.contains($0) } == [], "\(item.what): files")
      }
      #expect(try await box.berth("list", "--json").output == list)
    }
  }

  @Test("a value with % and $ reaches the program as it is")
  func specialCharacters() async throws {
    try await SandboxFixture.with { box in
      try box.addPlugin("idle", FixturePlugins.idle())
      let value = #"100% $HOME ${PATH} "quoted" 'and' \n %n;#"#
      let run = try await box.berth("install", "idle", "--set", "greeting=\(value)")
      try #require(run.status == 0, "\(run.errors)")
      let log = try await LogWatch.lines(box, "idle", until: "said:")
      #expect(log.contains("said: \(value)"))
    }
  }

  @Test("a state folder that cannot be written is not allowed, and is named")
  func unwritableState() async throws {
    let folder = "/var/tmp/berth-test-\(UUID().uuidString.prefix(8))"
    try FileManager.default.createDirectory(
      atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o755])
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let run = try await PublicProgram.with { program in
      try await SubprocessRunner().run(
        Command(
          "setpriv",
          [
            "--reuid", "65534", "--regid", "65534", "--clear-groups", program.path, "install", "teeworlds", "--root",
            "\(folder)/box", "--json",
          ]))
    }
    #expect(run.status == 77, "\(run.errorOutput)")
    let failure = try JSON(parsing: run.errorOutput.split(separator: "\n").last.map(String.init) ?? "{}")
    #expect(failure["summary"].text?.contains("\(folder)/box") == true)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder).isEmpty)
  }

  private func prepare(_ box: SandboxFixture) throws {
    try box.addPlugin("idle", FixturePlugins.idle())
    try box.addPlugin(
      "asking", FixturePlugins.idle("asking").replacing("  greeting:", with: "  motto: { type: string }\n  greeting:"))
    try box.addPlugin(
      "packaged",
      FixturePlugins.idle("packaged", extra: "install: [{ apt: [berth-no-such-package] }]").replacing(
        "/usr/bin/perl", with: "/usr/bin/no-such-program"))
    try box.addPlugin(
      "programless", FixturePlugins.idle("programless").replacing("/usr/bin/perl", with: "/usr/bin/no-such-program"))
    try box.addPlugin("yamless", "schema: 1\nid: [\n")
    try box.addPlugin(
      "variable",
      FixturePlugins.idle("variable").replacing("\"{{settings.greeting}}\"", with: "\"{{settings.greting}}\""))
    try box.addPlugin(
      "secretive",
      FixturePlugins.idle("secretive").replacing("  greeting:", with: "  key: { type: secret }\n  greeting:").replacing(
        "{{settings.greeting}}", with: "{{settings.key}}"))
    try box.addPlugin("luanti", FixturePlugins.idle("luanti"))
    try box.addPlugin("getty", FixturePlugins.idle("getty"))
    // The name of a template that exists; a person's manager has none by default, so that one is put in its place.
    try FileManager.default.createDirectory(
      atPath: "\(box.root)/config/systemd/user", withIntermediateDirectories: true)
    try "[Service]\nExecStart=/usr/bin/true\n".write(
      toFile: "\(box.root)/config/systemd/user/getty@.service", atomically: true, encoding: .utf8)
  }
}
