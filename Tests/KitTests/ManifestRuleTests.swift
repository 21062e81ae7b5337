@testable import BerthKit
import Testing

/// What types alone cannot say, for the head of a manifest, its settings and its ports.
@Suite("Rules for settings and ports") struct ManifestRuleTests {
  @Test(
    "an app's own words must be usable",
    arguments: [
      Refusal("berth >= 0.1", "berth >= 9.0", key: "needs", "it needs berth >= 9.0, and this is Berth "),
      Refusal("berth >= 0.1", "berth > 0.1", key: "needs", "expected 'berth >=' and a version"),
      Refusal("berth >= 0.1", "berth >= 0.1.2.3", key: "needs", "expected 'berth >=' and a version"),
      Refusal("https://sample", "http://sample", key: "homepage", "expected an address that begins with https://"),
      Refusal("id: sample\n", "id: s\n", key: "id", "'s' is not an id: [a-z][a-z0-9-]{1,31}"),
      Refusal("id: sample\n", "id: Sample\n", key: "id", "'Sample' is not an id"),
      Refusal("id: sample\n", "id: sam_ple\n", key: "id", "'sam_ple' is not an id"),
      Refusal("id: sample\n", "id: sample-\n", key: "id", "'sample-' is not an id"),
      Refusal("id: sample\n", "id: ../sample\n", key: "id", "'../sample' is not an id"),
      Refusal(
        "id: sample\n", "id: a123456789012345678901234567890123\n", key: "id",
        "'a123456789012345678901234567890123' is not"),
      Refusal("name: Sample", "name: \"\"", key: "name", "expected one line of text"),
      Refusal("name: Sample", #"name: "a\nb""#, key: "name", "expected one line of text"),
      Refusal("summary: A", #"summary: "\e[31m""# + " #", key: "summary", "expected one line of text"),
      Refusal("version: \"1\"", #"version: "1\0""#, key: "version", "expected one line of text"),
      Refusal(
        "guid: 0c2de651", "guid: 0C2DE651", key: "guid",
        "'0C2DE651-ec30-d4ac-c53f-ebdb67398324' is not a UUID in lowercase"),
      Refusal("untested: there", #"untested: "a\u2028" #"#, key: "untested", "expected one line of text"),
      Refusal("help: Shown to players", #"help: "\e]0;x\a""#, key: "settings.title.help", "expected one line of text"),
      Refusal("help: Game traffic", #"help: "a\rb""#, key: "ports.game.help", "expected one line of text"),
      Refusal("sample-data]", "Sample]", key: "install[0].apt[1]", "'Sample' is not a Debian package's name"),
      Refusal("sample-data]", "--purge]", key: "install[0].apt[1]", "'--purge' is not a Debian package's name"),
      Refusal("sample-data]", "sudo-]", key: "install[0].apt[1]", "'sudo-' is not a Debian package's name"),
      Refusal("sample-data]", "\"|\"]", key: "install[0].apt[1]", "expected a package's name"),
      Refusal(
        "[\"sample-server | old-server\", sample-data]", "[]", key: "install[0].apt", "expected at least one package"),
      Refusal("/opt/sample]", "opt/sample]", key: "programs.server[1]", "'opt/sample' is not an absolute path"),
      Refusal(
        "/opt/sample]", "/opt/../sample]", key: "programs.server[1]",
        "'/opt/../sample' is not an absolute path without '..'"),
      Refusal("[/usr/bin/sample, /opt/sample]", "[]", key: "programs.server", "expected at least one path"),
    ])
  func head(_ refusal: Refusal) throws { try refusal.check() }

  @Test(
    "a setting's keys must fit its type and each other",
    arguments: [
      Refusal("players: {", "Players: {", key: "settings.Players", "'Players' is not a name: [a-z][a-z0-9-]{0,31}"),
      Refusal("choices: [easy, hard], ", "", key: "settings.rules", "a choice needs 'choices'", line: "rules: {"),
      Refusal(
        "{ type: int,", "{ type: int, choices: [a],", key: "settings.players.choices", "only a choice has 'choices'"),
      Refusal("length: 64,", "max: 3,", key: "settings.title", "'min' and 'max' go with int, float and size"),
      Refusal("min: 1,", "min: 101,", key: "settings.players", "'min' is above 'max'"),
      Refusal(
        "{ type: int,", "{ type: int, pattern: x,", key: "settings.players", "'pattern' and 'length' go with string,"),
      Refusal(
        "{ type: int,", "{ type: int, length: 3,", key: "settings.players", "'pattern' and 'length' go with string,"),
      Refusal("secret, ", "secret, default: x, ", key: "settings.token", "a secret is generated: it has no 'default'"),
      Refusal("secret, ", "secret, optional: true, ", key: "settings.token", "a secret is generated"),
      Refusal(
        "secret, ", "secret, pattern: \"[a-z]+\", ", key: "settings.token.pattern",
        "it does not take 16 letters and digits"),
      Refusal("length: 16", "length: 7", key: "settings.token.length", "a secret has 8 to 128 characters"),
      Refusal("length: 64", "length: 0", key: "settings.title.length", "expected 1 to 4096"),
      Refusal(
        "pattern: \"[a-z]+\"", "pattern: \"[a-z\"", key: "settings.admin.pattern", "'[a-z' is no pattern"),
      Refusal(
        "optional: true", "optional: true, default: x", key: "settings.admin",
        "a setting with a default is not also 'optional'"),
      Refusal(
        "default: 10", "default: ten", key: "settings.players.default",
        "'ten' does not fit the setting 'players': expected a whole number from 1 to 100"),
      Refusal("default: 10", "default: 101", key: "settings.players.default", "'101' does not fit"),
      Refusal(
        "default: easy", "default: eas", key: "settings.rules.default",
        "'eas' does not fit the setting 'rules': expected one of easy, hard; did you mean 'easy'?"),
      Refusal(
        "default: 512M", "default: 8G", key: "settings.memory.default",
        "'8G' does not fit the setting 'memory': expected a size from 64M to 4G"),
      Refusal("default: 10", #"default: "1\n""#, key: "settings.players.default", "'1\\u{a}' does not fit"),
      Refusal(
        "{{instance.name}}", "{{paths.data}}", key: "settings.title.default",
        "a default may only name instance.* and host.*, and that of a path paths.*; not 'paths.data'"),
      Refusal("{{instance.name}}", "{{settings.token}}", key: "settings.title.default", "a default may only name"),
    ])
  func settings(_ refusal: Refusal) throws { try refusal.check() }

  @Test(
    "a port has one number, one meaning and an address",
    arguments: [
      Refusal("query: {", "Query: {", key: "ports.Query", "'Query' is not a name"),
      Refusal("[tcp, udp]", "[]", key: "ports.game.protocol", "expected tcp, udp or [tcp, udp]"),
      Refusal("[tcp, udp]", "[udp, udp]", key: "ports.game.protocol", "expected tcp, udp or [tcp, udp]"),
      Refusal("default: 4000", "default: 0", key: "ports.game.default", "0 is not a port: 1 to 65535"),
      Refusal("default: 4000", "default: 65536", key: "ports.game.default", "65536 is not a port: 1 to 65535"),
      Refusal(
        "default: 4000, ", "", key: "ports.game", "a port has either 'default' or 'follows'", line: "game: { protocol"),
      Refusal(
        "{ protocol: udp,", "{ protocol: udp, default: 7,", key: "ports.query",
        "a port has either 'default' or 'follows'"),
      Refusal(
        "bind: 127.0.0.1", "bind: localhost", key: "ports.game.bind", "'localhost' is not an IPv4 or IPv6 address"),
      Refusal(
        "bind: 127.0.0.1", #"bind: "0.0.0.0\0""#, key: "ports.game.bind",
        "'0.0.0.0\\u{0}' is not an IPv4 or IPv6 address"),
      Refusal(
        "role: game", "role: gaem", key: "ports.query.follows",
        "'gaem' is not a port role with a 'default' of its own; did you mean 'game'?"),
      Refusal(
        "role: game", "role: query", key: "ports.query.follows",
        "'query' is not a port role with a 'default' of its own"),
      Refusal("offset: 1", "offset: 65536", key: "ports.query.follows.offset", "expected -65535 to 65535"),
    ])
  func ports(_ refusal: Refusal) throws { try refusal.check() }

  @Test("a port or a setting that stands twice is refused, with its line", arguments: ["ports", "settings"])
  func duplicates(_ part: String) throws {
    let name = part == "ports" ? "query" : "rules"
    let body = part == "ports" ? "{ protocol: tcp, default: 9 }" : "{ type: string }"
    let text = try Sample.yaml(replacing: "\(part):\n", with: "\(part):\n  \(name): \(body)\n")
    let error = try Sample.refusal(of: text)
    #expect(error.summary.hasSuffix("'\(name)' stands here twice"))
    #expect(error.location == "\(Sample.file):\(try text.line(of: "  \(name): \(body)"))")
  }
}
