import BerthKit

/// An app with every kind of backup set: a dump, a database, files in use and files that must stand still.
struct VaultPlugin: AppPlugin {
  static let sets = ["db", "index", "world", "notes", "config"]

  var version = "1"
  /// Sets that it does not declare.
  var without: Set<String> = []
  /// Whether an update runs a job.
  var migrates = true
  /// An argument of its service, which only its unit says.
  var flag = "--one"

  /// Nothing of it has to stand still, and no program has to dump it.
  static let hot = VaultPlugin(without: ["db", "notes"])

  var manifest: Manifest {
    Manifest(
      id: "vault", name: "Vault", summary: "An app that is backed up", category: .database, version: version,
      programs: [Program("server", [DemoPlugin.program])],
      settings: [
        Setting("size", .int, default: "4"), Setting("motto", .string, optional: true),
        Setting("token", .secret, length: 12), Setting("seal", .secret, length: 12, isKeptOnClone: true),
      ],
      ports: [
        PortRole("web", [.tcp], default: 32000), PortRole("admin", [.tcp], follows: .init(role: "web", offset: 1)),
      ],
      services: [
        Service(
          exec: ["{{programs.server}}", "--data", "{{paths.data}}", Template(literal: flag)],
          environment: [.init("TOKEN", "{{settings.token}}")], mounts: [Mount("/srv/vault", volume: "hold")])
      ],
      config: [
        ConfigFile(
          "vault.conf", .properties,
          values: [
            .init("size", "{{settings.size}}"), .init("motto", "{{settings.motto}}"), .init("web", "{{ports.web}}"),
            .init("seal", "{{settings.seal}}"),
          ])
      ],
      jobs: [Self.job("seed", .install), Self.job("reindex", .restore), Self.job("rename", .clone)]
        + (migrates ? [Self.job("migrate", .update)] : []),
      backup: backup.filter { !without.contains($0.id) })
  }

  private static func job(_ id: String, _ moment: Job.Moment) -> Job { Job(id, at: [moment], action: action(id)) }

  private static func action(_ word: String) -> Action {
    Action(exec: ["{{programs.server}}", Template(literal: "--\(word)")], timeout: 60)
  }

  private var backup: [BackupSet] {
    [
      BackupSet("db", .command(dump: Self.action("dump"), restore: Self.action("load"))),
      BackupSet("index", .sqlite(paths: ["{{paths.data}}/index.db"])),
      BackupSet(
        "world", .files(paths: ["{{paths.data}}/world"], exclude: ["*.tmp"], isHot: true),
        before: [Self.action("save-off")], after: [Self.action("save-on")]),
      BackupSet("notes", .files(paths: ["{{paths.data}}/notes"], exclude: [], isHot: false)),
      BackupSet("config", .files(paths: ["{{paths.config}}"], exclude: [], isHot: true)),
    ]
  }
}
