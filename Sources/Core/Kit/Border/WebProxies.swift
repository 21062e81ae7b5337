/// How the sites of a web proxy change.
public struct SiteChange: Sendable, Equatable {
  /// Paths and texts of files that are written.
  public var written: [String: String]
  /// Paths of files that go.
  public var removed: Set<String>

  public init(written: [String: String] = [:], removed: Set<String> = []) {
    self.written = written
    self.removed = removed
  }
}

/// The web proxies of the host, which the service manager runs and a person has configured.
public protocol WebProxies: Sendable {
  /// Has a proxy read its whole configuration as it will be, with nothing put in place.
  ///
  /// - Throws: `no-proxy` when it is not installed, `proxy-broken` when its configuration is no good without Berth's sites,
  ///   `proxy-no-sites` when it does not read their folder, `proxy-admin` when everybody on this host can give it orders,
  ///   `bad-site` when it refuses one of them.
  func check(_ change: SiteChange, of kind: ProxyConfig.Kind) async throws
  /// Where everybody on this host can give a proxy orders, by its configuration or as it runs; nil where nobody can.
  func openAdmin(_ kind: ProxyConfig.Kind) async throws -> String?
  /// Whether a proxy runs and goes on answering while it reads its configuration again.
  func keepsAnswering(_ kind: ProxyConfig.Kind) async throws -> Bool
  /// Has a proxy that runs read its configuration again, while it goes on answering; one that does not run is left alone.
  ///
  /// - Throws: `proxy-reload`.
  func reload(_ kind: ProxyConfig.Kind) async throws
}
