import BerthKit
import BerthQuery

/// How the instances are that a manage script speaks for.
extension Berth {
  /// The services of instances, by the names that panels use for them.
  ///
  /// - Parameter measures: whether what they take is asked for too.
  public func managedServices(
    _ instances: [ManagedInstance], measures: Bool
  ) async throws -> [String: ManageService] {
    guard let app = instances.first?.record.key.app else { return [:] }
    let manifest = try plugin(app).manifest
    let records = instances.map(\.record)
    let settings = try host.registry.settings()
    let reports = try await reports(records, withProcesses: false)
    let measured = measures ? try await measurements(of: reports, manifest) : [:]
    var services: [String: ManageService] = [:]
    for (instance, report) in zip(instances, reports) {
      let record = instance.record
      for part in report.services where instance.service == nil || part.name == instance.service {
        let first = managedRoles(of: part.name, manifest, record).first?.port
        let managed = ManageService(
          service: Self.managedName(part.unit),
          // Panels show the name alone.
          name: part.name == record.services.first ? record.name.text : "\(record.name) (\(part.name))",
          instanceID: record.key.id.text,
          address: first.flatMap { $0.address == "0.0.0.0" ? environment.address : $0.address },
          port: first?.port.number, isEnabled: report.isEnabled, folder: report.directory,
          backups: paths.backups(of: record.key), version: record.version, status: part.status,
          limit: manifest.playerLimit(settings[record.uid] ?? []), metrics: measured[part.unit])
        services[managed.service] = managed
      }
    }
    return services
  }

  /// Whether instances run: all services of each that are meant.
  public func isRunning(_ instances: [ManagedInstance]) async throws -> [Bool] {
    try await zip(instances, reports(instances.map(\.record), withProcesses: false)).map { instance, report in
      report.services.filter { instance.service == nil || $0.name == instance.service }
        .allSatisfy { $0.status == .running }
    }
  }

  /// What services take, by unit.
  private func measurements(
    of reports: [InstanceReport], _ manifest: Manifest
  ) async throws -> [String: ManageService.Metrics] {
    let metrics = try await metrics(of: reports.map(\.record))
    let servers = reports.count == 1 ? [:] : await servers(of: reports)
    let up = reports.flatMap(\.services).filter { $0.status == .running }.map(\.unit)
    let processes = reports.count == 1 || up.isEmpty ? [:] : try await host.manager.mainProcesses(of: up)
    let daemons = Set(manifest.services.compactMap { $0.kind?.daemon }).sorted()
    let groups = up.isEmpty ? [:] : try await host.manager.controlGroups(of: up + daemons)
    let open = await host.ports.open(among: reports.flatMap(\.record.ports).map(\.port))
    var found: [String: ManageService.Metrics] = [:]
    for (report, taken) in zip(reports, metrics) {
      for service in taken.services {
        let own = [manifest.service(service.name)?.kind?.daemon ?? service.unit]
        let peer = Peer(groups: own.compactMap { groups[$0] })
        found[service.unit] = ManageService.Metrics(
          server: taken.server ?? servers[report.record.uid], memory: service.memory,
          processors: service.processors.map { $0 * Double(environment.processorCount) },
          process: service.mainPID ?? processes[service.unit],
          ports: managedRoles(of: service.name, manifest, report.record).map { role, port in
            let seat = host.ports.seat(on: port.port, of: peer)
            return ManageService.Port(
              port: port.port.number, protocol: port.port.transport.rawValue, description: role.help ?? role.role,
              global: seat?.isGlobal ?? false, listening: seat != nil, owned: seat?.isOwned ?? false,
              open: open.contains(port.port), option: role.role)
          })
      }
    }
    return found
  }

  /// What the servers of instances say, by uid; one that does not answer is left out.
  private func servers(of reports: [InstanceReport]) async -> [String: ServerReport] {
    let records = reports.filter { $0.status == .running }.map(\.record)
    var found: [String: ServerReport] = [:]
    for start in stride(from: 0, to: records.count, by: 32) {
      await withTaskGroup(of: (String, ServerReport?).self) { group in
        for record in records[start..<min(start + 32, records.count)] {
          group.addTask { (record.uid, try? await players(of: record).server) }
        }
        for await (uid, server) in group { found[uid] = server }
      }
    }
    return found
  }
}

extension Manifest {
  /// How many may play on an instance, by the setting that games have for it.
  func playerLimit(_ settings: [StoredSetting]) -> Int? {
    let names = ["max-players", "max-clients", "max-users"]
    guard category == .game, let setting = self.settings.first(where: { names.contains($0.id) }),
      case .integer(let number)? = values(of: settings)[setting.id]
    else { return nil }
    return number
  }
}
