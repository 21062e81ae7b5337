import BerthExecution
import BerthKit
import BerthPlan
import BerthPlanning
import BerthStore

extension Berth {
  /// The backups of the scope, newest first, those of instances that are gone included.
  ///
  /// - Parameters:
  ///   - app: only this app's.
  ///   - record: only this instance's.
  public func backups(app: String? = nil, of record: InstanceRecord? = nil) throws -> [BackupReport] {
    let all = try host.registry.backups.all()
    let chains = BackupChains(all)
    var problems: [String: ArchiveProblem] = [:]
    for backup in all { problems[backup.id] = host.problem(with: backup) }
    return all.reversed().filter { backup in
      (app == nil || backup.key.app == app) && (record == nil || backup.instance == record?.uid)
    }.map { backup in
      let links = chains.links(of: backup)
      let found = links.compactMap { problems[$0.id] }
      return BackupReport(
        backup: backup, isThere: BackupChains.isWhole(links) && !found.contains(.missing),
        problem: found.lazy.compactMap(\.text).first ?? links.lazy.compactMap(\.checked).first)
    }
  }

  /// One backup, what it says of itself, and the chain that it needs.
  public func backup(_ text: String) throws -> (report: BackupReport, head: BackupHead?, chain: [BackupRecord]) {
    let backup = try host.registry.backups.find(text)
    let report = try backups().first { $0.backup.id == backup.id }
    let chain = (try? host.registry.backups.chain(of: backup.id)) ?? [backup]
    return (
      report ?? BackupReport(backup: backup, isThere: false),
      host.files.exists(backup.path) ? try? host.archives.head(of: backup.path) : nil, chain
    )
  }

  /// How the last runs of an instance's backups ended, newest first.
  public func backupRuns(of record: InstanceRecord, newest count: Int) throws -> [BackupRun] {
    try host.registry.backups.runs(of: record.uid, newest: count)
  }

  /// Reads a backup's archives to their end and notes what that found.
  ///
  /// - Parameter backups: each with its chain; an archive is read once.
  /// - Returns: for each what is wrong with it; nil when it is fine.
  public func verify(_ backups: [BackupRecord]) async throws -> [(backup: BackupRecord, problem: BerthError?)] {
    var found: [String: BerthError?] = [:]
    var results: [(BackupRecord, BerthError?)] = []
    for backup in backups {
      var problem: BerthError?
      do {
        for link in try host.registry.backups.chain(of: backup.id) where problem == nil {
          if found[link.id] == nil { found[link.id] = .some(try check(link)) }
          problem = found[link.id] ?? nil
        }
      } catch let error as BerthError { problem = error }
      let now = host.clock.timestamp()
      try host.registry.backups.update(backup.id) {
        $0.verifiedAt = now
        $0.checked = problem?.summary
      }
      results.append((backup, problem))
    }
    return results
  }

  private func check(_ backup: BackupRecord) throws -> BerthError? {
    do {
      guard host.files.exists(backup.path) else { throw BerthError.archiveMissing(backup.path, of: nil) }
      let look = try host.archives.look(at: backup.path)
      guard look.head.id == backup.id, backup.seal.map({ $0.head == look.digest }) ?? true else {
        throw BerthError.otherBackup(backup)
      }
      let trust =
        backup.origin == .made ? ArchiveTrust.own(list: backup.seal?.list) : .stranger(keepsOwners: false)
      // Whoever brought it in has been told of its size.
      let found = try host.archives.verify(
        backup.path, index: nil, trust: trust, isBounded: false, progress: bytesProgress(backup.title))
      guard backup.seal.map({ $0 == found.seal }) ?? true else { throw BerthError.otherBackup(backup) }
      // What it was made upon may be gone, and another of its id have come.
      let known = try host.registry.backups.all()
      for link in look.head.chain {
        guard let seal = link.seal, let row = known.first(where: { $0.id == link.id }), row.seal != nil else {
          continue
        }
        guard row.seal == seal else { throw BerthError.otherLink(row.path, of: look.head, found: row.id) }
      }
      return nil
    } catch let error as BerthError { return error }
  }

  /// Changes what a person says of a backup.
  public func mark(
    _ text: String, labels: [String: String], note: String?, isKept: Bool?
  ) throws -> BackupRecord {
    let backup = try host.registry.backups.find(text)
    return try host.registry.backups.update(backup.id) { backup in
      for (key, value) in labels { backup.labels[key] = value.isEmpty ? nil : value }
      if let note { backup.note = note.isEmpty ? nil : note }
      if let isKept { backup.isKept = isKept }
    }
  }

