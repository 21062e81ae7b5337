@testable import BerthKit
import Testing

/// What types alone cannot say, for services and config files.
@Suite("Rules for services and config files") struct ServiceRuleTests {
  @Test(
    "an argument is a program first, and never a secret, nothing or several lines",
    arguments: [
      Refusal(
        "[\"{{programs.server}}\", --port, \"{{ports.game}}\",", "[", key: "services.main.exec", "expected a program",
        line: "exec: ["),
      Refusal(
        "\"{{programs.server}}\", --port", "sample, --port", key: "services.main.exec[0]",
        "expected '{{programs.…}}' or an absolute path"),
      Refusal(
        "\"{{programs.server}}\", --port", "\"{{programs.server}}/x\", --port", key: "services.main.exec[0]",
        "expected '{{programs.…}}' or"),
      Refusal(
        "\"{{programs.server}}\", --port", "\"{{settings.title}}\", --port", key: "services.main.exec[0]",
        "expected '{{programs.…}}' or"),
      Refusal(
        "\"{{programs.server}}\", --port", "/usr/../bin/sample, --port", key: "services.main.exec[0]",
        "expected '{{programs.…}}' or"),
      Refusal(
        "\"{{programs.server}}\", --port", "\"{{programs.servre}}\", --port", key: "services.main.exec[0]",
        "there is no variable '{{programs.servre}}'; did you mean 'programs.server'?"),
      Refusal(
        "{{ports.game}}", "{{ports.gaem}}", key: "services.main.exec[2]",
        "there is no variable '{{ports.gaem}}'; did you mean 'ports.game'?"),
      Refusal(
        "{{ports.game}}", "{{settings.token}}", key: "services.main.exec[2]",
        "'{{settings.token}}' is a secret, and arguments are seen by every user; use 'config' or 'env'"),
      Refusal(
        "{{ports.game}}", "--x={{settings.admin}}", key: "services.main.exec[2]",
        "'{{settings.admin}}' may be unset and cannot be an argument; give it a default"),
      Refusal(
        "\"{{ports.game}}\"", #""a\nb""#, key: "services.main.exec[2]",
        "a newline or control character cannot stand here"),
      Refusal(
        "\"{{ports.game}}\"", #""a\0b""#, key: "services.main.exec[2]",
        "a newline or control character cannot stand here"),
      Refusal(
        "\"{{ports.game}}\"", #""a\u2028b""#, key: "services.main.exec[2]",
        "a newline or control character cannot stand here"),
      Refusal(
        "when: { mode: fast }, args", "when: { mood: fast }, args", key: "services.main.exec[3].when.mood",
        "there is no setting 'mood'"),
      Refusal(
        "[--fast, \"{{settings.title}}\"]", "[]", key: "services.main.exec[3].args", "expected at least one argument"),
      Refusal(
        "[--fast, \"{{settings.title}}\"]", "[--fast, \"{{settings.token}}\"]", key: "services.main.exec[3].args[1]",
        "'{{settings.token}}' is a secret"),
      Refusal(
        "[--fast, \"{{settings.title}}\"]", "[--fast, \"{{ports.site}}\"]", key: "services.main.exec[3].args[1]",
        "the port 'site' belongs to 'web', whose 'when' is not met here"),
      Refusal(
        "{ when: { mode: fast }, args", "{ args", key: "services.main.exec[3]", "the key 'when' is missing"),
    ])
  func arguments(_ refusal: Refusal) throws { try refusal.check() }

