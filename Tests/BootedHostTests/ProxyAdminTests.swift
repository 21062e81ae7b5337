import BerthHost
import BerthKit
import Foundation
import TestSupport
import Testing

extension BootedHostTests {
  /// Caddy takes orders over its admin API. A service of an instance that reaches it has everything that Caddy can read.
  @Suite("a proxy that takes orders")
  struct ProxyAdminTests {
    init() throws { try BootedHost.require() }

    /// Orders to serve the folder of Caddy's own keys to everybody.
    private static let orders = #"""
      {"apps":{"http":{"servers":{"x":{"listen":["127.0.0.1:18999"],"routes":[{"handle":[{"handler":"file_server","root":"/etc/caddy"}]}]}}}}}
      """#

    private static func put(in plugins: String) throws {
      let yaml = """
        schema: 1
        id: thief
        name: Thief
        summary: Gives a proxy orders
        category: other
        version: "1"
        programs: { perl: [/usr/bin/perl] }
        settings:
          domain: { type: hostname, optional: true }
        ports:
          http: { protocol: tcp, default: 18210, bind: 127.0.0.1 }
        services:
          main:
            exec:
              - "{{programs.perl}}"
              - -e
              - >-
                $| = 1; open my $f, q(<), q(orders) or die; my $orders = <$f>; chomp $orders;
                system(q(./attack), q(post), q(127.0.0.1), 2019, q(/load), $orders); print qq(done\\n); sleep 1 while 1
            stop: { signal: SIGTERM, grace: 2s }
        routes:
          web: { host: "{{settings.domain}}", port: http }
        """
      try FileManager.default.createDirectory(atPath: "\(plugins)/thief", withIntermediateDirectories: true)
      try yaml.write(toFile: "\(plugins)/thief/plugin.yaml", atomically: true, encoding: .utf8)
    }

    /// What the hardened service got, and what came of it.
    private static func attack(_ root: Person) async throws -> (log: String, served: String) {
      let thief = try await root.install("thief", "--no-start")
      let data = "\(try #require(thief["dir"].text))/data"
      try FileManager.default.copyItem(atPath: Attack.doors, toPath: "\(data)/attack")
      chmod("\(data)/attack", 0o755)
      try orders.write(toFile: "\(data)/orders", atomically: true, encoding: .utf8)
      chmod("\(data)/orders", 0o644)
      #expect(try await root.berth("start", "thief").status == 0)
      let log = try await root.log("thief", until: "done")
      let served = try await BootedHost.output(
        "curl", "--silent", "--max-time", "5", "http://127.0.0.1:18999/Caddyfile")
      #expect(try await root.berth("remove", "thief", "--all", "--yes").status == 0)
      return (log, served)
    }

    @Test("by TCP obeys a hardened service; Berth refuses its sites, and the doctor names it with what closes it")
    func open() async throws {
      try await BootedHost.withPlugins { plugins in
        let root = Person.root.with(plugins: plugins)
        try Self.put(in: plugins)
        try await WebProxy.with(.caddy, admin: "") { _ in
          // The attack works.
          let (log, served) = try await Self.attack(root)
          #expect(log.contains("answer: HTTP/1.1 200") && served.contains("import /etc/caddy"), "\(log)")

          let refused = try await root.berth("install", "thief", "--set", "domain=a.example", "--no-start", "--json")
          #expect(refused.status == 73)
          #expect(try refused.failure()["code"].text == "proxy-admin")
          #expect(try refused.failure()["remedy"].text?.contains("admin unix//run/caddy/admin.sock") == true)
          let findings = try await root.berth("doctor", "--json").json().list.filter { $0["code"].text == "open-door" }
          #expect(findings.count == 1 && findings[0]["subject"].text == "caddy", "\(findings)")
          #expect(findings.first?["problem"].text?.contains(":2019") == true)
        }
      }
    }

    @Test("on a socket of its own does not, and a reload works all the same, by Berth and by Debian's unit")
    func shut() async throws {
      try await BootedHost.withPlugins { plugins in
        let root = Person.root.with(plugins: plugins)
        try Self.put(in: plugins)
        try await WebProxy.with(.caddy) { proxy in
          let (log, served) = try await Self.attack(root)
          #expect(log.contains("connect: Connection refused") && served.isEmpty, "\(log)")
          let site = try await root.berth("install", "thief", "--set", "domain=a.example", "--no-start")
          #expect(site.status == 0, "\(site.errors)")
          #expect(proxy.sites.count == 1)
          try await proxy.reload()
          #expect(
            try await BootedHost.output(
              "curl", "--silent", "--max-time", "5", "--output", "/dev/null",
              "--write-out", "%{http_code}", "--header", "Host: a.example", "http://127.0.0.1/") == "308")
          #expect(try await root.berth("doctor", "--json").json().list.filter { $0["code"].text == "open-door" } == [])
          #expect(try await root.berth("remove", "thief", "--all", "--yes").status == 0)
        }
      }
    }

    @Test("that takes none at all is started anew in the place of a reload")
    func off() async throws {
      try await BootedHost.withPlugins { plugins in
        let root = Person.root.with(plugins: plugins)
        try Self.put(in: plugins)
        try await WebProxy.with(.caddy, admin: "admin off") { proxy in
          let before = try await BootedHost.output("systemctl", "show", "--property=MainPID", "--value", "caddy")
          let site = try await root.berth("install", "thief", "--set", "domain=a.example", "--no-start")
          #expect(site.status == 0 && proxy.sites.count == 1, "\(site.errors)")
          #expect(try await BootedHost.output("systemctl", "show", "--property=MainPID", "--value", "caddy") != before)
          #expect(try await root.berth("remove", "thief", "--all", "--yes").status == 0)
        }
      }
    }

    @Test("Docker's own orders by TCP are named, and by its socket are not")
    func docker() async throws {
      // A stand-in of that name and root's, because a second daemon would take the first one's state.
      let folder = "/var/tmp/berth-door-\(UUID().uuidString.prefix(8))"
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      defer { try? FileManager.default.removeItem(atPath: folder) }
      try FileManager.default.copyItem(atPath: Attack.doors, toPath: "\(folder)/dockerd")
      let port = FreePorts.block(1)
      let daemon = Process()
      daemon.executableURL = URL(fileURLWithPath: "\(folder)/dockerd")
      daemon.arguments = ["squat", "tcp", "127.0.0.1", "\(port)"]
      daemon.standardOutput = FileHandle.nullDevice
      try daemon.run()
      defer { kill(daemon.processIdentifier, SIGKILL) }
      var found: [JSON] = []
      for _ in 0..<50 where found.isEmpty {
        found = try await Person.root.berth("doctor", "--json").json().list.filter { $0["subject"].text == "docker" }
      }
      #expect(found.first?["problem"].text?.hasSuffix("at 127.0.0.1:\(port)") == true)
      #expect(found.first?["remedy"].text?.contains("daemon.json") == true)
    }
  }
}
