import BerthKit

/// Which container of a project was which service of a plugin.
///
/// A service goes by its name. Where the project calls it otherwise, it goes by the name of its container, and where that
/// tells nothing either, by its image, as far as one service and one container alone have it.
struct ServicePairs {
  /// A service of the plugin, and what ran in its place.
  struct Pair: Equatable {
    let service: Service
    let container: ForeignContainer
  }

  /// In the order of the plugin.
  let pairs: [Pair]
  /// Services without a container.
  let missing: [Service]
  /// Containers without a service.
  let others: [ForeignContainer]

  init(_ services: [Service], _ project: ForeignProject, _ manifest: Manifest) {
    var found: [String: ForeignContainer] = [:]
    var free = project.containers
    func match(_ matches: (Service, ForeignContainer) -> Bool) {
      for service in services where found[service.id] == nil {
        guard let index = free.firstIndex(where: { matches(service, $0) }) else { continue }
        found[service.id] = free.remove(at: index)
      }
    }
    func name(_ service: Service) -> String { manifest.compose?.name(of: service) ?? service.id }
    match { $1.service == name($0) }
    match { $0.id == $1.service || $0.id == ComposeFile.Service.id(ofName: $1.service) }
    match { service, container in
      [name(service), service.id].contains { word in
        [word, "\(manifest.id)_\(word)", "\(manifest.id)-\(word)"].contains(container.handle.name)
      }
    }
    let wanted = Dictionary(grouping: services.filter { found[$0.id] == nil }) { $0.repository(manifest) }
    let offered = Dictionary(grouping: free) { $0.image.map(ImageReference.repository) }
    match { service, container in
      guard let repository = service.repository(manifest), wanted[repository]?.count == 1 else { return false }
      return offered[repository]?.count == 1 && container.image.map(ImageReference.repository) == repository
    }
    pairs = services.compactMap { service in found[service.id].map { Pair(service: service, container: $0) } }
    missing = services.filter { found[$0.id] == nil }
    others = free
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
