import BerthKit
import BerthProof
import BerthQuery

@testable import BerthEngine
@testable import BerthExecution
@testable import BerthPlan
@testable import BerthStore

/// Reports with everything that they can hold, and with as little as they can.
enum ReportExamples {
  typealias Example = ReportGoldenTests.Example

  static let all =
    instances + plans + backups + operations + apps + [
      Example(
        name: "doctor",
        full: Finding(
          code: "not-running", subject: "demo/PvP", problem: "demo@default.service has failed",
          remedy: .berth("restart", "demo", "--instance", "default")),
        bare: Finding(code: "stray-unit", subject: "demo@x.service", problem: "it runs", remedy: "systemctl stop x")),
      Example(
        name: "host",
        full: HostReport(
          scope: .sandbox, isUp: true, config: "/etc/berth", state: "/var/lib/berth", backups: "/var/backups/berth",
          runtime: "/run", instances: 2, enforcesLimits: true, seesLaterMounts: false),
        bare: HostReport(
          scope: .user, isUp: false, config: "", state: "", backups: "", runtime: "", instances: 0, enforcesLimits: nil,
          seesLaterMounts: nil)
      ),
    ]

  /// With everything that an instance can have.
  static let record: InstanceRecord = {
    var record = Sample.record(
      1, ports: [Sample.port("game", .udp, 8303), Sample.port("web", .tcp, 8080)], labels: ["site": "north"])
    record.images = [
      "main": ImagePin(
        reference: "docker.io/library/redis:7", id: String(repeating: "a", count: 64),
        digest: "docker.io/library/redis@sha256:\(String(repeating: "b", count: 64))", engine: .docker)
    ]
    record.builds = [SteamBuild(730, branch: "beta", build: 4711)]
    record.pool = "family"
    record.routes = [RouteClaim(route: "web", host: "play.example", path: "/")]
    return record
  }()
  private static let bare = Sample.record(2, services: [])

  private static func report(_ record: InstanceRecord, isFull: Bool) -> InstanceReport {
    InstanceReport(
      record, states: isFull ? ["demo@\(record.key.id).service": UnitState(active: "active", sub: "running")] : [:],
      enabled: isFull ? [record.target] : [], processes: isFull ? ["demo@\(record.key.id).service": 4242] : [:],
      paths: .system, brokenOff: isFull ? 7 : nil, lastRun: isFull ? Sample.run(1, error: "the disk is full") : nil,
      problem: isFull ? "its game port udp/8303 is used by nc (process 7)" : nil,
      jobs: isFull
        ? [
          JobReport(
            name: "tidy",
            run: TimedRun(last: "2026-11-21T04:00:00Z", succeeded: false, next: "2026-11-22T04:00:00Z"))
        ] : nil)
  }

  private static let instances = [
    Example(name: "instance", full: report(record, isFull: true), bare: report(bare, isFull: false)),
    Example(
      name: "instance-revealed", full: RevealedReport(report(record, isFull: true), settings: ["motd": "Welcome"]),
      bare: RevealedReport(report(bare, isFull: false), settings: [:])),
    Example(
      name: "removal", full: RemovalReport(record, project: "hospital"), bare: RemovalReport(bare, isKept: true)),
    Example(
      name: "port", full: PortUse(port: PortReport(record.ports[0]), record: record),
      bare: PortUse(port: PortReport(record.ports[1]), record: bare)),
    Example(
      name: "metrics",
      full: InstanceMetrics(
        record: record, status: .running,
        services: [
          .init(
            name: "main", unit: "demo@default.service", status: .running, mainPID: 4242, memory: 1 << 20,
            processors: 0.25, processorTime: 1.5, tasks: 3)
        ], disk: 4096, server: ServerReport(count: 2, limit: 8)),
      bare: InstanceMetrics(record: bare, status: .stopped, services: [], disk: nil, server: nil)),
    Example(
      name: "players",
      full: PlayersReport(
        record: record,
        server: ServerReport(
          name: "Harbour", map: "dm1", version: "0.7.5", count: 2, bots: 1, limit: 8,
          players: [.init("ann", score: 3, seconds: 60), .init("bob")])),
      bare: PlayersReport(record: bare, server: ServerReport())),
    Example(
      name: "console", full: ConsoleReply(record: record, command: "status", text: "all well"),
      bare: ConsoleReply(record: bare, command: "quit", text: "")),
    Example(
      name: "setting",
      full: SettingReport(
        setting: Setting(
          "size", .int, default: "8", choices: ["8", "16"], words: ["yes", "no"], min: 1, max: 64, length: 3,
          pattern: "[0-9]+",
          group: "Game",
          help: "How many may play."), value: "16", standard: "8",
        places: [.init(file: "server.cfg", key: "max_clients")]),
      bare: SettingReport(setting: Setting("token", .secret), value: nil, standard: nil, places: [])),
  ]

