import BerthHost
import BerthKit
import Foundation
import Testing

@testable import BerthEngine
@testable import BerthPlanning

/// The JSON that panels read, byte for byte.
@Suite("What a manage script prints")
struct ManageReportTests {
  private func host() async throws -> (host: TestHost, berth: Berth, record: InstanceRecord) {
    let host = try TestHost(.system)
    let berth = host.berth([ArenaPlugin()])
    let report = try await berth.install(InstallRequest(app: "arena", name: "PvP", settings: ["side": "true"]))
    return (host, berth, report.record)
  }

  private func json(_ value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(value), as: UTF8.self)
  }

  @Test("services, with null for what nobody knows")
  func services() async throws {
    let (_, berth, record) = try await host()
    var services = try await berth.managedServices(
      [ManagedInstance(record: record, service: "side")], measures: false)
    #expect(services.keys.sorted() == ["arena-side@default"])
    #expect(services["arena-side@default"]?.address == HostEnvironment().address)
    services["arena-side@default"] = services["arena-side@default"].map { $0.at(address: "192.0.2.7") }
    #expect(
      try json(services) == """
        {
          "arena-side@default" : {
            "app_dir" : "/var/lib/berth/instances/arena/default",
            "bak_dir" : "/var/backups/berth/arena/default",
            "enabled" : true,
            "instance_id" : "default",
            "ip" : "192.0.2.7",
            "loader" : null,
            "max_players" : null,
            "name" : "PvP (side)",
            "port" : 20200,
            "service" : "arena-side@default",
            "status" : "running",
            "version" : null
          }
        }
        """)
  }

  @Test("metrics, in the words of panels")
  func metrics() async throws {
    let (host, berth, record) = try await host()
    host.manager.set {
      $0.usage["arena-side@default.service"] = UnitUsage(memory: 10_511_887_892, processor: 3, tasks: 7)
    }
    host.ports.set {
      $0.seats[PortNumber(.tcp, 20200)] = PortSeat(isGlobal: true, isOwned: true)
      $0.shut = [PortNumber(.tcp, 20200)]
    }
    let before = host.manager.known.calls.count
    let services = try await berth.managedServices(
      [ManagedInstance(record: record, service: nil)], measures: true)
    #expect(services.keys.sorted() == ["arena-side@default", "arena@default"])
    let side = services["arena-side@default"].map { $0.at(address: nil) }
    #expect(
      try json(side) == """
        {
          "app_dir" : "/var/lib/berth/instances/arena/default",
          "bak_dir" : "/var/backups/berth/arena/default",
          "cpu_usage" : "0%",
          "enabled" : true,
          "game_pid" : 4001,
          "instance_id" : "default",
          "ip" : null,
          "loader" : null,
          "max_players" : null,
          "memory_usage" : "9.79 GB",
          "name" : "PvP (side)",
          "player_count" : null,
          "players" : [

          ],
          "port" : 20200,
          "ports" : [
            {
              "description" : "side",
              "global" : true,
              "listening" : true,
              "open" : false,
              "option" : "side",
              "owned" : true,
              "port" : 20200,
              "protocol" : "tcp"
            }
          ],
          "service" : "arena-side@default",
          "service_pid" : 4001,
          "status" : "running",
          "version" : null
        }
        """)
    #expect(host.manager.known.calls.count - before <= 6)
    // One that does not run takes nothing that anybody knows.
    _ = try await berth.control(.stop, [record], service: "side")
    let stopped = try await berth.managedServices(
      [ManagedInstance(record: record, service: "side")], measures: true)
    let text = try json(stopped)
    #expect(text.contains(#""status" : "stopped""#) && text.contains(#""memory_usage" : "N/A""#))
  }

  /// The ports are the app's, and a service that is ready by one listens on it.
  private struct ReadyPlugin: AppPlugin {
    var manifest: Manifest {
      var manifest = ArenaPlugin().manifest
      manifest.ports[1].service = nil
      manifest.ports.append(PortRole("query", [.udp], follows: .init(role: "side", offset: 1)))
      manifest.ports.append(PortRole("other", [.udp], default: 20300))
      manifest.services[1].condition = nil
      manifest.services[1].ready = [ReadyProbe(.tcp, "side", timeout: 5)]
      return manifest
    }
  }

  @Test("a port is that of the service that is ready by it, and so is one that follows it; others are the first one's")
  func ready() async throws {
    let berth = try TestHost(.system).berth([ReadyPlugin()])
    let record = try await berth.install(InstallRequest(app: "arena", name: "PvP")).record
    func roles(_ service: String) throws -> Set<String?> {
      Set(try berth.managedPorts(of: record, service: service).map(\.config))
    }
    #expect(try roles("side") == ["side", "query"])
    #expect(try roles("main") == ["game", "other"])
  }

  @Test("settings with their types, secrets without a value; and ports")
  func options() async throws {
    let (_, berth, record) = try await host()
    #expect(
      try json(try berth.managedOptions(of: record)) == """
        [
          {
            "default" : false,
            "group" : "Options",
            "help" : "",
            "option" : "side",
            "options" : [

            ],
            "type" : "bool",
            "value" : true
          },
          {
            "default" : null,
            "group" : "Options",
            "help" : "",
            "option" : "key",
            "options" : [

            ],
            "type" : "str",
            "value" : null
          },
          {
            "default" : 20100,
            "group" : "Ports",
            "help" : "",
            "option" : "game",
            "options" : [

            ],
            "type" : "int",
            "value" : 20100
          },
          {
            "default" : 20200,
            "group" : "Ports",
            "help" : "",
            "option" : "side",
            "options" : [

            ],
            "type" : "int",
            "value" : 20200
          }
        ]
        """)
    // What is a setting is one, also where a port is called so.
    #expect(try berth.managedChange("side", to: "false", of: record) == ChangeWish(settings: ["side": "false"]))
    #expect(try berth.managedChange("game", to: "20500", of: record) == ChangeWish(ports: ["game": 20500]))
    #expect(throws: BerthError.self) { try berth.managedChange("game", to: "many", of: record) }
    let ports = try json(try berth.managedPorts(of: record, service: "main"))
    #expect(
      ports == """
        [
          {
            "config" : "game",
            "description" : "game",
            "protocol" : "tcp",
            "service" : "arena@default",
            "value" : 20100
          },
          {
            "config" : "game",
            "description" : "game",
            "protocol" : "udp",
            "service" : "arena@default",
            "value" : 20100
          }
        ]
        """)
  }

  @Test("a service goes by its name or its unit's, and never by one of another instance")
  func named() async throws {
    let (_, berth, record) = try await host()
    for text in ["side", "arena-side@default", "arena-side@default.service"] {
      #expect(try berth.managedService(text, of: record) == "side")
    }
    #expect(try berth.managedService(nil, of: record) == nil)
    let other = FakeClock.uuid(99)
    for text in ["arena-side@\(other)", "arena@\(other).service", "ssh.service", ""] {
      #expect(throws: BerthError.self) { try berth.managedService(text, of: record) }
    }
  }

  @Test("what an app can do is said for programs, with null for what it has not")
  func capabilities() throws {
    let plugin = ArenaPlugin(query: PlayerQuery(.quake3, port: "game"))
    #expect(
      try json(Capabilities(plugin.manifest)) == """
        {
          "app" : "arena",
          "backup" : [

          ],
          "commands" : [

          ],
          "console" : null,
          "guid" : "\(plugin.manifest.panelID)",
          "manage" : [
            "start",
            "stop",
            "restart",
            "delayed-stop",
            "delayed-restart",
            "is-running",
            "has-players",
            "check-update",
            "update",
            "delayed-update",
            "get-services",
            "create-service",
            "remove-service",
            "get-configs",
            "set-config",
            "get-ports",
            "get-metrics",
            "logs",
            "first-run",
            "pre-stop",
            "post-start",
            "remove"
          ],
          "ports" : [
            {
              "address" : "0.0.0.0",
              "default" : 20100,
              "follows" : null,
              "help" : null,
              "offset" : null,
              "protocols" : [
                "tcp",
                "udp"
              ],
              "role" : "game",
              "service" : null
            },
            {
              "address" : "0.0.0.0",
              "default" : 20200,
              "follows" : null,
              "help" : null,
              "offset" : null,
              "protocols" : [
                "tcp"
              ],
              "role" : "side",
              "service" : "side"
            }
          ],
          "query" : "quake3",
          "routes" : [

          ],
          "services" : [
            "main",
            "side"
          ],
          "settings" : [
            {
              "choices" : [

              ],
              "default" : "false",
              "group" : null,
              "help" : null,
              "key" : "side",
              "length" : null,
              "max" : null,
              "min" : null,
              "pattern" : null,
              "required" : false,
              "secret" : false,
              "type" : "bool",
              "words" : null
            },
            {
              "choices" : [

              ],
              "default" : null,
              "group" : null,
              "help" : null,
              "key" : "key",
              "length" : 12,
              "max" : null,
              "min" : null,
              "pattern" : null,
              "required" : false,
              "secret" : true,
              "type" : "secret",
              "words" : null
            }
          ],
          "version" : "1"
        }
        """)
  }

  @Test("nobody plays where nothing runs, and how many may is known all the same")
  func stopped() async throws {
    let host = try TestHost(.system)
    let berth = host.berth([LimitPlugin()])
    let record = try await berth.install(InstallRequest(app: "limit", settings: ["max-clients": "9"])).record
    let all = [ManagedInstance(record: record, service: nil)]
    #expect(try json(try await berth.managedServices(all, measures: false)).contains(#""max_players" : 9"#))
    _ = try await berth.control(.stop, [record])
    let text = try json(try await berth.managedServices(all, measures: true))
    for line in [#""player_count" : 0"#, #""game_pid" : 0"#, #""service_pid" : 0"#, #""max_players" : 9"#] {
      #expect(text.contains(line), "\(text)")
    }
  }

  @Test("a port that somebody else has is neither the service's nor unheard")
  func foreign() async throws {
    let (host, berth, record) = try await host()
    host.ports.set { $0.seats[PortNumber(.udp, 20100)] = PortSeat(isGlobal: false, isOwned: false) }
    let services = try await berth.managedServices([ManagedInstance(record: record, service: "main")], measures: true)
    let ports = try #require(services["arena@default"]?.metrics?.ports)
    let udp = try #require(ports.first { $0.protocol == "udp" })
    #expect(udp.listening && !udp.owned && !udp.global && udp.open)
    #expect(ports.filter { $0.protocol == "tcp" }.allSatisfy { !$0.listening && !$0.owned && !$0.global && $0.open })
  }

  @Test("several instances are told apart by their services, and each is asked for what it takes")
  func all() async throws {
    let (_, berth, record) = try await host()
    let other = try await berth.install(InstallRequest(app: "arena", name: "Other")).record
    let everything = try berth.managed(try ManageOrder(["--all"], app: "arena"), app: "arena")
    #expect(everything.map(\.record.uid).sorted() == [record.uid, other.uid].sorted())
    let services = try await berth.managedServices(everything, measures: true)
    #expect(
      services.keys.sorted() == ["arena-side@default", "arena@default", "arena@\(other.key.id.text)"].sorted())
    #expect(services.values.allSatisfy { $0.metrics?.process != nil })
    let unit = "arena@\(other.key.id.text)"
    for words in [["--all", "--service", unit], ["--service=\(unit)"], ["--service", "\(unit).service"]] {
      let found = try berth.managed(try ManageOrder(words, app: "arena"), app: "arena")
      #expect(found.map(\.record.uid) == [other.uid] && found[0].service == "main", "\(words)")
    }
    // A name that several have is none's, and an instance that is named has only its own.
    for words in [["--all", "--service", "main"], ["--instance", "PvP", "--service", unit], ["--service=ssh@x"]] {
      let error = #expect(throws: BerthError.self) {
        try berth.managed(try ManageOrder(words, app: "arena"), app: "arena")
      }
      #expect(error?.code == "unknown-service", "\(words)")
    }
  }

  @Test("the id that a fork sends along with settings is no setting, and another one's is refused")
  func instanceID() async throws {
    let (_, berth, record) = try await host()
    #expect(try berth.managedChange("instance_id", to: "default", of: record) == nil)
    #expect(try berth.managedChange("instance_id", to: "PvP", of: record) == nil)
    let error = #expect(throws: BerthError.self) {
      try berth.managedChange("instance_id", to: FakeClock.uuid(9), of: record)
    }
    #expect(error?.code == "unknown-instance")
  }

  @Test("metrics of many are two questions to the manager")
  func many() async throws {
    let host = try TestHost(.system)
    let berth = host.berth([ArenaPlugin()])
    _ = try await berth.install((1...20).map { InstallRequest(app: "arena", name: "n\($0)", isStarted: $0 > 1) })
    let before = host.manager.known.calls
    let metrics = try await berth.metrics(of: try host.registry.instances())
    #expect(host.manager.known.calls.count - before.count == 2)
    #expect(metrics.count == 20 && metrics.filter { $0.memory == 1 << 20 && $0.tasks == 1 }.count == 19)
    let idle = try #require(metrics.first { $0.status == .stopped })
    #expect(idle.memory == nil && idle.processors == nil && idle.tasks == nil)
    #expect(try json(idle).contains(#""memory_bytes" : null"#))
    // What is written lies on the disk, in blocks.
    let record = try #require(metrics.first?.record)
    let former = try #require(metrics.first?.disk)
    try host.files.write(
      String(repeating: "x", count: 100_000), to: "\(berth.paths.instance(record.key))/data/b", mode: 0o600, owner: nil,
      anchor: nil)
    let later = try await berth.metrics(of: [record])
    #expect(later[0].disk.map { (100_000..<200_000).contains($0 - former) } == true, "\(former), \(later)")
  }
}

extension ManageService {
  /// The same at an address that does not depend on the host.
  fileprivate func at(address: String?) -> ManageService {
    var copy = self
    copy.address = address
    return copy
  }
}

/// A game that says how many may play, and cannot be asked.
private struct LimitPlugin: AppPlugin {
  let manifest = Manifest(
    id: "limit", name: "Limit", summary: "A game", category: .game, version: "1",
    programs: [Program("server", [DemoPlugin.program])], settings: [Setting("max-clients", .int, default: "16")],
    services: [Service(exec: ["{{programs.server}}"])])
}
