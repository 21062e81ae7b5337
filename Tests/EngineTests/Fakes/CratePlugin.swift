import BerthKit

/// An app in a container, with a second one that a setting turns on.
struct CratePlugin: AppPlugin {
  static let image = "registry.example/crate:1"

  var version = "1"

  var manifest: Manifest {
    Manifest(
      id: "crate", name: "Crate", summary: "In a container", category: .web, version: version,
      settings: [
        Setting("image", .image, default: Template(literal: Self.image)), Setting("side", .bool, default: "false"),
        Setting("media", .path, default: "{{paths.data}}/media"),
      ],
      ports: [PortRole("http", [.tcp], default: 8100, bind: "127.0.0.1", service: "main", target: 80)],
      services: [
        Service(
          "main", .container(Container(image: "{{settings.image}}", user: "{{instance.uid}}:{{instance.gid}}")),
          environment: [.init("NUMBER", "{{instance.uid}}")],
          ready: [ReadyProbe(.http(.init(role: "http", path: "/")))],
          mounts: [Mount("/config", from: "{{paths.data}}/config"), Mount("/media", from: "{{settings.media}}")]),
        Service(
          "side", .container(Container(image: "localhost/side:1")), when: Condition([.init("side", ["true"])])),
      ],
      backup: [BackupSet("config", .files(paths: ["{{paths.data}}/config"], exclude: [], isHot: true))])
  }
}
