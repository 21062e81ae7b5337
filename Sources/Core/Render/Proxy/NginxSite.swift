import BerthKit

/// Sites in nginx's own form.
enum NginxSite {
  /// - Parameter certificate: the files of a host's certificate and key; nil for a site without TLS.
  static func text(
    _ routes: [ResolvedRoute], _ targets: [String: ProxyTarget],
    certificate: (String) -> (certificate: String, key: String)?
  ) -> String {
    let pools = routes.flatMap { route in upstream(route, targets) }
    let servers = ProxyRule.byHost(routes).flatMap { host, rules in
      let locations = rules.flatMap { lines(of: $0, targets) }
      guard let files = certificate(host) else { return block("server", listen(80) + name(host) + locations) }
      return block("server", listen(80) + name(host) + ["return 301 https://$host$request_uri;"])
        + block(
          "server",
          listen(443, " ssl") + name(host) + [
            "ssl_certificate \(NginxText.word(files.certificate));",
            "ssl_certificate_key \(NginxText.word(files.key));",
          ] + locations)
    }
    return (pools + servers).joined(separator: "\n") + "\n"
  }

  /// What an instance of a pool adds to the site.
  ///
  /// A connection that is refused costs nothing, as the next one gets the request: nothing was sent. One that fails is left
  /// alone for a while, since a container that starts again by itself takes connections a moment before it can answer
  /// (conmon holds its port). So that an error of the last one that serves is no outage, all of them stand in for those that
  /// are left alone, whatever their errors. Among sticky ones nginx has nobody stand in, and so none is left alone.
  static func member(_ route: ResolvedRoute) -> [String] {
    route.isSticky
      ? ["server \(route.address) max_fails=0;"]
      : ["server \(route.address) max_fails=1 fail_timeout=10s;", "server \(route.address) max_fails=0 backup;"]
  }

  private static func listen(_ port: Int, _ more: String = "") -> [String] {
    ["listen \(port)\(more);", "listen [::]:\(port)\(more);"]
  }

  private static func name(_ host: String) -> [String] { ["server_name \(host);"] }

  private static func upstream(_ route: ResolvedRoute, _ targets: [String: ProxyTarget]) -> [String] {
    guard case .pool(let name, let members)? = targets[route.id] else { return [] }
    return block(
      "upstream \(name)",
      [
        route.isSticky ? "ip_hash;" : "least_conn;",
        "include \(NginxText.word(members));",
        // A group of none would be an error of the whole configuration.
        "server 127.0.0.1:1 down;",
      ])
  }

  private static func lines(of rule: ProxyRule, _ targets: [String: ProxyTarget]) -> [String] {
    var inner: [String] = []
    if let auth = rule.route.auth { inner.append("include /etc/nginx/snippets/\(auth).conf;") }
    switch rule {
    case .files(let files, _):
      // A slash at the end of both, or a part of a name could be passed off as a folder.
      let folder = files.folder.hasSuffix("/") ? files.folder : "\(files.folder)/"
      return block("location \(files.prefix)", inner + ["alias \(NginxText.word(folder));"])
    case .pass(let route):
      inner += pass(route, targets[route.id] ?? .one(route.address))
      guard !rule.prefix.isEmpty else { return block("location /", inner) }
      return block("location = \(rule.prefix)", inner) + block("location \(rule.prefix)/", inner)
    }
  }

  private static func pass(_ route: ResolvedRoute, _ target: ProxyTarget) -> [String] {
    let address: String
    var pool: [String] = []
    switch target {
    case .one(let text): address = text
    // All of a pool are on this host, where a connection takes no time.
    case .pool(let name, _): (address, pool) = (name, ["proxy_connect_timeout 5s;"])
    }
    return pool + [
      "client_max_body_size \(route.maxBody ?? 0);",
      "proxy_pass http://\(address);",
      "proxy_http_version 1.1;",
      "proxy_set_header Host $host;",
      "proxy_set_header X-Real-IP $remote_addr;",
      "proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;",
      "proxy_set_header X-Forwarded-Proto $scheme;",
      "proxy_set_header X-Forwarded-Host $host;",
      // What makes a connection a websocket is between two neighbours only, unless it is said again.
      "proxy_set_header Upgrade $http_upgrade;",
      "proxy_set_header Connection $http_connection;",
      "proxy_read_timeout 1h;",
    ]
  }

  private static func block(_ head: String, _ body: [String]) -> [String] {
    ["\(head) {"] + body.map { "\t\($0)" } + ["}"]
  }
}

/// Quoting for nginx's configuration.
enum NginxText {
  /// One word. `$` begins a variable wherever it stands, and no value has it that gets here; see
  /// ``Route/isFolder(_:)``.
  static func word(_ text: String) -> String { "\"\(text.backslashing("\"\\"))\"" }
}
