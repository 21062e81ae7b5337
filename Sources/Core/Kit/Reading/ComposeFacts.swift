import Yams

extension Manifest {
  /// What the plugin says of its services in Docker Compose, by their ids.
  ///
  /// - Throws: `bad-plugin` for a file that no plugin could have.
  package func containerFacts() throws -> [String: [ContainerFact: Template]] {
    guard let compose else { return [:] }
    let file = YAMLFile(path: compose.name, kind: .plugin, mergesKeys: true)
    let root = try file.root(of: compose.text)
    try ComposeScan(file: file).check(root.node)
    let declared = services.filter { $0.container?.composeFile != nil }
    let reader = ComposeFileReader(file: file, declared: declared)
    let entries = try root.entries().first { $0.key == "services" }?.value.entries() ?? []
    return try declared.reduce(into: [:]) { all, service in
      let name = compose.name(of: service)
      var facts = try entries.first { $0.key == name }.map { try reader.facts($0.value) } ?? [:]
      facts[.user] = user(of: service)
      facts[.aliases] = Template(
        joining: [.literal("\(name)\n\(service.id)\n")] + (facts[.aliases]?.segments ?? []))
      facts[.stopSignal] = Template(literal: service.stop.signal)
      facts[.stopGrace] = Template(literal: "\(service.stop.grace)s")
      facts[.memory] = service.bounds.memory
      facts[.processors] = service.bounds.cpus.map { Template(literal: "\($0)") }
      facts[.capabilities] = Template(literal: service.capabilities.map(\.key).joined(separator: "\n"))
      all[service.id] = facts
    }
  }
}

extension ComposeFileReader {
  /// The words of a service that stand in a plugin's file alone; those whose variables have no value are left out.
  fileprivate func facts(_ service: YAMLValue) throws -> [ContainerFact: Template] {
    var facts: [ContainerFact: Template] = [:]
    for (key, place) in try service.entries() where !place.isNothing {
      switch key {
      case "healthcheck":
        let fields = Dictionary(try place.entries().map { ($0.key, $0.value) }) { first, _ in first }
        if let test = fields["test"] {
          let isText = if case .scalar = test.node { true } else { false }
          facts[.healthcheck] = try template(
            test, separator: " ", prefix: isText ? "CMD-SHELL " : "")
        } else if try fields["disable"]?.boolean() == true {
          facts[.healthcheck] = Template(literal: "NONE")
        }
      case "networks":
        let names: [(key: String, value: YAMLValue)] =
          if case .sequence = place.node { try place.list().map { (try $0.text(), $0) } } else { try place.entries() }
        facts[.networks] = Template(literal: names.map(\.key).joined(separator: "\n"))
        let aliases = try names.flatMap { name in
          guard case .mapping = name.value.node else { return [YAMLValue]() }
          return try name.value.entries().first { $0.key == "aliases" }?.value.listOrOne() ?? []
        }
        facts[.aliases] = try join(aliases.map { try template($0) }, separator: "\n")
      case "command", "entrypoint":
        facts[key == "command" ? .command : .entrypoint] = try template(place, separator: " ")
      default:
        guard let fact = ContainerFact(rawValue: key) else { continue }
        facts[fact] = try template(place)
      }
    }
    return facts
  }

  /// One word, a list, or a mapping, whose parts are `name=value` and, of two bounds, `name=soft:hard`.
  private func template(_ value: YAMLValue, separator: String = "\n", prefix: String = "") throws -> Template? {
    let parts: [Template?]
    switch value.node {
    case .sequence: parts = try value.list().map { try template($0) }
    case .mapping:
      parts = try value.entries().map { key, below in
        guard case .mapping = below.node else { return try template(below, prefix: "\(key)=") }
        let bounds = try below.entries()
        let both = ["soft", "hard"].compactMap { word in bounds.first { $0.key == word }?.value }
        return try join(both.map { try template($0) }, separator: ":").map {
          Template(joining: [.literal("\(key)=")] + $0.segments)
        }
      }
    default: return try compose(value).template(variables).map { Template(joining: [.literal(prefix)] + $0.segments) }
    }
    return join(parts, separator: separator)
  }

  private func join(_ parts: [Template?], separator: String) -> Template? {
    guard !parts.contains(nil) else { return nil }
    let segments = parts.compactMap { $0?.segments }.map { [Template.Segment.literal(separator)] + $0 }
    return Template(joining: Array(segments.joined().dropFirst()))
  }
}
