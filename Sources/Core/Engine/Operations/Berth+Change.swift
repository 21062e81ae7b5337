import BerthKit
import BerthPlan
import BerthPlanning

extension Berth {
  /// What a change of instances would do, with nothing changed of them.
  ///
  /// - Parameter fetches: whether what the names of their images stand for by now is fetched first, so that the plan of an
  ///   update knows it.
  public func planChange(
    _ verb: String, _ records: [InstanceRecord], _ wish: ChangeWish, fetches: Bool = false
  ) async throws -> Plan {
    let operation = changing(verb, records, wish)
    var session = PlanningSession(self, operation.catalog, goesOn: true)
    if fetches { try await session.fetch(records.flatMap(\.images.values)) }
    return try await ask(operation, session).answer(about: records.count)
  }

  /// Brings instances to what they shall be.
  ///
  /// - Parameter verb: such as `update`.
  /// - Returns: the instances that changed; nothing for one that is already so.
  /// - Throws: what planning throws, with nothing changed; or what a step threw, with everything taken back, so that
  ///   what ran before runs again.
  public func change(_ verb: String, _ records: [InstanceRecord], _ wish: ChangeWish) async throws -> [ControlOutcome] {
    try await outcomes(try await carryOut(changing(verb, records, wish)))
  }

  private func changing(_ verb: String, _ records: [InstanceRecord], _ wish: ChangeWish) -> Operation {
    var operation = Operation(verb, with: catalog()) { session in
      var builder = try await session.planBuilder(verb, apps: Set(records.map(\.key.app)))
      for record in records {
        // As it is by now.
        guard let present = builder.present(record) else {
          builder.refuse(record, BerthError.gone(record))
          continue
        }
        try builder.change(present, wish)
      }
      return session.lessLacking(builder.plan)
    }
    if wish.refreshes { operation.refreshes = records.flatMap(\.images.values) }
    return operation
  }
}
