import BerthKit
import BerthStore

/// An instance with its report, or what went wrong with it.
public struct ControlOutcome: Sendable {
  public let record: InstanceRecord
  public let result: Result<InstanceReport, BerthError>
}

extension Berth {
  /// The short lock around ports, units and registry of this scope.
  func hostLock(_ purpose: String) async throws -> any HeldLock {
    try await host.locks.take(hostLockPath, purpose: purpose, wait: options.wait)
  }

  var hostLockPath: String { "\(paths.locks)/host.lock" }

  /// The lock of one instance: start, stop and removal exclude each other.
  func instanceLock(_ key: InstanceKey, _ purpose: String) async throws -> any HeldLock {
    try await host.locks.take("\(paths.locks)/\(key.app)@\(key.id).lock", purpose: purpose, wait: options.wait)
  }

  func operationLock(_ token: String, _ purpose: String) async throws -> any HeldLock {
    try await host.locks.take(operationLockPath(token), purpose: purpose, wait: 0)
  }

  func operationLockPath(_ token: String) -> String { "\(paths.locks)/operation-\(token).lock" }

  /// Plans under the host lock and carries the plan out.
  ///
  /// - Returns: what became of each instance that the plan is about.
  func execute(under lock: any HeldLock, _ makePlan: () async throws -> Plan) async throws -> [ControlOutcome] {
    let (plan, outcome) = try await perform(under: lock, makePlan)
    return try await outcomes(plan.changes.map(\.record), outcome)
  }

  /// The same for those who do not need reports.
  func perform(
    under lock: any HeldLock, _ makePlan: () async throws -> Plan
  ) async throws -> (plan: Plan, outcome: Executor.Outcome) {
    defer { host.ports.releaseClaims() }
    let plan: Plan
    do {
      plan = try await makePlan()
      try await checkContainers(plan)
      try await checkSites(plan)
    } catch {
      lock.release()
      throw error
    }
    guard !plan.isEmpty else {
      lock.release()
      return (plan, Executor.Outcome())
    }
    tellNotices(plan)
    let purpose = "taking back \(plan.verb) \(plan.title)"
    return (plan, try await carryOut(plan, hostLock: Executor.HostLock(lock) { try await hostLock(purpose) }))
  }

  /// Has the engines read the container files of a plan, before anything is put in its place.
  private func checkContainers(_ plan: Plan) async throws {
    var files = plan.containerFiles(in: paths.containers)
    // The network of a container may stay as it is.
    let networks = Set(files.flatMap { Plan.networks(in: $0.text) }).subtracting(files.map(\.name))
    for name in networks.sorted() where host.files.exists("\(paths.containers)/\(name)") {
      files.append((name, try host.files.read("\(paths.containers)/\(name)")))
    }
    if !files.isEmpty { try await host.containers.podman.check(files) }
    for project in plan.composeProjects(in: paths.instances) {
      try await host.containers.docker.check(
        project.compactMap { file in
          try (file.text ?? (host.files.exists(file.path) ? host.files.read(file.path) : nil))
            .map { (String(file.path.dropFirst(ScopePaths.folder(of: file.path).count + 1)), $0) }
        })
    }
  }

  /// Carries out a plan under the locks of its instances.
  ///
  /// - Parameters:
  ///   - again: makes the plan anew once the locks are held, as another run may have changed what it was made from.
  ///   - next: what follows in the same operation; see ``Executor``.
  func carryOut(
    _ whole: Plan, hostLock: Executor.HostLock?, again: (() async throws -> Plan)? = nil,
    next: (@Sendable () async throws -> Plan)? = nil
  ) async throws -> Executor.Outcome {
    let token = "\(environment.processID)-\(host.clock.uuid())"
    var locks: [any HeldLock] = []
    defer { for lock in locks { lock.release() } }
    var plan = whole
    var refused: [String: BerthError] = [:]
    do {
      locks.append(try await operationLock(token, "\(plan.verb) \(plan.title)"))
      for record in plan.changes.map(\.record).sorted(by: { $0.key < $1.key }) {
        do { locks.append(try await instanceLock(record.key, "\(plan.verb) \(record.title)")) } catch let error
          as BerthError
        {
          refused[record.uid] = error
        }
      }
      refused.merge(lacking(plan)) { first, _ in first }
      // Whoever has the lock of an instance and finds an open operation on it finds one that broke off.
      refused.merge(try brokenOff(plan.changes)) { first, _ in first }
      if !refused.isEmpty {
        guard options.execution.keepsGoing, refused.count < plan.changes.count else {
          throw BerthError.worst(of: Array(refused.values))
        }
        plan = plan.without(Set(refused.keys))
      }
      if let again { plan = try await again() }
    } catch {
      hostLock?.held?.release()
      throw error
    }
    let executor = Executor(host: host, options: options.execution, faults: options.faults, lock: hostLock)
    var outcome = try await executor.run(plan, as: try draft(plan, token: token), next: next)
    outcome.failures.merge(refused) { first, _ in first }
    await sweepReleases()
    return outcome
  }

  /// Instances on which an operation broke off, by uid.
  private func brokenOff(_ changes: [InstanceChange]) throws -> [String: BerthError] {
    var errors: [String: BerthError] = [:]
    let open = try openOperations()
    for change in changes {
      let record = change.record
      if let operation = open.first(where: { $0.openItems.contains { $0.uid == record.uid } }) {
        errors[record.uid] = .incomplete(record, operation: operation)
      } else if [.installing, .removing].contains(record.state), ![.make, .remove, .keep].contains(change.action) {
        errors[record.uid] = .incomplete(record, operation: nil)
      }
    }
    return errors
  }

  /// The operations that broke off: open, and nobody is at work on them.
  func openOperations() throws -> [OperationRecord] {
    try host.registry.journal.open().filter { host.locks.holder(of: operationLockPath($0.token)) == nil }
  }

  private func draft(_ plan: Plan, token: String) throws -> OperationDraft {
    let mayOnlyBeFinished = plan.isOrder || plan.steps.contains(where: \.step.isPointOfNoReturn)
    return OperationDraft(
      token: token, verb: plan.verb, command: options.command,
      person: OperationRecord.Person(
        id: environment.userID, name: environment.userName, sudoUser: environment.variables["SUDO_USER"]),
      startedAt: host.clock.timestamp(), steps: plan.steps.count,
      items: plan.changes.map {
        OperationRecord.Item(
          uid: $0.record.uid, key: $0.record.key, name: $0.record.name, action: $0.action.rawValue)
      }, plan: mayOnlyBeFinished ? try Executor.encoded(plan) : nil)
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
