import BerthKit
import BerthPlan

extension Executor {
  /// Does the steps of a group. What fails is noted with its instance; what concerns all is thrown.
  func act(_ steps: [PlannedStep], _ undos: [Undo]) async throws {
    guard let first = steps.first else { return }
    try await once(steps, undos) {
      switch first.step {
      case .installPackages(let lists): try await host.packages.install(lists)
      case .makeRelease(let release): try await make(release)
      case .reloadManager: try await host.manager.reload()
      case .reloadProxy(let kind): try await host.proxies.reload(kind)
      case .leavePool(let record, _):
        for problem in try await host.leave(places(steps)) { options.notice("\(record.title): \(problem)") }
      case .joinPool: try await host.join(places(steps))
      case .makeUsers:
        let missing = undos.flatMap { undo -> [String] in if case .removeUsers(let names) = undo { names } else { [] } }
        if !missing.isEmpty { try await host.users.make(missing) }
      // A user made anew could have another number than its files, so that it goes when nothing is taken back any more.
      case .removeUsers: break
      case .enable: try await host.manager.enable(units(steps))
      case .disable: try await host.manager.disable(units(steps))
      case .register, .forget, .keep, .settle: try changeRegistry(steps)
      case .start:
        try note(try await host.start(orders(steps), isAwaited: options.awaitsStart && !options.isBooting), steps)
      case .stop:
        host.unpinRemoved(orders(steps).map(\.record))
        try await host.stop(orders(steps).flatMap { $0.record.chosen($0.units, withTarget: true) })
        // A unit takes away what it has pinned, unless its last command was killed.
        for order in orders(steps) where order.units.isEmpty {
          for folder in host.paths.pins(of: order.record.key) { host.files.unpin(folder) }
        }
      case .restart:
        try note(try await host.restart(orders(steps), isAwaited: options.awaitsStart && !options.isBooting), steps)
      case .runJob: try note(try await host.runJobs(jobs(steps)), steps)
      case .archive(let work): try await archive(work)
      case .unpack(_, let order): try await unpack(order)
      case .replaceFolder(_, let order):
        if case .putFolderBack(_, let kept)? = undos.first { try host.archives.replace(order, keeping: kept) }
      case .haltContainers(let containers): try await host.projects.stop(containers)
      case .releaseContainers(let containers):
        for name in try await host.projects.start(containers) {
          options.notice(
            "the container \(name) did not get well; run: \(Remedy.run(Command("docker", ["logs", name])))")
        }
      case .moveFolders(let moves): try host.move(moves)
      case .giveFiles(let folders, let owner): try host.files.giveForeignFiles(in: folders, to: owner)
      case .guardData, .guardSettings: break
      case .checkConfig(let record, let checks): try requireTaken(checks, by: record)
      case .makeFolder, .writeFile, .makeLink, .removeTree, .shareUnits, .releaseUnits, .sharePool, .releasePool: break
      }
    }
  }

  /// One call for a whole group.
  ///
  /// What it throws is the instance's own where it stands alone. A group cannot say whose it was, so that where the others
  /// go on, each is done once more for itself.
  private func once(_ steps: [PlannedStep], _ undos: [Undo], _ body: () async throws -> Void) async throws {
    do {
      try faults.pass()
      try await body()
      try faults.pass()
    } catch {
      guard steps.count > 1 else { return try fail(steps[0], error) }
      let isEveryones = error is CancellationError || (error as? BerthError)?.kind == .unavailable
      guard options.keepsGoing, !isEveryones else { throw error }
      for (step, undo) in zip(steps, undos) where !hasFailed(step.owner) { try await act([step], [undo]) }
    }
  }

  private func note(_ failed: Failures, _ steps: [PlannedStep]) throws {
    for step in steps { if let uid = step.owner.uid, let error = failed[uid] { try fail(step, error) } }
  }

  private func units(_ steps: [PlannedStep]) -> [String] {
    steps.flatMap {
      switch $0.step {
      case .enable(let units), .disable(let units): units
      default: [String]()
      }
    }
  }

  private func orders(_ steps: [PlannedStep]) -> [(record: InstanceRecord, units: [String])] {
    steps.compactMap {
      switch $0.step {
      case .start(let record, let units), .stop(let record, let units), .restart(let record, let units):
        (record, units)
      default: nil
      }
    }
  }

  private func places(_ steps: [PlannedStep]) -> [PoolPlace] {
    steps.compactMap {
      switch $0.step {
      case .leavePool(_, let place), .joinPool(_, let place): place
      default: nil
      }
    }
  }

