import BerthKit

/// Sites in Caddy's own form (Caddyfile). Caddy gets and renews the certificates by itself.
enum CaddySite {
  static func text(_ routes: [ResolvedRoute], _ targets: [String: ProxyTarget]) -> String {
    ProxyRule.byHost(routes).map { host, rules in
      // Rules are tried as they stand, and the first that fits is the only one.
      let blocks = rules.enumerated().flatMap { lines(of: $1, number: $0, targets) }
      return lines(host, block("route", blocks)).joined(separator: "\n") + "\n"
    }.joined(separator: "\n")
  }

  /// What an instance of a pool adds to the site.
  static func member(_ route: ResolvedRoute) -> [String] { ["to \(CaddyText.word(route.address))"] }

  private static func lines(of rule: ProxyRule, number: Int, _ targets: [String: ProxyTarget]) -> [String] {
    var inner: [String] = []
    if let auth = rule.route.auth { inner.append("import \(CaddyText.word(auth))") }
    switch rule {
    case .files(let files, _):
      inner += [
        "uri strip_prefix \(CaddyText.word(rule.prefix))", "root * \(CaddyText.word(files.folder))", "file_server",
      ]
    case .pass(let route):
      if let size = route.maxBody {
        // What says how large it is, is refused with a word; what does not, is cut off.
        let length = "{http.request.header.Content-Length}"
        inner += [
          "@large expression `\(length) != \"\" && int(\(length)) > \(size)`", "respond @large 413",
        ]
        inner += block("request_body", ["max_size \(size)"])
      }
      inner += proxy(route, targets[route.id] ?? .one(route.address), number)
    }
    guard !rule.prefix.isEmpty else { return block("handle", inner) }
    let paths = [rule.prefix, "\(rule.prefix)/*"].map(CaddyText.word).joined(separator: " ")
    return ["@\(number) path \(paths)"] + block("handle @\(number)", inner)
  }

  private static func proxy(_ route: ResolvedRoute, _ target: ProxyTarget, _ number: Int) -> [String] {
    switch target {
    case .one(let address): ["reverse_proxy \(CaddyText.word(address))"]
    case .pool(_, let members): CaddyPool(route: route, members: members, number: number).lines
    }
  }

  private static func lines(_ head: String, _ body: [String]) -> [String] { block(CaddyText.word(head), body) }

  static func block(_ head: String, _ body: [String]) -> [String] {
    ["\(head) {"] + body.map { "\t\($0)" } + ["}"]
  }
}

/// Quoting for a Caddyfile.
enum CaddyText {
  /// One word. Between backticks everything stands for itself, but for a backtick and what begins with `{$` or `{`, which
  /// no value has that gets here; see ``Route/isFolder(_:)``.
  static func word(_ text: String) -> String { isPlain(text) ? text : "`\(text)`" }

  /// An address of a request, in which every character can be written as a number.
  static func uri(_ path: String) -> String {
    let plain = Array("/-._~?&=%+:@,".utf8)
    return path.utf8.map { byte in
      if plain.contains(byte) || ByteText.isWord(byte) { return String(UnicodeScalar(byte)) }
      let digits = String(byte, radix: 16, uppercase: true)
      return "%" + (digits.count == 1 ? "0" : "") + digits
    }.joined()
  }

  private static func isPlain(_ text: String) -> Bool {
    !text.isEmpty && text.utf8.allSatisfy { ByteText.isWord($0) || "/-._~:*@[]".utf8.contains($0) }
  }
}
