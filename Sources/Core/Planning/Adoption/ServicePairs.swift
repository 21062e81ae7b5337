import BerthKit

/// Which container of a project was which service of a plugin.
///
/// What a person says stands before all. Else a service goes by its name. Where the project calls it otherwise, it goes by the
/// name of its container, and where that tells nothing either, by its image, as far as one service and one of the project's
/// services alone have it. Of several containers of one service, one that runs stands before those that do not.
struct ServicePairs {
  /// How a service was found.
  enum Way: Equatable {
    case hand, name, containerName, image
  }

  /// A service of the plugin, and what ran in its place.
  struct Pair: Equatable {
    let service: Service
    let container: ForeignContainer
    let way: Way
  }

  /// In the order of the plugin.
  let pairs: [Pair]
  /// Services without a container.
  let missing: [Service]
  /// Containers without a service.
  let others: [ForeignContainer]
  /// What is wrong with what a person says.
  let problems: [BerthError]

  /// - Parameter chosen: services of the project by those of the plugin.
  init(_ services: [Service], _ project: ForeignProject, _ manifest: Manifest, chosen: [String: String] = [:]) {
    var found: [String: (container: ForeignContainer, way: Way)] = [:]
    let lasting = project.containers.filter { !$0.isSingleCommand }
    var free = lasting.filter(\.state.isAlive) + lasting.filter { !$0.state.isAlive }
    func match(_ way: Way, _ matches: (Service, ForeignContainer) -> Bool) {
      for service in services where found[service.id] == nil {
        guard let index = free.firstIndex(where: { matches(service, $0) }) else { continue }
        found[service.id] = (free.remove(at: index), way)
      }
    }
    func name(_ service: Service) -> String { manifest.compose?.name(of: service) ?? service.id }
    problems = Self.problems(chosen, services.map(\.id), lasting.map(\.service), project, manifest)
    match(.hand) { chosen[$0.id] == $1.service }
    // What a person has placed has no other place, though it bears the name of one.
    let placed = Set(chosen.values)
    match(.name) { $1.service == name($0) && !placed.contains($1.service) }
    match(.name) { service, container in
      service.id == ComposeFile.Service.id(ofName: container.service) && !placed.contains(container.service)
    }
    match(.containerName) { service, container in
      [name(service), service.id].contains { word in
        [word, "\(manifest.id)_\(word)", "\(manifest.id)-\(word)"].contains(container.handle.name)
      } && !placed.contains(container.service)
    }
    let wanted = Dictionary(grouping: services.filter { found[$0.id] == nil }) { $0.repository(manifest) }
    let offered = Dictionary(grouping: free.filter { !placed.contains($0.service) }) {
      $0.image.map(ImageReference.repository)
    }.mapValues { Set($0.map(\.service)) }
    match(.image) { service, container in
      guard let repository = service.repository(manifest), wanted[repository]?.count == 1 else { return false }
      return offered[repository] == [container.service]
        && container.image.map(ImageReference.repository) == repository
    }
    pairs = services.compactMap { service in
      found[service.id].map { Pair(service: service, container: $0.container, way: $0.way) }
    }
    missing = services.filter { found[$0.id] == nil }
    others = free + project.containers.filter(\.isSingleCommand)
  }

  private static func problems(
    _ chosen: [String: String], _ services: [String], _ theirs: [String], _ project: ForeignProject,
    _ manifest: Manifest
  ) -> [BerthError] {
    let theirs = Set(theirs).sorted()
    return chosen.sorted { $0.key < $1.key }.flatMap { service, former -> [BerthError] in
      var problems: [BerthError] = []
      if !services.contains(service) { problems.append(.unknownPairService(service, services, of: manifest.id)) }
      if !theirs.contains(former) { problems.append(.unknownPairContainer(former, theirs, in: project.name)) }
      if let first = chosen.filter({ $0.value == former }).keys.min(), first != service {
        problems.append(.pairedTwice(former, first, service, in: project.name))
      }
      return problems
    }
  }

  /// What the project's programs called each other by, where the instance calls it otherwise.
  func renamed(_ manifest: Manifest) -> [String: String] {
    pairs.reduce(into: [:]) { names, pair in
      let now = manifest.compose?.name(of: pair.service) ?? pair.service.id
      for former in [pair.container.service, pair.container.handle.name] where former != now { names[former] = now }
    }
  }
}

extension Service {
  /// The name of its image without tag and digest, by the plugin alone.
  fileprivate func repository(_ manifest: Manifest) -> String? {
    guard let text = container?.image.text(of: manifest, { $0.defaultValue?.literalText }) else { return nil }
    return ImageReference.repository(ImageReference.completed(text))
  }
}
