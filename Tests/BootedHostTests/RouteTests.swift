import BerthHost
import BerthKit
import Foundation
import Synchronization
import TestSupport
import Testing

extension BootedHostTests {
  @Suite("apps behind a web proxy")
  struct RouteTests {
    init() throws { try BootedHost.require() }

    /// Every character of it means something to some program, and must not here.
    private static let folder = "/var/www/hall a b#1 é%20(x)"

    private static func picture() async throws -> HostPicture {
      try await .take(of: HostPicture.systemFolders + ["/etc/containers/systemd", "/etc/caddy", "/etc/nginx"], .root)
    }

    private static func put(in plugins: String) async throws {
      let yaml = """
        schema: 1
        id: hall
        name: Hall
        summary: Only for a test
        category: web
        version: "1"
        settings:
          image: { type: image, default: "localhost/berth-test/hall:1" }
          domain: { type: hostname, optional: true }
          login: { type: string, optional: true }
        ports:
          http: { protocol: tcp, default: 18200, bind: 127.0.0.1, target: 8080 }
        services:
          main:
            container: { image: "{{settings.image}}", user: "{{instance.uid}}:{{instance.gid}}" }
            stop: { grace: 5s }
            ready: { http: { port: http, path: /health }, timeout: 20s }
        routes:
          web:
            host: "{{settings.domain}}"
            port: http
            static: { /static/: "\(folder)" }
            max-body: 1M
            auth: "{{settings.login}}"
        backup:
          config: { files: ["{{paths.config}}"], hot: true }
        """
      try FileManager.default.createDirectory(atPath: "\(plugins)/hall", withIntermediateDirectories: true)
      try yaml.write(toFile: "\(plugins)/hall/plugin.yaml", atomically: true, encoding: .utf8)
      try await Containers.load("web-1", as: "localhost/berth-test/hall:1")
    }

    /// The plugin and a running proxy; nothing of the test is left afterwards.
    private static func with(
      _ kind: ProxyConfig.Kind, isRunning: Bool = true, _ body: (Person, WebProxy) async throws -> Void
    ) async throws {
      let before = try await picture()
      try await BootedHost.withPlugins { plugins in
        try await put(in: plugins)
        let root = Person.root.with(plugins: plugins)
        try await WebProxy.with(kind, isRunning: isRunning) { proxy in
          let result: Result<Void, any Error>
          do { result = .success(try await body(root, proxy)) } catch { result = .failure(error) }
          // Not every test leaves an instance to be removed.
          _ = try await root.berth("remove", "hall", "--all", "--yes")
          try result.get()
          #expect(proxy.sites == [])
        }
      }
      // The first backup of a host, which a clone is made by, makes a place for lists of files.
      let added = try await picture().added(to: before).filter { $0 != "/var/lib/berth/backups" }
      #expect(added == [], "\(added)")
      #expect(try await Containers.left() == [])
    }

