extension ManifestValidator {
  /// The keys of `backup` that no set can have as its name.
  static let reservedSets = ["schedule", "keep"]

  func checkBackup(_ found: inout Findings) {
    found.check { () throws(Problem) in try checkUnique("backup", manifest.backup.map(\.id)) }
    for set in manifest.backup { found.check { () throws(Problem) in try check(set) } }
    found.check { () throws(Problem) in try check(manifest.backupPolicy) }
    found.check(checkHasBackup)
  }

  private func checkHasBackup() throws(Problem) {
    guard manifest.backup.isEmpty, knowsBackup else { return }
    guard manifest.backupPolicy.isEmpty else { throw Problem(key: "backup", text: "expected at least one set") }
    if let place = manifest.readings().first(where: { $0.names.contains("paths.data") }) {
      throw Problem(
        key: place.key,
        text: "what lies in {{paths.data}} would be lost with its disk; the app needs a set under 'backup'")
    }
  }

  /// A name that Berth's own unit has.
  func checkNotReserved(_ name: String, key: String) throws(Problem) {
    guard [BackupSet.scheduledJob, Manifest.composeUnit].contains(name) else { return }
    throw Problem(key: key, text: "'\(name)' is the name of a unit of Berth's own")
  }

  private func check(_ policy: BackupPolicy) throws(Problem) {
    if let problem = policy.schedule.flatMap(BackupPolicy.problem) {
      throw Problem(key: "backup.schedule", text: problem)
    }
    guard let keep = policy.keep else { return }
    for (name, count) in [
      ("last", keep.last), ("daily", keep.daily), ("weekly", keep.weekly), ("monthly", keep.monthly),
    ] {
      if let problem = count.flatMap(Retention.problem) { throw Problem(key: "backup.keep.\(name)", text: problem) }
    }
    guard !keep.isNothing else { throw Problem(key: "backup.keep", text: Retention.nothing) }
  }

  private func check(_ set: BackupSet) throws(Problem) {
    let key = "backup.\(set.id)"
    try checkIdentifier(set.id, key)
    guard !Self.reservedSets.contains(set.id) else { throw Problem(key: key, text: "'\(set.id)' is no name of a set") }
    // Their units would have one name. Those of two sets cannot meet, since each ends in another word.
    for name in set.reservedJobs {
      if manifest.service(name) != nil { throw Problem(key: key, text: "its unit '\(name)' is a service's name") }
      if manifest.jobs.contains(where: { $0.id == name }) {
        throw Problem(key: key, text: "its unit '\(name)' is a job's name")
      }
    }
    try checkOwner(set.service, key: "\(key).service")
    let condition = condition(of: set.service)
    switch set.method {
    case .files(let paths, let exclude, _):
      try checkPaths(paths, key: "\(key).files")
      for (index, path) in exclude.enumerated() { try checkExclude(path, key: "\(key).exclude[\(index)]") }
    case .volume(let name, _): try checkVolume(name, key: "\(key).volume")
    case .sqlite(let paths):
      try checkPaths(paths, key: "\(key).sqlite")
      for (index, path) in paths.enumerated() where path.segments.count == 1 {
        throw Problem(key: "\(key).sqlite[\(index)]", text: "expected databases, not a whole folder")
      }
    case .command(let dump, let restore):
      try check(command: dump.exec, of: set.service, when: condition, key: "\(key).command")
      try check(command: restore.exec, of: set.service, when: condition, key: "\(key).restore")
      for timeout in [dump.timeout, restore.timeout] where !(1...86400).contains(timeout) {
        throw Problem(key: "\(key).timeout", text: "expected 1s to 24h")
      }
    }
    for (name, actions) in [("before", set.before), ("after", set.after)] {
      for (index, action) in actions.enumerated() {
        try check(action: action, of: set.service, when: condition, longest: 86400, key: "\(key).\(name)[\(index)]")
      }
    }
  }

  private func checkVolume(_ name: String, key: String) throws(Problem) {
    let known = manifest.services.flatMap(\.mounts).compactMap(\.volume)
    guard known.contains(name) else {
      throw Problem(key: key, text: "no service mounts a volume '\(name)'\(BerthError.nearestPhrase(name, known))")
    }
  }

  private func checkPaths(_ paths: [Template], key: String) throws(Problem) {
    guard !paths.isEmpty else { throw Problem(key: key, text: "expected at least one path") }
    for (index, path) in paths.enumerated() {
      let place = "\(key)[\(index)]"
      guard path.isInOwnFolder else {
        throw Problem(key: place, text: "expected a path below {{paths.config}}, {{paths.data}} or {{paths.cache}}")
      }
      try checkPattern(path, key: place)
    }
  }

  private func checkExclude(_ path: Template, key: String) throws(Problem) {
    guard !path.segments.isEmpty else { throw Problem(key: key, text: "expected a path") }
    if !path.isInOwnFolder, path.literalStart.hasPrefix("/") {
      throw Problem(key: key, text: "expected a path relative to those of the set, or one below {{paths.…}}")
    }
    try checkPattern(path, key: key)
  }

  /// What no pattern may hold. The values of settings are looked at when an instance is known.
  private func checkPattern(_ path: Template, key: String) throws(Problem) {
    try checkTemplate(path, key: key)
    for case .literal(let text) in path.segments {
      if text.split(separator: "/").contains("..") { throw Problem(key: key, text: "'..' cannot stand in a path") }
      if text.contains("\\") { throw Problem(key: key, text: "'\\' cannot stand in a path") }
    }
    let inner = path.isInOwnFolder ? path.variables.dropFirst() : path.variables[...]
    for name in inner where !["instance.id", "instance.slug"].contains(name) {
      guard name.hasPrefix("settings.") else {
        throw Problem(key: key, text: "'{{\(name)}}' cannot stand inside a path")
      }
      try checkArgument(Template(segments: [.variable(name)]), key: key)
    }
  }

}

extension Template {
  /// Whether it begins with one of an instance's own folders, alone or with a slash behind it.
  public var isInOwnFolder: Bool {
    guard case .variable(let root)? = segments.first, ScopePaths.ownFolders.contains(where: { root == "paths.\($0)" })
    else { return false }
    guard segments.count > 1 else { return true }
    guard case .literal(let text) = segments[1] else { return false }
    return text.hasPrefix("/")
  }

  /// The literal text that it begins with.
  var literalStart: String { if case .literal(let text)? = segments.first { text } else { "" } }
}
