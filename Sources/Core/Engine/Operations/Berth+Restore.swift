import BerthKit
import BerthPlan
import BerthPlanning
import BerthStore

extension Berth {
  /// What a restore would do, with nothing changed. The files themselves are not looked at yet.
  public func planRestore(_ request: RestoreRequest) async throws -> Plan {
    let request = spelled(request)
    let source = try granted(request, onlyShows: true)
    var session = PlanningSession(self, catalog(), goesOn: true)
    let target = try await session.plan { try await $0.target(of: request, source) }
    return try await ask(restoring(request, source, target, session), session).asking { _ in source.grants }
  }

  /// Checks a backup as a restore would, with nothing changed.
  ///
  /// - Returns: what each archive of its chain holds, oldest first.
  public func verify(_ request: RestoreRequest) async throws -> [ArchiveSummary] {
    let source = try source(of: request)
    let seals = Dictionary(
      zip(source.archives, try seals(of: source)).compactMap { path, seal in seal.map { (path, $0) } },
      uniquingKeysWith: { first, _ in first })
    return try source.archives.map { path in
      try Task.checkCancellation()
      // Only of the last one anything but contents is taken, and those are what it was made upon.
      let trust = path == source.archives.last ? source.trust : .own(list: seals[path]?.list)
      return try host.archives.verify(
        path, index: nil, trust: trust,
        isBounded: source.trust.isStranger && !ArchiveGrants.liftsBound(request.accepted),
        progress: bytesProgress(path))
    }
  }

  /// Brings an instance back from a backup, or makes a new one from it.
  ///
  /// Everything is unpacked and checked beside the instance first, which runs on meanwhile.
  ///
  /// - Returns: the instance.
  /// - Throws: what planning throws, with nothing changed; or what a step threw, with everything as it was.
  public func restore(_ request: RestoreRequest) async throws -> ControlOutcome {
    let request = spelled(request)
    let source = try granted(request, onlyShows: false)
    var session = PlanningSession(self, catalog())
    let target = try await session.plan { try await $0.target(of: request, source) }
    let outcome = try await carryOut(restoring(request, source, target, session), session).outcome
    guard let result = try await outcomes([target.record], outcome).first else {
      throw BerthError.unknownInstance(target.record.key.id.text, app: request.app, known: [])
    }
    for text in target.work.otherPrograms(result.record) { options.notice(text) }
    return result
  }

  /// The request with its file as archives spell it, by which it is looked for everywhere.
  private func spelled(_ request: RestoreRequest) -> RestoreRequest {
    var request = request
    request.file = request.file.map(host.archives.spelling)
    return request
  }

  private func restoring(
    _ request: RestoreRequest, _ source: RestoreSource, _ target: RestoreTarget, _ session: PlanningSession
  ) -> Operation {
    var operation = Operation(
      "restore", on: target.record.title, present: target.isNew ? [] : [target.record], needs: .programsOfFirst,
      with: session.catalog
    ) { _ in target.unpacking(source, request) }
    operation.then = { try await $0.restorePlan(request, source, target) }
    return operation
  }
}

/// The instance that a restore ends in.
struct RestoreTarget: Sendable {
  /// As it is, or as it will be.
  let record: InstanceRecord
  /// Whether it has to be made.
  let isNew: Bool
  let work: RestoreWork
}

extension PlanningSession {
  fileprivate func target(of request: RestoreRequest, _ source: RestoreSource) async throws -> RestoreTarget {
    let head = source.head
    let token = host.clock.uuid()
    func work(_ record: InstanceRecord, isCopy: Bool, isNew: Bool = false) -> RestoreWork {
      RestoreWork(
        head: head, staging: paths.restoring(record, token, isNew: isNew), token: token, sets: request.sets,
        file: request.file,
        isCopy: isCopy)
    }
    if !request.makesCopy, let record = try berth.present(request, source) {
      if let option = request.optionOfNew { throw BerthError.onlyForNew(option, record) }
      var work = work(record, isCopy: record.uid != head.instance.uid)
      work.places = try record.laidElsewhere(
        paths, exists: host.files.exists, isFolder: host.files.isFolder, realPath: host.files.realPath)
      for order in work.replacements(record, paths) where host.files.exists(order.folder) {
        guard host.files.isOneFileSystem(order.folder, ScopePaths.folder(of: order.folder)) else {
          throw BerthError.isMountPoint(order.folder, of: record)
        }
      }
      return RestoreTarget(record: record, isNew: false, work: work)
    }
    guard request.sets == nil, request.file == nil else { throw BerthError.partOfNew(request.app) }
    let plan = try await makePlan(request, head, work(head.instance, isCopy: request.makesCopy, isNew: true), as: nil)
    let record = plan.changes[0].record
    return RestoreTarget(record: record, isNew: true, work: work(record, isCopy: request.makesCopy, isNew: true))
  }

