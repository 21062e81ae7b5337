import BerthKit
import BerthPlan

/// Plans several instances one after the other, each seeing the names, folders and ports of those before.
///
/// What is wrong with one is no matter of the others: it is noted as refused, and planning goes on. Whoever wants all or
/// nothing asks for the ``Plan/whole()`` plan.
package struct PlanBuilder {
  package let verb: String
  package let paths: ScopePaths
  let view: HostView
  /// What is known of each app, or why nothing is.
  package let facts: [String: Result<AppFacts, BerthError>]
  package let units: UnitFolder
  package let settings: [String: [StoredSetting]]
  /// All instances of the scope as they are, kept ones included.
  package let records: [InstanceRecord]
  /// The same by uid.
  private let present: [String: InstanceRecord]
  /// What is known of pools, where the records and the view do not say it.
  package var pools: PoolWaves?
  /// Whether values of settings may go that a plugin has no place for any more.
  package var drops = false
  private var ledger: PortLedger
  private var subnets: SubnetLedger
  private var neighbours: [String: Neighbours]
  private var grounds: Grounds
  /// Whether the grounds know what instances are shown that stay as they are.
  private var seesShown = false
  /// Those that stay as they are, and those that are planned.
  private var untouched: [String: InstanceRecord]
  /// What other operations that are at work claim.
  private let claims: [InstanceRecord]
  private var planned: [InstanceRecord] = []
  private var parts: [InstanceSteps] = []
  private var refused: [Refusal] = []
  /// The uids of all of them, in the order in which they were asked for.
  private var order: [String] = []

  /// - Parameters:
  ///   - records: all instances of the scope, kept ones included.
  ///   - claims: what other operations that are at work claim.
  package init(
    verb: String, paths: ScopePaths, view: HostView, facts: [String: Result<AppFacts, BerthError>],
    units: UnitFolder, records: [InstanceRecord], claims: [InstanceRecord] = [], settings: [String: [StoredSetting]]
  ) {
    self.verb = verb
    self.paths = paths
    self.view = view
    self.facts = facts
    self.units = units
    self.settings = settings
    self.records = records
    self.claims = claims.filter { $0.state != .kept }
    ledger = PortLedger(records + self.claims)
    subnets = SubnetLedger(records + self.claims)
    present = Dictionary(records.map { ($0.uid, $0) }, uniquingKeysWith: { first, _ in first })
    untouched = present.filter { $0.value.state != .kept }
    neighbours = Dictionary(grouping: records, by: \.key.app).mapValues { Neighbours($0) }
    grounds = Grounds(paths, records + self.claims, origin: view.origin)
    for claim in self.claims { neighbours[claim.key.app, default: Neighbours()].reserve(claim) }
  }

  /// The plan of everything that was added; instances with nothing to do are left out.
  ///
  /// Only now is it known who has given up a host name that another wants.
  package var plan: Plan {
    var (accepted, others, refused) = (planned, untouched, refused)
    while let (record, error) = accepted.hostConflict(
      beside: others.values.sorted { $0.key < $1.key } + claims)
    {
      accepted.removeAll { $0.uid == record.uid }
      // It keeps what it has.
      others[record.uid] = present[record.uid]
      refused.append(Refusal(present[record.uid] ?? record, error))
    }
    let gone = Set(refused.map(\.record.uid))
    let whole = parts.filter { !$0.isEmpty && !gone.contains($0.change.record.uid) }
    let left = gone.union(whole.map(\.change.record.uid))
    let positions = Dictionary(
      order.filter(left.contains).enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
    for index in refused.indices { refused[index].position = positions[refused[index].record.uid] ?? .max }
    let parts = pinning(whole, beside: others.values)
    return Plan(
      verb: verb, parts,
      in: (pools ?? PoolWaves(records, states: view.states, exists: view.exists)).waves(parts), refused: refused)
  }

  /// Plans something for an instance. What is wrong with it is noted, and nothing is planned for it then.
  ///
  /// - Returns: whether it was planned.
  /// - Throws: what is no matter of this instance: a question that has to be asked first, or that the command is ended.
  @discardableResult
  package mutating func attempt(
    _ record: @autoclosure () -> InstanceRecord, at place: String? = nil,
    _ body: (inout PlanBuilder) throws -> Void
  ) throws -> Bool {
    try Task.checkCancellation()
    do {
      try body(&self)
      return true
    } catch let error as UnknownBuild { throw error } catch let error as CancellationError { throw error } catch {
      refuse(record(), place.map { BerthError(anything: error).at($0) } ?? error)
      return false
    }
  }

  /// An instance as the registry has it by now; nil for one that is gone.
  package func present(_ record: InstanceRecord) -> InstanceRecord? {
    present[record.uid].flatMap { $0.state == .kept ? nil : $0 }
  }

  /// Notes an instance for which nothing can be planned.
  package mutating func refuse(_ record: InstanceRecord, _ error: any Error) {
    refused.append(Refusal(record, error))
    order.append(record.uid)
  }

  /// A new instance.
  ///
  /// - Parameters:
  ///   - token: for whom ports were reserved; nil for nobody.
  ///   - place: where it is asked for, such as the line of a file.
  package mutating func make(_ request: InstallRequest, token: String = "new", at place: String? = nil) throws {
    let uuid = view.uuid
    try attempt(request.wished(uuid()), at: place) { builder in
      let facts = try builder.appFacts(request.app)
      if request.directory != nil || facts.manifest.hasHostFolders { try builder.seeShown() }
      let kept = try request.id.flatMap { builder.neighbours[request.app]?[try InstanceID($0)] }
      let view = builder.view
      let steps = try InstallPlanner(
        request: request, facts: facts, view: request.restore?.view(view) ?? view,
        neighbours: builder.neighbours[request.app] ?? Neighbours(), grounds: builder.grounds,
        storedSettings: kept.flatMap { builder.settings[$0.uid] } ?? [], drops: builder.drops
      ).steps(
        ports: { try builder.ledger.numbers(for: token, of: $0, wishes: $1, view: view) },
        subnets: { try builder.subnets.subnets(for: $0, in: facts.addresses) })
      builder.add(steps)
    }
  }

  /// An instance that shall be otherwise.
  package mutating func change(_ record: InstanceRecord, _ wish: ChangeWish, at place: String? = nil) throws {
    try attempt(record, at: place ?? record.title) { builder in
      if let problem = record.problem { throw BerthError.unreadableRow(record, problem) }
      let facts = try builder.appFacts(record.key.app)
      if facts.manifest.hasHostFolders { try builder.seeShown() }
      let view = builder.view
      let steps = try Self.naming(record) {
        try ChangePlanner(
          former: record, storedSettings: builder.settings[record.uid] ?? [], wish: wish, facts: facts,
          view: wish.restore?.view(view) ?? view,
          neighbours: builder.neighbours[record.key.app] ?? Neighbours(), grounds: builder.grounds,
          units: builder.units,
          drops: builder.drops
        ).steps(
          ports: { try builder.numbers(record, wish, among: $0, of: facts.manifest) },
          subnets: { try builder.subnets.subnets(for: $0, former: record.subnets, in: facts.addresses) })
      }
      builder.neighbours[record.key.app]?.remove(record)
      builder.grounds.remove(record)
      builder.add(steps)
    }
  }

  /// What helps an instance that is there names it, where the command may take no settings.
  private static func naming<Steps>(_ record: InstanceRecord, _ body: () throws -> Steps) throws -> Steps {
    do { return try body() } catch var error as BerthError {
      error.remedy = error.remedy?.setting(of: record.key)
      throw error
    }
  }

  /// A backup of an instance.
  package mutating func backup(_ record: InstanceRecord, _ wish: BackupWish) throws {
    try attempt(record, at: record.title) { builder in
      if let problem = record.problem { throw BerthError.unreadableRow(record, problem) }
      builder.order.append(record.uid)
      builder.parts.append(
        try BackupPlanner(
          record: record, settings: builder.settings[record.uid] ?? [],
          facts: try builder.appFacts(record.key.app).asLeft(record, builder.view), view: builder.view, wish: wish
        ).steps())
    }
  }

  /// A copy of everything that the backup sets of a stopped instance are about, which stays whatever follows.
  package func image(_ record: InstanceRecord) throws -> [Step] {
    try BackupPlanner(
      record: record, settings: settings[record.uid] ?? [],
      facts: try appFacts(record.key.app).asLeft(record, view), view: view,
      wish: BackupWish(reason: .update, note: "before it went back to where it was adopted from")
    ).image()?.steps ?? []
  }

  /// An instance that shall go.
  ///
  /// - Parameters:
  ///   - jobs: run before anything of it is taken away.
  ///   - released: containers that start again in its place.
  package mutating func remove(
    _ record: InstanceRecord, keepsData: Bool, reason: String = "asked for", jobs: [Step] = [],
    release released: [ContainerHandle] = []
  ) throws {
    try attempt(record) { builder in
      var steps = RemovePlanner(
        record: record, paths: builder.paths, units: builder.units,
        sites: PresentSites(record, exists: builder.view.exists),
        registration: builder.view.ownRegistration(of: record, builder.paths),
        panel: builder.view.panel(of: record, builder.paths), keepsData: keepsData,
        reasons: [reason], jobs: jobs
      ).steps()
      if !released.isEmpty { steps.add(.activate, [.releaseContainers(released)]) }
      builder.neighbours[record.key.app]?.remove(record)
      builder.grounds.remove(record)
      builder.untouched[record.uid] = nil
      builder.ledger.release(record.ports.map(\.port))
      builder.order.append(record.uid)
      builder.parts.append(steps)
    }
  }

  /// Keeps ports that are asked for by number, so that no default of another instance takes one of them before.
  ///
  /// - Parameter former: the instance as it is; nil for a new one.
  package mutating func reserve(
    _ ports: [String: Int], of app: String, for holder: PortLedger.Holder, former: InstanceRecord?
  ) throws {
    let manifest = try appFacts(app).manifest
    let wishes = try wishes(ports, of: manifest, former: former)
    try ledger.reserve(
      manifest.ports.flatMap { role in
        wishes[role.role].map { number in role.protocols.map { (role.role, PortNumber($0, number)) } } ?? []
      }, for: holder)
  }

  /// Frees the ports that an instance will have given up.
  package mutating func releaseMoving(_ record: InstanceRecord, _ ports: [String: Int]) throws {
    let wishes = try wishes(ports, of: try appFacts(record.key.app).manifest, former: record)
    ledger.release(
      record.ports.filter { port in wishes[port.role].map { $0 != port.port.number } ?? false }.map(\.port))
  }

  /// Numbers that are asked for, and those of the ports that go along.
  private func wishes(
    _ ports: [String: Int], of manifest: Manifest, former: InstanceRecord?
  ) throws -> [String: Int] {
    var wishes = try PortAllocator.wishes(ports, among: manifest.ports, of: manifest)
    for role in manifest.ports where wishes[role.role] == nil && role.service == nil {
      guard let follows = role.follows, let leader = wishes[follows.role] else { continue }
      let stays = former?.ports.contains { $0.role == follows.role && $0.port.number == leader } ?? false
      if !stays { wishes[role.role] = leader + follows.offset }
    }
    return wishes
  }

  private mutating func add(_ steps: InstanceSteps) {
    let record = steps.change.record
    if neighbours[record.key.app] == nil { neighbours[record.key.app] = Neighbours() }
    neighbours[record.key.app]?.insert(record)
    grounds.insert(record, shown: steps.shown)
    untouched[record.uid] = nil
    planned.append(record)
    order.append(record.uid)
    ledger.take(record.ports.map(\.port), for: PortLedger.Holder(token: record.uid, title: record.title))
    parts.append(steps)
  }

  /// Looks, once, at what instances are shown, where one is to get a folder of its own outside its state.
  private mutating func seeShown() throws {
    guard !seesShown else { return }
    seesShown = true
    for (record, folders) in try view.shown() where untouched[record.uid] != nil {
      grounds.insert(record, shown: folders)
    }
  }

  private func appFacts(_ app: String) throws -> AppFacts {
    guard let facts = facts[app] else { throw BerthError.unknownApp(app, known: facts.keys.sorted()) }
    return try facts.get()
  }

  /// An update never moves a port; only a number that is asked for does, and what follows it goes along.
  private mutating func numbers(
    _ record: InstanceRecord, _ wish: ChangeWish, among roles: [PortRole], of manifest: Manifest
  ) throws -> [String: Int] {
    let wishes = try PortAllocator.wishes(wish.ports, among: roles, of: manifest)
    var fixed = Dictionary(record.ports.map { ($0.role, $0.port.number) }, uniquingKeysWith: { first, _ in first })
    let moved = wishes.filter { fixed[$0.key] != $0.value }
    for role in roles where role.follows.map({ moved[$0.role] != nil }) ?? false { fixed[role.role] = nil }
    fixed.merge(wishes) { _, wish in wish }
    fixed = fixed.filter { number in roles.contains { $0.role == number.key } }
    if moved.isEmpty, roles.allSatisfy({ fixed[$0.role] != nil }) { return fixed }
    return try ledger.numbers(
      for: record.uid, of: roles, wishes: fixed, current: record.ports.map(\.port), view: view)
  }
}
