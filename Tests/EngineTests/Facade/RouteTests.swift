import BerthKit
import Synchronization
import Testing

@testable import BerthEngine
@testable import BerthPlanning

@Suite("Behind a web proxy")
struct RouteTests {
  private static let site = "/etc/caddy/conf.d/berth-hall_kids.caddy"
  private static let head = "/etc/caddy/conf.d/berth-hall_pool_tv.caddy"
  private static func member(_ slug: String) -> String { "/etc/caddy/berth-pools/hall_tv_web_\(slug).caddy" }

  private func host(_ kind: TestHost.Kind = .system, proxy: String? = "caddy") throws -> TestHost {
    let host = try TestHost(kind)
    if let proxy { try configure(host, proxy) }
    return host
  }

  private func configure(_ host: TestHost, _ proxy: String) throws {
    try host.files.makeFolder(host.paths.config, mode: 0o755, owner: nil)
    try host.files.write(
      "schema: 1\nproxy: \(proxy)\n", to: host.paths.hostConfig, mode: 0o644, owner: nil, anchor: nil)
  }

  private func berth(_ host: TestHost, version: String = "1", options: Berth.Options = .init()) -> Berth {
    host.berth([HallPlugin(version: version), DemoPlugin()], options: options)
  }

  private func request(
    _ name: String, domain: String? = "tv.example", pool: String? = nil, settings: [String: String] = [:]
  ) -> InstallRequest {
    var settings = settings
    settings["domain"] = domain
    var request = InstallRequest(app: "hall", name: name, settings: settings)
    request.pool = pool
    return request
  }

  private func record(_ host: TestHost, _ name: String) throws -> InstanceRecord {
    try #require(try host.registry.instances(app: "hall").first { $0.name.text == name })
  }

  @Test("an installation puts its site in place, after the proxy has looked at it, and has it read once")
  func installs() async throws {
    let host = try host()
    let report = try await berth(host).install(request("Kids"))
    #expect(try host.files.read(Self.site).contains("\ntv.example {\n"))
    #expect(try host.files.read(Self.site).contains("reverse_proxy 127.0.0.1:8200\n"))
    #expect(host.proxies.now.checked.map(\.written.keys.first) == [Self.site])
    #expect(host.proxies.now.reloaded == [.caddy])
    #expect(report.record.routes == [RouteClaim(route: "web", host: "tv.example", path: "/")])
    #expect(try host.registry.instances() == [report.record])
    #expect(try await berth(host).doctor() == [])
  }

  @Test("many instances have the proxy look once and read once")
  func batch() async throws {
    let host = try host()
    _ = try await berth(host).install((1...3).map { request("n\($0)", domain: "n\($0).example") })
    #expect(host.proxies.now.checked.map(\.written.count) == [3])
    #expect(host.proxies.now.reloaded == [.caddy])
  }

  @Test(
    "without a proxy, and in scopes without one, an installation says so in one line and goes on",
    arguments: TestHost.Kind.allCases)
  func none(_ kind: TestHost.Kind) async throws {
    let host = try host(kind, proxy: kind == .system ? nil : "caddy")
    let heard = Heard()
    let report = try await berth(host, options: .init(notice: heard.add)).install(request("Kids"))
    #expect(report.status == .running && report.record.routes == [])
    let lines = heard.lines.filter { $0.contains("no web proxy passes tv.example on to 127.0.0.1:8200") }
    #expect(lines.count == 1, "\(heard.lines)")
    #expect(lines.first?.contains(kind == .system ? "/etc/berth/host.yaml" : "system scope only") == true)
    #expect(host.proxies.now.checked == [] && host.proxies.now.reloaded == [])
    // Where no host name is asked for, there is nothing to say.
    let quiet = Heard()
    _ = try await berth(host, options: .init(notice: quiet.add)).install(request("Other", domain: nil))
    #expect(!quiet.lines.contains { $0.contains("web proxy") })
  }

