import BerthKit
import Testing

/// One key of the contract: changing its text in the sample must change the manifest in that one place.
struct ManifestKey: Sendable, CustomTestStringConvertible {
  /// The mapping and the key, such as `setting.default`.
  let name: String
  let old: String
  let new: String
  let change: @Sendable (inout Manifest) -> Void

  var testDescription: String { name }

  init(_ name: String, _ old: String, _ new: String, _ change: @escaping @Sendable (inout Manifest) -> Void) {
    self.name = name
    self.old = old
    self.new = new
    self.change = change
  }

  static let all: [ManifestKey] = [
    .init("top.id", "id: sample\n", "id: other\n") { $0.id = "other" },
    .init("top.name", "name: Sample", "name: Other") { $0.name = "Other" },
    .init("top.summary", "summary: A sample app", "summary: Other") { $0.summary = "Other" },
    .init("top.category", "category: game", "category: web") { $0.category = .web },
    .init("top.version", "version: \"1\"", "version: \"2\"") { $0.version = "2" },
    .init("top.untested", "untested: there is no server to be had\n", "") { $0.untested = nil },
    .init("top.maintainer", "Ada <ada@", "Eve <eve@") { $0.maintainer = "Eve <eve@sample.example>" },
    .init("top.licence", "licence: MIT", "licence: ISC") { $0.licence = "ISC" },
    .init("top.homepage", "sample.example/about", "sample.example/") { $0.homepage = "https://sample.example/" },
    .init("top.needs", "berth >= 0.1", "berth >= 0.2.0") { $0.needs = NeededRelease("berth >= 0.2.0") },
    .init("top.guid", "0c2de651", "1c2de651") { $0.guid = "1c2de651-ec30-d4ac-c53f-ebdb67398324" },
    .init("top.shared-group", "version: \"1\"\n", "version: \"1\"\nshared-group: media\n") { $0.sharedGroup = "media" },
    .init("top.install", "  - steamcmd: { app: 4711, branch: beta, when: { mode: \"off\" } }\n", "") {
      $0.install.removeLast()
    },
    .init("top.programs", "[/usr/bin/sample, /opt/sample]", "[/opt/sample]") {
      $0.programs[0].candidates.removeFirst()
    },
    .init(
      "top.settings", "  rules: { type: choice, choices: [easy, hard], default: easy, was: [level, mode-of-play] }\n",
      ""
    ) {
      $0.settings.remove(at: 1)
    },
    .init("top.ports", "  query: { protocol: udp, follows: { role: game, offset: 1 } }\n", "") {
      $0.ports.remove(at: 1)
    },
    .init("top.services", "\nconfig:\n", "\n  extra:\n    exec: [/bin/extra]\nconfig:\n") {
      $0.services.append(Service("extra", exec: ["/bin/extra"]))
    },
    .init("top.jobs", "[/usr/bin/tidy, \"-p={{ports.site}}\"]\n", "[/usr/bin/tidy]\n") {
      $0.jobs[1].action.exec = ["/usr/bin/tidy"]
    },
    .init("top.routes", "    sticky: true\n", "") { $0.routes[0].isSticky = false },
    .init("route.host", "{{settings.mode}}.play", "{{settings.mode}}.go") {
      $0.routes[0].host = "{{settings.mode}}.go.example"
    },
    .init("route.path", "path: /app\n", "path: /other\n") { $0.routes[0].path = "/other" },
    .init("route.port", "port: shelf\n", "port: site\n") { $0.routes[0].role = "site" },
    .init("route.static", "/static/:", "/files/:") {
      $0.routes[0].staticFolders = [.init("/files/", "/var/www/{{instance.slug}}_{{settings.image | ident}}")]
    },
    .init("route.max-body", "max-body: 50M", "max-body: 1K") { $0.routes[0].maxBody = 1024 },
    .init("route.auth", "login-{{settings.web}}", "gate") { $0.routes[0].auth = "gate" },
    .init("route.sticky", "sticky: true", "sticky: false") { $0.routes[0].isSticky = false },
    .init("route.when", "when: { mode: [fast] }", "when: { mode: slow }") {
      $0.routes[0].condition = Condition([.init("mode", ["slow"])])
    },
    .init("top.query", "query:\n  protocol: teeworlds\n  port: game\n", "") { $0.query = nil },
    .init("console.announce", "say {{message}}", "tell {{message}}") { $0.console?.announce = "tell {{message}}" },
    .init("console.commands", "commands: { status: Who plays }", "commands: { list: Who is there }") {
      $0.console?.commands = [.init("list", help: "Who is there")]
    },
    .init("query.protocol", "protocol: teeworlds", "protocol: a2s") { $0.query?.kind = .a2s },
    .init("query.port", "teeworlds\n  port: game", "teeworlds\n  port: query") { $0.query?.role = "query" },
    .init("top.console", "console: { protocol: quake3-rcon, port: game", "console: { protocol: source-rcon, port: game")
    {
      $0.console?.kind = .sourceRCON
    },
    .init("console.protocol", "protocol: quake3-rcon", "protocol: minecraft-rcon") {
      $0.console?.kind = .minecraftRCON
    },
    .init("console.port", "quake3-rcon, port: game", "quake3-rcon, port: query") { $0.console?.role = "query" },
    .init("console.password", "password: \"{{settings.token}}\"", "password: \"x{{settings.token}}\"") {
      $0.console?.password = "x{{settings.token}}"
    },
    .init("first.console", "first: { exec: [/usr/bin/flush, --all]", "first: { console: flush") {
      $0.services[0].stop.first = Action(console: "flush", timeout: 45)
    },
    .init("action.console", "resume {{instance.slug}}", "resume") { $0.backup[1].after[1].console = "resume" },
    .init("top.backup", "  base: { service: main, sqlite: [\"{{paths.data}}/*.sqlite\"] }\n", "") {
      $0.backup.remove(at: 0)
    },
    .init("top.config", "  banner.txt: { format: template }\n", "") { $0.config.remove(at: 1) },
    .init("install.apt", "sample-data", "other-data") {
      $0.install[0] = .apt([["sample-server", "old-server"], ["other-data"]])
    },
    .init("install.download", "{{settings.mode}}.zip", "app.zip") {
      $0.changeDownload { $0.url = "https://maker.example/app.zip" }
    },
    .init("install.steamcmd", "{ app: 4711, branch: beta, when: { mode: \"off\" } }", "{ app: 12 }") {
      $0.install[2] = .steam(SteamServer(12))
    },
    .init("download.url", "https://maker.example/{{settings.mode}}", "http://maker.example/x") {
      $0.changeDownload { $0.url = "http://maker.example/x.zip" }
    },
    .init("download.sha256", "9f86d081884c7d659a2feaa0", "000000000000000000000000") {
      $0.changeDownload { $0.sha256 = "000000000000000000000000c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08" }
    },
    .init("download.to", "{{paths.app}}/share", "{{paths.app}}") { $0.changeDownload { $0.target = "{{paths.app}}" } },
    .init("download.extract", "      extract: true\n      strip: 2\n", "") {
      $0.changeDownload {
        $0.isUnpacked = false
        $0.strip = 0
      }
    },
    .init("download.strip", "strip: 2", "strip: 1") { $0.changeDownload { $0.strip = 1 } },
    .init("download.when", "      when: { web: true }\n  - steamcmd", "  - steamcmd") {
      $0.changeDownload { $0.condition = nil }
    },
    .init("steamcmd.app", "app: 4711", "app: 4712") {
      $0.install[2] = .steam(SteamServer(4712, branch: "beta", when: Condition([.init("mode", ["off"])])))
    },
    .init("steamcmd.branch", ", branch: beta", "") {
      $0.install[2] = .steam(SteamServer(4711, when: Condition([.init("mode", ["off"])])))
    },
    .init("steamcmd.when", "branch: beta, when: { mode: \"off\" }", "branch: beta") {
      $0.install[2] = .steam(SteamServer(4711, branch: "beta"))
    },
    .init("setting.type", "players: { type: int", "players: { type: float") { $0.settings[2].kind = .float },
    .init("setting.default", "default: 10", "default: 11") { $0.settings[2].defaultValue = "11" },
    .init("setting.optional", "optional: true", "optional: false") { $0.settings[3].isOptional = false },
    .init("setting.choices", "[easy, hard]", "[easy, harder]") { $0.settings[1].choices = ["easy", "harder"] },
    .init("setting.words", "type: bool, default: false }", "type: bool, default: false, words: [aye, nay] }") {
      $0.settings[6].words = ["aye", "nay"]
    },
    .init("setting.min", "min: 1,", "min: 2,") { $0.settings[2].minimum = 2 },
    .init("setting.max", "max: 4G", "max: 1T") { $0.settings[5].maximum = 1_099_511_627_776 },
    .init("setting.length", "length: 64", "length: 65") { $0.settings[0].length = 65 },
    .init("setting.pattern", "[a-z]+", "[A-Z]+") { $0.settings[3].pattern = "[A-Z]+" },
    .init("setting.on-clone", ", on-clone: keep", "") { $0.settings[4].isKeptOnClone = false },
    .init("setting.was", "was: [level, mode-of-play]", "was: level") { $0.settings[1].formerIDs = ["level"] },
    .init("setting.ask", "length: 64, ask: true", "length: 64") { $0.settings[0].isAsked = false },
    .init("setting.group", "group: Look, ", "") { $0.settings[0].group = nil },
    .init("setting.help", "Shown to players", "Shown") { $0.settings[0].help = "Shown" },
    .init("port.protocol", "protocol: [tcp, udp]", "protocol: udp") { $0.ports[0].protocols = [.udp] },
    .init("port.default", "default: 4000", "default: 4001") { $0.ports[0].defaultNumber = 4001 },
    .init("port.bind", "bind: 127.0.0.1", "bind: \"::1\"") { $0.ports[0].bind = "::1" },
    .init("port.follows", "follows: { role: game, offset: 1 }", "default: 4007") {
      $0.ports[1].follows = nil
      $0.ports[1].defaultNumber = 4007
    },
    .init("port.ask", "127.0.0.1, ask: true", "127.0.0.1") { $0.ports[0].isAsked = false },
    .init("port.help", "Game traffic", "Traffic") { $0.ports[0].help = "Traffic" },
    .init(
      "follows.role", "role: game, offset: 1 } }\n",
      "role: extra, offset: 1 } }\n  extra: { protocol: tcp, default: 9 }\n"
    ) {
      $0.ports[1].follows?.role = "extra"
      $0.ports.insert(PortRole("extra", [.tcp], default: 9), at: 2)
    },
    .init("port.service", "default: 4080, service: web", "default: 4080") { $0.ports[2].service = nil },
    .init("follows.offset", "offset: 1", "offset: -1") { $0.ports[1].follows?.offset = -1 },
    .init("service.exec", "--port,", "--listen,") { $0.services[0].arguments[1] = "--listen" },
    .init("argument.args", "args: [--fast, \"{{settings.title}}\"]", "args: [--quick]") {
      $0.services[0].arguments[3].words = ["--quick"]
    },
    .init("argument.when", "when: { mode: fast }, args", "when: { web: true }, args") {
      $0.services[0].arguments[3].condition = Condition([.init("web", ["true"])])
    },
    .init("service.env", "DATA: \"{{paths.data}}\"", "HOME: \"{{paths.cache}}\"") {
      $0.services[0].environment = [.init("HOME", "{{paths.cache}}")]
    },
    .init("service.workdir", "workdir: \"{{paths.config}}\"", "workdir: /srv/sample") {
      $0.services[0].workdir = "/srv/sample"
    },
    .init("service.depends-on", "    depends-on: [main]\n", "") { $0.services[1].dependsOn = [] },
    .init("service.when", "when: { web: true, mode: [fast, slow] }", "when: { web: true, mode: fast }") {
      $0.services[1].condition = Condition([.init("web", ["true"]), .init("mode", ["fast"])])
    },
    .init(
      "service.stop",
      "    stop: { first: { exec: [/usr/bin/flush, --all], ends: true, timeout: 45s }, signal: SIGINT, grace: 90s }\n",
      ""
    ) { $0.services[0].stop = .init() },
    .init("service.ready", "    ready: { udp: game, timeout: 20s }\n", "") { $0.services[0].ready = [] },
    .init("service.limits", "    limits: { memory: \"{{settings.memory}}\", tasks: 64, cpus: 1.5, files: 4096 }\n", "")
    {
      $0.services[0].limits = .init()
    },
    .init("service.loosen", "MemoryDenyWriteExecute: it compiles as it runs", "PrivateIPC: it shares memory") {
      $0.services[0].loosen = [.init("PrivateIPC", "it shares memory")]
    },
    .init("service.capabilities", "CAP_CHOWN: it gives files away", "CAP_KILL: it ends programs") {
      $0.services[3].capabilities = [.init("CAP_KILL", "it ends programs")]
    },
    .init("stop.first", "first: { exec: [/usr/bin/flush, --all], ends: true, timeout: 45s }, ", "") {
      $0.services[0].stop.first = nil
      $0.services[0].stop.firstEnds = false
    },
    .init("first.ends", "ends: true, timeout: 45s", "timeout: 45s") { $0.services[0].stop.firstEnds = false },
    .init("first.exec", "--all", "--some") { $0.services[0].stop.first?.exec[1] = "--some" },
    .init("first.timeout", ", timeout: 45s", "") { $0.services[0].stop.first?.timeout = 30 },
    .init("stop.signal", "signal: SIGINT", "signal: SIGQUIT") { $0.services[0].stop.signal = "SIGQUIT" },
    .init("stop.grace", "grace: 90s", "grace: 2m") { $0.services[0].stop.grace = 120 },
    .init("ready.tcp", "udp: game,", "tcp: game,") { $0.services[0].ready[0].check = .port(.tcp, role: "game") },
    .init("ready.udp", "udp: game,", "udp: query,") { $0.services[0].ready[0].check = .port(.udp, role: "query") },
    .init(
      "ready.list", "ready: { udp: game, timeout: 20s }", "ready: [{ tcp: game }, { udp: query, timeout: 20s }]"
    ) { $0.services[0].ready = [ReadyProbe(.tcp, "game"), ReadyProbe(.udp, "query", timeout: 20)] },
    .init("ready.timeout", "timeout: 20s", "timeout: 1h") { $0.services[0].ready[0].timeout = 3600 },
    .init(
      "service.container", "container: { image: \"{{settings.image}}\" }", "container: { image: registry.example/x:2 }"
    ) {
      $0.services[3].container?.image = "registry.example/x:2"
    },
    .init("service.compose", "compose: compose.yaml", "compose: other.yaml") {
      $0.services[4].container?.composeFile = "other.yaml"
      $0.compose?.name = "other.yaml"
    },
    .init("service.mounts", "mounts: { /data: \"{{paths.data}}/shelf\", /media:", "mounts: { /other:") {
      $0.services[2].mounts.removeFirst()
      $0.services[2].mounts[0].target = "/other"
    },
    .init("container.image", "registry.example/shelf:1", "registry.example/shelf:2") {
      $0.services[2].container?.image = "registry.example/shelf:2"
    },
    .init("container.user", "      user: \"1000:1000\"\n", "") { $0.services[2].container?.user = nil },
    .init("container.devices", "/dev/fuse, ", "") { $0.services[2].container?.devices.removeFirst() },
    .init("device.path", "path: /dev/dri", "path: /dev/dsp") {
      $0.services[2].container?.devices[1].path = "/dev/dsp"
    },
    .init("device.when", ", when: { web: true } }]", " }]") {
      $0.services[2].container?.devices[1].condition = nil
    },
    .init("container.group", "group: 1002", "group: 7") { $0.services[5].container?.group = 7 },
    .init("container.entrypoint", "[/bin/desk, \"{{settings.mode}}\"]", "[/bin/other]") {
      $0.services[5].container?.entrypoint = ["/bin/other"]
    },
    .init("container.exec", "[--serve, now]", "[--serve]") { $0.services[5].container?.exec = ["--serve"] },
    .init("container.workdir", "\"workdir\": /desk", "\"workdir\": /chair") {
      $0.services[5].container?.workdir = "/chair"
    },
    .init("container.labels", "desk.kind:", "desk.sort:") { $0.services[5].container?.labels[0].name = "desk.sort" },
    .init("container.tmpfs", "/scratch:size=8m", "/scratch") { $0.services[5].container?.places = ["/scratch"] },
    .init("container.shm-size", "shm-size: 32M", "shm-size: 1G") { $0.services[5].container?.shmSize = "1G" },
    .init("container.network", ", network: desk }", " }") { $0.services[6].container?.network = nil },
    .init("container.networks", "{ back: [desktop], default: }", "{ back: }") {
      $0.services[5].container?.networks = [.init("back")]
    },
    .init("mount.from", "from: \"{{settings.folder}}\"", "from: /srv") {
      $0.services[2].mounts[1].source = .place("/srv")
    },
    .init("mount.when", ", when: { mode: fast } }", " }") { $0.services[2].mounts[1].condition = nil },
    .init("service.mounts of a program", "{ /srv/sample: stock }", "{ /srv/x: stock, /srv/y: /srv/z }") {
      $0.services[0].mounts = [Mount("/srv/x", volume: "stock"), Mount("/srv/y", from: "/srv/z")]
    },
    .init("mount.mode", ", mode: ro", ", mode: rw") { $0.services[2].mounts[1].isReadOnly = false },
    .init("ready.http", "http: { port: shelf, path: /health", "http: { port: game, path: /health") {
      $0.services[2].ready[0].check = .http(
        .init(role: "game", path: "/health", host: "shelf.example", statuses: [200, 204]))
    },
    .init("http.port", "{ port: shelf,", "{ port: game,") {
      $0.services[2].ready[0].check = .http(
        .init(role: "game", path: "/health", host: "shelf.example", statuses: [200, 204]))
    },
    .init("http.path", "path: /health", "path: /ping") {
      $0.services[2].ready[0].check = .http(
        .init(role: "shelf", path: "/ping", host: "shelf.example", statuses: [200, 204]))
    },
    .init("http.host", ", host: shelf.example", "") {
      $0.services[2].ready[0].check = .http(.init(role: "shelf", path: "/health", statuses: [200, 204]))
    },
    .init("http.status", "status: [200, 204]", "status: 204") {
      $0.services[2].ready[0].check = .http(
        .init(role: "shelf", path: "/health", host: "shelf.example", statuses: [204]))
    },
    .init("ready.exec", "exec: [/check, --now]", "exec: [/check]") {
      $0.services[3].ready[0].check = .exec(["/check"])
    },
    .init("port.target", ", target: 80", "") { $0.ports[3].target = nil },
    .init("limits.memory", "memory: \"{{settings.memory}}\"", "memory: 1G") { $0.services[0].limits.memory = "1G" },
    .init("limits.tasks", "tasks: 64", "tasks: 65") { $0.services[0].limits.tasks = 65 },
    .init("limits.cpus", "cpus: 1.5", "cpus: 2") { $0.services[0].limits.cpus = 2 },
    .init("limits.files", ", files: 4096", "") { $0.services[0].limits.files = nil },
    .init("config.format", "format: properties", "format: words") { $0.config[0].format = .words },
    .init("config.path", "etc/sample.conf", "sample.conf") { $0.config[0].path = "{{paths.data}}/sample.conf" },
    .init("config.values", "title: \"{{settings.title}}\"", "name: \"{{instance.slug}}\"") {
      $0.config[0].values[0] = .init("name", "{{instance.slug}}")
    },
    .init("config.encoding", "encoding: latin-1", "encoding: ascii") { $0.config[0].encoding = .ascii },
    .init("config.initial", "initial: { motd: Hi }", "initial: { motd: Ho }") {
      $0.config[0].initial[0] = .init("motd", "Ho")
    },
    .init("config.written-by", "    written-by: app\n", "") { $0.config[0].writer = nil },
    .init("config.service", "    service: main\n", "    service: web\n") { $0.config[0].service = "web" },
    .init("job.at", "at: [install, update]", "at: [restore, clone]") { $0.jobs[0].moments = [.restore, .clone] },
    .init("job.settings", "settings: [title, mode]", "settings: mode") { $0.jobs[2].settings = ["mode"] },
    .init("job.calendar", "calendar: Mon..Fri 04:00", "calendar: weekly") { $0.jobs[1].calendar = "weekly" },
    .init("job.service", "service: main, exec", "service: web, exec") { $0.jobs[0].service = "web" },
    .init("job.exec", "/usr/bin/setup", "/usr/bin/set-up") { $0.jobs[0].action.exec[0] = "/usr/bin/set-up" },
    .init("job.timeout", ", timeout: 5m", "") { $0.jobs[0].action.timeout = 600 },
    .init("job.when", "    when: { mode: slow }\n", "") { $0.jobs[1].condition = nil },
    .init("backup.schedule", "schedule: \"*-*-* 02:00\"", "schedule: off") { $0.backupPolicy.schedule = "off" },
    .init("backup.keep", "  keep: { last: 3, daily: 7, weekly: 4, monthly: 6 }\n", "") { $0.backupPolicy.keep = nil },
    .init("keep.last", "last: 3, ", "last: 0, ") { $0.backupPolicy.keep?.last = 0 },
    .init("keep.daily", "daily: 7, ", "") { $0.backupPolicy.keep?.daily = nil },
    .init("keep.weekly", "weekly: 4, ", "weekly: 5, ") { $0.backupPolicy.keep?.weekly = 5 },
    .init("keep.monthly", "monthly: 6 ", "monthly: 10000 ") { $0.backupPolicy.keep?.monthly = 10_000 },
    .init("set.files", ", \"{{paths.config}}\"]\n    exclude", "]\n    exclude") {
      $0.backup[1].method = .files(
        paths: ["{{paths.data}}/{{settings.players}}"], exclude: ["**/*.tmp"], isHot: true)
    },
    .init("set.volume", "volume: stock,", "files: [\"{{paths.data}}\"],") {
      $0.backup[3].method = .files(paths: ["{{paths.data}}"], exclude: [], isHot: true)
    },
    .init("set.hot of a volume", "volume: stock, hot: \"true\"", "volume: stock") {
      $0.backup[3].method = .volume("stock", isHot: false)
    },
    .init("set.sqlite", "*.sqlite", "*.db") { $0.backup[0].method = .sqlite(paths: ["{{paths.data}}/*.db"]) },
    .init("set.exclude", "    exclude: [\"**/*.tmp\"]\n", "") {
      $0.backup[1].method = .files(
        paths: ["{{paths.data}}/{{settings.players}}", "{{paths.config}}"], exclude: [], isHot: true)
    },
    .init("set.hot", "    hot: true\n", "") {
      $0.backup[1].method = .files(
        paths: ["{{paths.data}}/{{settings.players}}", "{{paths.config}}"], exclude: ["**/*.tmp"], isHot: false)
    },
    .init("set.command", "[/usr/bin/dump, \"{{ports.site}}\"]", "[/usr/bin/dump]") {
      $0.backup[2].method = .command(
        dump: Action(exec: ["/usr/bin/dump"], timeout: 7200),
        restore: Action(exec: ["/usr/bin/load", "{{ports.site}}"], timeout: 7200))
    },
    .init("set.restore", "[/usr/bin/load, \"{{ports.site}}\"]", "[/usr/bin/load]") {
      $0.backup[2].method = .command(
        dump: Action(exec: ["/usr/bin/dump", "{{ports.site}}"], timeout: 7200),
        restore: Action(exec: ["/usr/bin/load"], timeout: 7200))
    },
    .init("set.timeout", "    timeout: 2h\n", "") {
      $0.backup[2].method = .command(
        dump: Action(exec: ["/usr/bin/dump", "{{ports.site}}"], timeout: 3600),
        restore: Action(exec: ["/usr/bin/load", "{{ports.site}}"], timeout: 3600))
    },
    .init("set.service", "service: \"main\"", "service: web") { $0.backup[1].service = "web" },
    .init("set.before", "    before: [{ exec: [/usr/bin/hold, now] }]\n", "") { $0.backup[1].before = [] },
    .init(
      "set.after",
      "    after: [{ exec: [/usr/bin/resume], timeout: 25s }, { console: \"resume {{instance.slug}}\", timeout: 7s }]\n",
      ""
    ) { $0.backup[1].after = [] },
    .init("action.exec", "/usr/bin/hold, now", "/usr/bin/hold") { $0.backup[1].before[0].exec = ["/usr/bin/hold"] },
    .init("action.timeout", ", timeout: 25s", "") { $0.backup[1].after[0].timeout = 60 },
    .init("top.probe-data", ", timeout: 9s", "") { $0.probeData?.write.timeout = 30 },
    .init("probe-data.service", "  service: web\n  write", "  service: main\n  write") {
      $0.probeData?.service = "main"
    },
    .init("probe-data.write", "/usr/bin/put, \"{{ports.game.bind}}\"", "/usr/bin/put") {
      $0.probeData?.write.exec = ["/usr/bin/put"]
    },
    .init("probe-data.read", "[/usr/bin/get]", "[/usr/bin/got]") { $0.probeData?.read.exec = ["/usr/bin/got"] },
    .init("probe-data.expect", "expect: it is there", "expect: it is here") { $0.probeData?.expected = "it is here" },
  ]
}

