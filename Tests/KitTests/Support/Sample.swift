import BerthKit
import Testing

/// A manifest that uses every key of the contract, as text and as the value that it must become.
enum Sample {
  /// The path that errors name.
  static let file = "plugins.d/sample/plugin.yaml"

  static let yaml = """
    schema: 1
    id: sample
    name: Sample
    summary: A sample app
    category: game
    version: "1"
    untested: there is no server to be had
    maintainer: Ada <ada@sample.example>
    licence: MIT
    homepage: https://sample.example/about
    needs: berth >= 0.1
    guid: 0c2de651-ec30-d4ac-c53f-ebdb67398324
    install:
      - apt: ["sample-server | old-server", sample-data]
      - download:
          url: "https://maker.example/{{settings.mode}}.zip"
          sha256: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
          to: "{{paths.app}}/share"
          extract: true
          strip: 2
          when: { web: true }
      - steamcmd: { app: 4711, branch: beta, when: { mode: "off" } }
    programs:
      server: [/usr/bin/sample, /opt/sample]
    settings:
      title: { type: string, default: "{{instance.name}}", length: 64, ask: true, group: Look, help: Shown to players }
      rules: { type: choice, choices: [easy, hard], default: easy, was: [level, mode-of-play] }
      players: { type: int, default: 10, min: 1, max: 100 }
      admin: { type: string, optional: true, pattern: "[a-z]+" }
      token: { type: secret, length: 16, on-clone: keep }
      memory: { type: size, default: 512M, min: 64M, max: 4G }
      web: { type: bool, default: false }
      mode: { type: choice, choices: [fast, slow, off], default: fast }
      folder: { type: path, default: "{{paths.data}}/shelf" }
      image: { type: image, default: "registry.example/check:1" }
    ports:
      game: { protocol: [tcp, udp], default: 4000, bind: 127.0.0.1, ask: true, help: Game traffic }
      query: { protocol: udp, follows: { role: game, offset: 1 } }
      site: { protocol: tcp, default: 4080, service: web }
      shelf: { protocol: tcp, default: 4090, service: shelf, target: 80 }
    services:
      main:
        exec: ["{{programs.server}}", --port, "{{ports.game}}",
          { when: { mode: fast }, args: [--fast, "{{settings.title}}"] }]
        env: { DATA: "{{paths.data}}" }
        mounts: { /srv/sample: stock }
        workdir: "{{paths.config}}"
        stop: { first: { exec: [/usr/bin/flush, --all], ends: true, timeout: 45s }, signal: SIGINT, grace: 90s }
        ready: { udp: game, timeout: 20s }
        limits: { memory: "{{settings.memory}}", tasks: 64, cpus: 1.5, files: 4096 }
        loosen: { MemoryDenyWriteExecute: it compiles as it runs }
      web:
        exec: [/usr/bin/web, "{{ports.site}}"]
        depends-on: [main]
        when: { web: true, mode: [fast, slow] }
      shelf:
        container:
          image: registry.example/shelf:1
          user: "1000:1000"
          devices: [/dev/fuse, { path: /dev/dri, when: { web: true } }]
        mounts: { /data: "{{paths.data}}/shelf", /media: { from: "{{settings.folder}}", mode: ro, when: { mode: fast } } }
        ready: { http: { port: shelf, path: /health, host: shelf.example, status: [200, 204] } }
        when: { web: "true" }
      check:
        container: { image: "{{settings.image}}" }
        capabilities: { CAP_CHOWN: it gives files away }
        ready: { exec: [/check, --now] }
        when: { "web": true }
      berth:
        compose: compose.yaml
        env:
          IMAGE: "{{settings.image}}"
        when: { "web": "true" }
      desk:
        container:
          image: registry.example/desk:1
          user: "1001"
          group: 1002
          entrypoint: [/bin/desk, "{{settings.mode}}"]
          exec: [--serve, now]
          "workdir": /desk
          labels: { desk.kind: "{{settings.mode}}" }
          tmpfs: ["/scratch:size=8m"]
          shm-size: 32M
          networks: { back: [desktop], default: }
        when: { mode: ["off"] }
      lamp:
        container: { image: registry.example/lamp:1, network: desk }
        "depends-on": [desk]
        when: { mode: ["off"] }
    config:
      sample.conf:
        format: properties
        encoding: latin-1
        path: "{{paths.data}}/etc/sample.conf"
        service: main
        values: { title: "{{settings.title}}", token: "{{settings.token}}" }
        initial: { motd: Hi }
        written-by: app
      banner.txt: { format: template }
    jobs:
      setup: { at: [install, update], service: main, exec: [/usr/bin/setup, "{{paths.cache}}"], timeout: 5m }
      tidy:
        calendar: Mon..Fri 04:00
        service: web
        exec: [/usr/bin/tidy, "-p={{ports.site}}"]
        when: { mode: slow }
      tell: { at: change, settings: [title, mode], exec: [/usr/bin/tell], service: main }
    routes:
      page:
        host: "{{settings.mode}}.play.example"
        path: /app
        port: shelf
        static: { /static/: "/var/www/{{instance.slug}}_{{settings.image | ident}}" }
        max-body: 50M
        auth: "login-{{settings.web}}"
        sticky: true
        when: { mode: [fast] }
    query:
      protocol: teeworlds
      port: game
    console: { protocol: quake3-rcon, port: game, password: "{{settings.token}}", announce: "say {{message}}",
      commands: { status: Who plays } }
    backup:
      schedule: "*-*-* 02:00"
      keep: { last: 3, daily: 7, weekly: 4, monthly: 6 }
      base: { service: main, sqlite: ["{{paths.data}}/*.sqlite"] }
      world:
        service: "main"
        files: ["{{paths.data}}/{{settings.players}}", "{{paths.config}}"]
        exclude: ["**/*.tmp"]
        hot: true
        before: [{ exec: [/usr/bin/hold, now] }]
        after: [{ exec: [/usr/bin/resume], timeout: 25s }, { console: "resume {{instance.slug}}", timeout: 7s }]
      store:
        service: web
        command: [/usr/bin/dump, "{{ports.site}}"]
        restore: [/usr/bin/load, "{{ports.site}}"]
        timeout: 2h
      stock: { service: 'main', volume: stock, hot: "true" }
    probe-data:
      service: web
      write: { exec: [/usr/bin/put, "{{ports.game.bind}}"], timeout: 9s }
      read: { exec: [/usr/bin/get] }
      expect: it is there

    """

