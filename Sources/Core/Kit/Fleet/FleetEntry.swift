/// One entry of `instances`, read and checked by itself.
struct FleetEntry {
  let value: YAMLValue
  let fields: [String: YAMLValue]
  let manifest: Manifest

  init(_ value: YAMLValue, apps: FleetApps) throws {
    self.value = value
    fields = try value.fields([
      "app", "name", "id", "count", "enabled", "dir", "ports", "settings", "labels", "limits", "backup", "pool",
    ])
    manifest = try apps.manifest(value.required("app", in: fields))
  }

  /// The instances that it stands for: one, or as many as its `count` says.
  func instances(_ defaults: FleetDefaults) throws -> [FleetInstance] {
    var instance = FleetInstance(
      app: manifest.id,
      id: try fields["id"].map { try $0.checked { try InstanceID($0) } },
      name: try fields["name"].map { try $0.checked { try InstanceName($0) } },
      ports: try fields["ports"].map(ports) ?? [:],
      settings: try fields["settings"].map(settings) ?? [:],
      labels: defaults.labels.merging(try fields["labels"]?.labels() ?? [:]) { $1 },
      limits: (try fields["limits"]?.limits() ?? InstanceLimits()).filled(from: defaults.limits),
      backup: (try fields["backup"]?.backupPolicy() ?? BackupPolicy()).filled(from: defaults.backup),
      pool: try fields["pool"].map { try $0.checked(PoolName.checked) },
      enabled: try fields["enabled"]?.boolean() ?? defaults.enabled,
      directory: try fields["dir"]?.directory(),
      place: "\(value.file.path):\(value.line)", key: value.path)
    if !instance.backup.isEmpty, manifest.backup.isEmpty, let place = fields["backup"] {
      throw place.error("'\(manifest.id)' has nothing to back up")
    }
    if instance.pool != nil, manifest.routes.isEmpty, let place = fields["pool"] {
      throw place.error("'\(manifest.id)' has no routes that a pool could share")
    }
    if manifest.backup.isEmpty { instance.backup = BackupPolicy() }
    guard let count = fields["count"] else {
      if instance.id == nil, instance.name == nil { instance.id = .default }
      return [instance]
    }
    return try names(count, instance.name).map { name in
      instance.name = name
      return instance
    }
  }

  /// The place of a key, or of the entry where the key is left out.
  func place(_ key: String) -> YAMLValue { fields[key] ?? value }

  private func names(_ count: YAMLValue, _ name: InstanceName?) throws -> [InstanceName] {
    let number = try count.integer()
    guard (1...FleetReader.largestCount).contains(number) else {
      throw count.error("expected 1 to \(FleetReader.largestCount), found \(number)")
    }
    for key in ["id", "dir", "ports"] where fields[key] != nil {
      throw count.error("'\(key)' belongs to one instance and cannot stand beside 'count'")
    }
    guard let name, let place = fields["name"] else {
      throw count.error("'count' needs a 'name', to which the numbers are added")
    }
    return try (1...number).map { number in
      do { return try InstanceName("\(name.text)-\(number)") } catch let problem as BerthError {
        throw place.error(problem.summary)
      }
    }
  }

  private func settings(_ value: YAMLValue) throws -> [String: String] {
    var settings: [String: String] = [:]
    for (key, value) in try value.entries() {
      settings[key] = try value.checked { text in
        guard let setting = try manifest.choice(key) else {
          throw BerthError.unknownSetting(key, of: manifest)
        }
        _ = try setting.parse(text)
        return text
      }
    }
    return settings
  }

  private func ports(_ value: YAMLValue) throws -> [String: Int] {
    var ports: [String: Int] = [:]
    for (role, value) in try value.entries() {
      guard manifest.port(role) != nil else {
        throw value.error(
          "'\(manifest.id)' has no port role '\(role)'" + BerthError.nearestPhrase(role, manifest.ports.map(\.role)))
      }
      let number = try value.integer()
      guard (1...65535).contains(number) else { throw value.error("\(number) is not a port: 1 to 65535") }
      ports[role] = number
    }
    return ports
  }
}
