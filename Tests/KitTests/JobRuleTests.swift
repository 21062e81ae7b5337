@testable import BerthKit
import Testing

/// What types alone cannot say, for jobs and for what depends on settings or on other services.
@Suite("Rules for jobs, conditions and dependencies") struct JobRuleTests {
  @Test(
    "a job has a name of its own, a time and a program",
    arguments: [
      Refusal("  setup: {", "  Setup: {", key: "jobs.Setup", "'Setup' is not a name"),
      Refusal("  setup: {", "  main: {", key: "jobs.main", "'main' is a service's name", line: "main: { at"),
      Refusal("  tidy:\n", "  web:\n", key: "jobs.web", "'web' is a service's name", line: "calendar:"),
      Refusal("at: [install, update], ", "", key: "jobs.setup", "a job needs 'at' or 'calendar'", line: "setup: {"),
      Refusal("at: [install, update]", "at: []", key: "jobs.setup", "a job needs 'at' or 'calendar'"),
      Refusal("[install, update]", "[install, install]", key: "jobs.setup.at", "a moment stands here twice"),
      Refusal("settings: [title, mode], ", "", key: "jobs.tell.at", "'change' needs 'settings'", line: "tell: {"),
      Refusal("at: change", "at: update", key: "jobs.tell.settings", "'settings' goes with 'at: change'"),
      Refusal(
        "[title, mode]", "[titel]", key: "jobs.tell.settings", "there is no setting 'titel'; did you mean 'title'?"),
      Refusal("[title, mode]", "[title, title]", key: "jobs.tell.settings", "a setting stands here twice"),
      Refusal(
        "service: main, exec", "service: mian, exec", key: "jobs.setup.service",
        "there is no service 'mian'; did you mean 'main'?"),
      Refusal("[/usr/bin/setup, ", "[setup, ", key: "jobs.setup.exec[0]", "expected '{{programs.…}}' or an absolute"),
      Refusal("[/usr/bin/setup, \"{{paths.cache}}\"]", "[]", key: "jobs.setup.exec", "expected a program"),
      Refusal(
        "{{paths.cache}}", "{{settings.token}}", key: "jobs.setup.exec[1]", "'{{settings.token}}' is a secret",
        line: "/usr/bin/setup"),
      Refusal("{{paths.cache}}", "{{settings.admin}}", key: "jobs.setup.exec[1]", "'{{settings.admin}}' may be unset"),
      Refusal("timeout: 5m", "timeout: 0s", key: "jobs.setup.timeout", "expected 1s to 24h"),
      Refusal("timeout: 5m", "timeout: 25h", key: "jobs.setup.timeout", "expected 1s to 24h"),
      Refusal(
        "Mon..Fri 04:00", "Mon..Fri 24:00", key: "jobs.tidy.calendar",
        "expected an hour from 0 to 23, or '*', found '24'"),
    ])
  func jobs(_ refusal: Refusal) throws { try refusal.check() }

  @Test(
    "what is done before a stop follows the rules of a service's arguments",
    arguments: [
      Refusal("[/usr/bin/flush,", "[flush,", key: "services.main.stop.first.exec[0]", "expected '{{programs.…}}' or"),
      Refusal(
        "--all", "\"{{settings.token}}\"", key: "services.main.stop.first.exec[1]", "'{{settings.token}}' is a secret"),
      Refusal(
        "--all", "\"{{settings.admin}}\"", key: "services.main.stop.first.exec[1]", "'{{settings.admin}}' may be"),
      Refusal("timeout: 45s", "timeout: 2h", key: "services.main.stop.first.timeout", "expected 1s to 1h"),
    ])
  func first(_ refusal: Refusal) throws { try refusal.check() }

  @Test(
    "a condition names settings that are no secrets, with values as they compare",
    arguments: [
      Refusal(
        "{ web: true,", "{ wep: true,", key: "services.web.when.wep", "there is no setting 'wep'; did you mean 'web'?"),
      Refusal("{ web: true,", "{ web: on,", key: "services.web.when.web", "expected 'true', found 'on'"),
      Refusal("{ web: true,", "{ web: maybe,", key: "services.web.when.web", "'maybe' does not fit the setting 'web'"),
      Refusal("{ web: true,", "{ players: 010,", key: "services.web.when.players", "expected '10', found '010'"),
      Refusal("{ web: true,", "{ token: x,", key: "services.web.when.token", "a secret cannot decide"),
      Refusal("mode: [fast, slow] }", "mode: [] }", key: "services.web.when.mode", "expected at least one value"),
      Refusal("[fast, slow] }", "[fast, slwo] }", key: "services.web.when.mode", "'slwo' does not fit"),
      Refusal("{ web: true, mode: [fast, slow] }", "{}", key: "services.web.when", "expected a setting and its value"),
      Refusal("when: { mode: slow }", "when: { mode: sloow }", key: "jobs.tidy.when.mode", "'sloow' does not fit"),
    ])
  func conditions(_ refusal: Refusal) throws { try refusal.check() }

