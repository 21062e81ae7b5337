import BerthKit
import BerthPlan

/// The web proxy that the host's configuration names.
extension Berth {
  /// What a person says of the host as a whole. Outside the system scope no proxy is set up.
  ///
  /// - Throws: `bad-host-config`.
  func hostConfig() throws -> HostConfig {
    guard host.files.exists(paths.hostConfig) else { return HostConfig() }
    var config = try HostConfigReader(file: paths.hostConfig).config(from: try host.files.read(paths.hostConfig))
    if paths.scope != .system { config.proxy = nil }
    return config
  }

  /// Has proxies read their configuration as a plan will leave it, before anything is put in its place.
  func checkSites(_ plan: Plan) async throws {
    for kind in ProxyConfig.Kind.allCases {
      let change = plan.siteChange(of: kind)
      if change != SiteChange() { try await host.proxies.check(change, of: kind) }
    }
  }

  /// Files of Berth's behind web proxies that belong to no instance.
  func straySites(_ records: [InstanceRecord]) throws -> [Finding] {
    guard paths.scope == .system else { return [] }
    return try ProxyConfig.Kind.allCases.flatMap { kind in
      let heads = records.compactMap { record in record.pool.map { kind.head(record.key.app, pool: $0) } }
      let known = Set(records.flatMap(kind.files) + heads)
      let found = try [(kind.sites, ProxyConfig.Kind.prefix), (kind.pools, "")].flatMap { folder, prefix in
        host.files.isFolder(folder)
          ? try host.files.list(folder).filter { $0.hasPrefix(prefix) }.map { "\(folder)/\($0)" } : []
      }
      return found.filter { !known.contains($0) }.map {
        Finding(code: "stray-site", subject: $0, problem: "it belongs to no instance", remedy: "rm '\($0)'")
      }
    }
  }

  /// Says once what a person may want to know of instances, and nothing depends on.
  func tellNotices(_ plan: Plan) { for notice in plan.changes.flatMap(\.notices) { options.notice(notice) } }
}

extension Plan {
  /// What it does to the sites of a proxy.
  func siteChange(of kind: ProxyConfig.Kind) -> SiteChange {
    var change = SiteChange()
    func isSite(_ path: String) -> Bool { path.hasPrefix("\(kind.root)/") }
    for planned in steps {
      switch planned.step {
      case .writeFile(let file) where isSite(file.path): change.written[file.path] = file.text
      case .sharePool(let site) where isSite(site.file.path): change.written[site.file.path] = site.file.text
      case .removeTree(let path) where isSite(path): change.removed.insert(path)
      default: break
      }
    }
    change.removed.subtract(change.written.keys)
    return change
  }
}
