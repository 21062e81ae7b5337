import BerthKit
import BerthPlan

extension HostServices {
  /// Takes back one step. Every branch may run a second time, or for a step that was never done, without harm.
  ///
  /// - Parameters:
  ///   - lock: held for what instances share.
  ///   - isBooting: whether what is started cannot be waited for.
  package func takeBack(_ undo: Undo, _ lock: HostLock, isBooting: Bool = false) async throws {
    switch undo {
    case .nothing: break
    case .removeUsers(let names): if !names.isEmpty { try await users.remove(names) }
    case .makeUsers(let names):
      let missing = users.missing(names)
      if !missing.isEmpty { try await users.make(missing) }
    case .forget(let uids): try registry.forget(uids)
    case .register(let registrations):
      try registry.register(registrations.map { ($0.record, $0.settings) })
      try registry.setChecksums(
        registrations.flatMap { former in former.checksums.map { ($0.key, former.record.uid, $0.value) } })
    case .settle(let uid, let state): try registry.setStates([(uid, state)])
    case .removePath(let path), .removeUnpacked(let path): try files.remove(path)
    case .removeRelease(let app, let release):
      if let aside = try await lock.holdingIfPossible({ try setReleaseAside(app, release) }) { try files.remove(aside) }
      removeEmptyApps(app)
    case .whileAside(let aside, let undo):
      if files.exists(aside) { try await takeBack(undo, lock, isBooting: isBooting) }
    case .removeFolder(let path, let topmost, let isShared):
      if !isShared { try files.remove(path) }
      try await lock.holdingIfPossible { removeIfEmpty(path, upTo: topmost) }
    case .recordChecksum(let checksum, let path, let uid): try recordChecksum(checksum, path, uid)
    case .rewrite(let file, let written): try putBack(file, over: written)
    case .putBack(let aside, let path): try await lock.holdingIfPossible { try putBack(aside, path) }
    case .restoreUnits(let app, let former, let added, let own):
      try await lock.holdingIfPossible {
        for file in former { try putBack(file) }
        try removeUnits(added, app, own)
      }
    case .several(let undos): try await takeBack(all: undos, lock, isBooting: isBooting)
    case .reloadManager: try await manager.reload()
    case .reloadProxy(let kind): try await proxies.reload(kind)
    case .leavePool(let place): _ = try await leave([place])
    case .joinPool(let place): try await join([place])
    case .restorePool(let site, true):
      try await lock.holdingIfPossible { try putBack(site.file) }
    case .restorePool(let site, false):
      try await lock.holdingIfPossible {
        guard try isUnused(site) else { return }
        try files.remove(site.file.path)
        if try isPoolEmpty(site) { files.unpin(paths.served(site.app, pool: site.pool)) }
      }
    case .enable(let units): if !units.isEmpty { try await manager.enable(units) }
    case .disable(let units): if !units.isEmpty { try await manager.disable(units) }
    case .start(let units):
      guard !isBooting else { return try await manager.begin(.start, units) }
      try await manager.start(units)
      try await requireActive(units)
    case .stop(let units): try await stop(units)
    case .restart(let units):
      guard !units.isEmpty else { return }
      try await manager.resetFailed(units)
      guard !isBooting else { return try await manager.begin(.restart, units) }
      try await manager.restart(units)
      try await requireActive(units)
    case .runUnits(let units): try await run(units)
    case .tellSettings(let record, let jobs, let needs): try await tellSettings(record, jobs, needs)
    case .dropBackup(let id, let paths, let spares): try dropBackup(id, paths, spares: spares)
    case .putFolderBack(let order, let kept): try archives.putBack(order, keeping: kept)
    case .restoreData(let point): try restoreData(point)
    case .haltContainers(let containers): try await projects.stop(containers)
    case .releaseContainers(let containers): try await projects.start(containers)
    case .moveFolders(let moves): try move(moves)
    }
  }

