import BerthKit

@testable import BerthEngine
@testable import BerthPlanning

extension Crash {
  /// Installs harbours, `default` and others by name.
  private static func harbours(_ names: String?..., plugin: HarbourPlugin = HarbourPlugin())
    -> @Sendable (TestHost)
    async throws -> Void
  {
    let requests = names.map { InstallRequest(app: "harbour", name: $0) }
    return { host in _ = try await host.berth([plugin]).install(requests) }
  }

  private static func change(_ wish: ChangeWish) -> @Sendable (Berth) async throws -> Void {
    { berth in _ = try await berth.change("update", berth.host.registry.instances(), wish) }
  }

  private static func remove(keepsData: Bool) -> @Sendable (Berth) async throws -> Void {
    { berth in _ = try await berth.remove([berth.find(nil, app: "harbour")], keepsData: keepsData) }
  }

  /// Makes halls behind Caddy, all in one pool.
  private static func halls(_ names: String...) -> @Sendable (TestHost) async throws -> Void {
    { host in
      try host.files.makeFolder(host.paths.config, mode: 0o755, owner: nil)
      try host.files.write(
        "schema: 1\nproxy: caddy\n", to: host.paths.hostConfig, mode: 0o644, owner: nil, anchor: nil)
      if !names.isEmpty { _ = try await host.berth([HallPlugin()]).install(names.map(hall)) }
    }
  }

  private static func hall(_ name: String) -> InstallRequest {
    var request = InstallRequest(app: "hall", name: name, settings: ["domain": "tv.example"])
    request.pool = "tv"
    return request
  }

  static let installs = [
    Crash("install the first, in the system scope", .system) {
      _ = try await $0.install(InstallRequest(app: "demo", name: "PvP"))
    },
    Crash("install beside another, elsewhere", prepare: harbours(nil)) {
      _ = try await $0.install(InstallRequest(app: "harbour", name: "Two", directory: "/srv/two"))
    },
    Crash("install two at once", .sandbox) {
      _ = try await $0.install([InstallRequest(app: "harbour"), InstallRequest(app: "tiny", name: "Second")])
    },
    Crash("install without starting", least: 8) {
      _ = try await $0.install(InstallRequest(app: "harbour", isStarted: false))
    },
    Crash(
      "take a kept one up", .system,
      prepare: { host in
        let berth = host.berth()
        let first = try await berth.install(InstallRequest(app: "demo", name: "PvP"))
        try await berth.remove(first.record.key, keepsData: true)
        try host.files.write(
          "players 64\nmine 1\n", to: "\(first.directory)/config/demo.cfg", mode: 0o600, owner: nil, anchor: nil)
      },
      act: {
        _ = try await $0.install(InstallRequest(app: "demo", id: "default", name: "Arena", settings: ["players": "3"]))
      }),
    Crash("install the first of a pool", .system, plugins: [HallPlugin()], prepare: halls()) {
      _ = try await $0.install([hall("A"), hall("B")])
    },
  ]

  /// Installs cargo of the first version.
  private static func cargo(_ names: String?...) -> @Sendable (TestHost) async throws -> Void {
    { host in
      try CargoPlugin.stock(host)
      let requests = names.map { InstallRequest(app: "cargo", name: $0) }
      if !requests.isEmpty { _ = try await host.berth([CargoPlugin()]).install(requests) }
    }
  }

  /// Programs that instances share come and go.
  static let releases = [
    Crash("install what comes from its maker", .system, plugins: [CargoPlugin()], prepare: cargo()) {
      _ = try await $0.install(InstallRequest(app: "cargo"))
    },
    Crash(
      "go over to another version", .system, plugins: [CargoPlugin()], prepare: cargo(nil),
      act: change(.init(settings: CargoPlugin.settings("2")))),
    Crash(
      "go over to a newer build of Steam's", .system, plugins: [BargePlugin()],
      prepare: { host in
        _ = try await host.berth([BargePlugin()]).install([InstallRequest(app: "barge")])
        host.steam.set { $0.builds = [4711: ["beta": 120]] }
      }, act: change(.init(refreshes: true))),
    Crash(
      "go over to a newer build, with data that is backed up", .system, keepsBackups: true,
      plugins: [BargePlugin(isBackedUp: true)],
      prepare: { host in
        _ = try await host.berth([BargePlugin(isBackedUp: true)]).install([InstallRequest(app: "barge")])
        host.steam.set { $0.builds = [4711: ["beta": 120]] }
      }, act: change(.init(refreshes: true))),
    Crash("remove the last that uses it", .system, plugins: [CargoPlugin()], prepare: cargo(nil)) {
      _ = try await $0.remove($0.host.registry.instances(), keepsData: false)
    },
  ]

