import BerthKit

extension Berth {
  /// What a change of instances would do, with nothing changed.
  public func planChange(_ verb: String, _ records: [InstanceRecord], _ wish: ChangeWish) async throws -> Plan {
    defer { host.ports.releaseClaims() }
    return try await asking { try await $0.changePlan(verb, records, wish) }.planned
  }

  /// Brings instances to what they shall be.
  ///
  /// - Parameter verb: such as `update`.
  /// - Returns: the instances that changed; nothing for one that is already so.
  /// - Throws: what planning throws, with nothing changed; or what a step threw, with everything taken back, so that
  ///   what ran before runs again.
  public func change(_ verb: String, _ records: [InstanceRecord], _ wish: ChangeWish) async throws -> [ControlOutcome] {
    try await requireManager()
    let (draft, berth) = try await asking { try await $0.changePlan(verb, records, wish) }
    host.ports.releaseClaims()
    try await prepare(draft)
    if wish.refreshes { try await fetch(records.flatMap(\.images.values)) }
    let title = records.count == 1 ? records[0].title : "\(records.count) instances"
    return try await berth.fetching(draft) { berth in
      let lock = try await hostLock("\(verb) \(title)")
      return try await berth.execute(under: lock) {
        try await berth.asking { try await $0.changePlan(verb, try fresh(records), wish) }.planned
      }
    }
  }

  /// Fetches what the names of the instances' images stand for by now, so that a plan of an update knows them. Nothing of
  /// the instances changes.
  ///
  /// - Throws: `no-image`.
  public func fetchImages(of records: [InstanceRecord]) async throws {
    try await fetch(records.flatMap(\.images.values))
  }

  private func changePlan(_ verb: String, _ records: [InstanceRecord], _ wish: ChangeWish) async throws -> Plan {
    var builder = try await planBuilder(verb, apps: Set(records.map(\.key.app)), catalog: catalog())
    for record in records {
      do { try builder.change(record, wish) } catch let error as BerthError { throw error.at(record.title) }
    }
    return try builder.plan
  }
}
