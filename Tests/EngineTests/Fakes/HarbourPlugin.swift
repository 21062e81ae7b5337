import BerthKit

/// An app that can change: services with files of their own, a service and a port that depend on a setting, and jobs.
struct HarbourPlugin: AppPlugin {
  var version = "1"
  /// An argument of the main service, which only its unit says.
  var flag = "--one"
  /// What is declared of backups; nil when there is nothing to back up.
  var backup: BackupPolicy?
  /// Whether an update runs a job, which cannot be taken back.
  var migrates = false

  var manifest: Manifest {
    Manifest(
      id: "harbour", name: "Harbour", summary: "An app that changes", category: .other, version: version,
      programs: [Program("server", [DemoPlugin.program])],
      settings: [
        Setting("size", .int, default: "4"), Setting("theme", .string, optional: true),
        Setting("crane", .bool, default: "false"), Setting("key", .secret, length: 12),
      ],
      ports: [
        PortRole("web", [.tcp], default: 30000), PortRole("admin", [.tcp], follows: .init(role: "web", offset: 1)),
        PortRole("crane", [.tcp], default: 31000, service: "crane"),
      ],
      services: [
        Service(exec: ["{{programs.server}}", Template(literal: flag)]),
        Service("side", exec: ["{{programs.server}}", "--side"]),
        Service(
          "crane", exec: ["{{programs.server}}", "--crane"], when: Condition([.init("crane", ["true"])])),
      ],
      config: [
        ConfigFile(
          "main.conf", .properties,
          values: [
            .init("size", "{{settings.size}}"), .init("web", "{{ports.web}}"), .init("key", "{{settings.key}}"),
          ], service: "main"),
        ConfigFile(
          "side.conf", .properties,
          values: [.init("theme", "{{settings.theme}}"), .init("kind", "side")], service: "side"),
      ],
      jobs: [Job("seed", at: [.install], action: Action(exec: ["{{programs.server}}", "--seed"], timeout: 60))]
        + (migrates
          ? [Job("migrate", at: [.update], action: Action(exec: ["{{programs.server}}", "--migrate"], timeout: 60))]
          : []),
      backup: backup == nil ? [] : [BackupSet("config", .files(paths: ["{{paths.config}}"], exclude: [], isHot: true))],
      backupPolicy: backup ?? BackupPolicy())
  }
}