  @Test(
    "what stands around an argument vector is checked",
    arguments: [
      Refusal("  main:\n", "  Main:\n", key: "services.Main", "'Main' is not a name", line: "exec:"),
      Refusal(
        "env: { DATA:", "env: { BERTH_DATA:", key: "services.main.env.BERTH_DATA",
        "names that begin with BERTH_ are Berth's own"),
      Refusal(
        "env: { DATA:", "env: { DA-TA:", key: "services.main.env.DA-TA",
        "'DA-TA' is not the name of an environment variable"),
      Refusal(
        "env: { DATA:", "env: { 1A:", key: "services.main.env.1A", "'1A' is not the name of an environment variable"),
      Refusal("env: { DATA:", "env: { \"A=B\":", key: "services.main.env.A=B", "'A=B' is not the name"),
      Refusal(
        "DATA: \"{{paths.data}}\"", "DATA: \"{{paths.date}}\"", key: "services.main.env.DATA",
        "there is no variable '{{paths.date}}'; did you mean 'paths.data'?"),
      Refusal(
        "signal: SIGINT", "signal: SIGKILL", key: "services.main.stop.signal", "'SIGKILL' is none of SIGTERM, SIGINT,"),
      Refusal("grace: 90s", "grace: 0s", key: "services.main.stop.grace", "expected 1s to 1h"),
      Refusal("grace: 90s", "grace: 2h", key: "services.main.stop.grace", "expected 1s to 1h"),
      Refusal(
        "udp: game,", "udp: gmae,", key: "services.main.ready", "there is no port role 'gmae'; did you mean 'game'?"),
      Refusal("udp: game,", "tcp: query,", key: "services.main.ready", "the port 'query' is not tcp"),
      Refusal("timeout: 20s", "timeout: 0s", key: "services.main.ready.timeout", "expected 1s to 1h"),
      Refusal(
        "memory: \"{{settings.memory}}\"", "memory: lots", key: "services.main.limits.memory",
        "'lots' is not a size from 6M on, such as 512M or 2G"),
      Refusal(
        "{{settings.memory}}", "{{settings.players}}", key: "services.main.limits.memory",
        "expected a size or one setting of type size"),
      Refusal(
        "{{settings.memory}}", "{{settings.memory}}M", key: "services.main.limits.memory",
        "expected a size or one setting"),
      Refusal("tasks: 64", "tasks: 0", key: "services.main.limits.tasks", "expected 1 to 4194304"),
      Refusal("files: 4096", "files: 0", key: "services.main.limits.files", "expected 1 to 1048576"),
      Refusal(
        "MemoryDenyWriteExecute:", "MemoryDenyWriteExec:", key: "services.main.loosen.MemoryDenyWriteExec",
        "'MemoryDenyWriteExec' is no hardening line; did you mean 'MemoryDenyWriteExecute'?"),
      Refusal(
        "MemoryDenyWriteExecute:", "ExecStartPre:", key: "services.main.loosen.ExecStartPre",
        "'ExecStartPre' is no hardening line"),
      Refusal(
        "it compiles as it runs", #""a\nExecStartPre=/bin/x""#, key: "services.main.loosen.MemoryDenyWriteExecute",
        "expected the reason, in one line"),
      Refusal(
        "it compiles as it runs", "\"\"", key: "services.main.loosen.MemoryDenyWriteExecute",
        "expected the reason, in one line"),
    ])
  func services(_ refusal: Refusal) throws { try refusal.check() }

  @Test("an app without a service is refused")
  func noService() throws {
    let text = try #require(Sample.minimal.split(separator: "services:").first) + "services: {}\n"
    let error = try Sample.refusal(of: String(text))
    #expect(error.summary == "'services': an app needs at least one service")
    #expect(error.location == "\(Sample.file):7")
  }

