import BerthKit
import BerthPlan
import BerthRender

/// What the host's web proxy should have of an instance, and what it has.
struct Sites {
  /// The files that are the instance's own.
  let own: [FileWrite]
  /// The site that its pool shares; nil for none.
  let head: PoolSite?
  /// What a person should hear, since no proxy passes anything on.
  let notices: [String]
  private let kind: ProxyConfig.Kind?

  /// - Parameter exists: whether a file is there, such as a certificate.
  init(
    _ record: InstanceRecord, _ routes: [ResolvedRoute], facts: AppFacts, exists: (String) -> Bool
  ) {
    guard let proxy = facts.context.proxy else {
      (own, head, kind) = ([], nil, nil)
      notices = routes.map { Self.notice($0, record, facts.context.paths) }
      return
    }
    let files = ProxySites(
      routes, of: facts.manifest, slug: record.slug, pool: record.pool, proxy: proxy, exists: exists)
    func write(_ file: RenderedFile) -> FileWrite { FileWrite(path: file.path, text: file.text, mode: 0o644) }
    own = files.own.map(write)
    head = files.head.flatMap { file in
      record.pool.map { PoolSite(app: record.key.app, pool: $0, file: write(file)) }
    }
    notices = []
    kind = proxy.kind
  }

  /// Everything that a file's folder needs, and the files.
  var files: [FileWrite] { own + (head.map { [$0.file] } ?? []) }

  /// The steps that write files which differ.
  ///
  /// The pool's site comes before the instance's row, so that going back finds out without the row whether it is needed.
  func steps(writing own: [FileWrite], head: PoolSite?) -> [Phase: [Step]] {
    guard let kind, !own.isEmpty || head != nil else { return [:] }
    func folder(of file: FileWrite) -> Step {
      .makeFolder(path: ScopePaths.folder(of: file.path), mode: 0o755, owner: nil, isShared: true)
    }
    return [
      .forget: head.map { [folder(of: $0.file), .sharePool($0)] } ?? [],
      .units: own.flatMap { [folder(of: $0), .writeFile($0)] },
      // By then the instance is ready, and a proxy that asks finds it well.
      .settle: [.reloadProxy(kind)],
    ]
  }

  private static func notice(_ route: ResolvedRoute, _ record: InstanceRecord, _ paths: ScopePaths) -> String {
    let what =
      "\(record.title): no web proxy passes \(route.host)\(route.path == "/" ? "" : route.path) on to \(route.address)"
    guard paths.scope == .system else { return "\(what); Berth sets one up in the system scope only" }
    return "\(what); to name the host's, write 'schema: 1' and 'proxy: caddy' (or nginx) into \(paths.hostConfig), "
      + "then: \(Remedy.berth("update", record.key.app, "--instance", "\(record.key.id)"))"
  }
}

/// The files that an instance has behind web proxies, whatever the host's configuration says today.
struct PresentSites {
  /// Its own files that are there.
  let files: [String]
  /// The sites of its pool, by proxy.
  private let heads: [(kind: ProxyConfig.Kind, site: PoolSite)]

  static let none = PresentSites()

  private init() { (files, heads) = ([], []) }

  init(_ record: InstanceRecord, exists: (String) -> Bool) {
    guard !record.routes.isEmpty else {
      (files, heads) = ([], [])
      return
    }
    files = ProxyConfig.Kind.allCases.flatMap { $0.files(of: record) }.filter(exists)
    heads = ProxyConfig.Kind.allCases.compactMap { kind in
      record.pool.map { pool in
        let app = record.key.app
        return (kind, PoolSite(app: app, pool: pool, path: kind.head(app, pool: pool)))
      }
    }
  }

