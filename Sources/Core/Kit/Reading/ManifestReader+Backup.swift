extension ManifestReader {
  /// The keys of `backup` that are no sets.
  private static let policyKeys = ["schedule", "keep"]

  /// The sets in document order, and what stands beside them: when, and what stays.
  func backup(_ value: YAMLValue, services: [Service]) throws -> (sets: [BackupSet], policy: BackupPolicy) {
    var sets: [BackupSet] = []
    var policy = BackupPolicy()
    let entries = try value.entries()
    for (key, value) in entries {
      _ = try file.attempt {
        switch key {
        case "schedule": policy.schedule = try value.schedule()
        case "keep": policy.keep = try value.retention()
        default: sets.append(try backupSet(key, value, services: services))
        }
      }
    }
    guard entries.contains(where: { !Self.policyKeys.contains($0.key) }) else {
      throw value.error("expected at least one set, such as 'config: { files: [\"{{paths.config}}\"] }'")
    }
    return (sets, policy)
  }

  private func backupSet(_ id: String, _ value: YAMLValue, services: [Service]) throws -> BackupSet {
    guard case .mapping = value.node else {
      throw value.error("expected a set: a mapping" + BerthError.nearestPhrase(id, Self.policyKeys))
    }
    let fields = try value.fields([
      "files", "volume", "sqlite", "command", "exclude", "hot", "restore", "timeout", "service", "before", "after",
    ])
    return BackupSet(
      id, try method(value, fields),
      service: try owner(value, fields, services: services),
      before: try fields["before"].map(actions) ?? [],
      after: try fields["after"].map(actions) ?? [])
  }

  private func method(_ value: YAMLValue, _ fields: [String: YAMLValue]) throws -> BackupSet.Method {
    let named = ["files", "volume", "sqlite", "command"].filter { fields[$0] != nil }
    guard let method = named.first, named.count == 1 else {
      throw value.error("expected exactly one of 'files', 'volume', 'sqlite' and 'command'")
    }
    let owners = [
      "exclude": ["files"], "hot": ["files", "volume"], "restore": ["command"], "timeout": ["command"],
    ]
    for (key, owners) in owners.sorted(by: { $0.key < $1.key }) where !owners.contains(method) {
      let words = owners.map { "'\($0)'" }.joined(separator: " and ")
      if let field = fields[key] { throw field.error("'\(key)' goes with \(words) alone") }
    }
    if let volume = fields["volume"] {
      return .volume(try volume.text(), isHot: try fields["hot"]?.boolean() ?? false)
    }
    if let files = fields["files"] {
      return .files(
        paths: try templates(files), exclude: try fields["exclude"].map(templates) ?? [],
        isHot: try fields["hot"]?.boolean() ?? false)
    }
    if let databases = fields["sqlite"] { return .sqlite(paths: try templates(databases)) }
    guard let restore = fields["restore"] else {
      throw value.error("expected 'restore': a dump that cannot be restored is no backup")
    }
    let timeout = try fields["timeout"]?.duration() ?? BackupSet.defaultTimeout
    return .command(
      dump: Action(exec: try fields["command"].map(templates) ?? [], timeout: timeout),
      restore: Action(exec: try templates(restore), timeout: timeout))
  }

  private func actions(_ value: YAMLValue) throws -> [Action] {
    try value.list().map {
      try action($0, try $0.fields(["exec", "console", "timeout"]), defaultTimeout: BackupSet.defaultActionTimeout)
    }
  }

  private func templates(_ value: YAMLValue) throws -> [Template] { try value.list().map { try $0.template() } }
}