  static let changes = [
    Crash("change a setting", least: 6, prepare: harbours(nil), act: change(.init(settings: ["size": "9"]))),
    Crash("change a port", least: 6, prepare: harbours(nil), act: change(.init(ports: ["web": 4000]))),
    Crash(
      "change a service that depends on a setting", .system, prepare: harbours(nil),
      act: change(.init(settings: ["crane": "true"]))),
    Crash(
      "take such a service away", .system,
      prepare: { host in
        _ = try await host.berth().install(InstallRequest(app: "harbour", settings: ["crane": "true"]))
      }, act: change(.init(settings: ["crane": "false"]))),
    Crash(
      "change limits and a name of a stopped one", least: 6,
      prepare: { host in _ = try await host.berth().install(InstallRequest(app: "harbour", isStarted: false)) },
      act: change(.init(name: "Haven", limits: InstanceLimits(memory: "1G", tasks: 64)))),
    Crash(
      "update two, one of them stopped, to a plugin with other units", .system,
      plugins: [HarbourPlugin(version: "2", flag: "--two")],
      prepare: { host in
        try await harbours(nil, "Two")(host)
        _ = try await host.berth().control(.stop, [host.berth().find("Two", app: "harbour")])
      }, act: change(.init())),
    Crash(
      "update with a job that cannot be taken back", .system,
      plugins: [HarbourPlugin(version: "2", flag: "--two", migrates: true)], prepare: harbours(nil),
      act: change(.init(settings: ["size": "7"]))),
    Crash(
      "go over to another pool", .system, least: 6, plugins: [HallPlugin()], prepare: halls("A"),
      act: change(.init(settings: ["domain": "x.example"], pool: "film"))),
    Crash(
      "restart two of a pool, one after the other", .system, least: 6, plugins: [HallPlugin()],
      prepare: halls("A", "B"), act: change(.init(limits: InstanceLimits(memory: "1G")))),
  ]

  static let removals = [
    Crash("remove the only one", .system, prepare: harbours(nil), act: remove(keepsData: false)),
    Crash("remove the only one and keep its data", .system, prepare: harbours(nil), act: remove(keepsData: true)),
    Crash("remove one of two", prepare: harbours(nil, "Two"), act: remove(keepsData: false)),
    Crash("remove two at once", .system, prepare: harbours(nil, "Two")) {
      _ = try await $0.remove($0.host.registry.instances(), keepsData: false)
    },
    Crash(
      "remove one that lies elsewhere and is stopped",
      prepare: { host in
        _ = try await host.berth().install(InstallRequest(app: "harbour", directory: "/srv/one", isStarted: false))
      }, act: remove(keepsData: false)),
    Crash("keep one of two", prepare: harbours(nil, "Two"), act: remove(keepsData: true)),
    Crash("remove all of a pool", .system, plugins: [HallPlugin()], prepare: halls("A", "B")) {
      _ = try await $0.remove($0.host.registry.instances(), keepsData: false)
    },
  ]

  /// A project of Docker Compose is taken over, and given back.
  static let adoptions =
    AdoptRequest.Volumes.allCases.flatMap { volumes in
      let request = AdoptRequest(app: "ward", folder: "/srv/old", volumes: volumes)
      let run: @Sendable (TestHost) throws -> Void = { host in
        try WardPlugin.runProject(on: host)
        host.ports.set { $0.listeners = [:] }
      }
      return [
        Crash(
          "adopt, with volumes that are \(volumes)", .system, keepsBackups: true, plugins: [WardPlugin()], prepare: run,
          act: { _ = try await $0.adopt(request) }),
        Crash(
          "go back, with volumes that were \(volumes)", .system, keepsBackups: true, plugins: [WardPlugin()],
          prepare: { host in
            try run(host)
            _ = try await host.berth([WardPlugin()]).adopt(request)
          }, act: { _ = try await $0.goBack($0.find(nil, app: "ward")) }),
      ]
    }

  /// A fleet of `default` and `Old`, and the next one, of `default` (changed), `New` on Old's ports, and a tiny one.
  static let fleets = [
    Crash(
      "apply a fleet file that makes, changes and removes", .system,
      prepare: { host in
        let fleet = FleetFile(
          name: "north",
          instances: [
            FleetInstance(app: "harbour", id: .default),
            FleetInstance(app: "harbour", name: InstanceName(unchecked: "Old")),
          ])
        _ = try await host.berth().apply(fleet, prunes: false)
      },
      act: { berth in
        let fleet = FleetFile(
          name: "north",
          instances: [
            FleetInstance(app: "harbour", id: .default, settings: ["size": "5"], labels: ["site": "north"]),
            FleetInstance(app: "harbour", name: InstanceName(unchecked: "New"), ports: ["web": 30002]),
            FleetInstance(app: "tiny", id: .default),
          ])
        _ = try await berth.apply(fleet, prunes: true)
      })
  ]

  private static func order(_ verb: Control) -> Crash {
    Crash(
      "\(verb.rawValue) two", least: 2,
      prepare: { host in
        try await harbours(nil, "Two")(host)
        if verb == .start { _ = try await host.berth().control(.stop, host.registry.instances()) }
        if verb == .enable { _ = try await host.berth().control(.disable, host.registry.instances()) }
      }, act: { _ = try await $0.control(verb, $0.host.registry.instances()) })
  }

  static let orders = Control.allCases.map(order)

  static let all = installs + releases + changes + removals + fleets + orders + adoptions
}
