@testable import BerthKit
import Testing

@Suite("Rules for backup sets") struct BackupRuleTests {
  @Test(
    "a set has exactly one method, and only the keys that go with it",
    arguments: [
      Refusal(
        "base: { service: main, sqlite: [\"{{paths.data}}/*.sqlite\"] }", "base: { service: main }", key: "backup.base",
        "expected exactly one of 'files', 'volume', 'sqlite' and 'command'"),
      Refusal(
        "base: {", "base: { files: [\"{{paths.data}}\"],", key: "backup.base",
        "expected exactly one of 'files', 'volume', 'sqlite' and 'command'"),
      Refusal("base: {", "base: { hot: true,", key: "backup.base.hot", "'hot' goes with 'files' and 'volume' alone"),
      Refusal("base: {", "base: { exclude: [x],", key: "backup.base.exclude", "'exclude' goes with 'files' alone"),
      Refusal("base: {", "base: { restore: [x],", key: "backup.base.restore", "'restore' goes with 'command' alone"),
      Refusal("base: {", "base: { timeout: 2m,", key: "backup.base.timeout", "'timeout' goes with 'command' alone"),
      Refusal(
        "    restore: [/usr/bin/load, \"{{ports.site}}\"]\n", "", key: "backup.store",
        "expected 'restore': a dump that cannot be restored is no backup", line: "    service: web\n    command"),
      Refusal("base: {", "base: { sqlit: [],", key: "backup.base.sqlit", "unknown key; did you mean 'sqlite'?"),
      Refusal("hot: true", "hot: on", key: "backup.world.hot", "expected true or false, found 'on'"),
      Refusal("before: [{ exec: [/usr/bin/hold, now] }]", "before: {}", key: "backup.world.before", "expected a list"),
      Refusal("{ exec: [/usr/bin/hold, now] }", "{ timeout: 2s }", key: "backup.world.before[0]", "expected 'exec'"),
    ])
  func shape(_ refusal: Refusal) throws { try refusal.check() }

  @Test(
    "a set has a name of its own, and none of its units one of another's",
    arguments: [
      Refusal("  base: {", "  Base: {", key: "backup.Base", "'Base' is not a name"),
      Refusal(
        "  base: {", "  shedule: daily\n  base: {", key: "backup.shedule",
        "expected a set: a mapping; did you mean 'schedule'?", line: "shedule"),
      Refusal(
        "  setup: { at", "  base-dump: { at", key: "backup.base", "its unit 'base-dump' is a job's name",
        line: "base: {"),
      Refusal(
        "  setup: { at", "  base-after: { at", key: "backup.base", "its unit 'base-after' is a job's name",
        line: "base: {"),
      Refusal(
        "\nconfig:\n", "\n  store-restore: { exec: [/bin/x] }\nconfig:\n", key: "backup.store",
        "its unit 'store-restore' is a service's name", line: "    service: web\n    command"),
      Refusal("  setup: { at", "  backup: { at", key: "jobs.backup", "'backup' is the name of a unit of Berth's own"),
      Refusal(
        "\nconfig:\n", "\n  backup: { exec: [/bin/x] }\nconfig:\n", key: "services.backup",
        "'backup' is the name of a unit of Berth's own", line: "backup: { exec"),
    ])
  func names(_ refusal: Refusal) throws { try refusal.check() }

