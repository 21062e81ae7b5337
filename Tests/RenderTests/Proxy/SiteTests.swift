import BerthKit
import Testing

@testable import BerthRender

@Suite("Sites of a web proxy") struct SiteTests {
  private static let manifest = Manifest(
    id: "sample", name: "Sample", summary: "A sample", category: .web, version: "1",
    settings: [
      Setting("domain", .hostname, optional: true), Setting("login", .string, optional: true),
      Setting("folder", .string, optional: true),
    ],
    ports: [
      PortRole("http", [.tcp], default: 8000, bind: "127.0.0.1"), PortRole("api", [.tcp], default: 8001, bind: "::"),
    ],
    services: [
      Service("main", exec: ["/usr/bin/sample"], ready: [ReadyProbe(.http(.init(role: "http", path: "/health")))])
    ],
    routes: [
      Route(
        "web", host: "{{settings.domain}}", port: "http", staticFolders: [.init("/static/", "{{settings.folder}}")],
        maxBody: 1_048_576, auth: "{{settings.login}}"),
      Route("api", host: "{{settings.domain}}", path: "/api/v1", port: "api", isSticky: true),
      Route("admin", host: "admin.{{settings.domain}}", port: "http"),
    ])

  private static let values: [String: Value] = [
    "domain": .text("Play.Example"), "login": .text("gate"), "folder": .text("/srv/a b#1 é"),
  ]

  private func routes(_ values: [String: Value] = values, _ manifest: Manifest = manifest) throws -> [ResolvedRoute] {
    let ports = ["http": 8000, "api": 8001]
    return try ResolvedRoute.all(
      of: manifest, instance(manifest, settings: values, ports: ports),
      variables(manifest, settings: values, ports: ports), in: Stage.system.context(manifest))
  }

  private func sites(
    _ routes: [ResolvedRoute], _ proxy: ProxyConfig, pool: String? = nil, certificates: Bool = false
  ) -> ProxySites {
    ProxySites(routes, of: Self.manifest, slug: "kids", pool: pool, proxy: proxy) { _ in certificates }
  }