  fileprivate func restorePlan(
    _ request: RestoreRequest, _ source: RestoreSource, _ target: RestoreTarget
  ) async throws -> Plan {
    guard !target.isNew else { return try await makePlan(request, source.head, target.work, as: target.record) }
    guard let record = try berth.fresh([target.record]).first else { return Plan(verb: "restore", []) }
    var builder = try await planBuilder(
      "restore", apps: [request.app], text: staged(target.work, record))
    let manifest = try catalog.plugin(request.app).manifest
    var wish = ChangeWish()
    if target.work.isWhole {
      wish.settings = try target.work.settings(manifest, drops: berth.options.drops)
      wish.unset = target.work.unset(manifest)
      // A stranger's archive takes nothing away.
      if !source.trust.isStranger {
        let had = Set(target.work.head.settings.map(\.key))
        let variables = try berth.host.registry.settings(of: record.uid).map(\.key).filter(OwnVariable.isKey)
        wish.unset.formUnion(variables.filter { !had.contains($0) })
      }
    }
    wish.restore = target.work
    try builder.change(record, wish)
    return try builder.plan.whole()
  }

  /// - Parameters:
  ///   - known: the instance as it was planned before, whose identity it keeps.
  ///   - adoption: where it comes from, where it was a project that somebody ran by hand.
  ///   - freed: ports whose listeners will have gone by then.
  func makePlan(
    _ request: RestoreRequest, _ head: BackupHead, _ work: RestoreWork, as known: InstanceRecord?,
    adoption: Adoption? = nil, freed: Set<PortNumber> = []
  ) async throws -> Plan {
    let manifest = try catalog.plugin(request.app).manifest
    var install = InstallRequest(
      app: request.app, id: known?.key.id.text ?? (request.makesCopy ? request.newID : head.instance.key.id.text),
      name: request.newName,
      settings: try work.settings(manifest, drops: berth.options.drops).merging(request.settings) { _, own in own },
      ports: request.ports,
      labels: head.instance.labels,
      isStarted: request.isStarted)
    install.knownName = known?.name ?? (request.makesCopy ? nil : head.instance.name)
    install.directory = try request.directory.map(berth.chosenFolder)
    install.limits = head.instance.limits
    install.backup = head.instance.backup
    install.pool = request.pool ?? (request.makesCopy ? nil : head.instance.pool)
    install.restore = work
    install.adoption = adoption
    install.needsOwnID = request.makesCopy && request.newID == nil
    // The very instance comes back under its old identity, so that its backups are its own again.
    let isGone = try !host.registry.all().contains { $0.uid == head.instance.uid }
    install.uid = known?.uid ?? (request.makesCopy || !isGone ? nil : head.instance.uid)
    if !request.makesCopy {
      install.preferredPorts = Dictionary(
        head.instance.ports.map { ($0.role, $0.port.number) }, uniquingKeysWith: { first, _ in first })
    }
    var builder = try await planBuilder(
      "restore", apps: [request.app], asksManager: false,
      text: staged(work, known ?? head.instance),
      freed: freed)
    try builder.make(install)
    return try builder.plan.whole()
  }

  /// What a file's text will be once the unpacked folders are in their place. What comes from the backup is not known
  /// before it is unpacked; what stands there until then goes, whatever it is.
  private func staged(_ work: RestoreWork, _ record: InstanceRecord) -> @Sendable (String) throws -> String? {
    let (files, paths) = (host.files, paths)
    let home = paths.instance(record.key)
    let isUnpacked = files.exists(work.staging)
    return { path in
      guard work.brings(path, record, paths, keeps: { $0.keeps($1) }) else {
        return files.exists(path) ? try files.read(path) : nil
      }
      let staged = "\(work.staging)\(path.dropFirst(home.count))"
      guard isUnpacked, files.isFile(staged) else { return nil }
      // What the app made of it is data: a link is not followed out of there, and gives way to what is rendered.
      let isPlain = files.realPath(staged) == files.realPath(work.staging) + staged.dropFirst(work.staging.count)
      return isPlain ? try files.read(staged) : nil
    }
  }
}

extension RestoreTarget {
  /// What unpacks a backup beside the instance, and checks it.
  fileprivate func unpacking(_ source: RestoreSource, _ request: RestoreRequest) -> Plan {
    let order = UnpackOrder(
      archives: source.archives, ids: source.ids, index: source.index, target: work.staging,
      owner: record.user.map { FileOwner(user: $0) }, trust: source.trust, sets: request.sets, file: request.file)
    // The files are given to a user that has to be there.
    let users: [Step] = isNew ? record.user.map { [.makeUsers([$0])] } ?? [] : []
    var steps = InstanceSteps(
      InstanceChange(isNew ? .make : .restore, record, reasons: work.reasons(record)))
    steps.add(.prepare, users + order.steps(of: record))
    return Plan(verb: "restore", [steps])
  }
}
