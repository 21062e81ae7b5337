import BerthExecution
import BerthKit
import BerthPlan
import BerthStore

/// An instance with its report, or what went wrong with it.
public struct ControlOutcome: Sendable {
  public let record: InstanceRecord
  public let result: Result<InstanceReport, BerthError>
}

extension ControlOutcome {
  /// One for which nothing could be planned.
  public init(_ refusal: Refusal) { self.init(refusal.record, failed: refusal.error) }

  public init(_ record: InstanceRecord, failed error: BerthError) {
    self.init(record: record, result: .failure(error))
  }
}

extension Berth {
  /// The lock of one instance: start, stop and removal exclude each other.
  func instanceLock(_ key: InstanceKey, _ purpose: String, wait: Int? = nil) async throws -> any HeldLock {
    try await host.locks.take(
      "\(paths.locks)/\(key.app)@\(key.id).lock", purpose: purpose, wait: wait ?? options.wait)
  }

  func operationLock(_ token: String, _ purpose: String) async throws -> any HeldLock {
    try await host.locks.take(operationLockPath(token), purpose: purpose, wait: 0)
  }

  func operationLockPath(_ token: String) -> String { "\(paths.locks)/operation-\(token).lock" }

  /// What an operation would do, with nothing changed.
  ///
  /// - Parameter session: what is known already; nil for nothing, with what is wrong with an instance noted in the plan.
  func ask(_ operation: Operation, _ session: PlanningSession? = nil) async throws -> Plan {
    var session = session ?? PlanningSession(self, operation.catalog, goesOn: true)
    return try await session.plan(operation.draft)
  }

  /// What an operation would do, and since when that is so.
  func draft(of operation: Operation) async throws -> Draft {
    let pulse = try host.registry.journal.pulse()
    return Draft(plan: try await ask(operation), pulse: pulse, catalog: operation.catalog)
  }

  /// The one way through for whatever changes instances: what is wrong is found first, then what is missing is fetched,
  /// the instances are locked, and the plan is made and carried out.
  ///
  /// - Parameters:
  ///   - session: what is known already.
  ///   - known: what the operation was found to do a moment ago; nil to look.
  /// - Throws: what planning throws, with nothing changed; or what a step threw, with everything taken back.
  func carryOut(
    _ operation: Operation, _ session: PlanningSession? = nil, draft known: Draft? = nil
  ) async throws -> Completion {
    if options.recovers { await recoverBroken(operation.present ?? known?.plan.present) }
    var session = session ?? PlanningSession(self, operation.catalog)
    if operation.needs != .programsOfFirst { try await requireManager() }
    guard operation.needs != .manager else {
      return try await perform(operation, session, present: operation.present ?? [])
    }
    let pulse = try known?.pulse ?? host.registry.journal.pulse()
    let draft: Plan
    if let known { draft = known.plan } else { draft = try await session.plan(operation.draft) }
    session.learn(from: draft)
    try requireCarriable(draft)
    // Nobody has made the scope yet, and nothing needs it.
    if isNew, draft.isEmpty { return Completion(plan: draft, outcome: Executor.Outcome(failures: draft.failures)) }
    let isReady = try await session.prepare(draft, refreshing: operation.refreshes)
    // What is planned once the first plan was carried out is tried before that begins.
    if operation.then != nil { try await check(draft) }
    if operation.needs == .programsOfFirst { try await requireManager(startsSandbox: true) }
    let drafted = isReady && operation.then == nil ? Draft(plan: draft, pulse: pulse, catalog: session.catalog) : nil
    return try await session.fetching(draft) { session in
      try await retryingPorts(operation.mayMovePorts) {
        try await perform(
          operation, session, present: operation.present ?? draft.present, drafted: drafted)
      }
    }
  }

  /// Makes sure that a plan can be carried out as it is.
  ///
  /// - Throws: the worst of what kept an instance from being planned, unless the others go on; `unconfirmed-grants`.
  public func requireCarriable(_ plan: Plan) throws {
    if !options.execution.keepsGoing { _ = try plan.whole() }
    try plan.requireConfirmed()
  }

  /// A plan that was made with no lock held. It is carried out as it is where no operation was at work since.
  public struct Draft: Sendable {
    public let plan: Plan
    /// What the journal was when the plan was made.
    let pulse: Journal.Pulse
    /// The plugins that it was made with.
    let catalog: PluginCatalog
  }

  /// What became of an operation.
  struct Completion {
    /// The first plan of it.
    let plan: Plan
    let outcome: Executor.Outcome

    /// Whether nothing became of it since somebody else was faster with a port of each instance.
    var lostAllPorts: Bool {
      !outcome.failures.isEmpty && outcome.failures.count == plan.changes.count
        && outcome.failures.values.allSatisfy { $0.code == "port-in-use" }
    }

    /// The same where it is all or nothing, whatever the others of a batch do.
    ///
    /// - Throws: the worst of what went wrong.
    func whole() throws -> Completion {
      guard outcome.failures.isEmpty else { throw BerthError.worst(of: Array(outcome.failures.values)) }
      return self
    }
  }

  /// Somebody took a port between planning and starting. A default moves on; a wish does not.
  private func retryingPorts(_ mayMove: Bool, _ body: () async throws -> Completion) async throws -> Completion {
    var attempt = 0
    while true {
      attempt += 1
      let isLast = !mayMove || attempt == 3
      do {
        let completion = try await body()
        if isLast || !completion.lostAllPorts { return completion }
      } catch let error as BerthError where error.code == "port-in-use" && !isLast { continue }
    }
  }

