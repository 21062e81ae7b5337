import BerthKit
import Testing

@Suite("The host's own settings") struct HostConfigTests {
  private func read(_ text: String) throws -> HostConfig { try HostConfigReader(file: "host.yaml").config(from: text) }

  @Test("it names a web proxy, or none")
  func proxies() throws {
    #expect(try read("schema: 1\n") == HostConfig())
    #expect(try read("schema: 1\nproxy: caddy\n") == HostConfig(proxy: ProxyConfig(.caddy)))
    #expect(try read("schema: 1\nproxy: { kind: nginx }\n") == HostConfig(proxy: ProxyConfig(.nginx)))
  }

  @Test("it names the folder in which panels look for instances, or none")
  func registrations() throws {
    #expect(try read("schema: 1\n").registrations.folder(else: "/a") == "/a")
    #expect(try read("schema: 1\nregistrations: /srv/panel\n").registrations.folder(else: "/a") == "/srv/panel")
    #expect(try read("schema: 1\nregistrations: none\n").registrations.folder(else: "/a") == nil)
  }

  @Test("it says whether panels look for each instance or for an app")
  func style() throws {
    #expect(try read("schema: 1\nregistrations: /srv/panel\n").registrationStyle == .instance)
    let app = try read("schema: 1\nregistrations: { style: app }\n")
    #expect(app.registrationStyle == .app && app.registrations == .standard)
    let both = try read("schema: 1\nregistrations: { folder: /srv/panel, style: instance }\n")
    #expect(both.registrationStyle == .instance && both.registrations == .folder("/srv/panel"))
  }

  @Test("it names indexes of plugins, those of servers with the keys that have signed them")
  func indexes() throws {
    let key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ0P"
    let text = """
      schema: 1
      indexes:
        - { name: one, address: "https://example.org/index.json", keys: \(key) }
        - { name: two, address: /srv/index.json }

      """
    #expect(
      try read(text).indexes == [
        PluginIndexPlace("one", at: "https://example.org/index.json", keys: [key]),
        PluginIndexPlace("two", at: "/srv/index.json", keys: []),
      ])
    for wrong in [
      "{ name: one, address: \"https://example.org/i\" }", "{ name: one, address: i, keys: \(key) }",
      "{ name: One, address: /i }", "{ name: one }", "{ name: one, address: /i, keys: AAAA }",
      "{ name: one, address: /i, keys: \"\(key) me\\nroot \(key)\" }",
      "{ name: one, address: /i }, { name: one, address: /j }", "{ name: one, address: /i, more: x }",
    ] {
      let error = try #require(throws: BerthError.self) { try read("schema: 1\nindexes: [\(wrong)]\n") }
      #expect(error.code == "bad-host-config" && error.location == "host.yaml:2", "\(wrong): \(error)")
    }
  }

  @Test("it names the addresses of Compose's networks, one range or several")
  func pools() throws {
    func pools(_ text: String) throws -> [String] { try read("schema: 1\n\(text)").addressPools.map(\.description) }
    #expect(try pools("") == ["10.213.0.0/16", "172.31.0.0/16", "192.168.240.0/20"])
    #expect(try pools("address-pools: 10.9.0.0/24\n") == ["10.9.0.0/24"])
    #expect(try pools("address-pools: [10.9.0.0/24, 10.8.0.0/27]\n") == ["10.9.0.0/24", "10.8.0.0/27"])
    let own = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10"]
    #expect(try pools("address-pools: [\(own.joined(separator: ", "))]\n") == own)
  }

  @Test(
    "addresses of the internet are nobody's to give, and the error says which are",
    arguments: [
      "8.8.8.0/24", "172.0.0.0/8", "172.32.0.0/16", "192.0.0.0/8", "100.0.0.0/8", "127.0.0.0/16", "224.0.0.0/24",
    ])
  func foreign(_ pool: String) throws {
    let error = try #require(throws: BerthError.self) { try read("schema: 1\naddress-pools: [10.9.0.0/24, \(pool)]\n") }
    #expect(error.summary.contains("'address-pools[1]': \(pool) has addresses of the internet"), "\(error)")
    #expect(error.summary.contains("10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16, 100.64.0.0/10"))
  }

  @Test("nginx is told where the certificate of a host name lies")
  func certificates() throws {
    let text =
      "schema: 1\nproxy: { kind: nginx, certificates: \"/etc/tls/{host}/full.pem\", keys: \"/etc/tls/{host}.key\" }\n"
    let proxy = try #require(try read(text).proxy)
    let files = try #require(proxy.certificate(of: "play.example"))
    #expect(files.certificate == "/etc/tls/play.example/full.pem")
    #expect(files.key == "/etc/tls/play.example.key")
    #expect(ProxyConfig(.nginx).certificate(of: "play.example") == nil)
  }

  @Test(
    "what is wrong is named with its line and key",
    arguments: [
      ("proxy: caddy\n", "the key 'schema' is missing", 1), ("schema: 2\n", "'schema': this Berth reads schema 1", 1),
      ("schema: 1\nproxi: caddy\n", "'proxi': unknown key; did you mean 'proxy'?", 2),
      ("schema: 1\nproxy: cady\n", "'proxy': expected one of caddy, nginx, found 'cady'; did you mean 'caddy'?", 2),
      ("schema: 1\nproxy: { certificates: /a }\n", "'proxy': the key 'kind' is missing", 2),
      ("schema: 1\nproxy: { kind: nginx, keys: /a }\n", "'proxy': 'certificates' and 'keys' go together", 2),
      (
        "schema: 1\nproxy: { kind: caddy, certificates: /a, keys: /b }\n", "'proxy': Caddy gets certificates by itself",
        2
      ),
      (
        "schema: 1\nproxy: { kind: nginx, certificates: a, keys: /b }\n",
        "'proxy.certificates': expected an absolute path", 2
      ),
      (
        "schema: 1\nproxy: { kind: nginx, certificates: /$a, keys: /b }\n",
        "'proxy.certificates': expected an absolute path", 2
      ),
      ("schema: 1\nregistrations: panel\n", "'registrations': expected 'none' or an absolute path", 2),
      ("schema: 1\nregistrations: { style: ap }\n", "'registrations.style': expected one of instance, app", 2),
      ("schema: 1\naddress-pools: 10.9.0.1/24\n", "'address-pools': expected a range of IPv4 addresses", 2),
      ("schema: 1\naddress-pools: 10.9.0.0/28\n", "'address-pools': expected a range of IPv4 addresses", 2),
      ("schema: 1\naddress-pools: 0.0.0.0/0\n", "'address-pools': expected a range of IPv4 addresses", 2),
      ("schema: 1\naddress-pools: []\n", "'address-pools': expected a range of addresses, or a list", 2),
      (
        "schema: 1\naddress-pools:\n  - 10.0.0.0/8\n  - 10.9.0.0/24\n",
        "'address-pools[1]': 10.9.0.0/24 and 10.0.0.0/8 have addresses in common", 4
      ),
      ("", "the file is empty", 0), ("- 1\n", "expected a mapping", 1),
    ])
  func refused(_ text: String, _ says: String, _ line: Int) throws {
    let error = try #require(throws: BerthError.self) { try read(text) }
    #expect(error.code == "bad-host-config" && error.kind == .badInput)
    #expect(error.summary.hasPrefix(says), "\(error.summary)")
    #expect(error.location == (line == 0 ? "host.yaml" : "host.yaml:\(line)"))
    #expect(error.remedy == "mend host.yaml")
  }
}