  @Test(
    "a path stays in the instance's own folders",
    arguments: [
      Refusal("{{paths.data}}/*.sqlite", "/etc/passwd", key: "backup.base.sqlite[0]", "expected a path below"),
      Refusal("{{paths.data}}/*.sqlite", "*.sqlite", key: "backup.base.sqlite[0]", "expected a path below"),
      Refusal("{{paths.data}}/*.sqlite", "{{paths.data}}*.sqlite", key: "backup.base.sqlite[0]", "expected a path"),
      Refusal("{{paths.data}}/*.sqlite", "{{paths.data}}/../x", key: "backup.base.sqlite[0]", "'..' cannot stand"),
      Refusal("\"{{paths.data}}/*.sqlite\"", "\"{{paths.data}}/a\\\\b\"", key: "backup.base.sqlite[0]", "'\\' cannot"),
      Refusal("\"{{paths.data}}/*.sqlite\"", "\"{{paths.data}}/a\\nb\"", key: "backup.base.sqlite[0]", "a newline or"),
      Refusal(
        "{{paths.data}}/*.sqlite", "{{paths.data}}", key: "backup.base.sqlite[0]", "expected databases, not a",
        line: "  base: {"),
      Refusal("[\"{{paths.data}}/*.sqlite\"]", "[]", key: "backup.base.sqlite", "expected at least one path"),
      Refusal("{{settings.players}}", "{{settings.rulez}}", key: "backup.world.files[0]", "there is no variable"),
      Refusal(
        "{{settings.players}}", "{{settings.token}}", key: "backup.world.files[0]", "'{{settings.token}}' is a se",
        line: "    files: ["),
      Refusal(
        "{{settings.players}}", "{{settings.admin}}", key: "backup.world.files[0]", "'{{settings.admin}}' may be"),
      Refusal(
        "{{settings.players}}", "{{instance.name}}", key: "backup.world.files[0]", "'{{instance.name}}' cannot",
        line: "    files: ["),
      Refusal(
        "{{settings.players}}", "{{paths.data}}", key: "backup.world.files[0]", "'{{paths.data}}' cannot stand",
        line: "    files: ["),
      Refusal("**/*.tmp", "/tmp", key: "backup.world.exclude[0]", "expected a path relative to those of the set"),
      Refusal("**/*.tmp", "a/../b", key: "backup.world.exclude[0]", "'..' cannot stand in a path"),
      Refusal(
        "\"**/*.tmp\"", "\"{{settings.title}}{{paths.data}}\"", key: "backup.world.exclude[0]", "'{{paths.data}}'"),
    ])
  func paths(_ refusal: Refusal) throws { try refusal.check() }

  @Test(
    "its programs follow the rules of a service's",
    arguments: [
      Refusal("[/usr/bin/dump, \"{{ports.site}}\"]", "[dump]", key: "backup.store.command[0]", "expected '{{programs"),
      Refusal("[/usr/bin/load, \"{{ports.site}}\"]", "[]", key: "backup.store.restore", "expected a program"),
      Refusal(
        "[/usr/bin/dump, \"{{ports.site}}\"]", "[/usr/bin/dump, \"{{settings.token}}\"]",
        key: "backup.store.command[1]",
        "'{{settings.token}}' is a secret"),
      Refusal("timeout: 2h", "timeout: 0s", key: "backup.store.timeout", "expected 1s to 24h"),
      Refusal(
        "/usr/bin/hold, now", "/usr/bin/hold, \"{{ports.site}}\"", key: "backup.world.before[0].exec[1]", "the port"),
      Refusal("timeout: 25s", "timeout: 25h", key: "backup.world.after[0].timeout", "expected 1s to 24h"),
      Refusal("service: \"main\"", "service: mian", key: "backup.world.service", "there is no service 'mian'; did you"),
    ])
  func programs(_ refusal: Refusal) throws { try refusal.check() }

  @Test(
    "a schedule is a calendar or 'off', and something is kept",
    arguments: [
      Refusal("\"*-*-* 02:00\"", "dayly", key: "backup.schedule", "expected weekdays such as Mon,Wed..Fri, or one of"),
      Refusal("\"*-*-* 02:00\"", "\"25:00\"", key: "backup.schedule", "expected an hour from 0 to 23"),
      Refusal("last: 3", "last: -1", key: "backup.keep.last", "expected 0 to 10000, found -1"),
      Refusal("last: 3", "last: 10001", key: "backup.keep.last", "expected 0 to 10000, found 10001"),
      Refusal("last: 3", "last: all", key: "backup.keep.last", "expected a whole number, found 'all'"),
      Refusal(
        "{ last: 3, daily: 7, weekly: 4, monthly: 6 }", "{ last: 0 }", key: "backup.keep", "at least one of 'last',"),
      Refusal("last: 3", "lost: 3", key: "backup.keep.lost", "unknown key; did you mean 'last'?"),
    ])
  func policy(_ refusal: Refusal) throws { try refusal.check() }

  @Test("a set belongs to 'main', or to the only service; else it must say")
  func usualService() throws {
    let set = "backup: { x: { files: [\"{{paths.config}}\"] } }\n"
    #expect(try Sample.read(Sample.minimal + set).backup.first?.service == "main")
    let only = Sample.minimal.replacing("  main:", with: "  web:")
    #expect(try Sample.read(only + set).backup.first?.service == "web")
    let error = try Sample.refusal(of: only + "  app: { exec: [/bin/app] }\n" + set)
    #expect(error.summary == "'backup.x': expected 'service', since no service is called 'main'")
  }

