import BerthKit

extension Berth {
  /// What a change of instances would do, with nothing changed.
  public func planChange(_ verb: String, _ records: [InstanceRecord], _ wish: ChangeWish) async throws -> Plan {
    defer { host.ports.releaseClaims() }
    return try await questioning.asking { try await $0.changePlan(verb, records, wish) }.planned
      .answer(about: records.count)
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
    try requireSome(draft)
    var prepared = try await berth.preparing(draft)
    if wish.refreshes { prepared = try await prepared.fetching(records.flatMap(\.images.values)) }
    return try await prepared.fetching(draft) { berth in
      try await berth.execute(draft.present, verb) {
        try await berth.asking { try await $0.changePlan(verb, records, wish) }.planned
      }
    }
  }

  /// Fetches what the names of the instances' images stand for by now, so that a plan of an update knows them. Nothing of
  /// the instances changes.
  ///
  /// - Returns: a Berth that knows what could not be had, and refuses the instances that need it.
  public func fetchImages(of records: [InstanceRecord]) async throws -> Berth {
    var berth = self
    berth.lacks = try await questioning.fetching(records.flatMap(\.images.values)).lacks
    return berth
  }

  private func changePlan(_ verb: String, _ records: [InstanceRecord], _ wish: ChangeWish) async throws -> Plan {
    var builder = try await planBuilder(verb, apps: Set(records.map(\.key.app)), catalog: catalog())
    for record in records {
      // As it is by now.
      guard let present = builder.present(record) else {
        builder.refuse(record, BerthError.gone(record))
        continue
      }
      try builder.change(present, wish)
    }
    return lessLacking(builder.plan)
  }
}
