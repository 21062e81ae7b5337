import BerthKit

/// Plans several instances one after the other, each seeing the names, folders and ports of those before.
struct PlanBuilder {
  let verb: String
  let paths: ScopePaths
  let view: HostView
  let facts: [String: AppFacts]
  let units: UnitFolder
  let settings: [String: [StoredSetting]]
  /// All instances of the scope as they are, kept ones included.
  let records: [InstanceRecord]
  private let ledger: PortLedger
  private var neighbours: [String: Neighbours]
  /// Those that stay as they are, and those that are planned.
  private var untouched: [String: InstanceRecord]
  private var planned: [InstanceRecord] = []
  private var parts: [InstanceSteps] = []

  /// - Parameter records: all instances of the scope, kept ones included.
  init(
    verb: String, paths: ScopePaths, view: HostView, facts: [String: AppFacts], units: UnitFolder,
    records: [InstanceRecord], settings: [String: [StoredSetting]]
  ) {
    self.verb = verb
    self.paths = paths
    self.view = view
    self.facts = facts
    self.units = units
    self.settings = settings
    self.records = records
    ledger = PortLedger(records)
    untouched = Dictionary(
      records.filter { $0.state != .kept }.map { ($0.uid, $0) }, uniquingKeysWith: { first, _ in first })
    neighbours = Dictionary(grouping: records, by: \.key.app).mapValues { Neighbours($0) }
  }

  /// The plan of everything that was added; instances with nothing to do are left out.
  ///
  /// - Throws: `host-taken`. Only now is it known who has given up a host name that another wants.
  var plan: Plan {
    get throws {
      try planned.requireFreeHosts(beside: untouched.values.sorted { $0.key < $1.key })
      return Plan(verb: verb, parts.filter { !$0.isEmpty })
    }
  }

  /// A new instance.
  ///
  /// - Parameter token: for whom ports were reserved; nil for nobody.
  mutating func make(_ request: InstallRequest, token: String = "new") throws {
    let facts = try appFacts(request.app)
    let others = neighbours[request.app] ?? Neighbours()
    let kept = try request.id.flatMap { others[try InstanceID($0)] }
    let (ledger, view) = (ledger, view)
    let steps = try InstallPlanner(
      request: request, facts: facts, view: view, neighbours: others,
      storedSettings: kept.flatMap { settings[$0.uid] } ?? [],
      allocator: { ledger.allocator(for: token, roles: $0, current: [], listener: view.listener, claim: view.claim) }
    ).steps()
    add(steps)
  }

  /// An instance that shall be otherwise.
  mutating func change(_ record: InstanceRecord, _ wish: ChangeWish) throws {
    let facts = try appFacts(record.key.app)
    let (ledger, view) = (ledger, view)
    let steps = try ChangePlanner(
      former: record, storedSettings: settings[record.uid] ?? [], wish: wish, facts: facts, view: view,
      neighbours: neighbours[record.key.app] ?? Neighbours(), units: units,
      ports: { try Self.numbers(record, wish, among: $0, of: facts.manifest, ledger, view) }
    ).steps()
    neighbours[record.key.app]?.remove(record)
    add(steps)
  }

  /// A backup of an instance.
  func backup(_ record: InstanceRecord, _ wish: BackupWish) throws -> InstanceSteps {
    try BackupPlanner(
      record: record, settings: settings[record.uid] ?? [], facts: try appFacts(record.key.app), view: view, wish: wish
    ).steps()
  }

  /// A copy of everything that the backup sets of a stopped instance are about, which stays whatever follows.
  func image(_ record: InstanceRecord) throws -> [Step] {
    try BackupPlanner(
      record: record, settings: settings[record.uid] ?? [], facts: try appFacts(record.key.app), view: view,
      wish: BackupWish(reason: .update, note: "before it went back to where it was adopted from")
    ).image()?.steps ?? []
  }

  /// An instance that shall go.
  ///
  /// - Parameters:
  ///   - jobs: run before anything of it is taken away.
  ///   - released: containers that start again in its place.
  mutating func remove(
    _ record: InstanceRecord, keepsData: Bool, reason: String = "asked for", jobs: [Step] = [],
    release released: [ContainerHandle] = []
  ) {
    neighbours[record.key.app]?.remove(record)
    untouched[record.uid] = nil
    ledger.release(record.ports.map(\.port))
    var steps = RemovePlanner(
      record: record, paths: paths, units: units, sites: PresentSites(record, exists: view.exists),
      registration: view.ownRegistration(of: record, paths), keepsData: keepsData, reasons: [reason], jobs: jobs
    ).steps()
    if !released.isEmpty { steps.add(.activate, [.releaseContainers(released)]) }
    parts.append(steps)
  }

  /// Keeps ports that are asked for by number, so that no default of another instance takes one of them before.
  ///
  /// - Parameter former: the instance as it is; nil for a new one.
  mutating func reserve(
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
  mutating func releaseMoving(_ record: InstanceRecord, _ ports: [String: Int]) throws {
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
    untouched[record.uid] = nil
    planned.append(record)
    ledger.take(record.ports.map(\.port), for: PortLedger.Holder(token: record.uid, title: record.title))
    parts.append(steps)
  }

  private func appFacts(_ app: String) throws -> AppFacts {
    guard let facts = facts[app] else { throw BerthError.unknownApp(app, known: facts.keys.sorted()) }
    return facts
  }

  /// An update never moves a port; only a number that is asked for does, and what follows it goes along.
  private static func numbers(
    _ record: InstanceRecord, _ wish: ChangeWish, among roles: [PortRole], of manifest: Manifest,
    _ ledger: PortLedger, _ view: HostView
  ) throws -> [String: Int] {
    let wishes = try PortAllocator.wishes(wish.ports, among: roles, of: manifest)
    var fixed = Dictionary(record.ports.map { ($0.role, $0.port.number) }, uniquingKeysWith: { first, _ in first })
    let moved = wishes.filter { fixed[$0.key] != $0.value }
    for role in roles where role.follows.map({ moved[$0.role] != nil }) ?? false { fixed[role.role] = nil }
    fixed.merge(wishes) { _, wish in wish }
    fixed = fixed.filter { number in roles.contains { $0.role == number.key } }
    if moved.isEmpty, roles.allSatisfy({ fixed[$0.role] != nil }) { return fixed }
    return try ledger.allocator(
      for: record.uid, roles: roles, current: record.ports.map(\.port), listener: view.listener, claim: view.claim
    ).allocate(wishes: fixed)
  }
}
