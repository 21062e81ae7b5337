@testable import BerthKit
import Testing

/// What cannot be read as a manifest at all: unknown keys, wrong types, broken YAML.
@Suite("Errors of a manifest's shape") struct ManifestShapeTests {
  @Test(
    "an unknown key is refused with the nearest known one",
    arguments: [
      Refusal(
        "summary: A", "sumary: A", key: "sumary", "unknown key; did you mean 'summary'? expected one of schema, id,"),
      Refusal("- apt:", "- atp:", key: "install[0].atp", "unknown key; did you mean 'apt'?"),
      Refusal(
        "optional: true", "optinal: true", key: "settings.admin.optinal", "unknown key; did you mean 'optional'?"),
      Refusal("bind: 127", "bnid: 127", key: "ports.game.bnid", "unknown key; did you mean 'bind'?"),
      Refusal("offset: 1", "ofset: 1", key: "ports.query.follows.ofset", "unknown key; did you mean 'offset'?"),
      Refusal("workdir: ", "workdri: ", key: "services.main.workdri", "unknown key; did you mean 'workdir'?"),
      Refusal("grace: 90s", "graec: 90s", key: "services.main.stop.graec", "unknown key; did you mean 'grace'?"),
      Refusal("timeout: 20s", "tmeout: 20s", key: "services.main.ready.tmeout", "unknown key; did you mean 'timeout'?"),
      Refusal("tasks: 64", "task: 64", key: "services.main.limits.task", "unknown key; did you mean 'tasks'?"),
      Refusal(
        "format: properties", "fromat: properties", key: "config.sample.conf.fromat",
        "unknown key; did you mean 'format'?"),
      Refusal(
        "tasks: 64", "swap: 64", key: "services.main.limits.swap",
        "unknown key; expected one of memory, tasks, cpus, files"),
      Refusal(
        "first: { exec:", "first: { hook:", key: "services.main.stop.first.hook",
        "unknown key; expected one of exec"),
      Refusal(
        "depends-on: [", "depend-on: [", key: "services.web.depend-on", "unknown key; did you mean 'depends-on'?"),
      Refusal("calendar: Mon", "calender: Mon", key: "jobs.tidy.calender", "unknown key; did you mean 'calendar'?"),
    ])
  func unknownKeys(_ refusal: Refusal) throws { try refusal.check() }

  @Test(
    "a wrong type is refused, saying what was expected and what stands there",
    arguments: [
      Refusal("schema: 1", "schema: one", key: "schema", "expected a whole number, found 'one'"),
      Refusal("name: Sample", "name: [x]", key: "name", "expected text, found a list"),
      Refusal("name: Sample", "name:", key: "name", "expected text, found nothing"),
      Refusal(
        "category: game", "category: gmae", key: "category",
        "expected one of game, media, health, database, web, other, found 'gmae'; did you mean 'game'?"),
      Refusal("sample-data]", "{ a: b }]", key: "install[0].apt[1]", "expected text, found a mapping"),
      Refusal(
        "apt: [\"sample-server | old-server\", sample-data]", "apt: x", key: "install[0].apt",
        "expected a list, found 'x'"),
      Refusal("[/usr/bin/sample, /opt/sample]", "{ a: b }", key: "programs.server", "expected a list, found a mapping"),
      Refusal("type: int", "type: integer", key: "settings.players.type", "expected one of string, int,"),
      Refusal("optional: true", "optional: yes", key: "settings.admin.optional", "expected true or false, found 'yes'"),
      Refusal("min: 1,", "min: low,", key: "settings.players.min", "expected a number, found 'low'"),
      Refusal("min: 1,", "min: nan,", key: "settings.players.min", "expected a number, found 'nan'"),
      Refusal("min: 64M", "min: 64MB", key: "settings.memory.min", "expected a size such as 512M or 2G"),
      Refusal("length: 64", "length: 6.4", key: "settings.title.length", "expected a whole number, found '6.4'"),
      Refusal("[tcp, udp]", "sctp", key: "ports.game.protocol", "expected one of tcp, udp, found 'sctp'"),
      Refusal("default: 4000", "default: 4e3", key: "ports.game.default", "expected a whole number, found '4e3'"),
      Refusal("cpus: 1.5", "cpus: many", key: "services.main.limits.cpus", "expected a number, found 'many'"),
      Refusal(
        "depends-on: [main]", "depends-on: main", key: "services.web.depends-on", "expected a list, found 'main'"),
      Refusal("when: { mode: slow }", "when: slow", key: "jobs.tidy.when", "expected a mapping, found 'slow'"),
      Refusal(
        "[install, update]", "[instal]", key: "jobs.setup.at[0]",
        "expected one of install, update, restore, clone, change, remove, found 'instal'"),
      Refusal("timeout: 45s", "timeout: 45", key: "services.main.stop.first.timeout", "expected a time such as"),
      Refusal(
        "first: { exec: [/usr/bin/flush, --all], ends: true, timeout", "first: { ends: true, timeout",
        key: "services.main.stop.first",
        "expected 'exec'"),
      Refusal(
        "exec: [/usr/bin/setup, \"{{paths.cache}}\"], ", "", key: "jobs.setup", "expected 'exec'", line: "setup: {"),
      Refusal("--port,", "[--port],", key: "services.main.exec[1]", "expected text, found a list"),
      Refusal("--port,", "\"{{ports.game\",", key: "services.main.exec[1]", "'{{' without '}}'"),
      Refusal("--port,", "\"{{}}\",", key: "services.main.exec[1]", "'{{}}' is not a variable"),
      Refusal(
        "env: { DATA: \"{{paths.data}}\" }", "env: [x]", key: "services.main.env", "expected a mapping, found a list"),
      Refusal(
        "grace: 90s", "grace: 90", key: "services.main.stop.grace", "expected a time such as 30s, 5m or 1h, found '90'"),
      Refusal("grace: 90s", "grace: 9999999999999999999h", key: "services.main.stop.grace", "expected a time"),
      Refusal(
        "udp: game,", "udp: game, tcp: game,", key: "services.main.ready",
        "expected one of 'tcp', 'udp', 'http' and 'exec'"),
      Refusal(
        "udp: game, ", "", key: "services.main.ready", "expected one of 'tcp', 'udp', 'http'", line: "timeout: 20s"),
      Refusal(
        "format: properties", "format: custom", key: "config.sample.conf.format",
        "a custom file needs a plugin in Swift"),
      Refusal(
        "format: properties", "format: cfg", key: "config.sample.conf.format", "expected one of properties, words, env,"
      ),
    ])
  func wrongTypes(_ refusal: Refusal) throws { try refusal.check() }