  /// Plans under the locks and carries the plan out.
  ///
  /// Nobody waits for anybody but for the instances' own locks: while Berth looks at the host, asks programs and plans, it
  /// holds no lock that instances share. The operation begins only when no other one has claimed anything since, else
  /// it is planned anew.
  ///
  /// - Parameters:
  ///   - present: the instances that are there and that it is about, which nobody else changes from here on.
  ///   - drafted: the plan, if it was made already; it holds as long as nobody was at work since.
  /// - Throws: what planning throws, or what kept an instance from being planned, unless the others go on.
  private func perform(
    _ operation: Operation, _ session: PlanningSession, present: [InstanceRecord], drafted: Draft? = nil
  ) async throws -> Completion {
    defer { host.ports.releaseClaims() }
    var (session, drafted) = (session, drafted)
    let verb = operation.verb
    let token = "\(environment.processID)-\(host.clock.uuid())"
    let locks = InstanceLocks(berth: self, verb: verb)
    defer { locks.release() }
    let title = operation.title ?? (present.count == 1 ? present[0].title : "\(present.count) instances")
    let working = try await operationLock(token, "\(verb) \(title)")
    defer { working.release() }
    var busy = try await locks.take(present)
    guard options.execution.keepsGoing || busy.isEmpty else { throw BerthError.worst(of: Array(busy.values)) }
    for _ in 0..<Self.attempts {
      let generation = try host.registry.journal.generation()
      var plan: Plan
      if let draft = drafted, !locks.hasWaited, try holds(draft) {
        plan = draft.plan
      } else {
        plan = try await session.plan(operation.plan)
      }
      drafted = nil
      let others = plan.changes.filter { !locks.covers($0.record) && busy[$0.record.uid] == nil }
      do {
        let found = try await locks.take(others.map(\.record)) { try host.registry.journal.generation() != generation }
        busy.merge(found) { first, _ in first }
      } catch is Executor.Overtaken { continue }
      // What was planned for an instance before it was locked may not hold any more.
      if others.contains(where: { $0.action != .make && busy[$0.record.uid] == nil }) { continue }
      plan = plan.refusing(busy)
      // Whoever has the lock of an instance and finds an open operation on it finds one that broke off.
      plan = plan.refusing(try brokenOff(plan))
      plan = try await checked(plan)
      // What an instance had when the draft was made it may have no longer.
      try requireCarriable(plan)
      let failures = plan.failures
      guard !plan.isEmpty else { return Completion(plan: plan, outcome: Executor.Outcome(failures: failures)) }
      guard try host.claimPorts(of: plan) else { continue }
      tellNotices(plan)
      let isOrder = plan.isOrder
      if !isOrder { prepareForBoot() }
      defer { if !isOrder { settleForBoot() } }
      do {
        let executor = Executor(host: host, options: options.execution, faults: options.faults)
        try options.begins()
        var outcome = try await executor.run(
          plan, as: try draft(plan, token: token), at: generation, next: operation.next(session))
        outcome.failures.merge(failures) { first, _ in first }
        await sweepReleases()
        return Completion(plan: plan, outcome: outcome)
      } catch is Executor.Overtaken { continue }
    }
    throw BerthError.overtaken("\(verb) \(title)")
  }

  /// Whether nobody was at work since a plan was made.
  private func holds(_ draft: Draft) throws -> Bool {
    try draft.pulse.isCalm && host.registry.journal.pulse() == draft.pulse
  }

  /// How often something is planned at most. Each time another operation has come further.
  private static let attempts = 100

  /// The operations that broke off: open, and nobody is at work on them.
  func openOperations() throws -> [OperationRecord] {
    try host.registry.journal.open().filter { host.locks.holder(of: operationLockPath($0.token)) == nil }
  }

  private func draft(_ plan: Plan, token: String) throws -> OperationDraft {
    OperationDraft(
      token: token, verb: plan.verb, command: options.command,
      person: OperationRecord.Person(
        id: environment.userID, name: environment.userName, sudoUser: environment.variables["SUDO_USER"]),
      startedAt: host.clock.timestamp(), steps: plan.steps.count,
      items: plan.changes.map {
        OperationRecord.Item(
          uid: $0.record.uid, key: $0.record.key, name: $0.record.name, action: $0.action.rawValue)
      }, plan: try Executor.kept(plan), claims: try host.claims(of: plan))
  }

  /// What became of each instance that an operation was about, and of those that it refused.
  func outcomes(_ completion: Completion) async throws -> [ControlOutcome] {
    try await outcomes(completion.plan.records, completion.outcome)
  }

  /// The reports of those that went well, and the errors of the others.
  func outcomes(_ records: [InstanceRecord], _ outcome: Executor.Outcome) async throws -> [ControlOutcome] {
    let present = try host.registry.instances().reduce(into: [:]) { $0[$1.uid] = $1 }
    let fine = records.filter { outcome.failures[$0.uid] == nil && !outcome.untried.contains($0.uid) }
    let alive = fine.compactMap { present[$0.uid] }
    let reports = try await reports(alive, withProcesses: alive.count == 1).reduce(into: [:]) { $0[$1.record.uid] = $1 }
    return records.compactMap { record in
      if let error = outcome.failures[record.uid] { return ControlOutcome(record: record, result: .failure(error)) }
      if outcome.untried.contains(record.uid) {
        return ControlOutcome(record: record, result: .failure(.untried(record)))
      }
      return reports[record.uid].map { ControlOutcome(record: $0.record, result: .success($0)) }
    }
  }
}
