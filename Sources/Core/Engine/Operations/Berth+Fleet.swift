import BerthKit
import BerthPlan
import BerthPlanning
import BerthStore

extension Berth {
  /// Reads a fleet file.
  ///
  /// - Parameter goesOn: whether entries whose plugin cannot be used are left out and the others go on.
  /// - Throws: `bad-fleet` with file and line.
  public func fleet(at path: String, goesOn: Bool = false) throws -> FleetFile {
    let absolute = path.hasPrefix("/") ? path : "\(environment.workingFolder)/\(path)"
    guard host.files.exists(absolute) else { throw BerthError.noFleet(path) }
    return try FleetReader(file: path).fleet(
      from: try host.files.read(absolute), catalog: catalog(), goesOn: goesOn)
  }

  /// Reads a fleet file that came on stdin.
  ///
  /// - Throws: `bad-fleet` with the line.
  public func fleet(fromInput bytes: [UInt8], goesOn: Bool = false) throws -> FleetFile {
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw BerthError.badFleet("what came on stdin is not UTF-8", at: "-", key: nil)
    }
    return try FleetReader(file: "-").fleet(from: text, catalog: catalog(), goesOn: goesOn)
  }

  /// What is different from a fleet file, and what would be done about it.
  ///
  /// - Parameters:
  ///   - prunes: whether instances go that a file of this fleet made and this one no longer lists.
  ///   - accepted: what the file may grant, by the words of ``Grant``. The plan shows the rest as open.
  /// - Throws: `unknown-grant`.
  public func planFleet(
    _ fleet: FleetFile, prunes: Bool, accepting accepted: Set<String> = []
  ) async throws -> Plan {
    try await draftFleet(fleet, prunes: prunes, accepting: accepted).plan
  }

  /// The same as a draft that ``apply(_:prunes:accepting:draft:)`` carries out.
  public func draftFleet(
    _ fleet: FleetFile, prunes: Bool, accepting accepted: Set<String> = []
  ) async throws -> Draft {
    let draft = try await draft(of: applying(fleet, prunes: prunes, accepting: accepted, with: catalog()))
    _ = try draft.plan.answer(about: fleet.instances.count + fleet.lost.count)
    return draft
  }

  /// Brings the host to what a fleet file says. A second time there is nothing to do.
  ///
  /// - Parameters:
  ///   - accepted: what the file may grant, by the words of ``Grant``.
  ///   - draft: what ``draftFleet(_:prunes:accepting:)`` found a moment ago with the same file and words, if nobody was asked
  ///     anything since; nil to look again.
  /// - Returns: the instances that were made or changed, and those that failed while the others went on.
  /// - Throws: `unconfirmed-grants` with nothing changed, among others.
  public func apply(
    _ fleet: FleetFile, prunes: Bool, accepting accepted: Set<String> = [], draft: Draft? = nil
  ) async throws -> [ControlOutcome] {
    if let plan = draft?.plan, plan.isEmpty, plan.refused.isEmpty { return [] }
    return try await outcomes(
      try await carryOut(
        applying(fleet, prunes: prunes, accepting: accepted, with: draft?.catalog ?? catalog()), draft: draft))
  }

  private func applying(_ fleet: FleetFile, prunes: Bool, accepting accepted: Set<String>, with catalog: PluginCatalog)
    -> Operation
  {
    var operation = Operation("apply", on: "a fleet file", needs: .programsOfFirst, with: catalog) { session in
      try await fleetPlan(fleet, prunes: prunes, accepting: accepted, session)
    }
    operation.mayMovePorts = fleet.instances.allSatisfy(\.ports.isEmpty)
    return operation
  }

  private func fleetPlan(
    _ fleet: FleetFile, prunes: Bool, accepting accepted: Set<String>, _ session: PlanningSession
  ) async throws -> Plan {
    // What is not listed goes, and nobody knows which instances those entries stand for.
    if prunes, !fleet.lost.isEmpty { throw BerthError.worst(of: fleet.lost.map(\.error)) }
    var builder = try await session.planBuilder(
      "apply", apps: Set(fleet.instances.map(\.app)), seesAllUnits: prunes)
    let grants = try FleetGrants(
      builder.facts.values.compactMap { (try? $0.get())?.manifest }, accepting: accepted)
    let records = builder.records.filter { $0.state != .kept }
    let present = Dictionary(grouping: records, by: \.key.app).mapValues { Neighbours($0) }
    var entries = fleet.instances.enumerated().map { index, entry in
      FleetEntry(index, entry, among: present[entry.app])
    }
    if prunes {
      let listed = Set(entries.compactMap { $0.record?.uid })
      for record in records where record.fleet == fleet.name ?? "" && !listed.contains(record.uid) {
        try builder.remove(
          record, keepsData: false, reason: "the fleet file no longer lists it",
          jobs: removeJobs(record, session.catalog))
      }
    }
    for entry in fleet.lost {
      builder.refuse(
        InstanceRecord(wished: entry.app, id: nil, name: entry.name, uid: host.clock.uuid()), entry.error)
    }
    // What is asked for by number comes before what is given by default, wherever it stands in the file.
    entries = try entries.filter { entry in
      guard let record = entry.record else { return true }
      return try builder.attempt(record, at: entry.wish.place) { try $0.releaseMoving(record, entry.wish.ports) }
    }
    entries = try entries.filter { entry in
      try builder.attempt(entry.record ?? entry.wished(host.clock.uuid()), at: entry.wish.place) {
        try $0.reserve(entry.wish.ports, of: entry.wish.app, for: entry.holder, former: entry.record)
      }
    }
    for entry in entries {
      if let record = entry.record {
        var wish = ChangeWish()
        guard try builder.attempt(record, at: entry.wish.place, { _ in wish = try entry.change(of: record) }) else {
          continue
        }
        try builder.change(record, wish, at: entry.wish.place)
      } else {
        try builder.make(
          entry.request(fleet: fleet.name ?? ""), token: entry.holder.token, at: entry.wish.place)
      }
    }
    return session.lessLacking(builder.plan.asking(EntriesByInstance(entries, builder).wish, grants))
  }

  /// The fleet file of what is there.
  ///
  /// - Parameter reveals: whether secrets are written too, so that another host gets the same.
  public func export(reveals: Bool) throws -> FleetFile {
    let settings = try host.registry.settings()
    let enabled = try host.manager.enabledUnits()
    let catalog = catalog()
    return FleetFile(
      instances: try host.registry.instances().map { record in
        let stored = settings[record.uid] ?? []
        // Under the names that reading it back knows.
        let named = (try? catalog.plugin(record.key.app).manifest.named(stored)) ?? stored
        let own = named.filter { reveals || !$0.isSecret }
        return FleetInstance(
          app: record.key.app, id: record.key.id,
          name: record.name == InstanceName(automaticFor: record.key.id) ? nil : record.name,
          ports: Dictionary(record.ports.map { ($0.role, $0.port.number) }, uniquingKeysWith: { first, _ in first }),
          settings: Dictionary(own.map { ($0.key, $0.value) }, uniquingKeysWith: { first, _ in first }),
          labels: record.labels, limits: record.limits,
          backup: record.backup ?? BackupPolicy(), pool: record.pool, enabled: enabled.contains(record.target),
          directory: record.directory)
      })
  }
}