  /// What lies in the plugin's `files/`.
  static let files = ["banner.txt": "Welcome to {{settings.title}}\n"]
  static let compose = "services: { berth: { image: \"${IMAGE}\", volumes: [\"box:/box\"] } }\nvolumes: { box: }\n"

  static let manifest = Manifest(
    id: "sample", name: "Sample", summary: "A sample app", category: .game, version: "1",
    untested: "there is no server to be had", maintainer: "Ada <ada@sample.example>", licence: "MIT",
    homepage: "https://sample.example/about", needs: NeededRelease("berth >= 0.1"),
    guid: "0c2de651-ec30-d4ac-c53f-ebdb67398324",
    install: [
      .apt([["sample-server", "old-server"], ["sample-data"]]),
      .download(
        Download(
          "https://maker.example/{{settings.mode}}.zip",
          sha256: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", to: "{{paths.app}}/share",
          unpacked: true, strip: 2, when: Condition([.init("web", ["true"])]))),
      .steam(SteamServer(4711, branch: "beta", when: Condition([.init("mode", ["off"])]))),
    ],
    programs: [Program("server", ["/usr/bin/sample", "/opt/sample"])],
    settings: [
      Setting(
        "title", .string, default: "{{instance.name}}", length: 64, asked: true, group: "Look", help: "Shown to players"
      ),
      Setting("rules", .choice, default: "easy", choices: ["easy", "hard"], was: ["level", "mode-of-play"]),
      Setting("players", .int, default: "10", min: 1, max: 100),
      Setting("admin", .string, optional: true, pattern: "[a-z]+"),
      Setting("token", .secret, length: 16, isKeptOnClone: true),
      Setting("memory", .size, default: "512M", min: 67_108_864, max: 4_294_967_296),
      Setting("web", .bool, default: "false"),
      Setting("mode", .choice, default: "fast", choices: ["fast", "slow", "off"]),
      Setting("folder", .path, default: "{{paths.data}}/shelf"),
      Setting("image", .image, default: "registry.example/check:1"),
    ],
    ports: [
      PortRole("game", [.tcp, .udp], default: 4000, bind: "127.0.0.1", asked: true, help: "Game traffic"),
      PortRole("query", [.udp], follows: .init(role: "game", offset: 1)),
      PortRole("site", [.tcp], default: 4080, service: "web"),
      PortRole("shelf", [.tcp], default: 4090, service: "shelf", target: 80),
    ],
    services: [
      Service(
        "main",
        .exec([
          "{{programs.server}}", "--port", "{{ports.game}}",
          Service.Argument(["--fast", "{{settings.title}}"], when: Condition([.init("mode", ["fast"])])),
        ]), environment: [.init("DATA", "{{paths.data}}")], workdir: "{{paths.config}}",
        stop: .init(
          signal: "SIGINT", grace: 90, first: Action(exec: ["/usr/bin/flush", "--all"], timeout: 45), firstEnds: true),
        ready: [ReadyProbe(.udp, "game", timeout: 20)],
        limits: .init(memory: "{{settings.memory}}", tasks: 64, cpus: 1.5, files: 4096),
        loosen: [.init("MemoryDenyWriteExecute", "it compiles as it runs")],
        mounts: [Mount("/srv/sample", volume: "stock")]),
      Service(
        "web", exec: ["/usr/bin/web", "{{ports.site}}"], dependsOn: ["main"],
        when: Condition([.init("web", ["true"]), .init("mode", ["fast", "slow"])])),
      Service(
        "shelf",
        .container(
          Container(
            image: "registry.example/shelf:1", user: "1000:1000",
            devices: [.init("/dev/fuse"), .init("/dev/dri", when: Condition([.init("web", ["true"])]))])),
        ready: [ReadyProbe(.http(.init(role: "shelf", path: "/health", host: "shelf.example", statuses: [200, 204])))],
        mounts: [
          Mount("/data", from: "{{paths.data}}/shelf"),
          Mount("/media", from: "{{settings.folder}}", readOnly: true, when: Condition([.init("mode", ["fast"])])),
        ], when: Condition([.init("web", ["true"])])),
      Service(
        "check", .container(Container(image: "{{settings.image}}")), ready: [ReadyProbe(.exec(["/check", "--now"]))],
        capabilities: [.init("CAP_CHOWN", "it gives files away")],
        when: Condition([.init("web", ["true"])])),
      Service(
        "berth", .container(Container(image: "{{settings.image}}", composeFile: "compose.yaml")),
        environment: [.init("IMAGE", "{{settings.image}}")], mounts: [Mount("/box", volume: "box")],
        when: Condition([.init("web", ["true"])])),
      Service(
        "desk",
        .container(
          Container(
            image: "registry.example/desk:1", user: "1001", group: 1002,
            entrypoint: ["/bin/desk", "{{settings.mode}}"], exec: ["--serve", "now"], workdir: "/desk",
            labels: [.init("desk.kind", "{{settings.mode}}")], places: ["/scratch:size=8m"], shmSize: "32M",
            networks: [.init("back", aliases: ["desktop"]), .init("default")])),
        when: Condition([.init("mode", ["off"])])),
      Service(
        "lamp", .container(Container(image: "registry.example/lamp:1", network: "desk")), dependsOn: ["desk"],
        when: Condition([.init("mode", ["off"])])),
    ],
    compose: ComposeFile(
      name: "compose.yaml", text: compose,
      services: [.init("berth", image: "{{settings.image}}", volumes: [Mount("/box", volume: "box")])], volumes: ["box"]
    ),
    config: [
      ConfigFile(
        "sample.conf", .properties, encoding: .latin1, path: "{{paths.data}}/etc/sample.conf",
        values: [.init("title", "{{settings.title}}"), .init("token", "{{settings.token}}")],
        initial: [.init("motd", "Hi")], service: "main", writtenBy: .app),
      ConfigFile("banner.txt", .template, template: "Welcome to {{settings.title}}\n"),
    ],
    jobs: [
      Job(
        "setup", at: [.install, .update], service: "main",
        action: Action(exec: ["/usr/bin/setup", "{{paths.cache}}"], timeout: 300)),
      Job(
        "tidy", calendar: "Mon..Fri 04:00", service: "web",
        action: Action(exec: ["/usr/bin/tidy", "-p={{ports.site}}"], timeout: 600),
        when: Condition([.init("mode", ["slow"])])),
      Job(
        "tell", at: [.change], settings: ["title", "mode"], service: "main",
        action: Action(exec: ["/usr/bin/tell"], timeout: 600)),
    ],
    routes: [
      Route(
        "page", host: "{{settings.mode}}.play.example", path: "/app", port: "shelf",
        staticFolders: [.init("/static/", "/var/www/{{instance.slug}}_{{settings.image | ident}}")],
        maxBody: 52_428_800, auth: "login-{{settings.web}}", isSticky: true,
        when: Condition([.init("mode", ["fast"])]))
    ],
    query: PlayerQuery(.teeworlds, port: "game"),
    console: Console(
      .quake3RCON, port: "game", password: "{{settings.token}}", announce: "say {{message}}",
      commands: [.init("status", help: "Who plays")]),
    backup: [
      BackupSet("base", .sqlite(paths: ["{{paths.data}}/*.sqlite"])),
      BackupSet(
        "world",
        .files(
          paths: ["{{paths.data}}/{{settings.players}}", "{{paths.config}}"], exclude: ["**/*.tmp"], isHot: true),
        before: [Action(exec: ["/usr/bin/hold", "now"], timeout: 60)],
        after: [
          Action(exec: ["/usr/bin/resume"], timeout: 25), Action(console: "resume {{instance.slug}}", timeout: 7),
        ]),
      BackupSet(
        "store",
        .command(
          dump: Action(exec: ["/usr/bin/dump", "{{ports.site}}"], timeout: 7200),
          restore: Action(exec: ["/usr/bin/load", "{{ports.site}}"], timeout: 7200)),
        service: "web"),
      BackupSet("stock", .volume("stock", isHot: true)),
    ],
    backupPolicy: BackupPolicy(
      schedule: "*-*-* 02:00", keep: Retention(last: 3, daily: 7, weekly: 4, monthly: 6)),
    probeData: ProbeData(
      service: "web", write: Action(exec: ["/usr/bin/put", "{{ports.game.bind}}"], timeout: 9),
      read: Action(exec: ["/usr/bin/get"], timeout: 30), expect: "it is there"))

