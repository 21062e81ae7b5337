import BerthHost
import BerthKit
import BerthPlugins
import BerthRender
import Foundation
import Testing

/// The plugins that ship: those built in, and those in `plugins.d`.
enum Plugins {
  static let tests = URL(filePath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
    .deletingLastPathComponent()
  static let folder = tests.deletingLastPathComponent().deletingLastPathComponent().appending(path: "plugins.d").path

  static let catalog = PluginLoader(files: LinuxFileTree()).catalog(builtIn: StandardPlugins.all, folders: [folder])

  static let ids = catalog.entries.map(\.id)

  static func plugin(_ id: String) throws -> any AppPlugin { try catalog.plugin(id) }
}

/// A plugin with one service that tests change as they like.
func sampleManifest(
  exec: [Template] = ["{{programs.server}}"], settings: [Setting] = [], ports: [PortRole] = [],
  config: [ConfigFile] = []
) -> Manifest {
  Manifest(
    id: "sample", name: "Sample", summary: "A sample", category: .other, version: "1",
    programs: [Program("server", ["/usr/bin/sample"])], settings: settings, ports: ports,
    services: [Service(exec: exec)],
    config: config)
}

/// What placeholders stand for in an instance of a sample plugin.
func variables(
  _ manifest: Manifest, settings: [String: Value] = [:], ports: [String: Int] = [:], stage: Stage = .system
) throws -> Variables {
  Variables(
    manifest: manifest, instance: try instance(manifest, settings: settings, ports: ports, stage: stage),
    context: stage.context(manifest))
}

func instance(
  _ manifest: Manifest, settings: [String: Value] = [:], ports: [String: Int] = [:], stage: Stage = .system
) throws -> InstanceValues {
  InstanceValues(
    key: InstanceKey(app: manifest.id, id: .default), uid: "00000000-0000-4000-8000-000000000001",
    name: try InstanceName("Kids"), slug: "kids",
    user: stage.instanceUser,
    settings: settings, ports: ports)
}

/// The text of the one config file that a sample plugin declares.
func configText(_ file: ConfigFile, settings: [Setting], _ values: [String: Value]) throws -> String {
  try configFile(file, settings: settings, values).text
}

func configFile(_ file: ConfigFile, settings: [Setting], _ values: [String: Value]) throws -> RenderedFile {
  let manifest = sampleManifest(settings: settings, config: [file])
  try ManifestValidator(manifest).validate()
  let files = try ConfigRenderer(plugin: DeclarativePlugin(manifest: manifest))
    .files(variables: variables(manifest, settings: values))
  return try #require(files.first)
}
