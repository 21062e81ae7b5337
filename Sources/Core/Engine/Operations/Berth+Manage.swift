import BerthKit
import BerthQuery

/// What manage scripts show of an instance. Whoever changes something asks the operations that everybody uses.
extension Berth {
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

  /// The services of an instance, by the names that panels use for them.
  ///
  /// - Parameter measures: whether what they take is asked for too.
  public func managedServices(
    of record: InstanceRecord, service: String? = nil, measures: Bool
  ) async throws -> [String: ManageService] {
    let manifest = try plugin(record.key.app).manifest
    let report = try await reports([record], withProcesses: false)[0]
    let metrics = measures ? try await self.metrics(of: [record]).first : nil
    var services: [String: ManageService] = [:]
    for part in report.services where service == nil || part.name == service {
      let ports = managedRoles(of: part.name, manifest, record)
      var managed = ManageService(
        service: Self.managedName(part.unit), name: record.name.text, instanceID: record.key.id.text,
        address: ports.first.flatMap { $0.port.address == "0.0.0.0" ? environment.address : $0.port.address },
        port: ports.first?.port.port.number, isEnabled: report.isEnabled, folder: report.directory,
        backups: paths.backups(of: record.key), version: record.version, status: part.status)
      if let metrics, let taken = metrics.services.first(where: { $0.name == part.name }) {
        managed.metrics = ManageService.Metrics(
          server: metrics.server, memory: taken.memory,
          processors: taken.processors.map { $0 * Double(environment.processorCount) }, process: taken.mainPID,
          ports: ports.map { role, port in
            ManageService.Port(
              port: port.port.number, protocol: port.port.transport.rawValue, description: role.help ?? role.role,
              global: !port.address.hasPrefix("127.") && port.address != "::1", listening: part.status == .running,
              option: role.role)
          })
      }
      services[managed.service] = managed
    }
    return services
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

  /// What one option means that a panel sets: a setting, or the number of a port.
  ///
  /// - Throws: `bad-port`; a value that a setting does not take is found by the change.
  public func managedChange(_ option: String, to value: String, of record: InstanceRecord) throws -> ChangeWish {
    let manifest = try plugin(record.key.app).manifest
    guard manifest.setting(option) == nil, manifest.port(option) != nil else {
      return ChangeWish(settings: [option: value])
    }
    guard let number = Int(value) else { throw BerthError.badPort(value, "it is not from 1 to 65535") }
    return ChangeWish(ports: [option: number])
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

  /// The ports of a service; those that are the app's as a whole belong to its first one.
  private func managedRoles(
    of service: String, _ manifest: Manifest, _ record: InstanceRecord
  ) -> [(role: PortRole, port: InstanceRecord.Port)] {
    record.ports.compactMap { port in
      guard let role = manifest.ports.first(where: { $0.role == port.role }) else { return nil }
      return (role.service ?? record.services.first) == service ? (role, port) : nil
    }
  }

  private static func managedName(_ unit: String) -> String {
    unit.hasSuffix(".service") ? String(unit.dropLast(".service".count)) : unit
  }
}