  @Test("a proxy that is named later gets its sites with the next update, another one too, and the doctor knows before")
  func named() async throws {
    let host = try host(proxy: nil)
    _ = try await berth(host).install(request("Kids"))
    try configure(host, "caddy")
    #expect(try await berth(host).doctor().contains { $0.problem.contains(Self.site) })
    _ = try await berth(host).change("update", [record(host, "Kids")], ChangeWish())
    #expect(host.files.exists(Self.site))
    try configure(host, "nginx")
    _ = try await berth(host).change("update", [record(host, "Kids")], ChangeWish())
    #expect(!host.files.exists(Self.site))
    #expect(host.files.exists("/etc/nginx/conf.d/berth-hall_kids.conf"))
    #expect(host.proxies.now.reloaded == [.caddy, .caddy, .nginx])
    try host.files.remove(host.paths.hostConfig)
    _ = try await berth(host).change("update", [record(host, "Kids")], ChangeWish())
    #expect(!host.files.exists("/etc/nginx/conf.d/berth-hall_kids.conf"))
    #expect(try record(host, "Kids").routes == [])
    #expect(try await berth(host).doctor() == [])
  }

  @Test("a file of the host's own settings that cannot be read stops everything before it begins")
  func badConfig() async throws {
    let host = try host()
    try configure(host, "cady")
    let before = try Snapshot(host)
    let error = await refusal { try await berth(host).install(request("Kids")) }
    #expect(error?.code == "bad-host-config" && error?.location == "/etc/berth/host.yaml:2")
    #expect(try Snapshot(host).changes(since: before) == [])
  }

  @Test("a host name that another instance has is a conflict that names it, in one batch too")
  func taken() async throws {
    let host = try host()
    _ = try await berth(host).install(request("Kids"))
    let before = try Snapshot(host)
    let error = await refusal { try await berth(host).install(request("Adults", domain: "TV.example")) }
    #expect(error?.code == "host-taken" && error?.kind == .conflict)
    #expect(error?.summary.contains("'tv.example'") == true && error?.summary.hasSuffix("hall/Kids") == true)
    let both = await refusal {
      try await berth(host).install([request("A", domain: "a.example"), request("B", domain: "a.example")])
    }
    #expect(both?.code == "host-taken")
    #expect(try Snapshot(host).changes(since: before) == [])
    // One that is only kept has given it up.
    _ = try await berth(host).remove([record(host, "Kids")], keepsData: true)
    _ = try await berth(host).install(request("Adults"))
  }

  @Test("two instances may swap their host names in one plan")
  func swapped() async throws {
    let host = try host()
    _ = try await berth(host).install([request("a", domain: "a.example"), request("b", domain: "b.example")])
    let fleet = FleetFile(instances: [
      FleetInstance(app: "hall", name: try InstanceName("a"), settings: ["domain": "b.example"]),
      FleetInstance(app: "hall", name: try InstanceName("b"), settings: ["domain": "a.example"]),
    ])
    _ = try await berth(host).apply(fleet, prunes: false, accepting: ["hall.domain"])
    #expect(try record(host, "a").routes.map(\.host) == ["b.example"])
    #expect(try record(host, "b").routes.map(\.host) == ["a.example"])
  }

  @Test("what is in the way of a site is left alone")
  func foreign() async throws {
    let host = try host()
    try host.files.makeFolder("/etc/caddy/conf.d", mode: 0o755, owner: nil)
    try host.files.write("mine\n", to: Self.site, mode: 0o644, owner: nil, anchor: nil)
    let before = try Snapshot(host)
    #expect(await refusal { try await berth(host).install(request("Kids")) }?.code == "unit-taken")
    #expect(try Snapshot(host).changes(since: before) == [])
  }

  @Test("what the proxy refuses leaves nothing behind")
  func refused() async throws {
    let host = try host()
    host.proxies.set { $0.problem = BerthError("proxy-broken", .conflict, "theirs") }
    let before = try Snapshot(host)
    #expect(await refusal { try await berth(host).install(request("Kids")) }?.code == "proxy-broken")
    #expect(try Snapshot(host).changes(since: before) == [])
    #expect(host.proxies.now.reloaded == [] && host.locks.held.isEmpty)
  }

