import BerthKit
import BerthPlan
import BerthPlanning

extension Berth {
  /// What a removal would do, with nothing changed.
  public func planRemove(_ records: [InstanceRecord], keepsData: Bool) async throws -> Plan {
    try await ask(removal(of: records, keepsData: keepsData)).answer(about: records.count)
  }

  /// Removes instances; with `keepsData` their folders, ids and settings stay.
  ///
  /// - Returns: what went wrong, by the instance's uid, when the others went on.
  public func remove(_ records: [InstanceRecord], keepsData: Bool) async throws -> [String: BerthError] {
    try await carryOut(removal(of: records, keepsData: keepsData)).outcome.failures
  }

  private func removal(of records: [InstanceRecord], keepsData: Bool) -> Operation {
    Operation("remove", present: records, needs: .manager, with: catalog()) { session in
      let present = try host.registry.instances().reduce(into: [:]) { $0[$1.uid] = $1 }
      var builder = try session.removalBuilder("remove", apps: Set(records.map(\.key.app)))
      builder.pools = try await waves(of: records)
      for record in records {
        guard let now = present[record.uid] else {
          builder.refuse(record, BerthError.gone(record))
          continue
        }
        try builder.remove(now, keepsData: keepsData, jobs: keepsData ? [] : removeJobs(now, session.catalog))
      }
      return builder.plan
    }
  }

  /// What the plugin wants to be run before an instance goes; nothing when the plugin is no longer there.
  func removeJobs(_ record: InstanceRecord, _ catalog: PluginCatalog) -> [Step] {
    guard let present = try? catalog.plugin(record.key.app).manifest,
      let stored = try? host.registry.settings(of: record.uid)
    else { return [] }
    let manifest = manifest(of: record, now: present)
    let jobs = manifest.enabledJobs(manifest.values(of: stored)).filter { $0.moments.contains(.remove) }
    return JobOrder(record: record, manifest: manifest, jobs: jobs, isPointOfNoReturn: true).steps(staysUp: false)
  }

  /// The records as they are by now.
  func fresh(_ records: [InstanceRecord]) throws -> [InstanceRecord] {
    let present = try host.registry.instances().reduce(into: [:]) { $0[$1.uid] = $1 }
    return try records.map { record in
      guard let now = present[record.uid] else {
        throw BerthError.gone(record)
      }
      return now
    }
  }
}