  /// Removes one backup.
  ///
  /// - Throws: `backup-needed` when another one is a difference to it, `backup-kept` when it is locked.
  public func removeBackup(_ text: String) async throws -> BackupRecord {
    let backup = try host.registry.backups.find(text)
    let lock = try await instanceLock(backup.key, "removing the backup \(backup.title)")
    defer { lock.release() }
    guard !backup.isKept else { throw BerthError.backupIsKept(backup) }
    if let other = try host.registry.backups.all().first(where: { $0.base == backup.id }) {
      throw BerthError.neededBackup(backup, by: other)
    }
    try options.begins()
    try drop(backup)
    return backup
  }

  /// Copies a backup's archive, and those that it needs, into a folder; each is checked on the way.
  ///
  /// - Returns: the files.
  public func exportBackup(_ text: String, to folder: String) async throws -> [String] {
    let backup = try host.registry.backups.find(text)
    let absolute = try PathRules.absolute(folder, in: environment.workingFolder)
    let chain = try host.registry.backups.chain(of: backup.id)
    for link in chain { if let problem = try check(link) { throw problem } }
    try options.begins()
    try host.files.makeFolder(absolute, mode: 0o700, owner: nil)
    return try chain.map { link in
      let place = "\(absolute)/\(link.file)"
      guard !host.files.exists(place) else { throw BerthError.fileInTheWay(place) }
      try host.files.copy(link.path, to: place, mode: 0o600)
      return place
    }
  }

  /// Brings archives in that were made elsewhere, each with those before it in its chain, once they were checked.
  ///
  /// One is here already when its head and its list of files are those of the backup that goes by its id; the archive of
  /// such a backup that was lost is put in its place again.
  ///
  /// - Parameter accepted: `size`, by the words of ``Grant``, for archives that unpack to many times their own size.
  /// - Returns: the backups that are new here, or have their archive again.
  /// - Throws: `backup-exists` where another backup goes by its id, `unknown-grant`.
  public func importBackup(_ path: String, accepting accepted: Set<String> = []) async throws -> [BackupRecord] {
    let (source, isBounded) = try importSource(path, accepted)
    // Not the instance's: the archive says which one that is, and its own commands need not wait while it is read.
    let lock = try await host.locks.take(
      "\(paths.locks)/import.lock", purpose: "importing a backup", wait: options.wait)
    defer { lock.release() }
    var imported: [BackupRecord] = []
    try options.begins()
    for (path, id) in zip(source.archives, source.ids) {
      if let known = try host.registry.backups.all().first(where: { $0.id == id }) {
        if try takeUp(path, as: known, isBounded: isBounded) { imported.append(known) }
      } else {
        imported.append(try await bringIn(path, isBounded: isBounded))
      }
    }
    return imported
  }

  /// Makes sure that archives can be brought in, where nobody has made the scope yet and a refusal must leave nothing.
  ///
  /// - Throws: what ``importBackup(_:accepting:)`` throws for the archives.
  public func checkImport(_ path: String, accepting accepted: Set<String> = []) throws {
    let (source, isBounded) = try importSource(path, accepted)
    for path in source.archives {
      let head = try host.archives.head(of: path)
      if let problem = head.problem { throw BerthError.strangeBackup(problem, at: path) }
      _ = try host.archives.verify(
        path, index: nil, trust: .stranger(keepsOwners: false), isBounded: isBounded,
        progress: bytesProgress(head.instance.title))
    }
  }

  /// - Returns: the archives, and whether they may unpack to so many times their own size only.
  private func importSource(_ path: String, _ accepted: Set<String>) throws -> (RestoreSource, isBounded: Bool) {
    let size = Grant.Item.size.rawValue
    if let word = accepted.subtracting([size, Grant.all]).min() {
      throw BerthError.unknownGrant(word, known: [size], by: "an import")
    }
    let named = try look(atNamed: path)
    var request = RestoreRequest(app: named.look.head.instance.key.app)
    request.archive = named.path
    return (try source(of: request), !ArchiveGrants.liftsBound(accepted))
  }

