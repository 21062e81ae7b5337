import Yams

/// Reads a plugin's file for Docker Compose, as far as Berth has to know it.
///
/// Compose itself judges the rest. Refused is what would be the same for every instance (names, ports of the host), what
/// Berth decides (when a service starts, and which image), and what the instance's folder does not have.
struct ComposeFileReader {
  let file: YAMLFile

  /// Keys of a service that cannot stand in the file, and why.
  private static let refused = [
    "container_name": "a fixed name would be every instance's; Berth names its containers",
    "ports": "a port of the host would be every instance's; declare it below 'ports' in the plugin",
    "network_mode": "an instance has a network of its own",
    "depends_on": "Berth starts the services; say 'depends-on' in the plugin",
    "restart": "the service manager starts it again",
    "build": "an instance runs an image; name it",
    "env_file": "the variables stand below 'env' in the plugin",
    "environment": "the variables stand below 'env' in the plugin",
    "profiles": "say 'when' in the plugin",
    "extends": "there is no other file beside it",
    "scale": "make another instance instead",
    "deploy": "say 'limits' in the plugin",
    "configs": "there is no other file beside it; say 'config' and 'mounts' in the plugin",
    "secrets": "there is no other file beside it; say 'env' or 'config' in the plugin",
    "volumes_from": "name the volume in both services",
    "links": "every service is found by its name", "external_links": "an instance has a network of its own",
  ]

  /// - Parameter environment: the variables of each service, as the plugin declares them.
  func read(
    _ text: String, name: String, environment: (_ service: String) -> [Service.EnvironmentVariable]?
  ) throws -> ComposeFile {
    let root = try file.root(of: text)
    let top = try root.entries()
    let known = ["services", "volumes", "networks"]
    for (key, value) in top where !known.contains(key) && !key.hasPrefix("x-") {
      throw value.error(
        key == "name"
          ? "a fixed name would be every instance's; Berth names the project"
          : "expected one of \(known.joined(separator: ", ")), found '\(key)'")
    }
    let fields = Dictionary(uniqueKeysWithValues: top.map { ($0.key, $0.value) })
    let volumes = try named("volumes", in: fields, refusing: ["name", "external", "driver", "driver_opts"])
    let networks = try named("networks", in: fields, refusing: ["name", "external", "ipam"])
    let services = try root.required("services", in: fields).entries().map { id, value in
      try service(id, value, volumes: volumes, environment: environment(id))
    }
    return ComposeFile(name: name, text: text, services: services, volumes: volumes, networks: networks)
  }

  /// The names of what the file declares at its top.
  private func named(_ key: String, in fields: [String: YAMLValue], refusing: [String]) throws -> [String] {
    guard let value = fields[key] else { return [] }
    return try value.entries().map { name, place in
      guard Mount.isVolume(name) else {
        throw place.error("'\(name)' is not a name: [a-z0-9][a-z0-9_-]{0,63}")
      }
      if case .mapping = place.node {
        for (word, below) in try place.entries() where refusing.contains(word) {
          throw below.error("'\(word)' would be the same for every instance; leave it out")
        }
      }
      return name
    }
  }

  private func service(
    _ id: String, _ value: YAMLValue, volumes: [String], environment: [Service.EnvironmentVariable]?
  ) throws -> ComposeFile.Service {
    guard let environment else {
      throw value.error("there is no service '\(id)' with this file below 'services' in the plugin")
    }
    var image: Template?
    var mounted: [Mount] = []
    for (key, place) in try value.entries() {
      if let reason = Self.refused[key] { throw place.error(reason) }
      if key == "image" { image = try self.image(place, environment) }
      if key == "volumes" { mounted = try place.list().map { try volume($0, among: volumes) } }
    }
    guard let image else { throw value.error("the key 'image' is missing") }
    return ComposeFile.Service(id, image: image, volumes: mounted)
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
    guard target.hasPrefix("/"), Setting.isPath(target), !target.contains("$") else {
      throw value.error("'\(target)' is not an absolute path")
    }
    return Mount(target, volume: name, readOnly: isReadOnly)
  }
}
