import BerthKit
import BerthPlan

extension Executor {
  /// How each step of a group will be taken back, found out before any of them acts.
  ///
  /// - Returns: the steps that can be done, and an undo for each.
  package func prepare(_ steps: [PlannedStep], _ before: Before) throws -> (ready: [PlannedStep], undos: [Undo]) {
    var ready: [PlannedStep] = []
    var undos: [Undo] = []
    for planned in steps where !hasFailed(planned.owner) {
      do {
        undos.append(try undo(of: planned.step, before))
        ready.append(planned)
      } catch { try fail(planned, error) }
    }
    return (ready, undos)
  }

  /// What a group of steps has to know of the host, asked for once.
  package struct Before {
    package var records: [String: InstanceRecord] = [:]
    package var settings: [String: [StoredSetting]] = [:]
    var missingUsers: Set<String> = []
    package var enabled: Set<String> = []
    package var states: [String: UnitState] = [:]
    var checksums: [String: String] = [:]
    /// The same of instances that are forgotten, by uid.
    var forgotten: [String: [String: String]] = [:]
    /// Folders that this operation has replaced.
    ///
    /// What was in one comes back with the whole of it. An undo of its own for something in there, done a second time,
    /// would meet the former folder, which has what it should have.
    private var replaced: [ReplaceOrder] = []

    func isReplaced(_ path: String) -> Bool { replaced.contains { $0.holds(path) } }

    /// For steps that change files, which ask nobody.
    init(files steps: [Step], _ host: HostServices, _ receipts: [Receipt]) throws {
      let isChecked = steps.contains { if case .writeFile(let file) = $0 { file.checkedFor != nil } else { false } }
      if isChecked { checksums = try host.registry.checksums() }
      replaced = receipts.compactMap {
        if case .putFolderBack(let order, _) = $0.undo { order } else { nil }
      }
    }

    init(_ steps: [Step], _ host: HostServices) async throws {
      switch steps.first {
      case .register, .forget, .keep:
        records = Dictionary(
          try host.registry.all().map { ($0.uid, $0) }, uniquingKeysWith: { first, _ in first })
        settings = try host.registry.settings()
        if case .forget? = steps.first { forgotten = try host.registry.checksumsByInstance() }
      case .makeUsers:
        let names = steps.flatMap { step -> [String] in if case .makeUsers(let names) = step { names } else { [] } }
        missingUsers = Set(host.users.missing(names))
      case .enable, .disable: enabled = try host.manager.enabledUnits()
      case .start, .stop, .restart, .runJob:
        let units = steps.flatMap(\.units)
        if !units.isEmpty { states = try await host.manager.states(matching: units) }
      default: break
      }
    }
  }

  private func undo(of step: Step, _ before: Before) throws -> Undo {
    switch step {
    // Packages are prerequisites, and files are whose they should be from then on.
    case .installPackages, .giveFiles, .checkConfig: return .nothing
    case .makeRelease(let release):
      let path = host.paths.release(release.app, release.name)
      return host.files.exists(path) ? .nothing : .removeRelease(app: release.app, release: release.name)
    case .runJob(let run):
      let undo =
        run.leaves.map(Undo.removePath) + (run.counterpart.map { [.runUnits([JobRun.unit(run.record, $0)])] } ?? [])
        // What its container needed came by itself.
        + (run.record.images.isEmpty || run.record.isActive(before.states)
          ? [] : [.stop(run.record.companions)])
      return undo.isEmpty ? .nothing : .several(undo)
    case .makeUsers(let names): return .removeUsers(names.filter(before.missingUsers.contains))
    case .removeUsers(let names): return .makeUsers(names)
    case .register(let registration): return former(registration.record, before) ?? .forget([registration.record.uid])
    case .forget(let record), .keep(let record): return former(record, before) ?? .nothing
    case .settle(let record, _): return .settle(record.uid, record.state)
    case .makeFolder(let path, _, _, let isShared):
      guard let topmost = host.topmostMissing(path) else { return .nothing }
      guard !before.isReplaced(path) else { return .several([]) }
      return .removeFolder(path: path, topmost: topmost, isShared: isShared)
    case .writeFile(let file): return try undoOfWriting(file, before)
    // A kept instance still has its links.
    case .makeLink(let path, _):
      return host.files.exists(path) || before.isReplaced(path) ? .nothing : .removePath(path)
    case .removeTree(let path): return setAside(path)
    case .shareUnits(let app, let files): return try undoOfSharing(files, app)
    case .releaseUnits(let app, let paths):
      guard try host.registry.instances(app: app).allSatisfy({ $0.state == .removing }) else { return .nothing }
      return .several(paths.map(setAside))
    case .sharePool(let site):
      let former = host.files.exists(site.file.path) ? try host.files.read(site.file.path) : nil
      let file = site.file.with(text: former ?? "")
      return .restorePool(PoolSite(app: site.app, pool: site.pool, file: file), hadText: former != nil)
    case .releasePool(let site): return try host.isUnused(site) ? setAside(site.file.path) : .nothing
    case .leavePool(_, let place): return .joinPool(place)
    case .joinPool(_, let place): return .leavePool(place)
    case .reloadManager: return .reloadManager
    case .reloadProxy(let kind): return .reloadProxy(kind)
    case .enable(let units): return .disable(units.filter { !before.enabled.contains($0) })
    case .disable(let units): return .enable(units.filter(before.enabled.contains))
    case .start(let record, let units):
      // What ran before goes on, such as when a service is added to others.
      guard record.isActive(before.states) else { return .stop(record.chosen([], withTarget: true)) }
      let idle = record.chosen(units).filter { !Status(before.states[$0]).isUp }
      return idle.isEmpty ? .nothing : .stop(idle)
    case .stop(let record, let units):
      let active = record.chosen(units).filter { Status(before.states[$0]).isUp }
      return active.isEmpty ? .nothing : .start(units.isEmpty ? [record.target] + active : active)
    case .restart(let record, let units):
      return .restart(record.chosen(units).filter { Status(before.states[$0]).isUp })
    case .archive(let work): return work.undo
    case .unpack(_, let order): return .removeUnpacked(order.target)
    case .replaceFolder(_, let order): return .putFolderBack(order, kept: try host.archives.kept(order))
    case .guardData(_, let point): return .restoreData(point)
    case .guardSettings(let record, let jobs, let needs): return .tellSettings(record, jobs: jobs, needs: needs)
    case .haltContainers(let containers): return .releaseContainers(containers)
    case .releaseContainers(let containers): return .haltContainers(containers)
    case .moveFolders(let moves): return moves.isEmpty ? .nothing : .moveFolders(moves.reversed().map(\.reversed))
    }
  }

