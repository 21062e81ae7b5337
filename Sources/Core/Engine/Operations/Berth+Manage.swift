import BerthKit
import BerthPlanning

/// An instance that a manage script speaks for, with what of it is meant.
public struct ManagedInstance: Sendable {
  public let record: InstanceRecord
  /// The one service; all when nil.
  public let service: String?
}

/// What manage scripts show of an instance. Whoever changes something asks the operations that everybody uses.
extension Berth {
  /// What an order of a manage script is about: all instances of the app, or one.
  ///
  /// - Throws: `unknown-service`, also for one of another instance than the one that was named; what ``find(_:app:)`` throws.
  public func managed(_ order: ManageOrder, app: String) throws -> [ManagedInstance] {
    if order.isForAll || order.instance == nil, let text = order.service, order.isForAll || text.contains("@") {
      let records = order.isForAll ? try host.registry.instances(app: app) : try all(app: app)
      let found = records.compactMap { record in
        (try? managedService(text, of: record)).map { ManagedInstance(record: record, service: $0) }
      }
      guard found.count < 2 else { throw BerthError.serviceOfSeveral(text, found.map(\.record)) }
      guard found.count == 1 else { throw BerthError.unknownService(text, of: records) }
      return found
    }
    if order.isForAll {
      return try host.registry.instances(app: app).map { ManagedInstance(record: $0, service: nil) }
    }
    let record = try find(order.instance, app: app)
    return [ManagedInstance(record: record, service: try managedService(order.service, of: record))]
  }

  /// The instances of an app, none of them included.
  public func instances(of app: String) throws -> [InstanceRecord] { try host.registry.instances(app: app) }

  /// The service that a word of a manage script means: `main`, `app-part@ID`, or the unit's whole name; nil for all.
  ///
  /// - Throws: `unknown-service`, also for one of another instance.
  public func managedService(_ text: String?, of record: InstanceRecord) throws -> String? {
    guard let text else { return nil }
    let found = zip(record.services, record.units).first { service, unit in
      text == service || text == unit || "\(text).service" == unit
    }
    guard let found else { throw BerthError.unknownService(text, of: [record]) }
    return found.0
  }

  /// The settings of an instance with what a panel needs to ask for them; secrets have no value.
  public func managedOptions(of record: InstanceRecord) throws -> [ManageOption] {
    let values = try settings(of: record)
    let manifest = try plugin(record.key.app).manifest
    let ports = manifest.ports.compactMap { role in
      record.ports.first { $0.role == role.role }.map { ManageOption(role, number: $0.port.number) }
    }
    return manifest.settings.map { setting in
      ManageOption(setting, value: values.first { $0.key == setting.id }?.value)
    } + ports
  }

  /// What one option means that a panel sets: a setting, or the number of a port; nil for nothing to be done.
  ///
  /// - Throws: `bad-port`, `unknown-instance`; a value that a setting does not take is found by the change.
  public func managedChange(_ option: String, to value: String, of record: InstanceRecord) throws -> ChangeWish? {
    let manifest = try plugin(record.key.app).manifest
    // A fork of the panel sends along which instance it means.
    if option == "instance_id", manifest.setting(option) == nil {
      guard [record.key.id.text, record.name.text].contains(value) else {
        throw BerthError.unknownInstance(value, app: record.key.app, known: [record.key.id.text])
      }
      return nil
    }
    guard manifest.setting(option) == nil, manifest.port(option) != nil else {
      return ChangeWish(settings: [option: value])
    }
    guard let number = Int(value) else { throw BerthError.badPort(value, "it is not from 1 to 65535") }
    return ChangeWish(ports: [option: number])
  }

  /// The first of these instances that does not lie in a folder.
  ///
  /// - Throws: `bad-directory` for what is no path.
  public func outside(_ directory: String, of records: [InstanceRecord]) throws -> InstanceRecord? {
    let folder = host.files.realPath(try PathRules.absolute(directory, in: environment.workingFolder))
    return records.first { record in
      ![paths.own(record), paths.instance(record.key)].map(host.files.realPath).contains(folder)
    }
  }

  /// The instances for which there is another program than they run. What somebody has changed by hand is no update.
  public func withUpdates(_ records: [InstanceRecord]) async throws -> [InstanceRecord] {
    let plan = try await planChange("update", records, ChangeWish(refreshes: true), fetches: true)
    return records.filter { record in
      plan.changes.contains { $0.record.uid == record.uid && !$0.record.runsSame(as: record) }
    }
  }

  /// A backup by its path, or by its file's name as it is now: panels rename files.
  public func managedBackup(_ text: String, of record: InstanceRecord?) throws -> RestoreRequest {
    var request = RestoreRequest(app: record?.key.app ?? "", instance: record?.key.id.text)
    let renamed = record.map { "\(paths.backups(of: $0.key))/\(text)" }
    if text.contains("/") {
      request.archive = text
    } else if let renamed, host.files.isFile(renamed) {
      request.archive = renamed
    } else {
      request.backup = text
    }
    return request
  }

  /// The ports of an instance.
  public func managedPorts(of record: InstanceRecord, service: String? = nil) throws -> [ManagePort] {
    let manifest = try plugin(record.key.app).manifest
    return zip(record.services, record.units).filter { service == nil || $0.0 == service }.flatMap { name, unit in
      managedRoles(of: name, manifest, record).map { role, port in
        ManagePort(
          value: port.port.number, config: role.role, service: Self.managedName(unit),
          protocol: port.port.transport.rawValue, description: role.help ?? role.role)
      }
    }
  }

  /// The ports of a service. Those of one that the instance does not have are its first one's.
  func managedRoles(
    of service: String, _ manifest: Manifest, _ record: InstanceRecord
  ) -> [(role: PortRole, port: InstanceRecord.Port)] {
    record.ports.compactMap { port in
      guard let role = manifest.ports.first(where: { $0.role == port.role }) else { return nil }
      let server = manifest.server(of: role)?.id
      return (server.flatMap { record.services.contains($0) ? $0 : nil } ?? record.services.first) == service
        ? (role, port) : nil
    }
  }

  static func managedName(_ unit: String) -> String {
    unit.hasSuffix(".service") ? String(unit.dropLast(".service".count)) : unit
  }
}

extension InstanceRecord {
  /// Whether it runs what another state of it runs.
  fileprivate func runsSame(as other: InstanceRecord) -> Bool {
    version == other.version && pluginVersion == other.pluginVersion && images == other.images
      && release == other.release && builds == other.builds
  }
}