  private func jobs(_ steps: [PlannedStep]) -> [(record: InstanceRecord, job: String)] {
    steps.compactMap { if case .runJob(let run) = $0.step { (run.record, run.job) } else { nil } }
  }

  private func changeRegistry(_ steps: [PlannedStep]) throws {
    var registrations: [(InstanceRecord, [StoredSetting])] = []
    var states: [(String, InstanceRecord.State)] = []
    var forgotten: [String] = []
    var kept: [String] = []
    for planned in steps {
      switch planned.step {
      case .register(let registration): registrations.append((registration.record, registration.settings))
      case .settle(let record, let state): states.append((record.uid, state))
      case .forget(let record): forgotten.append(record.uid)
      case .keep(let record): kept.append(record.uid)
      default: break
      }
    }
    if !registrations.isEmpty { try host.registry.register(registrations) }
    if !states.isEmpty { try host.registry.setStates(states) }
    if !forgotten.isEmpty { try host.registry.forget(forgotten) }
    if !kept.isEmpty { try host.registry.keep(kept) }
  }

  // MARK: Files

  func actOnFiles(_ steps: [PlannedStep], _ undos: [Undo]) throws {
    var checksums: [(path: String, instance: String, checksum: String?)] = []
    for (planned, undo) in zip(steps, undos) where !hasFailed(planned.owner) {
      do {
        try faults.pass()
        try act(planned.step, undo)
        if case .writeFile(let file) = planned.step, let uid = file.checkedFor {
          checksums.append((file.path, uid, Checksum.text(file.text)))
        }
        try faults.pass()
      } catch {
        try fail(planned, error)
        if !options.keepsGoing { break }
      }
    }
    try host.registry.setChecksums(checksums)
  }

  private func act(_ step: Step, _ undo: Undo) throws {
    switch step {
    case .makeFolder(let path, let mode, let owner, _):
      if undo != .nothing { try host.files.makeFolder(path, mode: mode, owner: owner) }
    case .writeFile(let file): try write(file, undo)
    case .makeLink(let path, let target):
      // A kept instance still has its links.
      if host.files.exists(path), host.files.realPath(path) == host.files.realPath(target) { return }
      try host.files.makeLink(path, to: target)
    case .sharePool(let site): try write(site.file, undo)
    case .removeTree, .releaseUnits: try setAside(undo)
    case .releasePool(let site):
      try setAside(undo)
      if undo != .nothing, try host.isPoolEmpty(site) {
        host.files.unpin(host.paths.served(site.app, pool: site.pool))
      }
    case .shareUnits(_, let files):
      guard case .restoreUnits(_, let former, let added, _) = undo else { return }
      let changed = Set(former.map(\.path) + added)
      for file in files where changed.contains(file.path) {
        try host.files.write(file.text, to: file.path, mode: file.mode, owner: nil, anchor: nil)
      }
    default: break
    }
  }

  private func write(_ file: FileWrite, _ undo: Undo) throws {
    if file.aside != nil, let anchor = file.anchor { try clearTheWay(to: file.path, below: anchor) }
    if case .several(let undos) = undo, case .rewrite(let former, _)? = undos.first,
      case .removePath(let beside)? = undos.last
    {
      try host.files.write(former.text, to: beside, mode: file.mode, owner: file.owner, anchor: file.anchor)
    }
    try host.files.write(file.text, to: file.path, mode: file.mode, owner: file.owner, anchor: file.anchor)
  }

  /// What a backup brought in the place of a config file, or on the way to it, gives way. The folder that it came with is
  /// taken back as a whole.
  private func clearTheWay(to path: String, below anchor: String) throws {
    for end in path.indices.dropFirst(anchor.count + 1) where path[end] == "/" {
      let above = String(path[..<end])
      if host.files.exists(above), !host.files.isFolder(above) { return try host.files.remove(above) }
    }
    if host.files.isFolder(path) { try host.files.remove(path) }
  }

  private func setAside(_ undo: Undo) throws {
    switch undo {
    case .several(let undos): for undo in undos { try setAside(undo) }
    case .putBack(let aside, let path):
      // What several instances shared goes with the first of them.
      guard host.files.exists(path) else { return }
      if aside.hasPrefix(host.paths.trash) { try host.files.makeFolder(host.paths.trash, mode: 0o700, owner: nil) }
      try host.files.move(path, to: aside)
    default: break
    }
  }
}