  @Test("a copy whose site the proxy refuses is refused before anything is unpacked")
  func refusedCopy() async throws {
    struct Kept: AppPlugin {
      var manifest: Manifest {
        var manifest = HallPlugin().manifest
        manifest.backup = [
          BackupSet("data", .files(paths: ["{{paths.data}}"], exclude: [], isHot: true), service: "main")
        ]
        return manifest
      }
    }
    let host = try host()
    let berth = host.berth([Kept()])
    _ = try await berth.install(request("First", domain: "first.example"))
    let heard = Heard()
    host.fault.watch(heard.add)
    host.proxies.set { $0.problem = BerthError("bad-site", .conflict, "theirs") }
    var copy = RestoreRequest(app: "hall")
    copy.newName = "Second"
    copy.settings = ["domain": "second.example"]
    let before = try Snapshot(host)
    let first = try record(host, "First")
    #expect(await refusal { try await berth.clone(first, copy) }?.code == "bad-site")
    #expect(!heard.lines.contains { $0.hasPrefix("unpack ") }, "\(heard.lines)")
    #expect(try Snapshot(host).withoutBackups.changes(since: before.withoutBackups) == [])
    // The control: the same is unpacked where the proxy takes it.
    host.proxies.set { $0.problem = nil }
    _ = try await berth.clone(first, copy)
    #expect(heard.lines.contains { $0.hasPrefix("unpack ") })
  }

  @Test("a proxy that does not take its sites up takes the operation back, and reads the former ones")
  func reloadFails() async throws {
    let host = try host()
    _ = try await berth(host).install(request("First", domain: "first.example"))
    let before = try Snapshot(host)
    host.proxies.set { $0.refusals = [BerthError("proxy-reload", .failure, "no")] }
    #expect(await refusal { try await berth(host).install(request("Kids")) }?.code == "proxy-reload")
    #expect(try Snapshot(host).changes(since: before) == [])
    #expect(host.proxies.now.reloaded == [.caddy, .caddy, .caddy])
    host.proxies.set { $0.refusals = [BerthError("proxy-reload", .failure, "no")] }
    let former = try record(host, "First")
    let heard = Heard()
    let error = await refusal {
      try await berth(host, options: .init(notice: heard.add))
        .change("config set", [former], ChangeWish(settings: ["domain": "new.example"]))
    }
    #expect(error?.code == "proxy-reload")
    #expect(heard.lines.contains { $0.hasPrefix("hall/First: all is taken back, and it runs") }, "\(heard.lines)")
    #expect(try record(host, "First") == former)
    #expect(try Snapshot(host).changes(since: before) == [])
  }

