import BerthKit

/// What a service mounts and its proxy serves that an instance could exchange for something else.
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

    /// The manifest variable by which a unit learns what it is where the template cannot say it.
    var variable: String { "\(kind == SourceGuard.served ? "static" : "mounts").\(name)" }
  }

  static let (own, copied, chosen, shared, served) = ("own", "copied", "chosen", "shared", "served")
  /// The manifest variable with the folder for what is served.
  static let servedFolder = "static"

  /// What is pinned before each start; where Berth cannot pin, the unit looks at it.
  let mounts: [Source]
  /// Volumes of Docker's, which the containers of an instance share.
  let volumes: [Source]
  /// Only the unit of the service itself has these.
  let folders: [Source]
  private let service: Service
  private let context: RenderContext

  init(_ service: Service, of manifest: Manifest, in context: RenderContext) {
    (self.service, self.context) = (service, context)
    let keepsVolumes = service.kind?.keepsVolumes == true && context.pins
    let all = service.mounts.enumerated().filter { context.isGuarded($0.element) || keepsVolumes }.map {
      number, mount in
      let volume = keepsVolumes ? mount.volume : nil
      // A program or an editor puts a new file in the place of a config file, and the manager, which mounts for every command
      // of a unit, mounts no file that has lost its name. So a program of the host is shown a copy.
      let isCopied = context.pins && service.container == nil && manifest.isConfigFile(mount)
      let isOwn = mount.path.isInOwnFolder || mount.isHostFolder
      return Source(
        kind: volume != nil ? Self.shared : isCopied ? Self.copied : isOwn ? Self.own : Self.chosen,
        name: volume ?? "\(number)", path: mount.path, isShared: mount.isShared, condition: mount.condition)
    }
    mounts = all.filter { $0.kind != Self.shared }
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

  /// What a guard command is told of an instance's source: kind, name and path; nil where the instance does not have it.
  func word(_ source: Source, _ variables: Variables) throws -> String? {
    guard source.condition?.holds(variables.settings) ?? true else { return nil }
    return try variables.text(source.path).map { Self.word(source, $0) }
  }

  static func word(_ source: Source, _ path: String) -> String { "\(source.kind):\(source.name):\(path)" }

  /// What the sources are called in a unit's environment, for those that the template cannot say.
  ///
  /// - Parameter served: the folder for what a proxy serves; nil without a proxy.
  func environment(_ variables: Variables, served: String?) throws -> [(name: String, value: String)] {
    func values(_ sources: [Source]) throws -> [(name: String, value: String)] {
      try sources.filter { !$0.isShared }.compactMap { source in
        try word(source, variables).map { (source.variable, $0) }
      }
    }
    let own = try values(mounts + volumes)
    guard let served, !folders.isEmpty else { return own }
    return own + [(Self.servedFolder, served)] + (try values(folders))
  }
}

extension RenderContext {
  /// Whether an instance may be able to exchange what lies there: a variable says where it lies, or it is in folders of
  /// instances. What a plugin names in full elsewhere is the host's own.
  func isGuarded(_ mount: Mount) -> Bool {
    guard let path = mount.path.literalText else { return true }
    return path.split(separator: "/").filter { $0 != "." }.starts(with: paths.instances.split(separator: "/"))
  }

  /// Where a mount is pinned; nil where it is mounted by its path.
  ///
  /// - Parameter folder: where the unit pins.
  func pin(_ number: Int, _ mount: Mount, in folder: String) -> String? {
    pins && isGuarded(mount) ? "\(folder)/\(number)" : nil
  }

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
