extension Manifest {
  /// The backup sets of one instance, with everything worked in: those of services that it has, in document order.
  ///
  /// - Throws: `bad-backup-path` when the value of a setting would make another path of one that it stands in.
  public func selectedSets(_ variables: Variables) throws -> [SelectedSet] {
    try enabledBackup(variables.settings).map { set in
      func resolved(_ paths: [Template]) throws -> [String] {
        try paths.map { try relative($0, variables, set: set.id) }
      }
      switch set.method {
      case .files(let paths, let exclude, _):
        return SelectedSet(set.id, .files(paths: try resolved(paths), exclude: try resolved(exclude)))
      case .volume: return SelectedSet(set.id, .files(paths: try resolved(set.paths), exclude: []))
      case .sqlite(let paths): return SelectedSet(set.id, .sqlite(paths: try resolved(paths)))
      case .command: return SelectedSet(set.id, .dump)
      }
    }
  }

  /// A path relative to the instance, without empty parts.
  private func relative(_ path: Template, _ variables: Variables, set: String) throws -> String {
    let text = try SelectedSet.relative(path).segments.map { segment in
      switch segment {
      case .literal(let text): return text
      case .variable(let name), .filtered(let name, _):
        let value = try variables.text(Template(segments: [segment])) ?? ""
        guard !value.isEmpty, value != ".", !value.contains(".."), !value.hasControlCharacter,
          !value.unicodeScalars.contains(where: { "/\\*?[".unicodeScalars.contains($0) })
        else {
          throw BerthError.badBackupPath(set: set, variable: name, value: value, isSecret: variables.isSecret(name))
        }
        return value
      }
    }.joined()
    return text.split(separator: "/").filter { $0 != "." }.joined(separator: "/")
  }
}

extension SelectedSet {
  /// A path of a set with the instance's folder by its name: `{{paths.data}}/x` is `data/x`.
  public static func relative(_ path: Template) -> Template {
    guard path.isInOwnFolder, case .variable(let root)? = path.segments.first else { return path }
    var rest = path.segments.dropFirst()
    var start = String(root.dropFirst("paths.".count))
    if case .literal(let text)? = rest.first {
      start += text
      rest = rest.dropFirst()
    }
    return Template(segments: [.literal(start)] + rest)
  }
}