  private static let plan: Plan = {
    let change = InstanceChange(
      .make, record, reasons: ["asked for"],
      diffs: [.init(path: "/etc/demo.conf", diff: "--- a\n+++ b\n-size = 8\n+size = 16\n")],
      restarts: ["demo@default.service"],
      weakenings: [Weakening(service: "main", line: "MemoryDenyWriteExecute", reason: "it writes its own code")]
    ).asking(for: [Grant("media", "/srv/films", "a path of this host", source: "fleet.yaml:7")])
    let steps: [Phase: [Step]] = [
      .prepare: [.writeFile(FileWrite(path: "/etc/demo.conf", text: "size = 16\n", mode: 0o644))],
      .activate: [.start(record)],
    ]
    return Plan(
      verb: "apply", [InstanceSteps(change, steps)],
      refused: [
        Refusal(
          bare,
          BerthError(
            "port-in-use", .conflict, "the game port udp/8303 is used by demo/PvP", at: "fleet.yaml:9",
            remedy: .berth("ports"), cause: "it came first"))
      ])
  }()

  private static let plans = [
    Example(name: "plan", full: PlanReport(plan), bare: PlanReport(Plan(verb: "update", []))),
    Example(
      name: "difference", full: DifferenceReport(plan.changes[0]), bare: DifferenceReport(InstanceChange(.change, bare))
    ),
    Example(
      name: "fleet", full: FleetReport(plan, instances: [report(record, isFull: true)], failed: 1),
      bare: FleetReport(Plan(verb: "apply", []), instances: [], failed: 0)),
    Example(
      name: "progress",
      full: ProgressReport(
        Executor.Progress(
          kind: "archive", summary: "back up demo/PvP", title: "demo/PvP", number: 3, count: 9,
          bytes: .init(done: 512, of: 1024)), bytesPerSecond: 256, secondsLeft: 2),
      bare: ProgressReport(
        Executor.Progress(kind: "start", summary: "start", title: "demo/PvP", number: 9, count: 9, bytes: nil),
        bytesPerSecond: nil, secondsLeft: nil)),
  ]

  private static let backup: BackupRecord = {
    var remarks = ArchiveRemarks()
    remarks.note(.special, "data/socket")
    let base = Sample.backup(2, base: 1)
    return BackupRecord(
      id: base.id, instance: base.instance, key: base.key, instanceName: base.instanceName, kind: base.kind,
      base: base.base, path: base.path, createdAt: base.createdAt, size: base.size, files: base.files,
      bytes: base.bytes, stored: base.stored, pause: base.pause, version: "1.2.3", pluginVersion: "2",
      reason: .update, labels: ["tier": "gold"], note: "before the tournament", isKept: true,
      verifiedAt: "2026-11-22T09:00:00Z", checked: "a file is broken", warnings: ["the hook was slow"],
      remarks: remarks)
  }()

  private static let head = BackupHead(
    id: backup.id, kind: .full, createdAt: backup.createdAt, hostName: "harbour", instance: record, settings: [],
    manifest: showcase.manifest, sets: [SelectedSet("world", .dump)])

  private static let backups = [
    Example(
      name: "backup", full: BackupReport(backup: backup, isThere: true),
      bare: BackupReport(backup: Sample.backup(1), isThere: false)),
    Example(
      name: "backup-details",
      full: BackupDetails(BackupReport(backup: backup, isThere: true), head, chain: [Sample.backup(1), backup]),
      bare: BackupDetails(BackupReport(backup: Sample.backup(1), isThere: false), nil, chain: [])),
    Example(
      name: "verification",
      full: VerificationReport(
        backup,
        BerthError(
          "bad-backup", .badInput, "the archive is broken", at: "/backups/demo", remedy: .berth("backups", "list"),
          cause: "it ends in the middle")),
      bare: VerificationReport(backup, nil)),
    Example(
      name: "retention", full: RetentionReport(backup, stays: ["the newest of its day"]),
      bare: RetentionReport(backup, stays: [])),
  ]

  private static let operation = OperationRecord(
    id: 12, token: "1-2", verb: "update", command: "berth update demo",
    person: .init(id: 0, name: "root", sudoUser: "ann"), startedAt: "2026-11-21T09:00:00Z",
    endedAt: "2026-11-21T09:00:09Z", state: .undone, steps: 9, begun: 4, error: "the disk is full",
    items: [
      .init(
        uid: "uid-1", key: record.key, name: record.name, action: "change", outcome: .undone, error: "the disk is full")
    ])

