import BerthKit

/// A web app with a route, whose host name, login and whose other host name are settings.
struct HallPlugin: AppPlugin {
  var version = "1"

  var manifest: Manifest {
    Manifest(
      id: "hall", name: "Hall", summary: "A web app", category: .web, version: version,
      programs: [Program("server", [DemoPlugin.program])],
      settings: [
        Setting("domain", .hostname, optional: true), Setting("other", .hostname, optional: true),
        Setting("login", .string, optional: true),
      ],
      ports: [PortRole("http", [.tcp], default: 8200, bind: "127.0.0.1")],
      services: [
        Service("main", exec: ["{{programs.server}}", "{{ports.http}}"], ready: [ReadyProbe(.tcp, "http")])
      ],
      routes: [
        Route("web", host: "{{settings.domain}}", port: "http", auth: "{{settings.login}}"),
        Route("side", host: "{{settings.other}}", port: "http"),
      ])
  }
}
