import BerthKit
import BerthPlan
import BerthPlanning
import BerthStore

/// Where a restore takes its archives from, and what it believes of them.
extension Berth {
  /// The archives that a request means, with nothing of one from elsewhere that was not confirmed.
  ///
  /// - Parameter onlyShows: whether what nobody has answered is taken, since nothing is done.
  /// - Throws: what ``source(of:)`` throws, `unknown-grant`, or `unconfirmed-grants`.
  func granted(_ request: RestoreRequest, onlyShows: Bool) throws -> RestoreSource {
    var source = try source(of: request)
    guard source.trust.isStranger else { return source }
    let target = request.makesCopy ? nil : try present(request, source)
    if target == nil, !request.makesCopy { try requireNamed(request, source.head) }
    let id = request.makesCopy ? request.newID : source.head.instance.key.id.text
    let kept = try host.registry.all(app: request.app).first { $0.key.id.text == id && $0.state == .kept }
    var grants = ArchiveGrants(
      source.head, try plugin(request.app).manifest,
      into: try target.map { .init(record: $0, settings: try host.registry.settings(of: $0.uid)) },
      kept: kept, isCopy: request.makesCopy)
    try grants.answer(accepting: request.accepted, declining: request.declined)
    // The id that was typed is the kept instance's, whatever is declined.
    if let kept, request.makesCopy, request.declined.contains(Grant.Item.id.rawValue) {
      throw BerthError.idInUse(kept.key)
    }
    if !onlyShows, !grants.open.isEmpty { throw BerthError.unconfirmedGrants(grants.open, of: source.archives) }
    source.grants = grants.items
    source.trust = .stranger(keepsOwners: grants.keepsOwners, isBounded: grants.isBounded)
    source.head = grants.head(uid: source.head.instance.uid, takesOpen: onlyShows)
    return source
  }

  /// An archive from elsewhere replaces nothing that nobody has named.
  private func requireNamed(_ request: RestoreRequest, _ head: BackupHead) throws {
    guard request.instance == nil else { return }
    let record = try host.registry.instances(app: request.app).first { $0.key.id == head.instance.key.id }
    if let record { throw BerthError.unnamedTarget(record) }
  }

  /// The archives that a request means.
  ///
  /// - Throws: `unknown-backup`, `no-backup`, `backup-link-missing`, `foreign-backup`, `bad-backup`, `backup-newer`,
  ///   `bad-setting`, `unknown-set`.
  func source(of request: RestoreRequest) throws -> RestoreSource {
    var source = try request.archive.map(source(at:)) ?? source(known: request)
    if let problem = source.head.problem { throw BerthError.strangeBackup(problem, at: source.archives.last ?? "") }
    guard source.head.instance.key.app == request.app else {
      throw BerthError.foreignBackup(source.head, app: request.app, at: source.archives.last ?? "")
    }
    for name in request.sets ?? [] where !source.head.sets.contains(where: { $0.name == name }) {
      throw BerthError.unknownSet(name, known: source.head.sets.map(\.name))
    }
    // Its way back is the plugin's, and may be gone.
    let manifest = try plugin(request.app).manifest
    let declared = manifest.backup.filter(\.isDump).map(\.id)
    for set in source.head.sets where set.source == .dump && request.file == nil {
      guard request.sets?.contains(set.name) ?? true, !declared.contains(set.name) else { continue }
      throw BerthError.noWayBack(set.name, app: request.app)
    }
    source.head.settings = manifest.named(source.head.settings)
    let isWhole = request.sets == nil && request.file == nil
    for stored in source.head.settings
    where isWhole && request.settings[stored.key] == nil && !request.declined.contains(Reach.item(of: stored.key)) {
      do { _ = try manifest.stored(stored.key)?.parse(stored.value) } catch let error as BerthError {
        throw error.inBackup(source.head, at: source.archives.last ?? "")
      }
    }
    for (path, (id, seal)) in zip(source.archives, zip(source.ids, try seals(of: source))).dropLast() {
      guard host.files.exists(path) else { throw BerthError.archiveMissing(path, of: source.head) }
      let look = try host.archives.look(at: path)
      guard look.head.id == id, seal.map({ $0.head == look.digest }) ?? true else {
        throw BerthError.otherLink(path, of: source.head, found: look.head.id)
      }
    }
    return source
  }

  /// What the archives are that a backup was made upon, oldest first: by its own word, and where it has none, as the
  /// registry noted it of those that it made itself.
  func seals(of source: RestoreSource) throws -> [ArchiveSeal?] {
    let known =
      source.trust.isStranger
      ? [:]
      : Dictionary(
        try host.registry.backups.all().map { ($0.id, $0.seal) }, uniquingKeysWith: { first, _ in first })
    return source.head.chain.map { $0.seal ?? known[$0.id] ?? nil } + [nil]
  }

