import BerthKit
import BerthPlan
import BerthRender

/// An instance × its backup sets → what is to be done for a backup. Only computes.
struct BackupPlanner {
  let record: InstanceRecord
  let settings: [StoredSetting]
  let facts: AppFacts
  let view: HostView
  let wish: BackupWish

  private var manifest: Manifest { facts.manifest }
  private var paths: ScopePaths { facts.context.paths }

  /// A backup while the instance is in use. It is stopped only for what is not hot.
  ///
  /// - Throws: `no-backup-sets`.
  func steps() throws -> InstanceSteps {
    let values = manifest.values(of: settings)
    let sets = manifest.enabledBackup(values)
    guard !sets.isEmpty else { throw BerthError.noBackupSets(record) }
    _ = try places()
    let selected = try selection(values)
    let draft = try self.draft(selected)
    let isUp = record.isActive(view.states)
    let cold = sets.filter { !$0.isHot }
    let hot = sets.filter(\.isHot)
    let isStartedForDumps = !isUp && sets.contains(where: \.isDump)

    var steps = Self.folders(of: record, paths)
    if isStartedForDumps {
      let services = Set(sets.filter(\.isDump).map(\.service))
      steps.append(.start(record, units: record.units(for: services, manifest)))
    }
    if isUp { steps += before(hot) }
    steps += dumps(sets)
    if !hot.isEmpty { steps.append(archive(draft, hot, opens: true, closes: cold.isEmpty)) }
    if isUp { steps += after(hot) + before(cold) }
    if isStartedForDumps || (isUp && !cold.isEmpty) { steps.append(.stop(record, units: [])) }
    let startsAgain = isUp && !wish.leavesStopped
    if !cold.isEmpty { steps.append(archive(draft, cold, opens: hot.isEmpty, closes: !startsAgain)) }
    if startsAgain, !cold.isEmpty {
      steps.append(.start(record))
      steps += after(cold)
      steps.append(archive(draft, [], opens: false, closes: true))
    }
    steps += leftovers(sets)

    let pause = isUp && !cold.isEmpty ? ["it is stopped while \(cold.map(\.id).joined(separator: ", ")) is copied"] : []
    return InstanceSteps(InstanceChange(.backup, record, reasons: [draft.kindReason] + pause), [.jobs: steps])
  }

  /// A copy of everything that the sets are about, as files, of an instance that is stopped.
  ///
  /// - Parameter other: the same with another version of the plugin, whose sets are copied too.
  /// - Returns: nil for an app without backup sets.
  func image(and other: BackupPlanner? = nil) throws -> (steps: [Step], point: RestorePoint)? {
    var selected = try imageSets()
    for set in try other?.imageSets() ?? [] where !selected.contains(where: { $0.source == set.source }) {
      // Both versions may call different files by one name.
      let names = [set.name] + (1...selected.count + 1).map { "next-\($0)" }
      let free = names.first { name in !selected.contains { $0.name == name } } ?? set.name
      selected.append(SelectedSet(free, set.source))
    }
    guard !selected.isEmpty else { return nil }
    let draft = try self.draft(selected, stays: true)
    let work = ArchiveWork(draft: draft, parts: selected.map { ArchivePart($0.name) }, opens: true, closes: true)
    let links = draft.head.chain.map { "\(paths.backups(of: record.key))/\($0.file)" }
    let token = view.uuid()
    let target = paths.restoring(record, token, isNew: false)
    let unpack = UnpackOrder(
      archives: links + [draft.order.path], ids: draft.head.chain.map(\.id) + [draft.head.id], index: draft.order.index,
      target: target, owner: record.user.map { FileOwner(user: $0) }, trust: .own(list: nil))
    let restore = RestoreWork(head: draft.head, staging: target, token: token, places: try places())
    return (
      Self.folders(of: record, paths) + [.archive(work)],
      RestorePoint(unpack: unpack, replacements: restore.replacements(record, paths))
    )
  }

  // MARK: Parts

  private func imageSets() throws -> [SelectedSet] { try selection(manifest.values(of: settings)).asFiles }

  private func places() throws -> [String: String] {
    try record.laidElsewhere(paths, exists: view.exists, isFolder: view.isFolder, realPath: view.realPath)
  }

  private func selection(_ values: [String: Value]) throws -> [SelectedSet] {
    try manifest.selectedSets(Variables(record, values: values, facts: facts)).map { set in
      guard case .files(let paths, let exclude) = set.source else { return set }
      // What a snapshot of a database leaves there for the archive is no part of the instance.
      return SelectedSet(set.name, .files(paths: paths, exclude: exclude + ["cache/\(ScopePaths.snapshots)"]))
    }
  }

  private func draft(_ sets: [SelectedSet], stays: Bool = false) throws -> BackupDraft {
    // Copies of what stands still have a chain of their own, one for a clone does not last, and one of a panel's may be
    // gone or renamed at any time.
    let isAlone: Set<BackupReason> = [.clone, .adopt, .panel]
    let former = try view.backups(record.uid).filter {
      ($0.reason == .update) == stays && !isAlone.contains($0.reason) && $0.origin == .made
    }
    // One whose head cannot be read is no base either, and does not keep the next one from being made.
    var last: BackupHead?
    let next = ChainRules.next(
      after: former, isFullAsked: wish.isFull || wish.reason == .panel, hasArchive: view.isSealed,
      hasIndex: { backup in
        last = try? view.head(backup)
        return last != nil && view.exists(paths.backupIndex(backup.id))
      }, hasSameSets: { _ in last?.sets == sets })
    let base: [BackupRecord]? = if case .difference(let chain) = next { chain } else { nil }
    let id = view.uuid()
    let head = BackupHead(
      id: id, kind: base == nil ? .full : .diff, createdAt: view.timestamp, hostName: facts.context.hostName,
      instance: record, settings: settings, manifest: manifest, sets: sets, owner: owner,
      chain: base?.map { BackupHead.Link(id: $0.id, file: $0.file, seal: $0.seal) } ?? [])
    let own = paths.own(record)
    let order = ArchiveOrder(
      path: Self.freePath(of: head, wish.compression, paths, exists: view.exists), index: paths.backupIndex(id),
      head: head,
      folders: Dictionary(uniqueKeysWithValues: ScopePaths.ownFolders.map { ($0, "\(own)/\($0)") }),
      previous: base?.last.map { paths.backupIndex($0.id) }, compression: wish.compression)
    return BackupDraft(
      order: order, base: base?.last?.id, reason: wish.reason, labels: wish.labels, note: wish.note,
      isKept: wish.isKept,
      isVerified: wish.isVerified, stays: stays, kindReason: next.text)
  }

