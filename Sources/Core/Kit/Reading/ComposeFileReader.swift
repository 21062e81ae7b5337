import Yams

/// Reads a plugin's file for Docker Compose by a list of what may stand in it (``ComposeKey``).
///
/// Refused is what would be the same for every instance (names, ports of the host), what Berth decides (when a service
/// starts, and which image), what the instance's folder does not have, and what nobody has looked at. What reaches beyond
/// the container needs a line in the plugin.
struct ComposeFileReader {
  let file: YAMLFile
  /// The services of the plugin that are in this file.
  let declared: [Service]

  func read(_ text: String, name: String) throws -> ComposeFile {
    let root = try file.root(of: text)
    try ComposeScan(file: file).check(root.node)
    let top = try root.entries()
    let known = ["services", "volumes", "networks"]
    for (key, value) in top where !known.contains(key) && !key.hasPrefix("x-") {
      throw value.error(
        key == "name"
          ? "a fixed name would be every instance's; Berth names the project"
          : "expected one of \(known.joined(separator: ", ")), found '\(key)'")
    }
    let fields = Dictionary(uniqueKeysWithValues: top.map { ($0.key, $0.value) })
    let volumes = try named("volumes", in: fields, allowing: ["labels"])
    let networks = try named("networks", in: fields, allowing: ["labels", "internal", "enable_ipv6"])
    let services = try root.required("services", in: fields).entries().map { id, value in
      try service(id, value, volumes: volumes, networks: networks)
    }
    return ComposeFile(name: name, text: text, services: services, volumes: volumes, networks: networks)
  }

  /// The names of what the file declares at its top.
  private func named(_ key: String, in fields: [String: YAMLValue], allowing known: [String]) throws -> [String] {
    guard let value = fields[key] else { return [] }
    let shared = ["name", "external", "driver", "driver_opts", "ipam", "attachable"]
    return try value.entries().map { name, place in
      guard Mount.isVolume(name) else {
        throw place.error("'\(name)' is not a name: [a-z0-9][a-z0-9_-]{0,63}")
      }
      guard !place.isNothing else { return name }
      for (word, below) in try place.entries() where !known.contains(word) {
        guard !shared.contains(word) else {
          throw below.error("'\(word)' would be the same for every instance, or reach beyond it; leave it out")
        }
        throw below.error(
          "unknown key\(BerthError.nearestPhrase(word, known)); expected one of \(known.joined(separator: ", "))")
      }
      return name
    }
  }

  private func service(
    _ id: String, _ value: YAMLValue, volumes: [String], networks: [String]
  ) throws -> ComposeFile.Service {
    guard let declared = declared.first(where: { $0.id == id }) else {
      throw value.error("there is no service '\(id)' with this file below 'services' in the plugin")
    }
    var image: Template?
    var mounted: [Mount] = []
    var places: [String] = []
    var exceptions: [ComposeKey.Exception] = []
    for (key, place) in try value.entries() where !key.hasPrefix("x-") {
      if let exception = ComposeKey.Exception(rawValue: key) {
        guard declared.accepts(exception) else {
          throw place.error(
            "'\(key)' reaches beyond the container; say 'loosen: { \(key): REASON }' below services.\(id) in the plugin"
          )
        }
        exceptions.append(exception)
        continue
      }
      if let reason = ComposeKey.refused[key] { throw place.error(reason) }
      guard let shape = ComposeKey.allowed[key] else {
        throw place.error(
          "unknown key\(BerthError.nearestPhrase(key, ComposeKey.known)); no service can have '\(key)' in this file")
      }
      switch shape {
      case .image: image = try self.image(place, declared.environment)
      case .volumes: mounted = try place.list().map { try volume($0, among: volumes) }
      case .tmpfs: places = try place.listOrOne().map { try self.place($0) }
      case .networks: try check(place, among: networks)
      default: try check(place, shape)
      }
    }
    guard let image else { throw value.error("the key 'image' is missing") }
    if let missing = declared.loosen.compactMap({ ComposeKey.Exception(rawValue: $0.key) }).first(where: {
      !exceptions.contains($0)
    }) {
      throw value.error("the plugin loosens '\(missing.rawValue)', which does not stand here")
    }
    return ComposeFile.Service(id, image: image, volumes: mounted, places: places)
  }

  /// A name, or `${VARIABLE}` of the service's environment.
  private func image(_ value: YAMLValue, _ environment: [Service.EnvironmentVariable]) throws -> Template {
    let text = try value.text()
    guard text.contains("$") else { return Template(literal: text) }
    guard let match = text.wholeMatch(of: /\$\{([A-Za-z_][A-Za-z0-9_]*)\}/) else {
      throw value.error("expected an image's name or one variable such as ${IMAGE}, found '\(text)'")
    }
    let name = String(match.1)
    guard let variable = environment.first(where: { $0.name == name }) else {
      throw value.error(
        "the service's 'env' has no '\(name)'" + BerthError.nearestPhrase(name, environment.map(\.name)))
    }
    return variable.value
  }

  /// `name:/target`, `name:/target:ro`, or the same as a mapping. What is the host's belongs into the plugin's `mounts`.
  private func volume(_ value: YAMLValue, among names: [String]) throws -> Mount {
    let name: String
    let target: String
    var isReadOnly = false
    if case .scalar = value.node {
      let parts = try value.text().split(separator: ":", omittingEmptySubsequences: false).map(String.init)
      guard (2...3).contains(parts.count), parts.count == 2 || ["ro", "rw"].contains(parts[2]) else {
        throw value.error("expected 'volume:/path' or 'volume:/path:ro'")
      }
      (name, target, isReadOnly) = (parts[0], parts[1], parts.last == "ro")
    } else {
      let fields = try value.fields(["type", "source", "target", "read_only"])
      guard try fields["type"]?.text() ?? "volume" == "volume" else {
        throw value.error("expected the type 'volume'; what is the host's stands below 'mounts' in the plugin")
      }
      name = try value.required("source", in: fields).text()
      target = try value.required("target", in: fields).text()
      isReadOnly = try fields["read_only"]?.boolean() ?? false
    }
    guard names.contains(name) else {
      throw value.error(
        "'\(name)' is no volume of this file; what is the host's stands below 'mounts' in the plugin")
    }
    return Mount(try absolute(target, value), volume: name, readOnly: isReadOnly)
  }

  /// A path inside, with nothing that Compose would put a variable into.
  func absolute(_ path: String, _ value: YAMLValue) throws -> String {
    guard path.hasPrefix("/"), Setting.isPath(path), !path.contains("$") else {
      throw value.error("'\(path)' is not an absolute path")
    }
    return path
  }
}