  private func source(known request: RestoreRequest) throws -> RestoreSource {
    let backup: BackupRecord
    if let text = request.backup {
      backup = try host.registry.backups.find(text)
    } else {
      backup = try newest(request)
    }
    let chain = try host.registry.backups.chain(of: backup.id)
    guard host.files.exists(backup.path) else { throw BerthError.archiveMissing(backup.path, of: nil) }
    let look = try host.archives.look(at: backup.path)
    // Another file stands where the archive was: what it is worth has to be said by naming that file.
    let isOther = backup.seal.map { $0.head != look.digest } ?? false
    if try isOther || backup.origin == .made && trust(in: look).isStranger { throw BerthError.otherBackup(backup) }
    return try source(look, chain.map(\.path), index: paths.backupIndex(backup.id))
  }

  /// The newest good backup of an instance, of one that is gone too. What was brought in has to be named.
  private func newest(_ request: RestoreRequest) throws -> BackupRecord {
    let all = try host.registry.backups.all().filter {
      $0.key.app == request.app && $0.checked == nil && $0.origin == .made
    }
    do {
      let record = try find(request.instance, app: request.app)
      guard let newest = all.last(where: { $0.instance == record.uid }) else { throw BerthError.noBackup(record) }
      return newest
    } catch let error as BerthError where ["unknown-instance", "no-instance"].contains(error.code) {
      let wanted = request.instance
      let newest = all.last { wanted == nil || $0.instanceName.text == wanted || $0.key.id.text == wanted }
      guard let newest else { throw error }
      return newest
    }
  }

  /// What the archive at a path that a person gave says of itself.
  ///
  /// - Throws: `backup-missing` where nothing is there.
  func look(atNamed path: String) throws -> (path: String, look: ArchiveLook) {
    let absolute = try PathRules.absolute(path, in: environment.workingFolder)
    do { return (absolute, try host.archives.look(at: absolute)) } catch let error as BerthError
      where error.kind == .failure && !host.files.exists(absolute)
    {
      throw BerthError.archiveMissing(path, of: nil)
    }
  }

  /// An archive somewhere; those before it in its chain stand beside it, or are known here.
  private func source(at path: String) throws -> RestoreSource {
    let (absolute, look) = try look(atNamed: path)
    let known = Dictionary(
      try host.registry.backups.all().map { ($0.id, $0.path) }, uniquingKeysWith: { first, _ in first })
    let folder = ScopePaths.folder(of: absolute)
    let links = try look.head.chain.map { link in
      let places = ["\(folder)/\(link.file)"] + [known[link.id]].compactMap { $0 }
      let there = places.filter(host.files.exists)
      guard let first = there.first else { throw BerthError.archiveMissing(places[0], of: look.head) }
      // Two archives may go by one id. Whether it is the right one is looked at later.
      return there.first { link.seal != nil && (try? host.archives.headDigest(of: $0)) == link.seal?.head } ?? first
    }
    return try source(look, links + [absolute], index: nil)
  }

  /// An archive is this registry's own when the registry noted it as made, and it still says of itself what it said then.
  /// The digest of its list of files is compared when it is read.
  private func source(_ look: ArchiveLook, _ archives: [String], index: String?) throws -> RestoreSource {
    let seal = try trust(in: look)
    var head = look.head
    // Its user's name is made from it, so that a stranger's word for it is not even looked at.
    if seal.isStranger { head.instance = head.instance.with(uid: host.clock.uuid()) }
    return RestoreSource(head: head, archives: archives, index: index, trust: seal)
  }

  /// Whether the registry made an archive.
  func trust(in look: ArchiveLook) throws -> ArchiveTrust {
    let backup = try host.registry.backups.all().first { $0.id == look.head.id }
    guard let backup, backup.origin == .made, let seal = backup.seal, seal.head == look.digest else {
      return .stranger(keepsOwners: false)
    }
    return .own(list: seal.list)
  }

  /// The instance that was backed up or that is named; nil when it is gone.
  func present(_ request: RestoreRequest, _ source: RestoreSource) throws -> InstanceRecord? {
    let former = source.head.instance
    // One of the same id that came later is another instance, and is restored only when it is named.
    let same = try host.registry.instances(app: request.app).first { $0.uid == former.uid }
    guard let instance = request.instance else { return same }
    do { return try find(instance, app: request.app) } catch let error as BerthError
      where ["unknown-instance", "no-instance"].contains(error.code)
    {
      // The instance that was backed up is gone, and comes back under its name.
      guard [former.name.text, former.key.id.text].contains(instance), same == nil else { throw error }
      return nil
    }
  }
}

extension InstanceRecord {
  /// The same under another uid.
  fileprivate func with(uid: String) -> InstanceRecord {
    InstanceRecord(
      uid: uid, key: key, name: name, slug: slug, state: state, user: nil, version: version,
      pluginVersion: pluginVersion, directory: nil, labels: labels, limits: limits, backup: backup, services: services,
      images: images, builds: builds, ports: ports, pool: pool, createdAt: createdAt)
  }
}