  /// The numbers of the instance's user; nil where everything is a person's own.
  private var owner: FileNumbers? {
    guard record.user != nil else { return nil }
    let numbers = facts.numbers(record.user)
    return FileNumbers(user: UInt32(numbers.user), group: UInt32(numbers.group))
  }

  /// The archive's place. Two backups of one second, or of a clock that was set back, do not meet.
  static func freePath(
    of head: BackupHead, _ compression: ArchiveOrder.Compression, _ paths: ScopePaths, exists: (String) -> Bool
  ) -> String {
    let time = head.createdAt.filter { $0 != "-" && $0 != ":" }
    let stem = "\(paths.backups(of: head.instance.key))/\(time)-\(head.kind.rawValue)"
    let ending = compression == .zstd ? "tar.zst" : "tar.gz"
    var path = "\(stem).\(ending)"
    var count = 1
    while exists(path) {
      count += 1
      path = "\(stem)-\(count).\(ending)"
    }
    return path
  }

  /// The folders that a backup of an instance goes to.
  static func folders(of record: InstanceRecord, _ paths: ScopePaths) -> [Step] {
    [paths.backups(of: record.key), paths.backupIndexes].map {
      .makeFolder(path: $0, mode: 0o700, owner: nil, isShared: true)
    }
  }

  private func before(_ sets: [BackupSet]) -> [Step] {
    sets.filter { !$0.before.isEmpty }.map {
      .runJob(JobRun(record, $0.beforeJob, counterpart: $0.after.isEmpty ? nil : $0.afterJob))
    }
  }

  private func after(_ sets: [BackupSet]) -> [Step] {
    sets.reversed().filter { !$0.after.isEmpty }.map { .runJob(JobRun(record, $0.afterJob)) }
  }

  private func dumps(_ sets: [BackupSet]) -> [Step] {
    let made = sets.filter { copy(of: $0) != nil }
    let folder: [Step] =
      made.contains(where: \.isDump)
      ? [.makeFolder(path: paths.dumps(of: record.key), mode: 0o700, owner: nil, isShared: false)] : []
    return folder + made.map { .runJob(JobRun(record, $0.dumpJob, leaves: [place(of: $0)].compactMap { $0 })) }
  }

  private func archive(_ draft: BackupDraft, _ sets: [BackupSet], opens: Bool, closes: Bool) -> Step {
    .archive(
      ArchiveWork(
        draft: draft, parts: sets.map { ArchivePart($0.id, copy: copy(of: $0)) }, opens: opens, closes: closes))
  }

  /// Where a program puts the copy of a set; nil for files, which are read where they are.
  private func copy(of set: BackupSet) -> String? {
    switch set.method {
    case .files, .volume: nil
    case .sqlite: paths.snapshots(record.key.app, record.key.id.text, set: set.id)
    case .command: paths.dump(record.key.app, record.key.id.text, set: set.id)
    }
  }

  /// What goes when the copy of a set is no longer needed.
  private func place(of set: BackupSet) -> String? {
    switch set.method {
    case .files, .volume: nil
    case .sqlite: "\(paths.own(record))/cache/\(ScopePaths.snapshots)"
    case .command: copy(of: set)
    }
  }

  private func leftovers(_ sets: [BackupSet]) -> [Step] {
    let dumps = sets.contains(where: \.isDump) ? [paths.dumps(of: record.key)] : []
    let snapshots = sets.first { if case .sqlite = $0.method { true } else { false } }.flatMap(place)
    return (dumps + [snapshots].compactMap { $0 }).map { .removeTree(path: $0) }
  }
}

extension BackupSet {
  /// Whether a program of the running service makes it.
  package var isDump: Bool { if case .command = method { true } else { false } }
}

extension [SelectedSet] {
  /// The same for an instance that stands still: databases are files like others, and where a program would have dumped
  /// them nobody but it knows which files they are.
  var asFiles: [SelectedSet] {
    let databases = compactMap { set -> SelectedSet? in
      guard case .sqlite(let paths) = set.source else { return nil }
      let all = paths.flatMap { path in ["", "-wal", "-shm", "-journal"].map { path + $0 } }
      return SelectedSet(set.name, .files(paths: all, exclude: []))
    }
    let files = filter { if case .files = $0.source { true } else { false } }
    let dumps = filter { $0.source == .dump }.prefix(1).map {
      SelectedSet($0.name, .files(paths: ["data"], exclude: []))
    }
    return databases + files + dumps
  }
}

extension UnpackOrder {
  /// Unpacks into a folder that is made for it.
  package func steps(of record: InstanceRecord) -> [Step] {
    [.makeFolder(path: ScopePaths.folder(of: target), mode: 0o700, owner: nil, isShared: true), .unpack(record, self)]
  }
}
