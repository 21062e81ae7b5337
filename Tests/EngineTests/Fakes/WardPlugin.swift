import BerthKit

/// A web program and its database in one project of Docker Compose.
struct WardPlugin: AppPlugin {
  static let images = [
    ContainerImage(id: String(repeating: "5", count: 64), names: ["registry.example/ward:2"]),
    ContainerImage(id: String(repeating: "6", count: 64), names: ["registry.example/store:15"]),
  ]

  var manifest: Manifest {
    var manifest = Manifest(
      id: "ward", name: "Ward", summary: "Of two parts", category: .web, version: "1",
      settings: [
        Setting("domain", .hostname), Setting("image", .image, default: "registry.example/ward:1"),
        Setting("title", .string, default: "None"), Setting("key", .secret), Setting("debug", .bool, default: "false"),
      ],
      ports: [PortRole("http", [.tcp], default: 8778, bind: "127.0.0.1", service: "web", target: 8000)],
      services: [
        Service(
          "store", .container(Container(image: "registry.example/store:15", composeFile: "compose.yaml")),
          mounts: [Mount("/rows", volume: "rows")]),
        Service(
          "web", .container(Container(image: "{{settings.image}}", composeFile: "compose.yaml")),
          environment: [
            .init("HOSTS", "{{settings.domain}},localhost"), .init("TITLE", "{{settings.title}}"),
            .init("KEY", "{{settings.key}}"), .init("ENGINE", "rows"), .init("NUMBER", "{{instance.uid}}"),
          ], dependsOn: ["store"], mounts: [Mount("/media", volume: "media")]),
        Service(
          "dev", .container(Container(image: "{{settings.image}}", composeFile: "compose.yaml")),
          when: Condition([.init("debug", ["true"])])),
      ],
      jobs: [
        Job("migrate", at: [.restore], service: "web", action: Action(exec: ["migrate"], timeout: 60)),
        Job("fill", at: [.install], service: "web", action: Action(exec: ["fill"], timeout: 60)),
        Job("leave", at: [.remove], service: "web", action: Action(exec: ["leave"], timeout: 60)),
      ],
      backup: [
        BackupSet("media", .volume("media", isHot: false), service: "web")
      ])
    manifest.compose = ComposeFile(
      name: "compose.yaml", text: "services: {}\n",
      services: [
        .init("store", image: "registry.example/store:15", volumes: [Mount("/rows", volume: "rows")]),
        .init("web", image: "{{settings.image}}", volumes: [Mount("/media", volume: "media")]),
        .init("dev", image: "{{settings.image}}"),
      ], volumes: ["rows", "media"])
    return manifest
  }

  /// The same as somebody runs it by hand.
  static let project = ForeignProject(
    name: "old",
    containers: [
      ForeignContainer(
        handle: ContainerHandle(id: String(repeating: "a", count: 64), name: "old_store", restart: "always"),
        service: "store", image: "registry.example/store:15",
        mounts: [.init(target: "/rows", path: "/var/lib/docker/volumes/old_rows/_data", volume: "old_rows")]),
      ForeignContainer(
        handle: ContainerHandle(id: String(repeating: "b", count: 64), name: "old_app", restart: "unless-stopped"),
        service: "web", image: "registry.example/ward:2", user: FileNumbers(user: 1001, group: 1001),
        environment: ["HOSTS": "ward.example,localhost", "TITLE": "North \"1\"", "KEY": "sesame", "ENGINE": "files"],
        mounts: [
          .init(target: "/media", path: "/var/lib/docker/volumes/old_media/_data", volume: "old_media"),
          .init(target: "/static", path: "/var/lib/docker/volumes/old_static/_data", volume: "old_static"),
        ],
        ports: [.init(published: PortNumber(.tcp, 8790), address: "0.0.0.0", target: 8000)]),
    ])

  /// Has it run on a host, with something in its volumes.
  static func runProject(on host: TestHost) throws {
    for (volume, name, text) in [("old_rows", "table", "Ana"), ("old_media", "x-ray", "bones")] {
      let folder = "/var/lib/docker/volumes/\(volume)/_data"
      try host.files.makeFolder(folder, mode: 0o755, owner: nil)
      try host.files.write(text, to: "\(folder)/\(name)", mode: 0o644, owner: nil, anchor: nil)
    }
    host.projects.set {
      $0.projects["/srv/old"] = project
      $0.running = Set(project.containers.map(\.handle.name))
    }
    host.docker.set { $0.images = images }
    host.ports.set { $0.listeners[PortNumber(.tcp, 8790)] = "docker-proxy" }
  }
}
