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

  /// What the variables of all of them stand for: they share one `.env`.
  let variables: [String: Template]

  init(file: YAMLFile, declared: [Service]) {
    self.file = file
    self.declared = declared
    variables = Dictionary(
      declared.flatMap(\.environment).map { ($0.name, $0.value) }, uniquingKeysWith: { first, _ in first })
  }

  func read(_ text: String, name: String) throws -> ComposeFile {
    let root = try file.root(of: text)
    try ComposeScan(file: file).check(root.node)
    let top = try root.entries()
    let known = ["services", "volumes", "networks"]
    for (key, value) in top where !(known + ["version"]).contains(key) && !key.hasPrefix("x-") {
      _ = try file.attempt {
        throw value.error(
          key == "name"
            ? "a fixed name would be every instance's; Berth names the project"
            : "expected one of \(known.joined(separator: ", ")), found '\(key)'")
      }
    }
    let fields = Dictionary(uniqueKeysWithValues: top.map { ($0.key, $0.value) })
    // Compose has no use for it any more.
    _ = try file.attempt { try fields["version"]?.checkScalar() }
    let volumes = try named("volumes", in: fields, allowing: ["labels"], driver: "local")
    let networks = try named(
      "networks", in: fields, allowing: ["labels", "internal", "enable_ipv6"], driver: "bridge")
    let entries = try root.required("services", in: fields).entries()
    let ids = entries.map { id(of: $0.key) }
    let services = try entries.enumerated().compactMap { index, entry in
      try file.attempt {
        if let first = ids[..<index].firstIndex(of: ids[index]) {
          throw entry.value.error("'\(entry.key)' and '\(entries[first].key)' would be one service of the plugin")
        }
        return try service(ids[index], entry.key, entry.value, volumes: volumes, networks: networks)
      }
    }
    try checkNetworks(services, entries)
    var names: Set<String> = []
    for (_, service) in entries {
      for (key, value) in try service.entries() {
        // It was looked at with the service.
        if key == "image" {
          names.formUnion((try? compose(value).names) ?? [])
        } else {
          try checkVariables(value, &names)
        }
      }
    }
    for value in [fields["volumes"], fields["networks"]].compactMap({ $0 }) { try checkVariables(value, &names) }
    return ComposeFile(
      name: name, text: text, services: services.map(inPlugin), volumes: volumes, networks: networks,
      defaulted: names.subtracting(variables.keys).sorted())
  }

  /// The plugin's name for a service of the file.
  private func id(of name: String) -> String {
    declared.contains { $0.id == name } ? name : ComposeFile.Service.id(ofName: name)
  }

  /// A service that names others as the plugin does.
  private func inPlugin(_ service: ComposeFile.Service) -> ComposeFile.Service {
    var service = service
    service.network = service.network.map(id)
    return service
  }

  /// The names of what the file declares at its top.
  private func named(
    _ key: String, in fields: [String: YAMLValue], allowing known: [String], driver: String
  ) throws -> [String] {
    guard let value = fields[key], !value.isNothing else { return [] }
    let shared = ["name", "external", "driver", "driver_opts", "ipam", "attachable"]
    return try value.entries().map { name, place in
      _ = try file.attempt {
        guard Mount.isVolume(name) else {
          throw place.error("'\(name)' is not a name: [a-z0-9][a-z0-9_-]{0,63}")
        }
        guard !place.isNothing else { return }
        for (word, below) in try place.entries() where !known.contains(word) {
          // What Docker takes anyway.
          if word == "driver", try below.text() == driver { continue }
          guard !shared.contains(word) else {
            throw below.error("'\(word)' would be the same for every instance, or reach beyond it; leave it out")
          }
          throw below.error(
            "unknown key\(BerthError.nearestPhrase(word, known)); expected one of \(known.joined(separator: ", "))")
        }
      }
      // A service that names one with a fault has none of its own.
      return name
    }
  }

  private func service(
    _ id: String, _ name: String, _ value: YAMLValue, volumes: [String], networks: [String]
  ) throws -> ComposeFile.Service {
    guard let declared = declared.first(where: { $0.id == id }) else {
      throw value.error("there is no service '\(id)' with this file below 'services' in the plugin")
    }
    var found = ComposeFile.Service(id, name: name, image: "")
    var hasImage = false
    var exceptions: [ComposeKey.Exception] = []
    for (key, place) in try value.entries() where !key.hasPrefix("x-") {
      if key == "image" { hasImage = true }
      if let exception = ComposeKey.Exception(rawValue: key) { exceptions.append(exception) }
      _ = try file.attempt { try read(key, place, of: declared, volumes, networks, into: &found) }
    }
    guard hasImage else { throw value.error("the key 'image' is missing") }
    if let missing = declared.loosen.compactMap({ ComposeKey.Exception(rawValue: $0.key) }).first(where: {
      !exceptions.contains($0)
    }) {
      throw value.error("the plugin loosens '\(missing.rawValue)', which does not stand here")
    }
    return found
  }

  private func read(
    _ key: String, _ place: YAMLValue, of declared: Service, _ volumes: [String], _ networks: [String],
    into found: inout ComposeFile.Service
  ) throws {
    if let exception = ComposeKey.Exception(rawValue: key) {
      guard declared.accepts(exception) else {
        throw place.error(
          "'\(key)' reaches beyond the container; say 'loosen: { \(key): REASON }' below services.\(declared.id) in the plugin"
        )
      }
      return
    }
    if let reason = ComposeKey.refused[key] { throw place.error(reason) }
    guard let shape = ComposeKey.allowed[key] else {
      throw place.error(
        "unknown key\(BerthError.nearestPhrase(key, ComposeKey.known)); no service can have '\(key)' in this file")
    }
    switch shape {
    case .image: found.image = try image(place, declared.environment)
    case .volumes: found.volumes = try place.list().map { try volume($0, among: volumes) }
    case .tmpfs: found.places = try place.listOrOne().map { try self.place($0) }
    case .networks: try check(place, among: networks)
    case .environment: (found.variables, found.values) = try environment(place, of: declared)
    case .networkMode: found.network = try network(place)
    case .stopSignal: found.stopSignal = try signal(place)
    case .stopGrace: found.stopGrace = try seconds(place)
    case .restart: found.restarts = try restarts(place)
    default: try check(place, shape)
    }
    if key == "user" { found.user = try compose(place).template(variables) }
    if key == "logging" { found.hasLogging = true }
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
    // Compose takes away a slash at the end too.
    let plain = target.count > 1 && target.hasSuffix("/") ? String(target.dropLast()) : target
    return Mount(try absolute(plain, value), volume: name, readOnly: isReadOnly)
  }

  /// A path inside, with nothing that Compose would put a variable into.
  func absolute(_ path: String, _ value: YAMLValue) throws -> String {
    guard path.hasPrefix("/"), Setting.isPath(path), !path.contains("$") else {
      throw value.error("'\(path)' is not an absolute path")
    }
    return path
  }
}
