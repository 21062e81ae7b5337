import BerthKit

/// What a program sees of the host in another place; containers have it in a file of their own.
extension UnitRenderer {
  /// The lines of a service's template: what is in the same place for every instance.
  func sharedMounts(of service: Service) -> [String] {
    service.mounts.filter(\.isShared).map { line($0, from: sharedPath(of: $0)) }
  }

  /// The path of a shared mount, with NUL standing for the instance's id.
  private func sharedPath(of mount: Mount) -> String {
    mount.path.segments.map { segment in
      switch segment {
      case .literal(let text): text
      case .variable("instance.id"): "\0"
      case .variable(let name), .filtered(let name, _):
        "\(context.paths.instance(manifest.id, "\0"))/\(name.dropFirst("paths.".count))"
      }
    }.joined()
  }

  /// What looks at the sources of a service's mounts before each start, in its template; nothing where none lies in the
  /// instance's own folders.
  ///
  /// The instance can put a link there, and whoever mounts it would follow it as root.
  func sharedSourceCheck(of service: Service) -> [String] {
    sourceCheck(
      service.mounts.filter { $0.isShared && $0.path.isInOwnFolder }.map(sharedPath),
      isShutIn: service.container == nil)
  }

  /// The same for what differs between instances, in a drop-in.
  func ownSourceCheck(of service: Service, _ instance: InstanceValues, _ variables: Variables) throws -> [String] {
    let mounts = service.enabledMounts(instance.settings).filter { !$0.isShared && $0.path.isInOwnFolder }
    return sourceCheck(
      try mounts.compactMap { try variables.text($0.path) }, isShutIn: service.container == nil)
  }

  /// The same for all mounts of a container, in a file of the instance's own.
  func sourceCheck(of service: Service, _ instance: InstanceValues, _ variables: Variables) throws -> [String] {
    let mounts = service.enabledMounts(instance.settings).filter(\.path.isInOwnFolder)
    return sourceCheck(try mounts.compactMap { try variables.text($0.path) }, isShutIn: false)
  }

  /// - Parameter isShutIn: whether the unit's programs see the host as the service does, which this one must not.
  private func sourceCheck(_ paths: [String], isShutIn: Bool) -> [String] {
    guard !paths.isEmpty else { return [] }
    let words = [context.berth, "mount-sources"] + Set(paths).sorted()
    let line = words.map { UnitText.word($0).replacing("\0", with: "%i") }.joined(separator: " ")
    return ["ExecStartPre=\(isShutIn ? "+" : "")\(line)"]
  }

  /// The lines of a drop-in: what differs between instances.
  func ownMounts(of service: Service, _ instance: InstanceValues, _ variables: Variables) throws -> [String] {
    try service.enabledMounts(instance.settings).filter { !$0.isShared }.compactMap { mount in
      try variables.text(mount.path).map { line(mount, from: $0) }
    }
  }

  /// Source and target are quoted each, since a colon in quotes does not part them.
  private func line(_ mount: Mount, from path: String) -> String {
    let target =
      mount.placeInApp.map { "\(context.paths.instance(manifest.id, "\0"))/\(ScopePaths.appFolder)/\($0)" }
      ?? mount.target
    let words = [path, target].map { UnitText.listed(literal($0)) }
    return "Bind\(mount.isReadOnly ? "ReadOnly" : "")Paths=\(words.joined(separator: ":"))"
  }
}

extension Mount {
  /// Whether it is the same for every instance but for the instance's folders and id.
  fileprivate var isShared: Bool {
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
