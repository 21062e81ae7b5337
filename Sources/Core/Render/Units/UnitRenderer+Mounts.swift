import BerthKit

/// What a program sees of the host in another place; containers have it in a file of their own.
extension UnitRenderer {
  /// The lines of a service's template: what is in the same place for every instance.
  func sharedMounts(of service: Service) -> [String] {
    service.mounts.filter(\.isShared).map { mount in
      let path = mount.path.segments.map { segment in
        switch segment {
        case .literal(let text): text
        case .variable("instance.id"): "\0"
        case .variable(let name), .filtered(let name, _):
          "\(context.paths.instance(manifest.id, "\0"))/\(name.dropFirst("paths.".count))"
        }
      }.joined()
      return line(mount, from: path)
    }
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
