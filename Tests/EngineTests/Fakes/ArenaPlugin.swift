import BerthKit

/// A game server that can be spoken to, in whatever protocol; its side service may be left out.
struct ArenaPlugin: AppPlugin {
  var query: PlayerQuery?
  var console: Console?

  var manifest: Manifest {
    Manifest(
      id: "arena", name: "Arena", summary: "A game server", category: .game, version: "1",
      programs: [Program("server", [DemoPlugin.program])],
      settings: [Setting("side", .bool, default: "false"), Setting("key", .secret, length: 12)],
      ports: [
        PortRole("game", [.tcp, .udp], default: 20100),
        PortRole("side", [.tcp], default: 20200, service: "side"),
      ],
      services: [
        Service(exec: ["{{programs.server}}", "{{ports.game}}"]),
        Service("side", exec: ["{{programs.server}}", "--side"], when: Condition([.init("side", ["true"])])),
      ], query: query, console: console)
  }
}