extension Plan {
  /// - Throws: `unconfirmed-grants`.
  func requireConfirmed() throws {
    if !openGrants.isEmpty { throw BerthError.unconfirmedGrants(openGrants) }
  }

  /// What was refused, by the instance's uid.
  var failures: [String: BerthError] {
    Dictionary(refused.map { ($0.record.uid, $0.error) }, uniquingKeysWith: { first, _ in first })
  }

  fileprivate func asking(_ wish: (InstanceRecord) -> FleetGrants.Wish?, _ grants: FleetGrants) -> Plan {
    asking { change in wish(change.record).map { grants.asked($0, as: change.record) } ?? [] }
  }
}

/// Which entry of a fleet file a planned instance comes from.
private struct EntriesByInstance {
  private struct Name: Hashable {
    let app: String
    let text: String?
  }

  private var present: [String: FleetEntry] = [:]
  private var ids: [InstanceKey: FleetEntry] = [:]
  private var names: [Name: FleetEntry] = [:]
  private let kept: [String: InstanceRecord]
  private let settings: [String: [StoredSetting]]

  init(_ entries: [FleetEntry], _ builder: PlanBuilder) {
    for entry in entries {
      if let record = entry.record {
        present[record.uid] = entry
      } else if let id = entry.wish.id {
        ids[InstanceKey(app: entry.wish.app, id: id)] = entry
      } else {
        names[Name(app: entry.wish.app, text: entry.wish.name?.text)] = entry
      }
    }
    kept = Dictionary(
      builder.records.filter { $0.state == .kept }.map { ($0.uid, $0) }, uniquingKeysWith: { first, _ in first })
    settings = builder.settings
  }

  /// Nil for an instance that goes since no entry names it.
  func wish(_ record: InstanceRecord) -> FleetGrants.Wish? {
    let entry =
      present[record.uid] ?? ids[record.key] ?? names[Name(app: record.key.app, text: record.name.text)]
    return entry.map {
      FleetGrants.Wish(
        entry: $0.wish, former: $0.record, settings: $0.record.flatMap { settings[$0.uid] } ?? [],
        kept: kept[record.uid])
    }
  }
}

/// An entry of a fleet file and the instance that it means.
private struct FleetEntry {
  let wish: FleetInstance
  /// The instance that is there; nil when it has to be made.
  let record: InstanceRecord?
  let holder: PortLedger.Holder

  init(_ index: Int, _ wish: FleetInstance, among present: Neighbours?) {
    self.wish = wish
    if let id = wish.id ?? (wish.name == nil ? .default : nil) {
      record = present?[id]
    } else {
      record = wish.name.flatMap { present?[$0] }
    }
    let name = record?.name.text ?? wish.name?.text ?? wish.id?.text ?? "default"
    holder = PortLedger.Holder(token: record?.uid ?? "entry \(index)", title: "\(wish.app)/\(name)")
  }

  func request(fleet: String) -> InstallRequest {
    var request = InstallRequest(
      app: wish.app, id: wish.id?.text ?? (wish.name == nil ? "default" : nil), name: wish.name?.text,
      settings: wish.settings, ports: wish.ports, directory: wish.directory, labels: wish.labels,
      isStarted: wish.enabled)
    request.limits = wish.limits
    request.backup = wish.backup
    request.pool = wish.pool
    request.fleet = fleet
    request.needsOwnID = wish.id == nil
    return request
  }

  /// The file owns what it names; the rest stays as it is.
  func change(of record: InstanceRecord) throws -> ChangeWish {
    if let directory = wish.directory, directory != record.directory {
      throw BerthError.directoryFixed(directory, record)
    }
    return ChangeWish(
      settings: wish.settings, ports: wish.ports, name: wish.name?.text, labels: wish.labels,
      limits: wish.limits.filled(from: record.limits),
      backup: wish.backup.filled(from: record.backup ?? BackupPolicy()), pool: wish.pool, isEnabled: wish.enabled,
      startsStopped: wish.enabled)
  }

  /// The instance as far as it is known before it is planned.
  func wished(_ uid: String) -> InstanceRecord { request(fleet: "").wished(uid) }
}
