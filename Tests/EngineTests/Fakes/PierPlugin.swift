import BerthKit

/// An app in a container of which settings decide the image, a folder of the host's, the memory and the host name.
struct PierPlugin: AppPlugin {
  static let image = ContainerImage(id: String(repeating: "5", count: 64), names: ["localhost/pier:1"])

  var manifest: Manifest {
    Manifest(
      id: "pier", name: "Pier", summary: "What an archive may ask for", category: .media, version: "1",
      settings: [
        Setting("image", .image, default: "localhost/pier:1"),
        Setting("downloads", .path, default: "{{paths.data}}/downloads"),
        Setting("memory", .size, default: "512M"), Setting("title", .string, default: "Pier"),
        Setting("limits", .path, default: "{{paths.data}}/limits"), Setting("token", .secret, length: 12),
      ],
      ports: [PortRole("web", [.tcp], default: 33000)],
      services: [
        Service(
          "main", .container(Container(image: "{{settings.image}}")),
          environment: [.init("TITLE", "{{settings.title}}")], limits: .init(memory: "{{settings.memory}}"),
          mounts: [
            Mount("/downloads", from: "{{settings.downloads}}"), Mount("/limits", from: "{{settings.limits}}"),
            Mount("/data", from: "{{paths.data}}/files"),
          ])
      ],
      backup: [BackupSet("files", .files(paths: ["{{paths.data}}"], exclude: [], isHot: true))])
  }
}
