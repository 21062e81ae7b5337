import BerthKit

/// A route of one instance, with everything worked in and looked at.
public struct ResolvedRoute: Sendable, Equatable {
  /// A folder that the proxy answers from.
  public struct Files: Sendable, Equatable {
    /// Such as `/static/`.
    public let prefix: String
    /// Where it is pinned; the folder itself where nothing is.
    public let folder: String
  }

  /// What a proxy asks to find out whether an instance is well.
  public struct Health: Sendable, Equatable {
    public let path: String
    public let host: String?
    /// The one status code that means yes.
    public let status: Int
  }

  public let id: String
  /// In lower case.
  public let host: String
  public let path: String
  /// Where the instance is reached, as in `127.0.0.1:8096`.
  public let address: String
  public let folders: [Files]
  /// Bytes; nil for any number.
  public let maxBody: Int?
  public let auth: String?
  public let isSticky: Bool
  public let health: Health?

  public var claim: RouteClaim { RouteClaim(route: id, host: host, path: path) }
}

extension ResolvedRoute {
  /// The routes that an instance has by its settings, in document order.
  ///
  /// - Throws: `bad-route` when a setting makes no host name, folder or login of a route.
  public static func all(
    of manifest: Manifest, _ instance: InstanceValues, _ variables: Variables, in context: RenderContext
  ) throws -> [ResolvedRoute] {
    let routes = try manifest.enabledRoutes(instance.settings).compactMap { route in
      try resolve(route, manifest, instance, variables, context)
    }
    var places: Set<[String]> = []
    for route in routes {
      for path in [route.path] + route.folders.map({ String($0.prefix.dropLast()) })
      where !places.insert([route.host, path]).inserted {
        throw BerthError.badRoute(route.id, "'\(route.host)\(path)' is taken by another of its routes")
      }
    }
    return routes
  }

  private static func resolve(
    _ route: Route, _ manifest: Manifest, _ instance: InstanceValues, _ variables: Variables, _ context: RenderContext
  ) throws -> ResolvedRoute? {
    guard let host = try variables.text(route.host), let role = manifest.port(route.role),
      let number = instance.ports[route.role]
    else { return nil }
    guard Setting.isHostname(host) else { throw BerthError.badRoute(route.id, "'\(host)' is not a host name") }
    let auth = try route.auth.flatMap { try variables.text($0) }
    if let auth, !Route.isSnippet(auth) {
      throw BerthError.badRoute(route.id, "'\(auth)' is not a name of letters, digits, '_' and '-'")
    }
    let folders = try route.staticFolders.compactMap { folder in
      try variables.text(folder.folder).map { path in
        guard Route.isFolder(path) else {
          throw BerthError.badRoute(
            route.id, "'\(path)' is not an absolute path without '..', quotes, '$' and wildcards")
        }
        return Files(prefix: folder.prefix, folder: context.place(of: folder, in: route, manifest, instance) ?? path)
      }
    }
    let address = manifest.reachableAddress(of: role)
    return ResolvedRoute(
      id: route.id, host: host.lowercased(), path: route.path,
      address: address.contains(":") ? "[\(address)]:\(number)" : "\(address):\(number)", folders: folders,
      maxBody: route.maxBody, auth: auth, isSticky: route.isSticky,
      health: try health(route, manifest, variables))
  }

  /// The service's own probe, where it can be said in a proxy's words.
  private static func health(_ route: Route, _ manifest: Manifest, _ variables: Variables) throws -> Health? {
    for case .http(let check) in manifest.services.flatMap(\.ready).map(\.check) {
      guard check.role == route.role, check.statuses.count == 1 else { continue }
      return Health(
        path: check.path, host: try check.host.flatMap { try variables.text($0) }, status: check.statuses[0])
    }
    return nil
  }
}

extension RenderContext {
  /// Where the unit of a route's service pins a folder that the proxy serves; nil where it does not.
  fileprivate func place(
    of folder: Route.StaticFolder, in route: Route, _ manifest: Manifest, _ instance: InstanceValues
  ) -> String? {
    guard pins, let service = manifest.server(of: route) else { return nil }
    return manifest.staticFolders(of: service).firstIndex { $0.route.id == route.id && $0.folder == folder }.map {
      "\(served(instance.key, pool: instance.pool, service: service.id))/\($0)"
    }
  }
}

/// The files of a proxy that one instance stands behind.
public struct ProxySites: Sendable, Equatable {
  /// What is the instance's own.
  public let own: [RenderedFile]
  /// The site that it shares with the others of its pool; nil for none.
  public let head: RenderedFile?

  /// - Parameter pool: the instances that it serves together with; nil for none.
  public init(
    _ routes: [ResolvedRoute], of manifest: Manifest, slug: String, pool: String?, proxy: ProxyConfig,
    exists: (String) -> Bool = { _ in false }
  ) {
    let app = manifest.id
    let note = UnitRenderer.signature(of: app)
    let kind = proxy.kind
    guard !routes.isEmpty else {
      (own, head) = ([], nil)
      return
    }
    func text(_ targets: [String: ProxyTarget]) -> String {
      switch kind {
      case .caddy: note + CaddySite.text(routes, targets)
      case .nginx:
        note
          + NginxSite.text(routes, targets) { host in
            proxy.certificate(of: host).flatMap { exists($0.certificate) && exists($0.key) ? $0 : nil }
          }
      }
    }
    guard let pool else {
      let targets = routes.map { ($0.id, ProxyTarget.one($0.address)) }
      own = [RenderedFile(path: kind.site(app, slug: slug), text: text(Dictionary(uniqueKeysWithValues: targets)))]
      head = nil
      return
    }
    let targets = routes.map { route in
      let members = kind.member(app, pool: pool, route: route.id, slug: "*")
      return (route.id, ProxyTarget.pool(name: "berth_\(app)_\(pool)_\(route.id)", members: members))
    }
    own = routes.map { route in
      let lines =
        switch kind {
        case .caddy: CaddySite.member(route)
        case .nginx: NginxSite.member(route)
        }
      return RenderedFile(
        path: kind.member(app, pool: pool, route: route.id, slug: slug), text: note + lines.map { "\($0)\n" }.joined())
    }
    head = RenderedFile(
      path: kind.head(app, pool: pool), text: text(Dictionary(uniqueKeysWithValues: targets)))
  }
}

/// Where a proxy passes requests on to.
enum ProxyTarget {
  case one(String)
  /// - members: a pattern of files, each with the address of one instance.
  case pool(name: String, members: String)
}