  @Test("'on-clone' goes with a secret")
  func onClone() throws {
    try Refusal(
      "default: easy, was:", "default: easy, on-clone: keep, was:", key: "settings.rules.on-clone",
      "'on-clone' goes with a sec"
    ).check()
    try Refusal("on-clone: keep", "on-clone: kep", key: "settings.token.on-clone", "expected one of keep, found")
      .check()
  }

  @Test(
    "an app that names its data folder anywhere needs a set",
    arguments: [
      ("services.main.exec[1]", "    exec: [/bin/x, \"-d={{paths.data}}\"]\n"),
      ("services.main.env.D", "    exec: [/bin/x]\n    env: { D: \"{{paths.data}}\" }\n"),
      ("services.main.workdir", "    exec: [/bin/x]\n    workdir: \"{{paths.data}}/w\"\n"),
      (
        "services.main.stop.first.exec[1]",
        "    exec: [/bin/x]\n    stop: { first: { exec: [/bin/y, \"{{paths.data}}\"] } }\n"
      ),
      (
        "config.a.path",
        "    exec: [/bin/x]\nconfig: { a: { format: words, path: \"{{paths.data}}/a\", values: { b: c } } }\n"
      ),
      (
        "config.a.values.b", "    exec: [/bin/x]\nconfig: { a: { format: words, values: { b: \"{{paths.data}}\" } } }\n"
      ),
      ("config.banner.txt", "    exec: [/bin/x]\nconfig: { banner.txt: { format: template } }\n"),
      ("jobs.j.exec[1]", "    exec: [/bin/x]\njobs: { j: { at: install, exec: [/bin/y, \"{{paths.data}}\"] } }\n"),
    ])
  func state(_ place: (key: String, services: String)) throws {
    let text = Sample.minimal.replacing("    exec: [/usr/bin/sample]\n", with: place.services)
    let files = ["banner.txt": "{{paths.data}}"]
    let error = try Sample.refusal(of: text, files: files)
    #expect(error.summary.hasPrefix("'\(place.key)': what lies in {{paths.data}} would be lost"), "\(error.summary)")
    let set = "backup: { data: { files: [\"{{paths.data}}\"] } }\n"
    #expect(try Sample.read(text + set, files: files).backup.map(\.id) == ["data"])
    #expect(try Sample.refusal(of: text + "backup: { schedule: daily }\n", files: files).summary.contains("one set"))
  }

  @Test("an app without state needs no backup, and a schedule without a set is refused in Swift too")
  func stateless() throws {
    var manifest = try Sample.read(Sample.minimal)
    #expect(manifest.backup.isEmpty && manifest.unitParts == ["main"])
    manifest.backupPolicy.schedule = "daily"
    #expect(throws: ManifestValidator.Problem(key: "backup", text: "expected at least one set")) {
      try ManifestValidator(manifest).validate()
    }
  }

  @Test("the validator checks a plugin built in Swift as the reader does one in YAML")
  func swift() throws {
    func problem(_ change: (inout Manifest) -> Void) throws -> ManifestValidator.Problem {
      var manifest = Sample.manifest
      change(&manifest)
      return try #require(throws: ManifestValidator.Problem.self) { try ManifestValidator(manifest).validate() }
    }
    #expect(try problem { $0.backup[0].id = "keep" }.key == "backup.keep")
    #expect(try problem { $0.backup[1].id = "base" }.text == "'base' stands here twice")
    #expect(try problem { $0.backupPolicy.schedule = "never" }.key == "backup.schedule")
    #expect(try problem { $0.backupPolicy.keep = Retention(weekly: -1) }.key == "backup.keep.weekly")
    #expect(try problem { $0.backupPolicy.keep = Retention() }.key == "backup.keep")
    #expect(try problem { $0.backup[1].before[0].timeout = 0 }.key == "backup.world.before[0].timeout")
  }

  @Test("the units of two apps that would have one name break the longer app")
  func meeting() throws {
    var sample = Sample.manifest
    sample.jobs = []
    var other = try Sample.read(Sample.minimal)
    for (id, unit) in [("sample-backup", "sample-backup@.service"), ("sample-base-dump", "sample-base-dump@.service")] {
      other.id = id
      let catalog = PluginCatalog(
        [sample, other].map {
          PluginCatalog.Entry(id: $0.id, origin: "/p/\($0.id)", result: .success(DeclarativePlugin(manifest: $0)))
        })
      #expect(
        catalog.entries.compactMap(\.problem).map(\.summary) == [
          "'services': its unit '\(unit)' is also a unit of the app 'sample'"
        ])
    }
  }
}