  private static let operations = [
    Example(
      name: "operation", full: OperationReport(operation, holder: "process 7", begun: ["write /etc/demo.conf"]),
      bare: OperationReport(
        OperationRecord(
          id: 1, token: "1-1", verb: "start", command: "berth start demo",
          person: .init(id: 1000, name: "ann", sudoUser: nil), startedAt: "2026-11-21T09:00:00Z", endedAt: nil,
          state: .begun, steps: 1, begun: 0, error: nil,
          items: [.init(uid: "uid-1", key: record.key, name: record.name, action: "start")]), holder: nil)),
    Example(
      name: "recovery",
      full: RecoveryReport(operation: operation, ending: .stuck, leftovers: ["/var/lib/berth/trash/1"]),
      bare: RecoveryReport(operation: operation, ending: .undone, leftovers: [])),
  ]

  private static func entry(_ plugin: any AppPlugin) -> PluginCatalog.Entry {
    PluginCatalog.Entry(id: plugin.manifest.id, origin: "built-in", result: .success(plugin))
  }

  /// An app that declares everything that can be said of one.
  static let showcase: DeclarativePlugin = {
    var manifest = CratePlugin().manifest
    manifest.untested = "never run with the real image (no registry access in CI)"
    (manifest.maintainer, manifest.licence) = ("Ada <ada@crate.example>", "MIT")
    (manifest.homepage, manifest.needs) = ("https://crate.example", NeededRelease("berth >= 0.2"))
    manifest.settings = [
      Setting(
        "size", .int, default: "8", min: 1, max: 64, length: 3, pattern: "[0-9]+", group: "Game",
        help: "How many may play."), Setting("mode", .choice, default: "easy", choices: ["easy", "hard"]),
      Setting("open", .bool, default: "false", words: ["yes", "no"]),
    ]
    manifest.ports = [
      PortRole("game", [.udp], default: 8303, service: "main", help: "Game traffic"),
      PortRole("query", [.udp], follows: .init(role: "game", offset: 1)),
    ]
    manifest.services[0].dependsOn = ["side"]
    manifest.services[0].loosen = [.init("read-only", "it updates itself")]
    manifest.services[0].capabilities = [.init("CAP_CHOWN", "it gives files away")]
    manifest.config = [ConfigFile("main.conf", .properties)]
    manifest.jobs = [Job("tidy", at: [.install], calendar: "daily", action: Action(exec: ["tidy"], timeout: 60))]
    manifest.routes = [Route("web", host: "play.example", port: "game")]
    manifest.query = PlayerQuery(.a2s, port: "query")
    manifest.console = Console(.sourceRCON, port: "game", commands: [.init("status", help: "Who is on it")])
    return DeclarativePlugin(manifest: manifest)
  }()

  private static let apps =
    plugins + [
      Example(
        name: "app", full: AppReport(entry(showcase), level: 5, from: origin),
        bare: AppReport(
          PluginCatalog.Entry(
            id: "odd", origin: "/srv/plugins/odd",
            result: .failure(BerthError("bad-plugin", .badInput, "there is no service", at: "plugin.yaml:1"))))),
      Example(
        name: "app-details", full: AppDetails(showcase.manifest, from: origin), bare: AppDetails(DemoPlugin().manifest)),
      Example(
        name: "app-new", full: PluginSketchReport(CratePlugin().manifest, folder: "/srv/plugins/crate"),
        bare: PluginSketchReport(DemoPlugin().manifest, folder: "/srv/plugins/demo")),
      Example(
        name: "app-test",
        full: ProofReport(
          app: "crate", version: "2", aim: .keeps,
          checks: [
            ProofCheck(
              level: .valid, title: "nothing in it is of no use", outcome: .passed, reason: nil, seconds: 0.01),
            ProofCheck(
              level: .runs, title: "it installs and gets ready", outcome: .failed, reason: "it ends", seconds: 2),
          ], sandbox: "/var/tmp/berth-proof-1"),
        bare: ProofReport(app: "demo", version: "1", aim: .valid, checks: [])),
      Example(
        name: "app-check",
        full: PluginCheckReport(
          PluginCheck(
            plugin: CratePlugin(),
            unused: [
              BerthError(
                "unused", .badInput, "'settings.color': nothing reads it", at: "plugin.yaml:7",
                remedy: .berth("app", "check", "plugin.yaml"), cause: "it stands there alone")
            ])),
        bare: PluginCheckReport(PluginCheck(plugin: DemoPlugin(), unused: []))),
      Example(
        name: "capabilities", full: Capabilities(showcase.manifest), bare: Capabilities(DemoPlugin().manifest)),
    ]
}