  @Test(
    "a missing required key is named",
    arguments: ["schema", "id", "name", "summary", "category", "version", "services"])
  func missing(_ key: String) throws {
    let lines = Sample.minimal.split(separator: "\n", omittingEmptySubsequences: false)
    let kept = key == "services" ? lines.prefix(6) : lines.filter { !$0.hasPrefix("\(key):") }[...]
    let error = try Sample.refusal(of: kept.joined(separator: "\n"))
    #expect(error.summary == "the key '\(key)' is missing")
    #expect(error.location == "\(Sample.file):1")
  }

  @Test(
    "a missing key of a part is named",
    arguments: [
      Refusal("type: int, ", "", key: "settings.players", "the key 'type' is missing", line: "players: {"),
      Refusal(
        "protocol: [tcp, udp], ", "", key: "ports.game", "the key 'protocol' is missing", line: "game: { default"),
      Refusal(", offset: 1", "", key: "ports.query.follows", "the key 'offset' is missing", line: "query: {"),
      Refusal("format: template", "values: {}", key: "config.banner.txt", "the key 'format' is missing"),
    ])
  func missingParts(_ refusal: Refusal) throws { try refusal.check() }

  @Test(
    "a merge key is refused wherever it stands",
    arguments: [
      Refusal("name: Sample", "<<: { name: Sample }", key: "<<", "merge keys are not allowed"),
      Refusal("players: {", "players: { <<: { max: 2 },", key: "settings.players.<<", "merge keys are not allowed"),
      Refusal(
        "settings:\n", "settings:\n  <<: { x: { type: string } }\n", key: "settings.<<", "merge keys", line: "<<"),
      Refusal("env: {", "env: { <<: { A: b },", key: "services.main.env.<<", "merge keys are not allowed"),
      Refusal("config:\n", "config:\n  <<: { format: properties }\n", key: "config.<<", "merge keys", line: "<<"),
    ])
  func mergeKeys(_ refusal: Refusal) throws { try refusal.check() }

  @Test(
    "a key that stands twice is refused",
    arguments: ["name: Again\n", "config:\n  a: { format: env, values: { A: b } }\n"])
  func duplicates(_ addition: String) throws {
    let error = try Sample.refusal(of: Sample.yaml + addition)
    let key = try #require(addition.split(separator: ":").first)
    #expect(error.summary == "the key '\(key)' stands here twice")
    #expect(error.location == "\(Sample.file):\(try Sample.yaml.line(of: "\n\(key):") + 1)")
  }

  @Test(
    "keys that differ only by a tag are the same key",
    arguments: [
      Refusal("name: Sample", "name: Sample\n!x name: Other", key: "name", "the key stands here twice", line: "!x"),
      Refusal("env: {", "env: { !x DATA: y, ", key: "services.main.env.DATA", "the key stands here twice"),
    ])
  func taggedDuplicates(_ refusal: Refusal) throws { try refusal.check() }
}
