/// One rule of a site: what becomes of requests whose path begins so.
enum ProxyRule {
  case pass(ResolvedRoute)
  case files(ResolvedRoute.Files, of: ResolvedRoute)

  /// Without a slash at its end; empty for everything.
  var prefix: String {
    switch self {
    case .pass(let route): route.path == "/" ? "" : route.path
    case .files(let files, _): String(files.prefix.dropLast())
    }
  }

  var route: ResolvedRoute {
    switch self {
    case .pass(let route), .files(_, let route): route
    }
  }

  /// The rules of each host, in order of the routes; within a host the longest prefix stands first.
  static func byHost(_ routes: [ResolvedRoute]) -> [(host: String, rules: [ProxyRule])] {
    var hosts: [String] = []
    for route in routes where !hosts.contains(route.host) { hosts.append(route.host) }
    return hosts.map { host in
      let rules = routes.filter { $0.host == host }.flatMap { route in
        [.pass(route)] + route.folders.map { ProxyRule.files($0, of: route) }
      }
      return (host, rules.sorted { ($0.prefix.utf8.count, $1.prefix) > ($1.prefix.utf8.count, $0.prefix) })
    }
  }
}