  private func former(_ record: InstanceRecord, _ before: Before) -> Undo? {
    guard let former = before.records[record.uid] else { return nil }
    return .register([
      Registration(
        record: former, settings: before.settings[record.uid] ?? [], takesUp: true,
        checksums: before.forgotten[record.uid] ?? [:])
    ])
  }

  /// A tree's place in the trash, on the file system of Berth's state.
  private func setAside(_ path: String) -> Undo {
    guard host.files.exists(path) else { return .nothing }
    return .putBack(from: host.paths.aside(path, host.clock.uuid()), to: path)
  }

  private func undoOfWriting(_ file: FileWrite, _ before: Before) throws -> Undo {
    var former: String?
    do { former = host.files.exists(file.path) ? try host.files.read(file.path) : nil } catch let error as BerthError
      where file.aside != nil && error.kind == .badInput
    {
      // A backup brought a link, which the file replaces. The folder that it came with goes as a whole.
      former = nil
    }
    let written = file.checkedFor == nil ? nil : Checksum.text(file.text)
    let back: Undo = former.map { .rewrite(file.with(text: $0), over: written) } ?? .removePath(file.path)
    var undo = [file.aside.map { .whileAside($0, back) } ?? back]
    if let uid = file.checkedFor {
      let recorded = before.checksums[file.path]
      undo.append(.recordChecksum(recorded, path: file.path, instance: uid))
      if file.aside == nil, let former, !former.isSame(as: file.text), let recorded, recorded != Checksum.text(former) {
        // A person changed it since Berth wrote it: their text is kept beside.
        let beside = ScopePaths.kept(file.path, at: host.clock.timestamp())
        undo.append(.removePath(beside))
      }
    }
    return .several(undo)
  }

  private func undoOfSharing(_ files: [FileWrite], _ app: String) throws -> Undo {
    var former: [FileWrite] = []
    var added: [String] = []
    for file in files {
      guard host.files.exists(file.path) else {
        added.append(file.path)
        continue
      }
      let text = try host.files.read(file.path)
      if !text.isSame(as: file.text) { former.append(file.with(text: text)) }
    }
    guard !former.isEmpty || !added.isEmpty else { return .nothing }
    return .restoreUnits(app: app, former: former, added: added, for: members[app] ?? [])
  }
}

extension InstanceRecord {
  /// Units that come with its containers by themselves and end after them, so that a stop has to wait for them.
  var companions: [String] {
    let (app, id) = (key.app, key.id.text)
    return images.isEmpty ? [] : [UnitName.network(app, id), UnitName.compose(app, id)]
  }

  /// The units named, or those of all services when none is.
  package func chosen(_ units: [String], withTarget: Bool = false) -> [String] {
    units.isEmpty ? (withTarget ? [target] + companions : []) + self.units : units
  }
}

extension Step {
  /// The units that an order is for.
  fileprivate var units: [String] {
    switch self {
    case .start(let record, _): record.units
    case .runJob(let run): run.record.images.isEmpty ? [] : run.record.units
    case .stop(let record, let units), .restart(let record, let units): record.chosen(units)
    default: []
    }
  }

  /// The instance it gives an order for.
  package var record: InstanceRecord? {
    switch self {
    case .start(let record, _), .stop(let record, _), .restart(let record, _): record
    default: nil
    }
  }
}
