import BerthKit
import BerthRender
import Testing

/// One instance of any app, whose values never change: defaults, default ports, a known secret.
enum FixedInstance {
  static let id = "6f9619ff-8b86-4011-b42d-00c04fc964ff"

  static func values(_ manifest: Manifest, _ stage: Stage, _ context: RenderContext) throws -> InstanceValues {
    let name = try InstanceName("Kids & Friends")
    let key = InstanceKey(app: manifest.id, id: try InstanceID(id))
    let slug = name.slug(avoiding: [])
    var known = Variables()
    known.set("instance.id", to: .text(id))
    known.set("instance.name", to: .text(name.text))
    known.set("instance.slug", to: .text(slug))
    known.set("host.name", to: .text("harbour"))
    known.set("host.timezone", to: .text("Europe/Berlin"))
    for folder in ScopePaths.ownFolders {
      known.set("paths.\(folder)", to: .text("\(context.paths.instance(key))/\(folder)"))
    }
    var settings: [String: Value] = [:]
    for setting in manifest.settings {
      if let template = setting.defaultValue {
        settings[setting.id] = try setting.parse(try #require(try known.text(template)))
      } else if setting.isSecret {
        settings[setting.id] = .text("open-sesame")
      } else if setting.kind == .path {
        settings[setting.id] = .text("/srv/what is shared")
      } else if setting.isRequired, setting.kind == .choice {
        settings[setting.id] = setting.choices.first.map(Value.text)
      } else if setting.isRequired, setting.kind == .string {
        settings[setting.id] = .text("what was asked for")
      }
    }
    // Whatever depends on settings is there, so that it is rendered and judged.
    for clause in (manifest.services.map(\.condition) + manifest.jobs.map(\.condition)).flatMap({ $0?.settings ?? [] })
    {
      let setting = try #require(manifest.setting(clause.setting))
      settings[clause.setting] = try setting.parse(try #require(clause.values.first))
    }
    var ports: [String: Int] = [:]
    for port in manifest.ports { ports[port.role] = port.defaultNumber }
    for port in manifest.ports {
      if let follows = port.follows { ports[port.role] = try #require(ports[follows.role]) + follows.offset }
    }
    return InstanceValues(
      key: key, uid: "00000000-0000-4000-8000-000000000001", name: name, slug: slug, user: stage.instanceUser,
      numbers: (1_900_000_007, 1_900_000_007),
      settings: settings, ports: ports, backup: manifest.backupPolicy,
      images: Dictionary(
        uniqueKeysWithValues: manifest.services.filter { $0.container != nil }.map {
          ($0.id, String(repeating: "0f", count: 32))
        }),
      release: manifest.hasReleases
        ? context.paths.release(manifest.id, String(repeating: "0f", count: 16)) : nil,
      subnets: Dictionary(
        uniqueKeysWithValues: try manifest.composeNetworks.enumerated().map { number, network in
          (network, try #require(Subnet("10.213.\(number).0/27")))
        }))
  }
}

/// Everything that is rendered for one instance of a plugin.
struct Rendering {
  let templates: [RenderedFile]
  let dropIns: [RenderedFile]
  let containers: [RenderedFile]
  let environment: [RenderedFile]
  let config: [RenderedFile]

  init(_ plugin: any AppPlugin, _ stage: Stage, program: String? = nil) throws {
    let manifest = plugin.manifest
    let context = stage.context(manifest, program: program)
    let instance = try FixedInstance.values(manifest, stage, context)
    let variables = Variables(manifest: manifest, instance: instance, context: context)
    let units = UnitRenderer(manifest: manifest, context: context)
    templates = try units.templates()
    dropIns = try units.dropIns(for: instance, variables: variables)
    containers = try units.containers(of: instance, variables: variables)
    environment = try EnvironmentRenderer(manifest: manifest, context: context).files(
      for: instance.key, variables: variables)
    config = try ConfigRenderer(plugin: plugin).files(variables: variables)
  }

  var all: [RenderedFile] { templates + dropIns + containers + environment + config }

  /// All files as one text.
  var text: String {
    all.map { "=== \($0.path)\($0.isSecret ? " (secret)" : "")\n\($0.text)" }.joined()
  }
}