  /// The least that a manifest needs.
  static let minimal = """
    schema: 1
    id: sample
    name: Sample
    summary: A sample app
    category: game
    version: "1"
    services:
      main:
        exec: [/usr/bin/sample]

    """

  /// The sample with one piece of its text replaced, which must stand in it exactly once.
  static func yaml(replacing old: String, with new: String) throws -> String {
    try #require(yaml.components(of: old) == 2, "'\(old)' must stand once in the sample")
    return yaml.replacing(old, with: new)
  }

  static func read(_ text: String, files: [String: String] = files) throws -> Manifest {
    try ManifestReader(file: file, source: { $0.hasSuffix(".yaml") ? compose : files[$0] }).manifest(from: text)
  }

  /// The error that reading the text must end in.
  static func refusal(of text: String, files: [String: String] = files) throws -> BerthError {
    try #require(throws: BerthError.self) { _ = try read(text, files: files) }
  }
}

extension String {
  /// The number of pieces that a separator cuts the text into.
  func components(of separator: String) -> Int { split(separator: separator, omittingEmptySubsequences: false).count }

  /// The line, from 1, on which a piece of the text begins.
  func line(of piece: String) throws -> Int {
    let range = try #require(firstRange(of: piece), "'\(piece)' is not in the text")
    return self[..<range.lowerBound].count { $0.isNewline } + 1
  }
}