  /// Has jobs tell the program its settings as they are again.
  ///
  /// - Throws: `settings-untold` with the jobs that failed.
  private func tellSettings(_ record: InstanceRecord, _ jobs: [String], _ needs: [String]) async throws {
    // One that came with the plugin that was taken back is gone with it.
    let jobs = jobs.filter { hasUnit($0, of: record) }
    guard !jobs.isEmpty else { return }
    // One that still runs would go on with the values that are taken back.
    try await manager.stop(jobs.map { JobRun.unit(record, $0) })
    let states = try await manager.states(matching: needs)
    let idle = needs.filter { !Status(states[$0]).isUp }
    if !idle.isEmpty { try await manager.start(idle) }
    var failed: [String] = []
    for job in jobs {
      do { try await run([JobRun.unit(record, job)]) } catch let error as BerthError
        where error.code == "not-running-again"
      { failed.append(job) }
    }
    if !idle.isEmpty { try await stop(idle) }
    guard failed.isEmpty else { throw BerthError.settingsUntold(failed, record) }
  }

  /// Runs jobs to their end.
  private func run(_ jobs: [String]) async throws {
    try await manager.resetFailed(jobs)
    try await manager.start(jobs)
    let failed = try await manager.states(matching: jobs).filter { $0.value.active == "failed" }.keys.sorted()
    guard failed.isEmpty else { throw BerthError.notRunningAgain(failed) }
  }

  /// Takes back all of a step that can be, also where a part of it cannot: a file comes back although a full disk keeps the
  /// registry from being told. A manager that is silent ends it, as files must not go from under services that may run.
  private func takeBack(all undos: [Undo], _ lock: HostLock, isBooting: Bool) async throws {
    var first: (any Error)?
    for undo in undos.reversed() {
      do { try await takeBack(undo, lock, isBooting: isBooting) } catch let error as BerthError
        where error.kind == .unavailable
      { throw error } catch { first = first ?? error }
    }
    if let first { throw first }
  }

  /// Whether no instance is in the pool, or will be once the operation at hand is done.
  func isPoolEmpty(_ site: PoolSite) throws -> Bool { try members(of: site).isEmpty }

  /// Whether no instance of the pool is behind the site's proxy any more: the host may have changed its proxy.
  func isUnused(_ site: PoolSite) throws -> Bool {
    let kind = ProxyConfig.Kind.allCases.first { site.file.path.hasPrefix("\($0.root)/") }
    return try members(of: site).allSatisfy { member in kind?.files(of: member).contains(where: files.exists) != true }
  }

  private func members(of site: PoolSite) throws -> [InstanceRecord] {
    try registry.instances(app: site.app).filter {
      $0.pool == site.pool && !$0.routes.isEmpty && $0.state != .removing
    }
  }

  /// Gives a file its former text back. What has it is left alone, which takes no room.
  ///
  /// Where there is no room for both, the text that is there goes first: nobody wants it any more, and the journal has the
  /// former one until it is in its place.
  ///
  /// - Parameter written: the SHA-256 of what Berth wrote there. What a person has made of it since is kept beside.
  private func putBack(_ file: FileWrite, over written: String? = nil) throws {
    if isText(file) { return }
    /// - Parameter other: goes where the disk is full.
    func write(_ text: String, to path: String, inPlaceOf other: String? = nil) throws {
      func write() throws {
        try files.write(text, to: path, mode: file.mode, owner: file.owner, anchor: file.anchor)
      }
      do { try write() } catch let error as BerthError where error.code == Executor.diskFull {
        guard let other, files.isFile(other) else { throw error }
        try files.remove(other)
        try write()
      }
    }
    let beside = freePlace(beside: file.path)
    switch found(file, since: written) {
    case .nothing: try write(file.text, to: file.path)
    case .edited(let text):
      try write(text, to: beside)
      try write(file.text, to: file.path)
    case .written: try write(file.text, to: file.path, inPlaceOf: file.path)
    case .noText:
      try files.move(file.path, to: beside)
      // What a program has filled the disk with.
      try write(file.text, to: file.path, inPlaceOf: beside)
    }
  }

