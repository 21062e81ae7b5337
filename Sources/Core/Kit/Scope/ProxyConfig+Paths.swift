/// Where a proxy of the host reads its sites. Names are made of the app, the slug or pool and the route: an underscore is in
/// none of these, so that no two names meet.
extension ProxyConfig.Kind {
  /// The folder of the proxy's whole configuration.
  public var root: String {
    switch self {
    case .caddy: "/etc/caddy"
    case .nginx: "/etc/nginx"
    }
  }

  /// The folder with one file per site, which the proxy reads.
  public var sites: String { "\(root)/conf.d" }
  /// The folder in which instances say where they are reached, for the sites of pools to read.
  public var pools: String { "\(root)/berth-pools" }
  /// What all of Berth's files among the sites begin with.
  public static let prefix = "berth-"
  private var suffix: String { self == .caddy ? ".caddy" : ".conf" }

  /// The site of an instance.
  public func site(_ app: String, slug: String) -> String { "\(sites)/\(Self.prefix)\(app)_\(slug)\(suffix)" }
  /// The site that the instances of a pool share.
  public func head(_ app: String, pool: String) -> String {
    "\(sites)/\(Self.prefix)\(app)_pool_\(pool)\(suffix)"
  }
  /// Where an instance of a pool is reached by a route.
  ///
  /// - Parameter slug: the instance's, or `*` for all of the pool.
  public func member(_ app: String, pool: String, route: String, slug: String) -> String {
    "\(pools)/\(app)_\(pool)_\(route)_\(slug)\(suffix)"
  }

  /// Everything that an instance has of its own in there, whether or not it is there.
  public func files(of record: InstanceRecord) -> [String] {
    let app = record.key.app
    guard let pool = record.pool else { return [site(app, slug: record.slug)] }
    return record.routes.map { member(app, pool: pool, route: $0.route, slug: record.slug) }
  }
}