  @Test("a change of the host name is a change of the site alone, and one of the name moves it")
  func changes() async throws {
    let host = try host()
    _ = try await berth(host).install(request("Kids"))
    host.manager.set { $0.calls = [] }
    _ = try await berth(host).change(
      "config set", [record(host, "Kids")], ChangeWish(settings: ["domain": "x.example"]))
    #expect(try host.files.read(Self.site).contains("\nx.example {\n"))
    #expect(
      !host.manager.known.calls.contains { $0.hasPrefix("restart") || $0.hasPrefix("stop") || $0.hasPrefix("start") })
    _ = try await berth(host).change("config set", [record(host, "Kids")], ChangeWish(name: "Adults"))
    #expect(!host.files.exists(Self.site) && host.files.exists("/etc/caddy/conf.d/berth-hall_adults.caddy"))
    #expect(host.proxies.now.checked.last?.removed == [Self.site])
    _ = try await berth(host).change("config set", [record(host, "Adults")], ChangeWish(unset: ["domain"]))
    #expect(!host.files.exists("/etc/caddy/conf.d/berth-hall_adults.caddy"))
    #expect(host.proxies.now.reloaded == [.caddy, .caddy, .caddy, .caddy])
    #expect(try await berth(host).doctor() == [])
  }

  @Test("a removal takes the site away and leaves nothing", arguments: [true, false])
  func removes(_ keepsData: Bool) async throws {
    let host = try host()
    _ = try await berth(host).install(request("First", domain: "first.example"))
    let before = try Snapshot(host)
    _ = try await berth(host).install(request("Kids"))
    _ = try await berth(host).remove([record(host, "Kids")], keepsData: keepsData)
    #expect(!host.files.exists(Self.site))
    #expect(host.proxies.now.checked.last == SiteChange(removed: [Self.site]))
    #expect(host.proxies.now.reloaded == [.caddy, .caddy, .caddy])
    if !keepsData { #expect(try Snapshot(host).changes(since: before) == []) }
  }

  @Test("the doctor finds a site that belongs to nobody")
  func stray() async throws {
    let host = try host()
    _ = try await berth(host).install(request("Kids", pool: "tv"))
    let left = ["/etc/caddy/conf.d/berth-hall_gone.caddy", "/etc/nginx/berth-pools/hall_tv_web_kids-2.conf"]
    for path in left {
      try host.files.makeFolder(ScopePaths.folder(of: path), mode: 0o755, owner: nil)
      try host.files.write("", to: path, mode: 0o644, owner: nil, anchor: nil)
    }
    let found = try await berth(host).doctor()
    #expect(found.map(\.subject) == left && found.allSatisfy { $0.code == "stray-site" })
  }

  // MARK: Pools

  @Test("an instance leaves its pool for a site of its own, and comes back")
  func leaves() async throws {
    let host = try host()
    _ = try await berth(host).install(request("Kids", pool: "tv"))
    _ = try await berth(host).change("config set", [record(host, "Kids")], ChangeWish(pool: ""))
    #expect(host.files.exists(Self.site) && !host.files.exists(Self.head) && !host.files.exists(Self.member("kids")))
    #expect(try record(host, "Kids").pool == nil)
    _ = try await berth(host).change("config set", [record(host, "Kids")], ChangeWish(pool: "tv"))
    #expect(!host.files.exists(Self.site) && host.files.exists(Self.head) && host.files.exists(Self.member("kids")))
    #expect(try await berth(host).doctor() == [])
  }

  @Test("instances of one pool share a name, and its site comes with the first and goes with the last")
  func pool() async throws {
    let host = try host()
    _ = try await berth(host).install(request("First", domain: "first.example"))
    let before = try Snapshot(host)
    let report = try await berth(host).install(request("Kids", pool: "tv"))
    #expect(report.record.pool == "tv")
    let head = try host.files.read(Self.head)
    _ = try await berth(host).install(request("Adults", pool: "tv"))
    #expect(try host.files.read(Self.head) == head)
    #expect(try host.files.read(Self.member("kids")).hasSuffix("\nto 127.0.0.1:8201\n"))
    #expect(try host.files.read(Self.member("adults")).hasSuffix("\nto 127.0.0.1:8202\n"))
    #expect(!host.files.exists(Self.site))
    #expect(try await berth(host).doctor() == [])
    _ = try await berth(host).remove([record(host, "Kids")], keepsData: false)
    #expect(try host.files.read(Self.head) == head)
    #expect(!host.files.exists(Self.member("kids")) && host.files.exists(Self.member("adults")))
    _ = try await berth(host).remove([record(host, "Adults")], keepsData: false)
    #expect(try Snapshot(host).changes(since: before) == [])
  }

  @Test("the name of a pool is open to its own instances only")
  func poolTaken() async throws {
    let host = try host()
    _ = try await berth(host).install([request("A", pool: "tv"), request("B", pool: "tv")])
    #expect(await refusal { try await berth(host).install(request("C", pool: "other")) }?.code == "host-taken")
    #expect(await refusal { try await berth(host).install(request("C")) }?.code == "host-taken")
    #expect(await refusal { try await berth(host).install(request("C", pool: "a b")) }?.code == "bad-pool")
    #expect(await refusal { try await berth(host).install(request("C", domain: nil, pool: "tv")) }?.code == "no-routes")
    var demo = InstallRequest(app: "demo")
    demo.pool = "tv"
    #expect(await refusal { try await berth(host).install(demo) }?.code == "no-routes")
  }

  @Test("whoever joins a pool answers as the others do, so that no login is left out by mistake")
  func poolDiffers() async throws {
    let host = try host()
    _ = try await berth(host).install(request("A", pool: "tv", settings: ["login": "gate"]))
    let before = try Snapshot(host)
    let error = await refusal { try await berth(host).install(request("B", pool: "tv")) }
    #expect(error?.code == "pool-differs" && error?.cause?.contains("-\t\t\timport gate\n") == true)
    #expect(try Snapshot(host).changes(since: before) == [])
    _ = try await berth(host).install(request("B", pool: "tv", settings: ["login": "gate"]))
  }

  @Test(
    "a failure in a pool takes its own part back, and the site with it only when nobody else is there",
    arguments: [true, false])
  func poolFails(_ keepsGoing: Bool) async throws {
    let host = try host()
    _ = try await berth(host).install(request("First", domain: "first.example"))
    let before = try Snapshot(host)
    let options = Berth.Options(execution: .init(keepsGoing: keepsGoing))
    var bad = request("B", pool: "tv")
    bad.id = FakeClock.uuid(77)
    host.manager.set {
      $0.outcomes["hall@\(FakeClock.uuid(77)).service"] = UnitState(active: "failed", sub: "failed")
    }
    host.logs.set("hall@\(FakeClock.uuid(77)).service", ["no"])
    let alone = await refusal { try await berth(host, options: options).install(bad) }
    #expect(alone?.code == "not-ready")
    #expect(try Snapshot(host).changes(since: before) == [])
    let outcome = try? await berth(host, options: options).install([request("A", pool: "tv"), bad])
    #expect(!host.files.exists(Self.member("b")))
    #expect(host.files.exists(Self.head) == keepsGoing && host.files.exists(Self.member("a")) == keepsGoing)
    #expect((outcome != nil) == keepsGoing)
    if !keepsGoing { #expect(try Snapshot(host).changes(since: before) == []) }
    #expect(host.proxies.now.reloaded.last == .caddy)
  }

  @Test("a fleet file says who is in a pool; one who joins leaves a site of its own")
  func fleet() async throws {
    let host = try host()
    _ = try await berth(host).install(request("Kids"))
    let fleet = FleetFile(instances: [
      FleetInstance(app: "hall", name: try InstanceName("Kids"), settings: ["domain": "tv.example"], pool: "tv"),
      FleetInstance(app: "hall", name: try InstanceName("Adults"), settings: ["domain": "tv.example"], pool: "tv"),
    ])
    _ = try await berth(host).apply(fleet, prunes: false, accepting: ["hall.pool", "hall.domain"])
    #expect(!host.files.exists(Self.site) && host.files.exists(Self.head))
    #expect(host.files.exists(Self.member("kids")) && host.files.exists(Self.member("adults")))
    #expect(try await berth(host).planFleet(fleet, prunes: false).isEmpty)
    #expect(try berth(host).export(reveals: false).instances.map(\.pool) == ["tv", "tv"])
    // And into another pool altogether.
    let moved = FleetFile(
      instances: fleet.instances.map { instance in
        var instance = instance
        instance.pool = "film"
        return instance
      })
    _ = try await berth(host).apply(moved, prunes: false, accepting: ["hall.pool"])
    #expect(!host.files.exists(Self.head) && !host.files.exists(Self.member("kids")))
    #expect(host.files.exists("/etc/caddy/conf.d/berth-hall_pool_film.caddy"))
    #expect(try await berth(host).doctor() == [])
  }
}