    @Test(
      "a site answers by its name: the app, a folder, no more than it takes, and after a login",
      arguments: ProxyConfig.Kind.allCases)
    func serves(_ kind: ProxyConfig.Kind) async throws {
      let files = FileManager.default
      try files.createDirectory(atPath: Self.folder, withIntermediateDirectories: true)
      defer { try? files.removeItem(atPath: Self.folder) }
      try "from the folder\n".write(toFile: "\(Self.folder)/a file.txt", atomically: true, encoding: .utf8)
      try files.createSymbolicLink(atPath: "\(Self.folder)/link", withDestinationPath: "/etc/hostname")
      try Data(count: 500_000).write(to: URL(fileURLWithPath: "\(Self.folder)/small"))
      try Data(count: 3_000_000).write(to: URL(fileURLWithPath: "\(Self.folder)/large"))
      try await Self.with(kind) { root, proxy in
        _ = try await root.install("hall", "--instance-name", "Kids", "--set", "domain=Tv.Example")
        let doctor = try await root.berth("doctor")
        #expect(doctor.status == 0, "\(doctor.output) \(doctor.errors)")
        #expect(try await proxy.get("tv.example") == .init(status: 200, text: "1"))
        #expect(
          try await proxy.get("tv.example", "/static/a%20file.txt") == .init(status: 200, text: "from the folder"))
        // What fills the folder can put a link there.
        let link = try await proxy.get("tv.example", "/static/link")
        #expect([403, 404, 500].contains(link.status) && link.text != "berth-host", "\(link)")
        try await Self.control(proxy)
        #expect(try await proxy.get("tv.example", "/static/../../../etc/passwd", ["--path-as-is"]).status != 200)
        #expect(try await proxy.get("tv.example", "/static../a%20file.txt", ["--path-as-is"]).status != 200)
        #expect(try await proxy.get("tv.example", "/", ["--data-binary", "@\(Self.folder)/small"]).text == "500000")
        let refused = try await proxy.get("tv.example", "/", ["--data-binary", "@\(Self.folder)/large"])
        #expect(refused.status == 413, "\(refused)")
        #expect(try await proxy.get("other.example").text != "1")

        let changed = try await root.berth("config", "set", "hall", "login=gate")
        #expect(changed.status == 0, "\(changed.errors)")
        #expect(try await proxy.get("tv.example").status == 401)
        #expect(try await proxy.get("tv.example", "/static/a%20file.txt").status == 401)
        #expect(try await proxy.get("tv.example", "/version", ["--user", "ann:open"]) == .init(status: 200, text: "1"))
        let missing = try await root.berth("config", "set", "hall", "login=nobody", "--json")
        #expect(missing.status == 73, "\(missing.errors)")
        #expect(try missing.failure()["code"].text == "bad-site")
        #expect(try await proxy.get("tv.example", "/version", ["--user", "ann:open"]).status == 200)
      }
    }

    /// The link is served where the site names the folder itself.
    private static func control(_ proxy: WebProxy) async throws {
      let site = try #require(proxy.sites.first)
      let text = try String(contentsOfFile: site, encoding: .utf8)
      let pin = "/run/berth/static/hall@default/main/0"
      try #require(text.contains(pin))
      try proxy.write(
        text.replacing("\"\(pin)/\"", with: "\"\(folder)/\"").replacing(" \(pin)\n", with: " `\(folder)`\n"), to: site)
      try await proxy.reload()
      var answer = try await proxy.get("tv.example", "/static/link")
      // A reload is an order, and the former processes answer for a moment.
      for _ in 0..<50 where answer.status != 200 {
        try await Task.sleep(for: .milliseconds(100))
        answer = try await proxy.get("tv.example", "/static/link")
      }
      #expect(answer == .init(status: 200, text: "berth-host"))
      try proxy.write(text, to: site)
      try await proxy.reload()
    }

    @Test(
      "what a program exchanges for a link is served by no proxy, and what is served goes with the service and comes back",
      arguments: ProxyConfig.Kind.allCases)
    func exchanged(_ kind: ProxyConfig.Kind) async throws {
      try await Self.with(kind) { root, proxy in
        let plugin = "\(try #require(root.flags.last))/hall/plugin.yaml"
        let yaml = try String(contentsOfFile: plugin, encoding: .utf8)
          .replacing("\"\(Self.folder)\"", with: "\"{{paths.data}}/public\"")
          .replacing("    stop: {", with: "    mounts: { /public: \"{{paths.data}}/public\" }\n    stop: {")
        try yaml.write(toFile: plugin, atomically: true, encoding: .utf8)
        let instance = try await root.install("hall", "--set", "domain=tv.example")
        let place = "\(try #require(instance["dir"].text))/data/public"
        try await BootedHost.run(
          "sh", "-euc", "echo mine > \"$0/file\"; chmod 755 \"$0\"; chmod 644 \"$0/file\"", place)
        #expect(try await proxy.get("tv.example", "/static/file") == .init(status: 200, text: "mine"))
        // The place on the way is exchanged while it is served, and before a start.
        try await BootedHost.run("sh", "-euc", "mv \"$0\" \"$0-was\"; ln -s /etc \"$0\"", place)
        #expect(try await proxy.get("tv.example", "/static/hostname").status == 404)
        #expect(try await proxy.get("tv.example", "/static/file") == .init(status: 200, text: "mine"))
        #expect(try await root.berth("restart", "hall").status != 0)
        #expect(try await proxy.get("tv.example", "/static/hostname").status != 200)
        #expect(try ContainerIsolationTests.pins() == [])
        try await BootedHost.run("sh", "-euc", "rm \"$0\"; mv \"$0-was\" \"$0\"", place)
        #expect(try await root.berth("start", "hall").status == 0)
        #expect(try await proxy.get("tv.example", "/static/file") == .init(status: 200, text: "mine"))
        #expect(try await root.berth("stop", "hall").status == 0)
        #expect(try await proxy.get("tv.example", "/static/file").status == 404)
        #expect(try ContainerIsolationTests.pins() == [])
      }
    }