  /// Where what a file held is kept, under a name that nothing has yet.
  private func freePlace(beside path: String) -> String {
    let name = ScopePaths.kept(path, at: clock.timestamp())
    guard files.exists(name) else { return name }
    return (2...999).lazy.map { "\(name)-\($0)" }.first { !files.exists($0) } ?? name
  }

  /// What stands in the place of a file since a step wrote it.
  private enum Found: Equatable {
    case nothing, written
    case edited(String)
    /// What a program has put there that is no text of a bearable size: it keeps nothing from being taken back.
    case noText
  }

  private func found(_ file: FileWrite, since written: String?) -> Found {
    guard files.exists(file.path) else { return .nothing }
    guard let text = try? files.read(file.path) else { return .noText }
    return written.map { Checksum.text(text) == $0 } ?? true ? .written : .edited(text)
  }

  /// The files in whose place something else stands since a step wrote them, and that taking it back gives their former text.
  func edited(_ undo: Undo) -> [String] {
    switch undo {
    case .several(let undos): undos.flatMap(edited)
    case .whileAside(let aside, let undo): files.exists(aside) ? edited(undo) : []
    case .rewrite(let file, let written):
      isText(file) || [.nothing, .written].contains(found(file, since: written)) ? [] : [file.path]
    default: []
    }
  }

  /// The folder above may have gone as an empty one meanwhile.
  private func putBack(_ aside: String, _ path: String) throws {
    guard files.exists(aside) else { return }
    if let slash = path.lastIndex(of: "/"), slash > path.startIndex, !files.exists(String(path[..<slash])) {
      try files.makeFolder(String(path[..<slash]), mode: 0o755, owner: nil)
    }
    try files.move(aside, to: path)
  }

  /// Another instance may have come to need unit files in the meantime.
  private func removeUnits(_ files: [String], _ app: String, _ own: [String]) throws {
    let others = try registry.instances(app: app).filter { !own.contains($0.uid) }
    let needed = Set(others.flatMap { $0.services.map { paths.unit(UnitName.service(app, $0)) } })
    for path in files where others.isEmpty || (!needed.contains(path) && path != paths.unit(UnitName.target(app))) {
      try self.files.remove(path)
    }
  }

  private func requireActive(_ units: [String]) async throws {
    let states = try await manager.states(matching: units)
    let failed = units.filter { !Status(states[$0]).isUp || states[$0]?.waitsForRestart == true }
    guard failed.isEmpty else { throw BerthError.notRunningAgain(failed) }
  }

  /// A row of an instance that is no longer there takes none.
  private func recordChecksum(_ checksum: String?, _ path: String, _ uid: String) throws {
    // On a full disk what is right already must not have to be written.
    guard try registry.checksum(of: path) != checksum else { return }
    let isKnown = try registry.all().contains { $0.uid == uid }
    guard checksum == nil || isKnown else { return }
    try registry.setChecksums([(path, uid, checksum)])
  }

  /// The first folder on the way to a path that has to be made; nil when all are there.
  func topmostMissing(_ path: String) -> String? {
    guard !files.exists(path) else { return nil }
    var missing = path[...]
    while let slash = missing.lastIndex(of: "/"), slash > missing.startIndex, !files.exists(String(missing[..<slash])) {
      missing = missing[..<slash]
    }
    return String(missing)
  }

  /// Removes folders that hold nothing.
  private func removeIfEmpty(_ path: String, upTo topmost: String) {
    files.removeFolderIfEmpty(path)
    // Others may have come to use what was made above it.
    var above = path
    while above != topmost, let slash = above.lastIndex(of: "/"), slash > above.startIndex {
      above = String(above[..<slash])
      files.removeFolderIfEmpty(above)
    }
  }
}
