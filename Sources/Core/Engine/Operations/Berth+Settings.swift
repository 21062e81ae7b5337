import BerthKit

/// A setting of an instance, with its value when it has one.
public struct SettingValue: Sendable {
  public let key: String
  public let value: String?
  public let isSecret: Bool
}

extension Berth {
  /// The settings of an instance in the order of their declaration; those its plugin no longer knows come last.
  public func settings(of record: InstanceRecord) throws -> [SettingValue] {
    let manifest = try? plugin(record.key.app).manifest
    let raw = try host.registry.settings(of: record.uid)
    let stored = manifest?.named(raw) ?? raw
    let declared = manifest?.settings ?? []
    let names = Variables.names(
      key: record.key, name: record.name, slug: record.slug, paths: paths, hostName: environment.hostName,
      timeZone: environment.timeZone)
    let known = declared.map { setting in
      // A place of the instance's own is not kept as a value; see SettingsResolver.
      let place = setting.kind == .path ? setting.defaultValue.flatMap { try? names.text($0) } : nil
      return SettingValue(
        key: setting.id, value: stored.first { $0.key == setting.id }?.value ?? place, isSecret: setting.isSecret)
    }
    let others = stored.filter { setting in !declared.contains { $0.id == setting.key } }
    return known + others.map { SettingValue(key: $0.key, value: $0.value, isSecret: $0.isSecret) }
  }

  /// The error for a setting that an instance does not have.
  public func unknownSetting(_ key: String, of record: InstanceRecord) throws -> BerthError {
    .unknownSetting(key, app: record.key.app, known: try settings(of: record).map(\.key))
  }

  /// The instances of an app, or of all, that carry all of these labels; at least one.
  public func select(app: String?, labels: [String: String]) throws -> [InstanceRecord] {
    let all = try app.map { try self.all(app: $0) } ?? host.registry.instances()
    let found = all.filter { record in labels.allSatisfy { record.labels[$0.key] == $0.value } }
    guard !found.isEmpty else { throw BerthError.nothingSelected(app: app, labels: labels) }
    return found
  }

  /// How instances are now, those that are gone left out.
  public func reports(uids: [String]) async throws -> [InstanceReport] {
    let present = try host.registry.instances().reduce(into: [:]) { $0[$1.uid] = $1 }
    let records = uids.compactMap { present[$0] }
    return try await reports(records, withProcesses: records.count == 1)
  }
}