  @Test(
    "a service depends on others that are there whenever it is, and never in a circle",
    arguments: [
      Refusal(
        "depends-on: [main]", "depends-on: [mian]", key: "services.web.depends-on[0]",
        "there is no service 'mian'; did you mean 'main'?"),
      Refusal(
        "depends-on: [main]", "depends-on: [web]", key: "services.web.depends-on[0]", "a service cannot depend on"),
      Refusal(
        "workdir:", "depends-on: [web]\n    workdir:", key: "services.main.depends-on[0]",
        "'web' has a 'when' of its own", line: "depends-on: [web]"),
    ])
  func dependencies(_ refusal: Refusal) throws { try refusal.check() }

  @Test("a circle of dependencies is found, however long it is")
  func circle() throws {
    let text =
      Sample.minimal + "    depends-on: [a]\n  a: { exec: [/bin/a], depends-on: [b] }\n"
      + "  b: { exec: [/bin/b], depends-on: [main] }\n"
    #expect(
      try Sample.refusal(of: text).summary
        == "'services.main.depends-on[0]': 'a' depends on 'main' in turn")
  }

  @Test("services with the very same condition may depend on each other")
  func sameCondition() throws {
    let text = try Sample.yaml(
      replacing: "depends-on: [main]", with: "depends-on: [main, side]"
    )
    .replacing(
      "\nconfig:\n",
      with: "\n  side:\n    exec: [/bin/side]\n    when: { web: true, mode: [fast, slow] }\nconfig:\n")
    #expect(try Sample.read(text).services[1].dependsOn == ["main", "side"])
    let other = text.replacing(
      "    exec: [/bin/side]\n    when: { web: true,", with: "    exec: [/bin/side]\n    when: {")
    #expect(
      try Sample.refusal(of: other).summary
        == "'services.web.depends-on[1]': 'side' has a 'when' of its own, so that it may not be there")
  }

  @Test("an app whose every service has a condition is refused")
  func allConditional() throws {
    let text = try Sample.yaml(replacing: "workdir:", with: "when: { mode: fast }\n    workdir:")
    #expect(
      try Sample.refusal(of: text).summary == "'services': an app needs at least one service without 'when'")
  }

  @Test(
    "an owner is a service of the app, and what an instance may lack is not relied on",
    arguments: [
      Refusal(
        "    service: main\n", "    service: mian\n", key: "config.sample.conf.service",
        "there is no service 'mian'; did you mean 'main'?", line: "service: mian"),
      Refusal(
        "4080, service: web", "4080, service: wep", key: "ports.site.service",
        "there is no service 'wep'; did you mean 'web'?"),
      Refusal(
        "{{ports.game}}", "{{ports.site}}", key: "services.main.exec[2]",
        "the port 'site' belongs to 'web', whose 'when' is not met here", line: "{{programs.server}}"),
      Refusal(
        "{{paths.cache}}", "{{ports.site}}", key: "jobs.setup.exec[1]", "the port 'site' belongs to", line: "setup:"),
      Refusal(
        "--all", "\"{{ports.site}}\"", key: "services.main.stop.first.exec[1]", "the port 'site' belongs", line: "flush"
      ),
      Refusal("udp: game,", "tcp: site,", key: "services.main.ready", "the port 'site' belongs to 'web'"),
      Refusal("{ role: game, offset: 1 }", "{ role: site, offset: 1 }", key: "ports.query.follows", "the port 'site'"),
      Refusal("cpus: 1.5", "cpus: 0", key: "services.main.limits.cpus", "expected a number from 0.01 to 10000"),
      Refusal("cpus: 1.5", "cpus: -1", key: "services.main.limits.cpus", "expected a number from 0.01 to 10000"),
    ])
  func owners(_ refusal: Refusal) throws { try refusal.check() }

  @Test("a job belongs to 'main', or to the only service; else it must say")
  func usualService() throws {
    let job = "jobs: { x: { at: install, exec: [/bin/x] } }\n"
    #expect(try Sample.read(Sample.minimal + job).jobs.first?.service == "main")
    let only = Sample.minimal.replacing("  main:", with: "  web:")
    #expect(try Sample.read(only + job).jobs.first?.service == "web")
    let error = try Sample.refusal(of: only + "  app: { exec: [/bin/app] }\n" + job)
    #expect(error.summary == "'jobs.x': expected 'service', since no service is called 'main'")
  }
}