  @Test("a route is worked out by an instance's settings and ports")
  func resolved() throws {
    let all = try routes()
    #expect(
      all.map(\.claim) == [
        RouteClaim(route: "web", host: "play.example", path: "/"),
        RouteClaim(route: "api", host: "play.example", path: "/api/v1"),
        RouteClaim(route: "admin", host: "admin.play.example", path: "/"),
      ])
    #expect(all.map(\.address) == ["127.0.0.1:8000", "[::1]:8001", "127.0.0.1:8000"])
    #expect(all[0].health == ResolvedRoute.Health(path: "/health", host: nil, status: 200))
    #expect(all[1].health == nil)
  }

  @Test("without a host name there is no route, and without a login or folder a route without it")
  func unset() throws {
    #expect(try routes([:]) == [])
    let bare = try routes(["domain": .text("play.example")])
    #expect(bare.count == 3 && bare[0].auth == nil && bare[0].folders.isEmpty)
  }

  @Test(
    "what makes no host name, folder or login is refused before anything is rendered",
    arguments: [
      ("domain", "a b"), ("domain", "x.example {\n}"), ("domain", "*.example"), ("domain", ""), ("domain", "-x"),
      ("login", "a b"), ("login", "../../etc/passwd"), ("login", "x\nimport y"), ("folder", "srv"),
      ("folder", "/srv/../etc"), ("folder", "/a`b"), ("folder", "/a$b"), ("folder", "/a{$HOME}"), ("folder", "/a\"b"),
    ])
  func hostile(_ key: String, _ value: String) throws {
    var values = Self.values
    values[key] = .text(value)
    let error = try #require(throws: BerthError.self) { try routes(values) }
    #expect(error.code == "bad-route" && error.kind == .usage)
  }

  @Test("two routes of an instance that come to mean the same are refused")
  func doubled() throws {
    var manifest = Self.manifest
    manifest.routes[2].host = "play.example"
    #expect(throws: BerthError.self) { try routes(Self.values, manifest) }
  }

  @Test("Caddy's site: the longest path first, the login before everything, values as single words")
  func caddy() throws {
    let file = try #require(sites(try routes(), ProxyConfig(.caddy)).own.first)
    #expect(file.path == "/etc/caddy/conf.d/berth-sample_kids.caddy")
    #expect(
      file.text == """
        # Made by Berth from the plugin 'sample'. Written anew whenever it differs.
        play.example {
        \troute {
        \t\t@0 path /api/v1 /api/v1/*
        \t\thandle @0 {
        \t\t\treverse_proxy [::1]:8001
        \t\t}
        \t\t@1 path /static /static/*
        \t\thandle @1 {
        \t\t\timport gate
        \t\t\turi strip_prefix /static
        \t\t\troot * /run/berth/static/sample@default/main/0
        \t\t\tfile_server
        \t\t}
        \t\thandle {
        \t\t\timport gate
        \t\t\t@large expression `{http.request.header.Content-Length} != "" && int({http.request.header.Content-Length}) > 1048576`
        \t\t\trespond @large 413
        \t\t\trequest_body {
        \t\t\t\tmax_size 1048576
        \t\t\t}
        \t\t\treverse_proxy 127.0.0.1:8000
        \t\t}
        \t}
        }

        admin.play.example {
        \troute {
        \t\thandle {
        \t\t\treverse_proxy 127.0.0.1:8000
        \t\t}
        \t}
        }

        """)
  }

  @Test("nginx's site: the same, each value quoted, and no limit of its own")
  func nginx() throws {
    let file = try #require(sites(try routes(), ProxyConfig(.nginx)).own.first)
    #expect(file.path == "/etc/nginx/conf.d/berth-sample_kids.conf")
    #expect(file.text.contains("\tserver_name play.example;\n"))
    #expect(file.text.contains("\tlocation = /api/v1 {\n") && file.text.contains("\tlocation /api/v1/ {\n"))
    #expect(
      file.text.contains(
        "\tlocation /static/ {\n\t\tinclude /etc/nginx/snippets/gate.conf;\n\t\talias \"/run/berth/static/sample@default/main/0/\";\n"
          + "\t}\n"))
    #expect(
      file.text.contains("\t\tinclude /etc/nginx/snippets/gate.conf;\n\t\tclient_max_body_size 1048576;\n"))
    #expect(file.text.components(of: "client_max_body_size 0;") == 4)
    #expect(file.text.components(of: "proxy_pass http://[::1]:8001;") == 3)
    for header in [
      "Host $host", "X-Forwarded-For $proxy_add_x_forwarded_for", "X-Forwarded-Proto $scheme", "Upgrade $http_upgrade",
    ] {
      #expect(file.text.contains("proxy_set_header \(header);"))
    }
    #expect(!file.text.contains("443"))
  }

  @Test("nginx speaks TLS where the certificate is there, and sends everybody to it")
  func certificates() throws {
    let proxy = ProxyConfig(.nginx, certificates: "/etc/tls/{host}/full.pem", keys: "/etc/tls/{host}/key.pem")
    let text = try #require(sites(try routes(), proxy, certificates: true).own.first).text
    #expect(text.contains("\tlisten 443 ssl;\n\tlisten [::]:443 ssl;\n\tserver_name play.example;\n"))
    #expect(text.contains("\tssl_certificate \"/etc/tls/play.example/full.pem\";\n"))
    #expect(text.contains("\tssl_certificate_key \"/etc/tls/play.example/key.pem\";\n"))
    #expect(text.contains("\treturn 301 https://$host$request_uri;\n"))
    #expect(try !#require(sites(try routes(), proxy).own.first).text.contains("443"))
  }

  @Test(
    "the site of a pool is the same for all of it, and each says only where it is reached",
    arguments: ProxyConfig.Kind.allCases)
  func pools(_ kind: ProxyConfig.Kind) throws {
    let all = try routes()
    let first = sites(all, ProxyConfig(kind), pool: "tv")
    let other = ProxySites(all, of: Self.manifest, slug: "adults", pool: "tv", proxy: ProxyConfig(kind))
    #expect(first.head == other.head)
    let head = try #require(first.head)
    #expect(head.path == kind.head("sample", pool: "tv"))
    #expect(!head.text.contains("8000") && !head.text.contains("8001"))
    #expect(
      first.own.map(\.path)
        == ["web", "api", "admin"].map { kind.member("sample", pool: "tv", route: $0, slug: "kids") })
    #expect(Set(first.own.map(\.path)).isDisjoint(with: other.own.map(\.path)))
    for route in ["web", "api", "admin"] {
      #expect(head.text.contains(kind.member("sample", pool: "tv", route: route, slug: "*")))
    }
    let line = try #require(first.own[1].text.split(separator: "\n").last)
    #expect(line == (kind == .caddy ? "to [::1]:8001" : "server [::1]:8001 max_fails=0;"))
    // Who keeps something in memory sees a visitor again.
    let (free, sticky) = kind == .caddy ? ("lb_policy least_conn", "lb_policy cookie") : ("least_conn;", "ip_hash;")
    // Caddy looks for one that answers before it sends what cannot be sent twice, and chooses it in the same way.
    let times = kind == .caddy ? 2 : 1
    #expect(head.text.components(of: free) == 2 * times + 1 && head.text.components(of: sticky) == times + 1)
    if kind == .caddy {
      #expect(head.text.contains("health_uri /health\n") && head.text.contains("health_status 200\n"))
    } else {
      // A pool of none must not break everybody else's sites.
      #expect(head.text.components(of: "server 127.0.0.1:1 down;") == 4)
    }
  }

  @Test("Caddy sends a form only to an instance that has answered a question without a body a moment before")
  func questions() throws {
    let head = try #require(sites(try routes(), ProxyConfig(.caddy), pool: "tv").head).text
    let lines = head.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
    let begin = try #require(lines.firstIndex(of: "reverse_proxy @2-changes {"))
    #expect(lines[begin - 1] == "@2-changes not method GET")
    let end = try #require(lines[begin...].firstIndex(of: "reverse_proxy {"))
    let question = Array(lines[begin..<end])
    #expect(question.contains("method HEAD") && question.contains("rewrite /health?"))
    #expect(question.contains("response_header_timeout 5s") && question.contains("header_up -Expect"))
    #expect(question.contains("reverse_proxy {http.reverse_proxy.upstream.hostport} {"))
    // What a person waits for may take as long as it takes.
    #expect(!lines[end...].prefix(12).contains { $0.hasPrefix("response_header") })
    // Without a health check the beginning of the route is asked.
    #expect(lines.contains("rewrite /api/v1?"))
  }

  @Test(
    "one error of an instance takes no pool down: who has failed is asked again long before a request is given up",
    arguments: ProxyConfig.Kind.allCases)
  func failures(_ kind: ProxyConfig.Kind) throws {
    let pool = sites(try routes(), ProxyConfig(kind), pool: "tv")
    let text = try #require(pool.head).text + pool.own.map(\.text).joined()
    switch kind {
    case .caddy:
      #expect(text.contains("\tlb_try_duration 15s\n") && text.contains("\tfail_duration 2s\n"))
      #expect(!text.contains("fail_duration 10s"))
    case .nginx:
      // Whoever is left alone is asked all the same where all are.
      #expect(text.contains("\nserver 127.0.0.1:8000 max_fails=0 backup;\n"))
      // nginx takes no such line where visitors are kept apart by their addresses.
      #expect(
        text.contains("ip_hash;") && !text.contains("8001 max_fails=1") && !text.contains("8001 max_fails=0 backup"))
      // What was sent is not sent again, unless it may be.
      #expect(!text.contains("non_idempotent"))
    }
  }

  @Test(
    "an instance leaves its pool and comes back without anybody remembering where it was",
    arguments: ProxyConfig.Kind.allCases)
  func away(_ kind: ProxyConfig.Kind) throws {
    for file in sites(try routes(), ProxyConfig(kind), pool: "tv").own {
      let away = PoolMember.away(file.text)
      #expect(away.split(separator: "\n").allSatisfy { $0.hasPrefix("#") })
      #expect(PoolMember.away(away) == away)
      #expect(PoolMember.back(away) == file.text && PoolMember.back(file.text) == file.text)
      let address = PoolMember.Address(
        host: file.path.contains("_api_") ? "::1" : "127.0.0.1", port: file.path.contains("_api_") ? 8001 : 8000)
      #expect(PoolMember.addresses(away) == [address] && PoolMember.addresses(file.text) == [address])
    }
  }

  @Test("an address is written so that no character of it means anything to Caddy")
  func addresses() {
    #expect(CaddyText.uri("/a{$X}`\"?b=1&c\\") == "/a%7B%24X%7D%60%22?b=1&c%5C")
    #expect(CaddyText.word("a b") == "`a b`" && CaddyText.word("") == "``" && CaddyText.word("a#") == "`a#`")
  }
}

extension String {
  fileprivate func components(of separator: String) -> Int {
    split(separator: separator, omittingEmptySubsequences: false).count
  }
}
