import BerthKit

/// An app with a bit of everything: two services, a group of ports, a secret in a file and in an environment, and a
/// limit that only a drop-in can say.
struct DemoPlugin: AppPlugin {
  static let program = "/usr/games/demo-server"
  var id = "demo"

  var manifest: Manifest {
    Manifest(
      id: id, name: "Demo", summary: "A server for tests", category: .game, version: "1",
      install: [.apt([["demo-server", "demo"]])],
      programs: [Program("server", [Self.program, "/usr/bin/demo-server"])],
      settings: [
        Setting("title", .string, default: "Berth of {{instance.name}}"),
        Setting("players", .int, default: "8", min: 1, max: 64),
        Setting("motd", .string, optional: true),
        Setting("memory", .size, default: "256M"),
        Setting("token", .secret, length: 12),
      ],
      ports: [
        PortRole("game", [.udp], default: 20000),
        PortRole("query", [.tcp, .udp], bind: "127.0.0.1", follows: .init(role: "game", offset: 1)),
      ],
      services: [
        Service(
          exec: ["{{programs.server}}", "--port", "{{ports.game}}"], ready: [ReadyProbe(.udp, "game", timeout: 5)],
          limits: .init(memory: "{{settings.memory}}")),
        Service(
          "worker", exec: ["{{programs.server}}", "--work"], environment: [.init("TOKEN", "{{settings.token}}")]),
      ],
      config: [
        ConfigFile(
          "demo.cfg", .words,
          values: [
            .init("title", "{{settings.title}}"), .init("players", "{{settings.players}}"),
            .init("motd", "{{settings.motd}}"), .init("port", "{{ports.game}}"), .init("token", "{{settings.token}}"),
          ])
      ])
  }
}

/// The smallest app: one service, no port, no setting.
struct TinyPlugin: AppPlugin {
  var manifest: Manifest {
    Manifest(
      id: "tiny", name: "Tiny", summary: "The smallest app", category: .other, version: "1",
      services: [Service(exec: ["/usr/bin/true"])])
  }
}