    @Test("a reload lets a request that is under way come to its end", arguments: ProxyConfig.Kind.allCases)
    func keepsRequests(_ kind: ProxyConfig.Kind) async throws {
      let files = FileManager.default
      try files.createDirectory(atPath: Self.folder, withIntermediateDirectories: true)
      defer { try? files.removeItem(atPath: Self.folder) }
      try Data(count: 40_000_000).write(to: URL(fileURLWithPath: "\(Self.folder)/film"))
      try await Self.with(kind) { root, proxy in
        _ = try await root.install("hall", "--instance-name", "Kids", "--set", "domain=tv.example")
        let words = proxy.curl("tv.example", "/static/film")
        let options = ["--limit-rate", "4M", "--output", "/dev/null", "--write-out", "%{http_code} %{size_download}"]
        async let slow = SubprocessRunner().run(Command(words[0], Array(words.dropFirst()) + options))
        try await Task.sleep(for: .seconds(1))
        let second = try await root.install("hall", "--instance-name", "Adults", "--set", "domain=two.example")
        #expect(second["routes"][0]["host"].text == "two.example")
        #expect(try await proxy.get("two.example").text == "1")
        let result = try await slow
        #expect(result.status == 0 && result.output == "200 40000000", "\(result)")
      }
    }

    @Test(
      "a proxy that does not run gets its sites all the same, and reads them when it starts",
      arguments: ProxyConfig.Kind.allCases)
    func stopped(_ kind: ProxyConfig.Kind) async throws {
      try await Self.with(kind, isRunning: false) { root, proxy in
        _ = try await root.install("hall", "--set", "domain=tv.example")
        #expect(try await BootedHost.output("systemctl", "is-active", kind.rawValue) != "active")
        try await BootedHost.run("systemctl", "start", kind.rawValue)
        #expect(try await proxy.get("tv.example").text == "1")
      }
    }

    @Test(
      "a configuration that somebody else has broken is theirs, and stays as it is",
      arguments: ProxyConfig.Kind.allCases)
    func broken(_ kind: ProxyConfig.Kind) async throws {
      try await Self.with(kind) { root, proxy in
        let good = try String(contentsOfFile: proxy.file, encoding: .utf8)
        let text = good + "\nthis is { not right\n"
        try proxy.write(text, to: proxy.file)
        let run = try await root.berth("install", "hall", "--set", "domain=tv.example", "--json")
        #expect(run.status == 73)
        #expect(try run.failure()["code"].text == "proxy-broken", "\(run.errors)")
        #expect(try run.failure()["cause"].text?.isEmpty == false)
        #expect(try String(contentsOfFile: proxy.file, encoding: .utf8) == text)
        #expect(proxy.sites == [])
        #expect(try await root.berth("list", "--json").json().list == [])
        try proxy.write(good, to: proxy.file)
      }
    }

    @Test(
      "a host name that another instance or somebody's own site has is a conflict", arguments: ProxyConfig.Kind.allCases
    )
    func taken(_ kind: ProxyConfig.Kind) async throws {
      try await Self.with(kind) { root, proxy in
        _ = try await root.install("hall", "--instance-name", "Kids", "--set", "domain=tv.example")
        let sites = proxy.sites
        let run = try await root.berth("install", "hall", "--set", "domain=tv.example", "--json")
        #expect(run.status == 73)
        #expect(try run.failure()["code"].text == "host-taken", "\(run.errors)")
        #expect(run.errors.contains("hall/Kids"))
        let theirs = try String(contentsOfFile: proxy.file, encoding: .utf8)
        try proxy.write(
          theirs
            + (kind == .caddy
              ? "my.example {\n\trespond mine\n}\n"
              : "server {\n\tlisten 80;\n\tserver_name my.example;\n\treturn 200 mine;\n}\n"),
          to: proxy.file)
        try await proxy.reload()
        let second = try await root.berth("install", "hall", "--set", "domain=my.example", "--json")
        #expect(second.status == 73)
        #expect(try second.failure()["code"].text == "bad-site", "\(second.errors)")
        let cause = try second.failure()["cause"].text ?? ""
        // nginx reads it by a link of the same name.
        let name = (proxy.file as NSString).lastPathComponent
        #expect(cause.contains("/\(name)' has the name 'my.example' already"), "\(cause)")
        #expect(proxy.sites == sites)
        #expect(try await proxy.get("my.example").text == "mine")
        #expect(try await proxy.get("tv.example").text == "1")
      }
    }