  /// The steps that take away what is no longer wanted.
  func steps(sparing wanted: Set<String> = []) -> [Phase: [Step]] {
    let gone = files.filter { !wanted.contains($0) }
    let kinds = ProxyConfig.Kind.allCases.filter { kind in gone.contains { $0.hasPrefix("\(kind.root)/") } }
    guard !kinds.isEmpty else { return [:] }
    let left = heads.filter { kinds.contains($0.kind) && !wanted.contains($0.site.file.path) }
    return [
      .clear: gone.map { .removeTree(path: $0) },
      // By then the rows say who is still in the pool.
      .units: left.map { .releasePool($0.site) },
      .settle: kinds.map { .reloadProxy($0) },
    ]
  }
}

/// What differs between what an instance has behind web proxies and what it should have.
struct SiteDifference {
  /// The files that are written.
  let written: [FileWrite]
  /// The instance's own files that go.
  let gone: [String]
  let steps: [Phase: [Step]]

  /// - Throws: `unit-taken` when another's file is in the way, `pool-differs` for one that joins a pool.
  init(_ sites: Sites, of record: InstanceRecord, former: InstanceRecord, _ view: HostView) throws {
    if record.pool != former.pool { try view.requireAlike(sites.head, record) }
    for file in sites.files { try view.requireOwn(file.path) }
    let own = try sites.own.filter { try view.text($0.path) != $0.text }
    let head = try sites.head.flatMap { try view.text($0.file.path) != $0.file.text ? $0 : nil }
    let present = PresentSites(former, exists: view.exists)
    let wanted = Set(sites.files.map(\.path))
    written = own + (head.map { [$0.file] } ?? [])
    gone = present.files.filter { !wanted.contains($0) }
    steps = present.steps(sparing: wanted).merging(sites.steps(writing: own, head: head)) { $0 + $1 }
  }
}

extension AppFacts {
  /// The routes of an instance, whether or not the host has a proxy for them.
  ///
  /// - Throws: `bad-route`.
  package func routes(of record: InstanceRecord, values: [String: Value]) throws -> [ResolvedRoute] {
    try ResolvedRoute.all(
      of: manifest, InstanceValues(record, values: values, facts: self),
      Variables(record, values: values, facts: self), in: context)
  }

  /// Makes sure that something is passed on to an instance that joins a pool.
  ///
  /// - Throws: `no-routes`.
  func requireRoutes(_ routes: [ResolvedRoute], of record: InstanceRecord) throws {
    guard let pool = record.pool, routes.isEmpty else { return }
    throw BerthError.noRoutes(record, pool: pool, isSettable: !manifest.routes.isEmpty)
  }

  /// What of these an instance takes for itself.
  package func claims(_ routes: [ResolvedRoute]) -> [RouteClaim] { context.proxy == nil ? [] : routes.map(\.claim) }
}

extension HostView {
  /// Makes sure that the pool's site is what the instance would make of it, when it joins.
  ///
  /// - Throws: `pool-differs`.
  func requireAlike(_ head: PoolSite?, _ record: InstanceRecord) throws {
    guard let head, let text = try text(head.file.path), !text.isSame(as: head.file.text) else { return }
    throw BerthError.poolDiffers(
      record, pool: head.pool, diff: UnifiedDiff.text(old: text, new: head.file.text, path: head.file.path))
  }
}

extension [InstanceRecord] {
  /// The first of them that wants a host name which another has or wants, but for the instances of one pool.
  ///
  /// - Parameter known: those that are there already, which have what they have.
  /// - Returns: the instance, and `host-taken`.
  func hostConflict(beside known: [InstanceRecord]) -> (record: InstanceRecord, error: BerthError)? {
    var owners = Dictionary(grouping: known.flatMap { record in record.routes.map { (record, $0.host) } }, by: \.1)
      .mapValues { $0.map(\.0) }
    for record in self {
      for host in Set(record.routes.map(\.host)).sorted() {
        let owner = (owners[host] ?? []).first { owner in
          owner.uid != record.uid
            && !(owner.key.app == record.key.app && owner.pool != nil && owner.pool == record.pool)
        }
        if let owner { return (record, .hostTaken(host, by: record, owner: owner)) }
        owners[host, default: []].append(record)
      }
    }
    return nil
  }
}
