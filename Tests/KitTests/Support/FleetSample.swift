import BerthKit
import Testing

/// A small catalogue, and reading fleet files against it.
enum FleetSample {
  static let file = "fleet.yaml"

  static let catalog = PluginCatalog([
    entry(
      Manifest(
        id: "arena", name: "Arena", summary: "A game", category: .game, version: "1",
        settings: [
          Setting("title", .string, default: "{{instance.name}}"), Setting("motd", .string, optional: true),
          Setting("players", .int, default: "10", min: 1, max: 100),
          Setting("rules", .choice, default: "easy", choices: ["easy", "hard"]),
          Setting("open", .bool, default: "false"), Setting("token", .secret), Setting("key", .password),
        ],
        ports: [
          PortRole("game", [.udp], default: 8303), PortRole("console", [.tcp], follows: .init(role: "game", offset: 0)),
          PortRole("query", [.udp], follows: .init(role: "game", offset: 1)),
        ],
        services: [Service(exec: ["/usr/bin/arena"])],
        backup: [BackupSet("config", .files(paths: ["{{paths.config}}"], exclude: [], isHot: true))],
        backupPolicy: BackupPolicy(schedule: "monthly"))),
    entry(
      Manifest(
        id: "voice", name: "Voice", summary: "Voices", category: .other, version: "1",
        ports: [PortRole("talk", [.tcp, .udp], default: 64738)], services: [Service(exec: ["/usr/bin/voice"])])),
    PluginCatalog.Entry(
      id: "wreck", origin: "/plugins/wreck",
      result: .failure(.badManifest("no name", at: "/plugins/wreck/plugin.yaml:3", key: "name"))),
  ])

  private static func entry(_ manifest: Manifest) -> PluginCatalog.Entry {
    PluginCatalog.Entry(
      id: manifest.id, origin: "/plugins/\(manifest.id)", result: .success(DeclarativePlugin(manifest: manifest)))
  }

  static func read(_ text: String) throws -> FleetFile {
    try FleetReader(file: file).fleet(from: text, catalog: catalog)
  }

  /// A fleet with one entry, whose keys stand between braces.
  static func read(entry: String) throws -> FleetInstance {
    try #require(try read("schema: 1\ninstances:\n  - { app: arena, \(entry) }\n").instances.first)
  }
}

extension FleetFile {
  /// Without where its instances stand, for comparing what two files ask for.
  var unplaced: FleetFile {
    var copy = self
    for index in copy.instances.indices {
      copy.instances[index].place = ""
      copy.instances[index].key = ""
    }
    return copy
  }
}
