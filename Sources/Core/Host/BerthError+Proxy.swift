import BerthKit

extension BerthError {
  static func noProxy(_ kind: ProxyConfig.Kind, _ path: String) -> BerthError {
    BerthError(
      "no-proxy", .unavailable, "the host is to have \(kind.rawValue) as its web proxy, and there is no \(path)",
      remedy: "apt-get install \(kind == .caddy ? "caddy" : "nginx-light")")
  }

  /// Somebody else's configuration is no good; nothing of it was touched.
  static func proxyBroken(_ kind: ProxyConfig.Kind, _ cause: String, remedy: Remedy) -> BerthError {
    BerthError(
      "proxy-broken", .conflict,
      "the configuration of \(kind.rawValue) is broken already, and Berth has left all of it as it is",
      at: kind.root, remedy: remedy, cause: String(cause.suffix(2000)))
  }

  static func proxyNoSites(_ kind: ProxyConfig.Kind, line: String) -> BerthError {
    BerthError(
      "proxy-no-sites", .conflict, "\(kind.rawValue) does not read the sites in \(kind.sites)", at: kind.root,
      remedy:
        "add this line to \(kind == .caddy ? "/etc/caddy/Caddyfile" : "the http part of /etc/nginx/nginx.conf"): \(line)"
    )
  }

  /// Every instance of the host could have it serve whatever its user can read.
  static func proxyAdmin(_ kind: ProxyConfig.Kind, _ address: String) -> BerthError {
    BerthError(
      "proxy-admin", .conflict,
      "every program of this host can give \(kind.rawValue) orders: its admin API listens on '\(address)'",
      at: "\(kind.root)/Caddyfile", remedy: .prose(closedAdmin))
  }

  /// The lines that close Caddy's admin API, and what makes them hold. `systemctl reload caddy` goes on working with them.
  public static let closedAdmin = """
    put 'admin unix//run/caddy/admin.sock' into the block of options at the top of /etc/caddy/Caddyfile, and \
    'RuntimeDirectory=caddy' and 'RuntimeDirectoryMode=0700' under [Service] by 'systemctl edit caddy'; then: \
    systemctl restart caddy
    """

  /// - Parameter taken: which files have a name of it already.
  static func badSite(
    _ paths: [String], _ kind: ProxyConfig.Kind, _ cause: String, taken: [String]
  ) -> BerthError {
    let what =
      paths.isEmpty ? "its sites without what goes" : paths.count == 1 ? "'\(paths[0])'" : "\(paths.count) sites"
    return BerthError(
      "bad-site", .conflict, "\(kind.rawValue) refuses \(what) beside its other sites", at: paths.first,
      remedy: .prose(
        taken.isEmpty
          ? "choose another host name, folder or login" : "take the name out of that file, or choose another host name"),
      cause: (taken + [String(cause.suffix(2000))]).joined(separator: "\n"))
  }

  static func proxyReload(_ kind: ProxyConfig.Kind, _ unit: String, _ cause: String) -> BerthError {
    BerthError(
      "proxy-reload", .failure, "\(kind.rawValue) did not take its sites up", at: unit,
      remedy: "journalctl --unit \(unit) --lines 20", cause: String(cause.suffix(2000)))
  }
}
