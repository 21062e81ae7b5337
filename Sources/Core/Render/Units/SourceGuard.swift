import BerthKit

/// What a service mounts and its proxy serves that the instance could exchange for something else.
struct SourceGuard {
  /// One of them.
  struct Source {
    /// What becomes of it; see `SourcePins` in the host's module.
    let kind: String
    /// Its name among those of its kind: its place among the service's own, or what the volume is called.
    let name: String
    let path: Template
    /// Whether its path is the same for every instance but for the instance's folders and id.
    let isShared: Bool
    let condition: Condition?

    /// The manifest variable by which a unit learns its path where it is not.
    var variable: String { "\(kind == SourceGuard.served ? "static" : "mounts").\(name)" }
  }

  static let (own, chosen, shared, served) = ("own", "chosen", "shared", "served")
  /// The manifest variable with the folder for what is served.
  static let servedFolder = "static"

  /// What is looked at before the start and mounted by its path: config files that a program of the host sees.
  ///
  /// A program or an editor puts a new file in the place of a config file, and the manager mounts no file without a name.
  let files: [Source]
  /// What is pinned; where Berth cannot pin, it is looked at too.
  let mounts: [Source]
  /// Volumes of Docker's, which the containers of an instance share.
  let volumes: [Source]
  /// Only the unit of the service itself has these.
  let folders: [Source]

  init(_ service: Service, of manifest: Manifest, in context: RenderContext) {
    let isDocker = service.engine == .docker && context.pins
    let all = service.mounts.enumerated().filter { Self.isGuarded($0.element, of: service, in: context) }.map {
      let (mount, isOwn) = ($0.element, $0.element.path.isInOwnFolder || $0.element.isHostFolder)
      let volume = isDocker ? mount.volume : nil
      return Source(
        kind: volume != nil ? Self.shared : isOwn ? Self.own : Self.chosen, name: volume ?? "\($0.offset)",
        path: mount.path, isShared: mount.isShared, condition: mount.condition)
    }
    let looked = Set(
      service.mounts.indices.filter { !Self.isPinned(service.mounts[$0], of: service, manifest, in: context) }.map {
        "\($0)"
      })
    files = all.filter { $0.kind != Self.shared && looked.contains($0.name) }
    mounts = all.filter { $0.kind != Self.shared && !looked.contains($0.name) }
    volumes = all.filter { $0.kind == Self.shared }
    guard context.pins else {
      folders = []
      return
    }
    folders = manifest.staticFolders(of: service).enumerated().map {
      Source(
        kind: Self.served, name: "\($0.offset)", path: $0.element.folder.folder, isShared: false,
        condition: $0.element.route.condition)
    }
  }

  /// Whether a mount's source is looked at or pinned: what lies in the instance's own folders, and everything that Docker
  /// mounts, as Docker itself has no way to say that bits and devices in there do not count.
  static func isGuarded(_ mount: Mount, of service: Service, in context: RenderContext) -> Bool {
    mount.path.isInOwnFolder || (service.engine == .docker && context.pins)
  }

  /// Whether a mount's source is pinned.
  static func isPinned(
    _ mount: Mount, of service: Service, _ manifest: Manifest, in context: RenderContext
  ) -> Bool {
    context.pins && isGuarded(mount, of: service, in: context)
      && (service.container != nil || !manifest.isConfigFile(mount))
  }

  /// What the sources' paths are called in a unit's environment, for those that the template cannot say.
  ///
  /// - Parameter served: the folder for what a proxy serves; nil without a proxy.
  func environment(_ variables: Variables, served: String?) throws -> [(name: String, value: String)] {
    func values(_ sources: [Source]) throws -> [(name: String, value: String)] {
      try sources.filter { !$0.isShared && $0.condition?.holds(variables.settings) ?? true }.compactMap { source in
        try variables.text(source.path).map { (source.variable, $0) }
      }
    }
    let own = try values(files + mounts + volumes)
    guard let served, !folders.isEmpty else { return own }
    return own + [(Self.servedFolder, served)] + (try values(folders))
  }
}

extension RenderContext {
  /// The folder in which the unit of a service pins what the proxy serves.
  ///
  /// The instances of a pool serve the same, by one site.
  ///
  /// - Parameter pool: the instances that it serves together with; nil for none.
  func served(_ key: InstanceKey, pool: String?, service: String) -> String {
    let folder = pool.map { paths.served(key.app, pool: $0) } ?? paths.served(key.app, key.id.text)
    return "\(folder)/\(service)"
  }
}

extension Manifest {
  /// What the proxy serves by itself in the name of a service's ports, in document order.
  func staticFolders(of service: Service) -> [(route: Route, folder: Route.StaticFolder)] {
    routes.filter { server(of: $0)?.id == service.id }.flatMap { route in
      route.staticFolders.map { (route, $0) }
    }
  }

  /// The service that a route's requests go to: the owner of its port, the one that is ready by it, or the first.
  func server(of route: Route) -> Service? {
    port(route.role).flatMap(service) ?? services.first { $0.ready.contains { $0.role == route.role } }
      ?? services.first
  }
}

extension Mount {
  /// Whether it is the same for every instance but for the instance's folders and id.
  var isShared: Bool {
    condition == nil
      && path.segments.allSatisfy { segment in
        switch segment {
        case .literal: true
        case .variable(let name): name.hasPrefix("paths.") || name == "instance.id"
        case .filtered: false
        }
      }
  }
}
