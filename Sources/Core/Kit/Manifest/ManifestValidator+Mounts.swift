/// What holds for what services see of the host.
extension ManifestValidator {
  func checkMounts(of service: Service, key: String) throws(Problem) {
    var targets: Set<String> = []
    for mount in service.mounts {
      let place = "\(key).\(mount.target)"
      try checkTarget(mount, of: service, key: place)
      guard targets.insert(mount.target).inserted else { throw Problem(key: place, text: "it stands here twice") }
      try checkCondition(mount.condition, key: "\(place).when")
      switch mount.source {
      case .place(let path) where mount.isHostFolder: try checkHostFolder(path, key: place)
      case .place(let path):
        try checkMountSource(path, key: place)
        guard mount.isReadOnly || service.container != nil || !manifest.isConfigFile(mount) else {
          throw Problem(
            key: place,
            text: "a program sees a config file as it was at the start: write { from: …, mode: ro }, or mount a folder")
        }
      case .volume(let name):
        guard Mount.isVolume(name) else {
          throw Problem(key: place, text: "'\(name)' is not the name of a volume: [a-z0-9][a-z0-9_-]{0,63}")
        }
      }
    }
  }

  private func checkTarget(_ mount: Mount, of service: Service, key: String) throws(Problem) {
    let target = mount.placeInApp.map { "/\($0)" } ?? mount.target
    guard target != "/", !target.hasSuffix("/"), Setting.isPath(target), !target.contains("{{") else {
      throw Problem(key: key, text: "'\(mount.target)' is not an absolute path for a mount")
    }
    guard mount.placeInApp != nil else {
      // Berth's own commands in the unit have root's rights, and see the host as the program does.
      let parts = target.split(separator: "/").filter { $0 != "." }
      guard service.container != nil || !Mount.systemFolders.contains(String(parts.first ?? "etc")) else {
        throw Problem(
          key: key,
          text:
            "a program's mounts lie over nothing of the system's own (\(Mount.systemFolders.sorted().joined(separator: ", ")))"
        )
      }
      return
    }
    guard manifest.hasReleases, service.container == nil else {
      throw Problem(key: key, text: "{{paths.app}} goes with a program that a 'download' or 'steamcmd' step brings")
    }
    guard
      target.split(separator: "/", omittingEmptySubsequences: false).dropFirst().allSatisfy({ $0 != "" && $0 != "." })
    else { throw Problem(key: key, text: "'\(mount.target)' is not the plain path of a folder") }
  }

  /// A folder outside the instance's own, which no two instances share. What settings make of it is looked at in the plan.
  private func checkHostFolder(_ source: Template, key: String) throws(Problem) {
    try checkArgument(source, key: key)
    guard source.variables.contains(where: ["instance.slug", "instance.id"].contains) else {
      throw Problem(key: key, text: "a folder outside the instance's own needs {{instance.slug}} in its name")
    }
    let literals = source.segments.compactMap { if case .literal(let text) = $0 { text } else { nil } }
    guard literals.allSatisfy({ Setting.isPath("/\($0)") }), let first = literals.first,
      first.split(separator: "/", omittingEmptySubsequences: false).count > 2
    else { throw Problem(key: key, text: "expected a path such as /var/www/{{instance.slug}}") }
    guard source.endsWhereItVaries else {
      throw Problem(key: key, text: "nothing can lie below the folder that has the instance's name in its own")
    }
    guard Mount.placesOfFolders.contains(where: first.hasPrefix) else {
      throw Problem(
        key: key,
        text:
          "a folder of the host's that comes with an instance lies below \(Mount.placesOfFolders.joined(separator: ", "))"
      )
    }
  }

  /// One of the instance's own folders, a path in one, or a path that a person has chosen.
  private func checkMountSource(_ source: Template, key: String) throws(Problem) {
    if let text = source.literalText {
      guard Setting.isPath(text) else {
        throw Problem(key: key, text: "'\(text)' is neither an absolute path nor the name of a volume")
      }
      return
    }
    if source.isInOwnFolder { return try checkLocation(source, key: key, anywhere: false) }
    try checkArgument(source, mayFilter: false, key: key)
    let setting = manifest.settings.first { "settings.\($0.id)" == source.variables.first }
    // What lies below a folder that a person has chosen may be a link that a program has put there.
    guard case .variable? = source.segments.first, setting?.kind == .path, source.segments.count == 1 else {
      throw Problem(
        key: key,
        text: "expected a path below {{paths.…}}, an absolute one, or a setting of type path with nothing behind it")
    }
  }
}
