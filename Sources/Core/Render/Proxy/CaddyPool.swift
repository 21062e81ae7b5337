/// How Caddy passes requests on to a pool.
///
/// - A connection that is refused costs nothing: nothing was sent, and another instance gets the request. Whoever refused
///   is passed over for a moment (`fail_duration`), which ends long before Caddy gives a request up (`lb_try_duration`).
///   So one error of the last instance that serves is a wait, and no outage.
/// - Caddy up to 2.11 cannot send a body a second time, not even one of which it has sent nothing
///   (https://github.com/caddyserver/caddy/issues/7546). So before anything but a `GET` is sent, an instance is looked for
///   that answers now, by a question without a body.
/// - No connection is used twice. One that the other end is about to close would lose what is sent on it.
///
/// Source: https://caddyserver.com/docs/caddyfile/directives/reverse_proxy
struct CaddyPool {
  let route: ResolvedRoute
  /// A pattern of files, each with the address of one instance.
  let members: String
  /// The number of the rule, which makes names of matchers differ.
  let number: Int

  /// The instance that the question has found.
  private static let found = "{http.reverse_proxy.upstream.hostport}"

  var lines: [String] {
    let changes = "@\(number)-changes"
    return ["\(changes) not method GET"]
      + CaddySite.block("reverse_proxy \(changes)", choice + question)
      + CaddySite.block("reverse_proxy", choice + transport())
  }

  private var choice: [String] {
    var lines = [
      "import \(CaddyText.word(members))", "lb_policy \(route.isSticky ? "cookie" : "least_conn")",
      "lb_try_duration 15s", "lb_try_interval 100ms", "fail_duration 2s",
    ]
    if let health = route.health {
      lines += [
        "health_uri \(CaddyText.uri(health.path))", "health_interval 2s", "health_timeout 5s",
        "health_status \(health.status)",
      ]
      if let host = health.host { lines += CaddySite.block("health_headers", ["Host \(CaddyText.word(host))"]) }
    }
    return lines
  }

  private var question: [String] {
    let path = CaddyText.uri(route.health?.path ?? route.path)
    // Without a question mark it would keep the query of the request that waits.
    var lines = ["method HEAD", "rewrite \(path.contains("?") ? path : "\(path)?")"]
    if let host = route.health?.host { lines.append("header_up Host \(CaddyText.word(host))") }
    lines += ["header_up -Expect", "lb_retry_match method HEAD"]
    // One that stands still takes connections all the same.
    lines += transport(["response_header_timeout 5s"])
    return lines
      + CaddySite.block("handle_response", CaddySite.block("reverse_proxy \(Self.found)", transport()))
  }

  private func transport(_ more: [String] = []) -> [String] {
    CaddySite.block("transport http", more + ["keepalive off"])
  }
}
