import BerthKit
import BerthPlan
import BerthStore

/// Carries out one plan, and takes back what it did when a step fails. Nothing else changes the host.
///
/// Before a group of steps acts, the journal holds how each of them is taken back; see ``Journal``.
public actor Executor {
  /// What became of a plan that was carried out, wholly or for those instances that could be.
  package struct Outcome: Sendable {
    /// What went wrong, by the instance's uid. Each was taken back, or did not follow an order.
    package var failures: Failures = [:]
    /// Instances whose turn never came, by uid.
    package var untried: Set<String> = []

    package init(failures: Failures = [:], untried: Set<String> = []) {
      self.failures = failures
      self.untried = untried
    }
  }

  package typealias Failures = HostServices.Failures

  /// An order failed, and the rest shall not be tried.
  private struct Stopped: Error {}

  /// Every instance failed, and nothing is left to go on for.
  private struct AllFailed: Error {
    let worst: BerthError
  }

  /// Another operation has claimed something since the plan was made. Nothing was begun.
  package struct Overtaken: Error {
    package init() {}
  }

  package let host: HostServices
  package let options: Options
  package let faults: FaultPoints
  package let lock: HostLock
  /// The operation's number in the journal.
  package var operation: Int64 = 0
  package var receipts: [Receipt] = []
  /// The uids of the plan's instances, by app.
  private(set) var members: [String: [String]] = [:]
  private(set) var titles: [String: String] = [:]
  /// The instances that it makes, by uid.
  private(set) var made: [String: InstanceKey] = [:]
  /// Instances that failed while others go on.
  package var failures: Failures = [:]
  package private(set) var untried: Set<String> = []
  /// Whether taking back was given up, since the manager did not answer.
  var isManagerGone = false
  private var takenBack: Set<String> = []
  /// Instances of which a job has run that cannot be taken back, by uid.
  private var pastReturn: Set<String> = []
  /// Whether it only gives orders to the manager.
  package private(set) var isOrder = false
  /// Whether the operation is carried on, and no longer taken back.
  private var isResumed = false
  /// Steps of the operation that an earlier plan of it had.
  private var begunBefore = 0
  /// What could not be taken back of instances that failed while others go on.
  package var stuck: [Receipt] = []
  package var leftovers: [String] = []
  /// Archives that are being written, by the instance's uid.
  package var archives: [String: any ArchiveInProgress] = [:]
  /// Seconds that instances were stopped while they were copied, by uid.
  private(set) var pauses: [String: Double] = [:]
  private var stoppedAt: [String: ContinuousClock.Instant] = [:]
  /// What was reported last.
  package private(set) var current: Progress?

  public init(host: HostServices, options: Options = Options(), faults: FaultPoints = FaultPoints()) {
    self.host = host
    self.options = options
    self.faults = faults
    lock = HostLock(host, purpose: "changing what instances share")
  }

  /// Carries out a plan.
  ///
  /// - Parameters:
  ///   - generation: that of the journal from before the plan was made.
  ///   - next: what is planned once the plan was carried out, as the same operation: such as what to do with files that
  ///     had to be unpacked first.
  /// - Throws: ``Overtaken`` or `disk-full` with nothing begun; what went wrong, with everything taken back, or with what could not be
  ///   named in the error.
  package func run(
    _ plan: Plan, as draft: OperationDraft, at generation: Int64, next: (@Sendable () async throws -> Plan)? = nil
  ) async throws -> Outcome {
    try requireRoom(for: plan)
    do {
      guard let number = try await begin(plan, draft, at: draft.claims.isEmpty ? nil : generation) else {
        throw Overtaken()
      }
      operation = number
    } catch let error as BerthError where plan.isOrder && error.code == Self.diskFull {
      options.notice("\(error.summary): this is not written down")
      operation = Self.unwritten
    }
    return try await proceed(plan, from: 0, next: next)
  }

  /// Orders have nothing to take back, so that a service can be stopped and started also where nothing can be written down.
  static let diskFull = "disk-full"
  /// The number of an operation that is in no journal.
  static let unwritten: Int64 = 0

  /// - Returns: nil when something has changed that the plan counts on.
  private func begin(_ plan: Plan, _ draft: OperationDraft, at generation: Int64?) async throws -> Int64? {
    guard plan.changes.contains(where: { $0.record.release != nil }) else {
      return try host.registry.journal.begin(draft, at: generation)
    }
    // Whoever sweeps has the lock too, and leaves alone what an open operation may need.
    return try await lock.holding {
      host.hasReleases(of: plan) ? try host.registry.journal.begin(draft, at: generation) : nil
    }
  }

  /// Goes on with an operation that broke off, where it can only be finished.
  package func resume(_ plan: Plan, operation number: Int64, from begun: Int, receipts noted: [Receipt]) async throws
    -> Outcome
  {
    operation = number
    receipts = noted
    // Whatever was begun in the last group is done again, which steps may be. How large it was is not known any more.
    var first = max(0, begun - 1)
    while first > 0, plan.steps[first - 1].isLike(plan.steps[first]) { first -= 1 }
    isResumed = true
    return try await proceed(plan, from: first)
  }

  private func proceed(
    _ whole: Plan, from first: Int, next: (@Sendable () async throws -> Plan)? = nil
  ) async throws -> Outcome {
    var plan = whole
    meet(plan)
    do {
      try await carryOut(plan, from: first)
      if let next {
        if let failed = failures.values.first { throw failed }
        let more = try await extended(plan, by: next)
        try requireRoom(for: more)
        meet(more)
        begunBefore = plan.steps.count
        plan = more
        try await carryOut(plan, from: 0)
      }
      if !failures.isEmpty, failures.count == plan.changes.count, !plan.isOrder, pastReturn.isEmpty {
        throw AllFailed(worst: BerthError.worst(of: Array(failures.values)))
      }
      try await takeBackAbandonedApps(plan)
      try faults.pass()
      try finish()
    } catch is Stopped {
      // What is left of an order is given again or not; there is nothing to take back.
    } catch {
      let cause: any Error = (error as? AllFailed)?.worst ?? error
      if plan.isOrder {
        await comeBack(plan)
        try? end(.failed, error: Self.text(cause), failure: .failed)
        throw cause
      }
      if isResumed || !pastReturn.isEmpty {
        try? host.registry.journal.setState(.begun, error: Self.text(cause), of: operation)
        throw BerthError.pastReturn(cause, operation: operation)
      }
      if options.keepsFailed, !(cause is CancellationError) {
        try? host.registry.journal.setState(.begun, error: Self.text(cause), of: operation)
        throw BerthError.keptFailed(cause, operation: operation)
      }
      // A cancelled task could not run what is needed to go back.
      let ending = await Task.detached { await self.takeBackAll(after: cause) }.value
      guard (ending as? BerthError) == (cause as? BerthError) else { throw ending }
      await Task.detached { await self.tellFormer(plan) }.value
      // Whoever goes on hears of each instance, and of those that nothing was planned for.
      guard options.keepsGoing, error is AllFailed else { throw lasting(cause, of: Set(titles.keys)) }
      return Outcome(failures: failures)
    }
    if plan.isOrder {
      await comeBack(plan)
      try endOrder()
    } else {
      await clearAway()
    }
    return Outcome(failures: failures, untried: untried)
  }

  /// Learns who a plan is about.
  private func meet(_ plan: Plan) {
    isOrder = plan.isOrder
    members = Dictionary(grouping: plan.changes.map(\.record), by: \.key.app).mapValues { $0.map(\.uid) }
    made = Dictionary(
      plan.changes.filter { $0.action == .make }.map { ($0.record.uid, $0.record.key) },
      uniquingKeysWith: { first, _ in first })
    titles = Dictionary(plan.changes.map { ($0.record.uid, $0.record.title) }, uniquingKeysWith: { first, _ in first })
  }

  // MARK: Forward

  private func carryOut(_ plan: Plan, from first: Int) async throws {
    for range in Self.groups(plan.steps, atOnce: options.atOnce) where range.lowerBound >= first {
      try Task.checkCancellation()
      let known = failures.count
      let steps = staying(plan.steps[range].filter { !hasFailed($0.owner) }, plan)
      if !plan.isOrder, failures.count > known { try await settleFailures() }
      guard !steps.isEmpty else { continue }
      report(steps, range, plan)
      try await perform(steps, begun: range.upperBound)
      if plan.isOrder, !failures.isEmpty, !options.keepsGoing {
        untried = Set(plan.steps[range.upperBound...].compactMap(\.owner.uid)).subtracting(
          steps.compactMap(\.owner.uid))
        throw Stopped()
      }
      pastReturn.formUnion(steps.filter { $0.step.isPointOfNoReturn && !hasFailed($0.owner) }.compactMap(\.owner.uid))
      if !plan.isOrder, !failures.isEmpty { try await settleFailures() }
    }
  }

  private func perform(_ steps: [PlannedStep], begun: Int) async throws {
    if steps[0].step.isFile {
      let steps = try merged(try await owned(steps))
      return try await lock.holding {
        let (ready, undos) = try prepare(steps, try Before(files: steps.map(\.step), host, receipts))
        try note(ready, undos, begun: begun)
        try actOnFiles(ready, undos)
      }
    }
    let (ready, undos) = try prepare(steps, try await Before(steps.map(\.step), host))
    try note(ready, undos, begun: begun)
    for case .stop(let record, _) in ready.map(\.step) { stoppedAt[record.uid] = .now }
    try await act(ready, undos)
    for case .start(let record, _) in ready.map(\.step) {
      guard let from = stoppedAt.removeValue(forKey: record.uid) else { continue }
      pauses[record.uid, default: 0] += (ContinuousClock.now - from) / .seconds(1)
    }
  }

  /// Has the journal hold how each step is taken back, before any of them acts.
  private func note(_ steps: [PlannedStep], _ undos: [Undo], begun: Int) throws {
    let noted = zip(steps, undos).map { Receipt(summary: $0.step.summary, owner: $0.owner, undo: $1) }
      .filter { $0.undo != .nothing }
    receipts += noted
    guard operation != Self.unwritten else { return }
    do {
      try host.registry.journal.note(
        noted.isEmpty ? nil : try Self.encoded(noted), of: operation, begun: begunBefore + begun)
    } catch let error as BerthError where isOrder && error.code == Self.diskFull { return }
  }

  /// Instances that failed in this group are taken back, or the whole plan is.
  private func settleFailures() async throws {
    let fresh = failures.filter { !takenBack.contains($0.key) }
    guard !fresh.isEmpty else { return }
    guard options.keepsGoing else { throw BerthError.worst(of: Array(fresh.values)) }
    takenBack.formUnion(fresh.keys)
    let past = pastReturn.intersection(fresh.keys)
    for uid in past { failures[uid] = failures[uid].map { BerthError.pastReturn($0, operation: nil) } }
    let others = Set(fresh.keys).subtracting(past)
    if !others.isEmpty { await takeBackFailed(others) }
  }

  /// Notes that an instance failed; what concerns all is thrown.
  package func fail(_ step: PlannedStep, _ error: any Error) throws {
    guard !(error is CancellationError) else { throw error }
    let uids: [String] =
      switch step.owner {
      case .instance(let uid): [uid]
      // What its instances share, none of them can do without.
      case .app(let app) where options.keepsGoing && members.count > 1: members[app] ?? []
      case .app, .all: []
      }
    guard !uids.isEmpty else { throw error }
    for uid in uids where failures[uid] == nil {
      failures[uid] = BerthError(anything: error)
      tellFailure(of: uid)
    }
  }

  func hasFailed(_ owner: PlannedStep.Owner) -> Bool {
    switch owner {
    case .instance(let uid): failures[uid] != nil
    case .app(let app): !failures.isEmpty && (members[app] ?? []).allSatisfy { failures[$0] != nil }
    case .all: false
    }
  }

  private func report(_ steps: [PlannedStep], _ range: Range<Int>, _ plan: Plan) {
    for (index, planned) in zip(range, steps) {
      let title = planned.owner.uid.flatMap { titles[$0] } ?? plan.title
      let progress = Progress(
        kind: planned.step.kind, summary: planned.step.summary, title: title, number: index + 1,
        count: plan.steps.count)
      current = progress
      options.progress(progress)
    }
  }
}