  @Test(
    "a path stays in the instance's own folders",
    arguments: [
      Refusal(
        "{{paths.data}}/etc", "{{paths.data}}/../etc", key: "config.sample.conf.path", "'..' cannot stand in a path"),
      Refusal(
        "{{paths.data}}/etc", "/etc", key: "config.sample.conf.path",
        "expected a path below {{paths.config}}, {{paths.data}} or {{paths.cache}}"),
      Refusal("{{paths.data}}/etc", "{{instance.slug}}/etc", key: "config.sample.conf.path", "expected a path below"),
      Refusal(
        "{{paths.data}}/etc", "{{paths.data}}etc", key: "config.sample.conf.path", "expected '/' after {{paths.data}}"),
      Refusal(
        "{{paths.data}}/etc", "{{paths.data}}{{instance.id}}/etc", key: "config.sample.conf.path",
        "expected '/' after {{paths.data}}"),
      Refusal(
        "{{paths.data}}/etc", "{{paths.data}}/{{settings.title}}", key: "config.sample.conf.path",
        "'{{settings.title}}' cannot stand inside a path"),
      Refusal(
        "{{paths.data}}/etc", "{{paths.data}}/{{paths.data}}", key: "config.sample.conf.path",
        "'{{paths.data}}' cannot stand inside a path"),
      Refusal(
        "{{paths.data}}/etc", "{{paths.home}}/etc", key: "config.sample.conf.path",
        "there is no variable '{{paths.home}}'"),
      Refusal(
        "workdir: \"{{paths.config}}\"", "workdir: \"{{paths.config}}/..\"", key: "services.main.workdir",
        "'..' cannot stand in a path"),
      Refusal(
        "workdir: \"{{paths.config}}\"", "workdir: srv", key: "services.main.workdir", "'srv' is not an absolute path"),
      Refusal(
        "workdir: \"{{paths.config}}\"", "workdir: \"{{paths.data}}/{{instance.slug}}\"", key: "services.main.workdir",
        "'{{instance.slug}}' cannot stand inside a path"),
      Refusal(
        "workdir: \"{{paths.config}}\"", #"workdir: '{{paths.config}}\'"#, key: "services.main.workdir",
        "'\\' cannot stand in a path"),
    ])
  func paths(_ refusal: Refusal) throws { try refusal.check() }

  @Test("a config file's path may name the instance")
  func instanceInPath() throws {
    let text = try Sample.yaml(
      replacing: "{{paths.data}}/etc/sample.conf", with: "{{paths.cache}}/{{instance.slug}}.d/{{instance.id}}")
    #expect(try Sample.read(text).config.first?.path?.variables == ["paths.cache", "instance.slug", "instance.id"])
  }

  @Test(
    "keys and values must fit the file's format",
    arguments: [
      Refusal(
        "values: { title: \"{{settings.title}}\", token: \"{{settings.token}}\" }\n    initial: { motd: Hi }",
        "values: {}",
        key: "config.sample.conf", "expected 'values' or 'initial'", line: "format: properties"),
      Refusal(
        "values: { title:", "values: { \"ti tle\":", key: "config.sample.conf.values.ti tle",
        "'ti tle' cannot be a key of a properties file"),
      Refusal(
        "values: { title:", "values: { \"t=x\":", key: "config.sample.conf.values.t=x",
        "'t=x' cannot be a key of a properties file"),
      Refusal(
        "\"{{settings.title}}\", token:", #""a\nb", token:"#, key: "config.sample.conf.values.title",
        "a newline or control character cannot stand here"),
      Refusal(
        "\"{{settings.title}}\", token:", "\"{{settings.titel}}\", token:", key: "config.sample.conf.values.title",
        "there is no variable '{{settings.titel}}'; did you mean 'settings.title'?"),
      Refusal(
        "banner.txt: {", "a/banner.txt: {", key: "config.a/banner.txt",
        "'a/banner.txt' is not a file name; say where it lies with 'path'"),
      Refusal("banner.txt: {", "..: {", key: "config...", "'..' is not a file name", line: "..: {"),
    ])
  func config(_ refusal: Refusal) throws { try refusal.check() }

  @Test("the keys of an env file are names of environment variables")
  func environmentKeys() throws {
    let text = Sample.minimal + "config:\n  a.env: { format: env, values: { A-B: x } }\n"
    #expect(try Sample.refusal(of: text).summary == "'config.a.env.values.A-B': 'A-B' cannot be a key of a env file")
  }
}