extension Manifest {
  /// Changes the sample's one download.
  fileprivate mutating func changeDownload(_ change: (inout Download) -> Void) {
    guard case .download(var download) = install[1] else { return }
    change(&download)
    install[1] = .download(download)
  }
}

@Suite("Every key of a manifest") struct ManifestKeyTests {
  @Test("a key that changes, changes the manifest in its place and nowhere else", arguments: ManifestKey.all)
  func acts(_ key: ManifestKey) throws {
    var expected = Sample.manifest
    key.change(&expected)
    let read = try Sample.read(try Sample.yaml(replacing: key.old, with: key.new))
    #expect(read != Sample.manifest)
    #expect(read == expected)
  }

  @Test("the schema is checked")
  func schema() throws {
    let error = try Sample.refusal(of: try Sample.yaml(replacing: "schema: 1", with: "schema: 2"))
    #expect(error.summary == "'schema': this Berth reads schema 1")
    #expect(error.location == "\(Sample.file):1")
  }

  /// A place in the sample where an unknown key makes the reader list those that it knows.
  static let mappings: [(name: String, old: String, new: String)] = [
    ("top", "schema: 1", "zzzz: 1\nschema: 1"),
    ("install", "- apt:", "- zzzz: x\n    apt:"),
    ("download", "  - download:\n", "  - download:\n      zzzz: x\n"),
    ("steamcmd", "steamcmd: {", "steamcmd: { zzzz: x,"),
    ("setting", "players: {", "players: { zzzz: x,"),
    ("port", "game: { protocol", "game: { zzzz: x, protocol"),
    ("follows", "{ role: game", "{ zzzz: x, role: game"),
    ("service", "  main:\n", "  main:\n    zzzz: x\n"),
    ("stop", "stop: {", "stop: { zzzz: x,"),
    ("first", "first: {", "first: { zzzz: x,"),
    ("ready", "ready: { udp", "ready: { zzzz: x, udp"),
    ("container", "container: { image: \"{{", "container: { zzzz: x, image: \"{{"),
    ("device", "{ path: /dev/dri,", "{ zzzz: x, path: /dev/dri,"),
    ("mount", "{ from:", "{ zzzz: x, from:"),
    ("http", "http: {", "http: { zzzz: x,"),
    ("limits", "limits: {", "limits: { zzzz: x,"),
    ("config", "  sample.conf:\n", "  sample.conf:\n    zzzz: x\n"),
    ("job", "setup: {", "setup: { zzzz: x,"),
    ("route", "  page:\n", "  page:\n    zzzz: x\n"),
    ("query", "protocol: teeworlds", "zzzz: x\n  protocol: teeworlds"),
    ("console", "{ protocol: quake3-rcon", "{ zzzz: x, protocol: quake3-rcon"),
    ("keep", "keep: {", "keep: { zzzz: x,"),
    ("set", "  world:\n", "  world:\n    zzzz: x\n"),
    ("action", "before: [{", "before: [{ zzzz: x,"),
    ("probe-data", "probe-data:\n", "probe-data:\n  zzzz: x\n"),
  ]

  @Test("no key is accepted without a test of what it does", arguments: mappings)
  func complete(_ mapping: (name: String, old: String, new: String)) throws {
    let error = try Sample.refusal(of: try Sample.yaml(replacing: mapping.old, with: mapping.new))
    let list = try #require(error.summary.split(separator: "expected one of ").last)
    let known = Set(list.split(separator: ", ").map { "\(mapping.name).\($0)" })
    let tested = Set(ManifestKey.all.map(\.name).filter { $0.hasPrefix("\(mapping.name).") } + ["top.schema"])
    #expect(known.subtracting(tested) == [])
  }
}
