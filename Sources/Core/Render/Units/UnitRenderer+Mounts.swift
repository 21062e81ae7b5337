import BerthKit

/// What a program sees of the host in another place; containers have it in a file of their own.
extension UnitRenderer {
  /// The lines of a template: what is in the same place for every instance.
  ///
  /// - Parameter unit: the service, job or other part of the app that it is the unit of.
  func sharedMounts(of service: Service, unit: String) -> [String] {
    service.mounts.enumerated().filter(\.element.isShared).map { number, mount in
      line(mount, from: pin(number, mount, unit) ?? sharedPath(of: mount.path))
    }
  }

  /// The lines of a drop-in: what differs between instances.
  func ownMounts(
    of service: Service, unit: String, _ instance: InstanceValues, _ variables: Variables
  ) throws -> [String] {
    try service.mounts.enumerated().compactMap { number, mount in
      guard !mount.isShared, mount.condition?.holds(instance.settings) ?? true,
        let path = try variables.text(mount.path)
      else { return nil }
      return line(mount, from: pin(number, mount, unit) ?? path)
    }
  }

  /// Where the source of a mount is pinned, with NUL standing for the instance's id; nil where it is not.
  ///
  /// What pins it is a command of the unit too, and the manager makes the mounts for every command: before that one there is
  /// nothing to mount. No other is run when that one has failed.
  private func pin(_ number: Int, _ mount: Mount, _ unit: String) -> String? {
    context.pin(number, mount, in: context.paths.mounts(manifest.id, "\0", unit: unit)).map { "-\($0)" }
  }

  /// A path that all instances share but for their folders and id, with NUL standing for the id.
  private func sharedPath(of path: Template) -> String {
    path.segments.map { segment in
      switch segment {
      case .literal(let text): text
      case .variable("instance.id"): "\0"
      case .variable(let name), .filtered(let name, _):
        "\(context.paths.instance(manifest.id, "\0"))/\(name.dropFirst("paths.".count))"
      }
    }.joined()
  }

  /// Source and target are quoted each, since a colon in quotes does not part them.
  private func line(_ mount: Mount, from path: String) -> String {
    let target =
      mount.placeInApp.map { "\(context.paths.instance(manifest.id, "\0"))/\(ScopePaths.appFolder)/\($0)" }
      ?? mount.target
    let words = [path, target].map { UnitText.listed(literal($0)) }
    return "Bind\(mount.isReadOnly ? "ReadOnly" : "")Paths=\(words.joined(separator: ":"))"
  }

  // MARK: What the instance could exchange

  /// What pins the sources of a unit's mounts before each start and lets them go after each end, in a template; nothing
  /// where there are none. Where Berth cannot pin, they are looked at before the start.
  ///
  /// The instance can put a link in the place of a source, and whoever mounts or serves it would follow it as root or as the
  /// proxy.
  ///
  /// - Parameters:
  ///   - unit: the service, job or other part of the app that it is the unit of.
  ///   - serves: whether the unit is for what the proxy serves, too.
  func guards(of service: Service, unit: String, serves: Bool = false) -> [String] {
    guards(
      of: service, unit: unit, id: "%i",
      serves: serves ? "${\(UnitText.environmentName(SourceGuard.servedFolder))}" : nil
    ) { sources, source in
      guard source.isShared else { return "${\(UnitText.environmentName(source.variable))}" }
      return UnitText.argumentPiece(SourceGuard.word(source, sharedPath(of: source.path))).replacing("\0", with: "%i")
    }
  }

  /// The same in a file of one instance.
  func guards(
    of service: Service, unit: String, serves: Bool = false, _ instance: InstanceValues, _ variables: Variables
  ) throws -> [String] {
    let isServing = serves && context.proxy != nil
    return try guards(
      of: service, unit: unit, id: instance.key.id.text,
      serves: isServing ? UnitText.argumentPiece(context.served(instance.key, pool: instance.pool, service: unit)) : nil
    ) { sources, source in
      try sources.word(source, variables).map(UnitText.argumentPiece)
    }
  }

  /// - Parameters:
  ///   - id: the instance's, as it stands in a line.
  ///   - serves: the folder for what the proxy serves, as a piece of a word; nil for nothing.
  ///   - word: what the command is told of a source, as a piece of a word; nil where the instance does not have it.
  private func guards(
    of service: Service, unit: String, id: String, serves: String?,
    word: (SourceGuard, SourceGuard.Source) throws -> String?
  ) rethrows -> [String] {
    let sources = SourceGuard(service, of: manifest, in: context)
    // The unit's programs see the host as the service does, which this one must not.
    let rights = service.container == nil ? seeing : ""
    func line(_ key: String, _ command: String, _ words: [String]) -> String {
      let all = [context.berth, command].map(UnitText.argumentPiece) + words
      return "\(key)=\(rights)" + all.map { "\"\($0)\"" }.joined(separator: " ")
    }
    func words(_ some: [SourceGuard.Source], in folder: String? = nil) throws -> [String] {
      let words = try some.compactMap { try word(sources, $0) }
      return words.isEmpty ? [] : (folder.map { [$0] } ?? []) + words
    }
    guard context.pins else {
      let looked = try words(sources.mounts)
      return looked.isEmpty ? [] : [line("ExecStartPre", "mount-sources", looked)]
    }
    let mounts = context.paths.mounts(manifest.id, id, unit: unit)
    let shared = context.paths.mounts(manifest.id, id, unit: Manifest.composeUnit)
    let all =
      try words(sources.mounts, in: mounts) + words(sources.volumes, in: shared)
      + (serves.map { try words(sources.folders, in: $0) } ?? [])
    guard !all.isEmpty else { return [] }
    // What all instances of a pool serve stays as long as their site, and volumes as long as the project of Docker's.
    let served = serves == nil || sources.folders.isEmpty ? [] : ["\(context.paths.served(manifest.id, id))/\(unit)"]
    let ended = (sources.mounts.isEmpty ? [] : [mounts]) + served
    return [line("ExecStartPre", "pin", all)] + (ended.isEmpty ? [] : [line("ExecStopPost", "unpin", ended)])
  }
}
