import BerthKit
import BerthPlan
import BerthPlanning

/// What can be asked of instances that exist.
public enum Control: String, Sendable, CaseIterable {
  case start, stop, restart, enable, disable
}

extension Berth {
  /// Starts, stops, restarts, enables or disables instances.
  ///
  /// - Parameter service: the one service that is meant, for start, stop and restart; all when nil.
  /// - Returns: for each instance its report, or what went wrong with it.
  /// - Throws: `unknown-service` where none of the instances has it, or `mount-missing` where a service could not start.
  public func control(
    _ verb: Control, _ records: [InstanceRecord], service: String? = nil
  ) async throws -> [ControlOutcome] {
    let records = try having(service, records)
    if verb == .start || verb == .restart { tellForeignFiles(records) }
    let operation = Operation(verb.rawValue, present: records, needs: .manager, with: PluginCatalog([])) { _ in
      try await plan(verb, records, service: service)
    }
    return try await outcomes(records, try await carryOut(operation).outcome)
  }

  /// What an order would do.
  public func plan(_ verb: Control, _ records: [InstanceRecord], service: String? = nil) async throws -> Plan {
    let records = try having(service, records)
    // What runs goes on running, and is not stopped for what cannot start.
    let missing =
      [.start, .restart].contains(verb)
      ? try PlanningSession(self, PluginCatalog([])).missingTrees(of: records, service: service) : [:]
    let parts =
      records.filter { missing[$0.uid] == nil }.map { record in
        let units = service.map { [UnitName.service(record.key.app, $0, record.key.id.text)] } ?? []
        let (action, step): (InstanceChange.Action, Step) =
          switch verb {
          case .start: (.start, .start(record, units: units))
          case .stop: (.stop, .stop(record, units: units))
          case .restart: (.restart, .restart(record, units: units))
          case .enable: (.enable, .enable([record.target]))
          case .disable: (.disable, .disable([record.target]))
          }
        return InstanceSteps(InstanceChange(action, record, reasons: ["asked for"]), [.activate: [step]])
      }
    return Plan(
      verb: verb.rawValue, parts, in: try await waves(of: records)?.waves(parts),
      refused: records.enumerated().compactMap { position, record in
        missing[record.uid].map { Refusal(record, $0, position: position) }
      })
  }

  /// What is known of the pools of instances; nil where none is in one. The manager is asked once.
  func waves(of records: [InstanceRecord]) async throws -> PoolWaves? {
    let pools = Set(records.filter { !$0.routes.isEmpty }.compactMap(\.pool))
    guard !pools.isEmpty else { return nil }
    let members = try host.registry.instances().filter { $0.pool.map(pools.contains) ?? false }
    return PoolWaves(members, states: try await host.states(of: members), exists: host.files.exists)
  }

  /// Those of the instances that have a service; all when none is named.
  func having(_ service: String?, _ records: [InstanceRecord]) throws -> [InstanceRecord] {
    guard let service else { return records }
    let found = records.filter { $0.services.contains(service) }
    guard found.isEmpty else { return found }
    throw BerthError.unknownService(service, of: records)
  }
}