  /// Makes sure that an archive is that of the backup which goes by its id.
  ///
  /// - Returns: whether it was missing, and is in its place again.
  private func takeUp(_ path: String, as known: BackupRecord, isBounded: Bool) throws -> Bool {
    func seal(of path: String, index: String? = nil) throws -> ArchiveSeal? {
      try host.archives.verify(
        path, index: index, trust: .own(list: nil), isBounded: isBounded && path != known.path,
        progress: bytesProgress(known.title)
      ).seal
    }
    let isThere = host.files.exists(known.path)
    let noted = try known.seal ?? (isThere ? seal(of: known.path) : nil)
    guard let noted, try seal(of: path) == noted else { throw BerthError.sameID(known, path) }
    guard !isThere else { return false }
    try host.files.makeFolder(ScopePaths.folder(of: known.path), mode: 0o700, owner: nil)
    try host.files.makeFolder(paths.backupIndexes, mode: 0o700, owner: nil)
    do {
      try host.files.copy(path, to: known.path, mode: 0o600)
      // The same files, perhaps compressed anew.
      let end = try host.archives.end(of: known.path)
      try host.registry.backups.update(known.id) { ($0.size, $0.end) = (end.size, end.digest) }
      // It was read twice, and somebody else may own the file.
      guard try seal(of: known.path, index: paths.backupIndex(known.id)) == noted else {
        throw BerthError.strangeBackup("it changed while it was read", at: path)
      }
      return true
    } catch {
      try? host.files.remove(known.path)
      try? host.files.remove(paths.backupIndex(known.id))
      throw error
    }
  }

  private func bringIn(_ path: String, isBounded: Bool) async throws -> BackupRecord {
    let look = try host.archives.look(at: path)
    let head = look.head
    if let problem = head.problem { throw BerthError.strangeBackup(problem, at: path) }
    let folder = paths.backups(of: head.instance.key)
    let place = "\(folder)/\(path.lastIndex(of: "/").map { path[path.index(after: $0)...] } ?? path[...])"
    // An archive whose row was lost is where it belongs already, and so is one whose import broke off.
    let isInPlace =
      host.files.exists(place)
      && (host.files.realPath(place) == host.files.realPath(path) || (try? host.archives.head(of: place).id) == head.id)
    guard isInPlace || !host.files.exists(place) else { throw BerthError.fileInTheWay(place) }
    try host.files.makeFolder(folder, mode: 0o700, owner: nil)
    try host.files.makeFolder(paths.backupIndexes, mode: 0o700, owner: nil)
    // One that is only half read bears the name of an unfinished one.
    let copy = isInPlace ? place : "\(place).part"
    do {
      if !isInPlace {
        // What an import that was killed has left.
        try host.files.remove(copy)
        try host.files.copy(path, to: copy, mode: 0o600)
      }
      let summary = try host.archives.verify(
        copy, index: paths.backupIndex(head.id), trust: .stranger(keepsOwners: false), isBounded: isBounded,
        progress: bytesProgress(head.instance.title))
      // It was read twice, and somebody else may own the file.
      guard summary.seal?.head == look.digest else {
        throw BerthError.strangeBackup("it changed while it was read", at: path)
      }
      let row = BackupRecord(head, summary, path: place, verifiedAt: host.clock.timestamp())
      guard !isInPlace else { return try host.registry.backups.add(row) }
      // The archive says whose it is and its file's name, which a backup of that instance may have been given meanwhile.
      let lock = try await instanceLock(head.instance.key, "importing a backup of \(head.instance.title)")
      defer { lock.release() }
      guard !host.files.exists(place) else { throw BerthError.fileInTheWay(place) }
      try host.files.move(copy, to: place)
      do { return try host.registry.backups.add(row) } catch {
        try? host.files.remove(place)
        throw error
      }
    } catch {
      if !isInPlace { try? host.files.remove(copy) }
      try? host.files.remove(paths.backupIndex(head.id))
      throw error
    }
  }

  /// Tells how far a long copy is, as a step by itself.
  func bytesProgress(_ title: String) -> ByteProgress {
    let progress = options.execution.progress
    return { done, total in
      try Task.checkCancellation()
      var now = Executor.Progress(kind: "verify", summary: "checking", title: title, number: 1, count: 1)
      now.bytes = .init(done: done, of: total)
      progress(now)
    }
  }
}

extension BackupRecord {
  /// The row of a backup that came from elsewhere.
  init(_ head: BackupHead, _ summary: ArchiveSummary, path: String, verifiedAt: String) {
    let instance = head.instance
    self.init(
      id: head.id, instance: instance.uid, key: instance.key, instanceName: instance.name, kind: head.kind,
      base: head.chain.last?.id, path: path, createdAt: head.createdAt, size: summary.size, files: summary.files,
      bytes: summary.bytes, stored: summary.stored, version: instance.version, pluginVersion: instance.pluginVersion,
      reason: .imported, verifiedAt: verifiedAt, warnings: summary.remarks.lines, remarks: summary.remarks,
      seal: summary.seal, end: summary.end)
  }
}