    @Test(
      "a Caddyfile that reads no sites is an error that gives the line to add, and one without Caddy says what to install"
    )
    func notRead() async throws {
      try await Self.with(.caddy) { root, proxy in
        try proxy.write(":80 {\n\trespond mine\n}\n", to: proxy.file)
        let run = try await root.berth("install", "hall", "--set", "domain=tv.example", "--json")
        #expect(run.status == 73)
        #expect(try run.failure()["code"].text == "proxy-no-sites", "\(run.errors)")
        #expect(try run.failure()["remedy"].text?.contains("import /etc/caddy/conf.d/*.caddy") == true)
        try await BootedHost.run("mv", "/usr/bin/caddy", "/usr/bin/caddy-away")
        let none = try await root.berth("install", "hall", "--set", "domain=tv.example", "--json")
        try await BootedHost.run("mv", "/usr/bin/caddy-away", "/usr/bin/caddy")
        #expect(none.status == 69)
        #expect(try none.failure()["remedy"].text == "apt-get install caddy", "\(none.errors)")
        #expect(proxy.sites == [])
      }
    }

    @Test(
      "a host that changes its proxy, and changes back, has its sites where they belong after an update, and no others")
    func exchanged() async throws {
      func serve(by kind: ProxyConfig.Kind, _ root: Person) async throws {
        try "schema: 1\nproxy: \(kind.rawValue)\n".write(
          toFile: "/etc/berth/host.yaml", atomically: true, encoding: .utf8)
        let run = try await root.berth("update", "hall", "--all")
        #expect(run.status == 0, "\(run.errors)")
        #expect(try await root.berth("doctor").status == 0)
      }
      try await Self.with(.caddy) { root, caddy in
        _ = try await root.install("hall", "--set", "domain=tv.example")
        for name in ["A", "B"] {
          _ = try await root.install("hall", "--instance-name", name, "--set", "domain=pool.example", "--pool", "films")
        }
        let sites = caddy.sites
        for domain in ["tv.example", "pool.example"] { #expect(try await caddy.get(domain).text == "1") }
        // Both listen on one port.
        try await BootedHost.run("systemctl", "stop", "caddy")
        try await WebProxy.with(.nginx) { nginx in
          try await serve(by: .nginx, root)
          #expect(caddy.sites == [])
          #expect(nginx.sites.count == sites.count, "\(nginx.sites)")
          for domain in ["tv.example", "pool.example"] { #expect(try await nginx.get(domain).text == "1") }
          try await BootedHost.run("systemctl", "stop", "nginx")
          try await BootedHost.run("systemctl", "start", "caddy")
          try await serve(by: .caddy, root)
          #expect(nginx.sites == [])
          #expect(caddy.sites == sites)
          for domain in ["tv.example", "pool.example"] { #expect(try await caddy.get(domain).text == "1") }
        }
        try "schema: 1\nproxy: caddy\n".write(toFile: "/etc/berth/host.yaml", atomically: true, encoding: .utf8)
      }
    }

    @Test("nginx speaks TLS once the certificate is there; when it cannot, everything stays as it was")
    func certificates() async throws {
      try await Self.with(.nginx) { root, proxy in
        try proxy.write(
          "schema: 1\nproxy: { kind: nginx, certificates: \"/etc/nginx/{host}.pem\", keys: \"/etc/nginx/{host}.key\" }\n",
          to: "/etc/berth/host.yaml")
        _ = try await root.install("hall", "--set", "domain=tv.example")
        #expect(try await proxy.get("tv.example").text == "1")
        try await BootedHost.run(
          "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=tv.example", "-days", "2",
          "-keyout", "/etc/nginx/tv.example.key", "-out", "/etc/nginx/tv.example.pem")
        let doctor = try await root.berth("doctor")
        #expect(doctor.output.contains("berth-hall_default.conf differs"), "\(doctor.output)")
        // Somebody else has the port, which nginx finds out only when it is told to go on.
        let squatter =
          "use IO::Socket::INET; my $s = IO::Socket::INET->new(LocalPort => 443, Listen => 1, ReuseAddr => 1) or die; sleep 300"
        try await BootedHost.run(
          "systemd-run", "--unit=squatter", "--collect", "--expand-environment=no", "/usr/bin/perl", "-e", squatter)
        try await Task.sleep(for: .seconds(1))
        let site = try String(contentsOfFile: "/etc/nginx/conf.d/berth-hall_default.conf", encoding: .utf8)
        let failed = try await root.berth("update", "hall", "--json")
        #expect(failed.status == 70)
        #expect(try failed.failure()["code"].text == "proxy-reload", "\(failed.errors)")
        #expect(try String(contentsOfFile: "/etc/nginx/conf.d/berth-hall_default.conf", encoding: .utf8) == site)
        #expect(try await proxy.get("tv.example").text == "1")
        try await BootedHost.run("systemctl", "stop", "squatter")
        let updated = try await root.berth("update", "hall")
        #expect(updated.status == 0, "\(updated.errors)")
        #expect(try await proxy.get("tv.example").status == 301)
        let answer = try await SubprocessRunner().run(
          Command(
            "curl",
            ["--silent", "--insecure", "--resolve", "tv.example:443:127.0.0.1", "https://tv.example/version"]))
        #expect(answer.output == "1\n")
      }
    }

    @Test("no proxy on the host is fine: an installation says so and goes on")
    func none() async throws {
      try await BootedHost.withPlugins { plugins in
        try await Self.put(in: plugins)
        let root = Person.root.with(plugins: plugins)
        let run = try await root.berth("install", "hall", "--set", "domain=tv.example")
        #expect(run.status == 0, "\(run.errors)")
        #expect(run.errors.contains("no web proxy passes tv.example on to 127.0.0.1:18200"), "\(run.errors)")
        #expect(try await root.berth("remove", "hall", "--all", "--yes").status == 0)
      }
      #expect(try await Containers.left() == [])
    }

    @Test("a pool without sticky visitors is served by all of it", arguments: ProxyConfig.Kind.allCases)
    func balanced(_ kind: ProxyConfig.Kind) async throws {
      try await Self.with(kind) { root, proxy in
        for name in ["A", "B"] {
          _ = try await root.install("hall", "--instance-name", name, "--set", "domain=tv.example", "--pool", "tv")
          // Whoever is told that it is ready, finds it.
          #expect(try await proxy.get("tv.example") == .init(status: 200, text: "1"))
        }
        var hosts: Set<String> = []
        for _ in 0..<60 where hosts.count < 2 { hosts.insert(try await proxy.get("tv.example", "/host").text) }
        #expect(hosts.count == 2, "\(hosts)")
        let other = try await root.berth(
          "install", "hall", "--set", "domain=tv.example", "--set", "login=gate", "--pool", "tv", "--json")
        #expect(other.status == 73)
        #expect(try other.failure()["code"].text == "pool-differs", "\(other.errors)")
        let clone = try await root.berth(
          "clone", "hall", "--instance", "A", "--instance-name", "C", "--pool", "tv", "--json")
        #expect(clone.status == 0, "\(clone.errors)")
        #expect(try clone.json()["pool"].text == "tv")
        // What all of them serve stays until the last one has left.
        try FileManager.default.createDirectory(atPath: Self.folder, withIntermediateDirectories: true)
        try "all\n".write(toFile: "\(Self.folder)/file", atomically: true, encoding: .utf8)
        for name in ["A", "B"] { #expect(try await root.berth("restart", "hall", "--instance", name).status == 0) }
        #expect(try await root.berth("remove", "hall", "--instance", "A", "--yes").status == 0)
        #expect(try await proxy.get("tv.example", "/static/file") == .init(status: 200, text: "all"))
        #expect(try await root.berth("remove", "hall", "--all", "--yes").status == 0)
        #expect(try ContainerIsolationTests.pins() == [])
        try FileManager.default.removeItem(atPath: Self.folder)
      }
    }

    @Test(
      "seed 000, scenario C: one name, two balanced Jellyfins, and it goes on serving while one is stopped",
      arguments: ProxyConfig.Kind.allCases)
    func scenarioC(_ kind: ProxyConfig.Kind) async throws {
      let before = try await Self.picture()
      try await Containers.load(port: 8096, as: "docker.io/jellyfin/jellyfin:10.11.6")
      let root = Person.root
      try await WebProxy.with(kind) { proxy in
        for name in ["one", "two"] {
          let instance = try await root.install(
            "jellyfin", "--instance-name", name, "--set", "domain=tv.example", "--pool", "family")
          #expect(instance["pool"].text == "family")
        }
        #expect(try await proxy.get("tv.example", "/health") == .init(status: 200, text: "OK"))
        // The one that a visitor without a cookie meets first.
        var found: [String: String] = [:]
        for name in ["one", "two"] {
          found[try await BootedHost.output("podman", "exec", "jellyfin_\(name)", "/usr/bin/hostname")] = name
        }
        let names = found
        let served = try #require(names[try await proxy.get("tv.example", "/host").text])
        let isDone = Mutex(false)
        let asking = Task {
          var wrong: [String] = []
          var count = 0
          // A quick stop, start and removal leave time for few questions; the one that stays answers the rest.
          while !isDone.withLock({ $0 }) || count <= 20 {
            let answer = try await proxy.get("tv.example", "/host")
            count += 1
            // One that has started again is called otherwise.
            if answer.status != 200 { wrong.append("\(answer)") }
          }
          return (count, wrong)
        }
        #expect(try await root.berth("stop", "jellyfin", "--instance", served).status == 0)
        for _ in 0..<10 {
          let answer = try await proxy.get("tv.example", "/host")
          #expect(answer.status == 200 && names[answer.text] != nil && names[answer.text] != served, "\(answer)")
        }
        #expect(try await root.berth("start", "jellyfin", "--instance", served).status == 0)
        #expect(try await root.berth("remove", "jellyfin", "--instance", served, "--yes").status == 0)
        isDone.withLock { $0 = true }
        let (count, wrong) = try await asking.value
        #expect(count > 20 && wrong == [], "\(count): \(wrong.prefix(5))")
        #expect(try await proxy.get("tv.example", "/health").status == 200)
        #expect(try await root.berth("remove", "jellyfin", "--all", "--yes").status == 0)
        #expect(proxy.sites == [])
      }
      #expect(try await Self.picture().added(to: before) == [])
      #expect(try await Containers.left() == [])
    }

    @Test(
      "what is rendered for the plugins that ship is good to the proxies themselves",
      arguments: ProxyConfig.Kind.allCases)
    func shipped(_ kind: ProxyConfig.Kind) async throws {
      try await WebProxy.with(kind, isRunning: false) { proxy in
        if kind == .caddy {
          let own = try String(contentsOfFile: proxy.file, encoding: .utf8)
          try proxy.write(own.replacing("(gate) {", with: "(login) {"), to: proxy.file)
        } else {
          try proxy.write("auth_basic off;\n", to: "/etc/nginx/snippets/login.conf")
        }
        let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
          .appending(path: "RenderTests/GoldenSites").path
        let names = try FileManager.default.contentsOfDirectory(atPath: folder).filter {
          $0.hasSuffix("-\(kind.rawValue).txt")
        }
        #expect(names.count >= 7)
        let proxies = LocalProxies(runner: SubprocessRunner(), files: LinuxFileTree())
        for name in names.sorted() {
          let text = try String(contentsOfFile: "\(folder)/\(name)", encoding: .utf8)
          let files = text.split(separator: "=== ").map { part in
            let end = part.firstIndex(of: "\n") ?? part.endIndex
            return (String(part[..<end]), String(part[end...].dropFirst()))
          }
          func isPool(_ path: String) -> Bool { path.hasPrefix(kind.pools) || path.contains("_pool_") }
          for wanted in [true, false] {
            let written = Dictionary(uniqueKeysWithValues: files.filter { isPool($0.0) == wanted })
            #expect(!written.isEmpty)
            try await proxies.check(SiteChange(written: written), of: kind)
          }
        }
      }
    }
  }
}
