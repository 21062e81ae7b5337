import BerthKit
import BerthQuery
import Foundation
import TestSupport
import Testing

@testable import BerthEngine
@testable import BerthPlanning

@Suite("Speaking to an instance") struct ConversationTests {
  /// A host with one instance whose game port is the server's.
  private func host(
    _ plugin: ArenaPlugin, port: Int, settings: [String: String] = [:]
  ) async throws -> (berth: Berth, record: InstanceRecord, host: TestHost) {
    let host = try TestHost()
    let berth = host.berth([plugin])
    let request = InstallRequest(
      app: "arena", name: "PvP", settings: settings, ports: [settings["side"] == nil ? "game" : "side": port])
    _ = try await berth.install(request)
    return (berth, try host.record(app: "arena"), host)
  }

  private func key(_ host: TestHost, _ record: InstanceRecord) throws -> String {
    try #require(try host.registry.settings(of: record.uid).first { $0.key == "key" }?.value)
  }

  private static let rcon = ArenaPlugin(console: Console(.sourceRCON, port: "game", password: "{{settings.key}}"))

  /// The secret that the fake host's clock gives to the first instance.
  private func password() async throws -> String {
    let (_, record, host) = try await host(Self.rcon, port: 20100)
    return try key(host, record)
  }

  @Test("who plays is asked at the instance's own port, and what is unknown is null")
  func players() async throws {
    let server = try GameServers.a2s(
      name: "Two forts", map: "2fort", count: 2, limit: 24, players: [(Array("A\u{1B}[31mnn".utf8), 3, 61.5)])
    let (berth, record, _) = try await host(ArenaPlugin(query: PlayerQuery(.a2s, port: "game")), port: server.port)
    let report = try await berth.players(of: record, seconds: 600)
    #expect(report.server.players == [.init("Ann", score: 3, seconds: 61)])
    let quiet = PlayersReport(record: record, server: ServerReport(players: [.init("Bob")]))
    let json = try JSON(parsing: String(decoding: JSONEncoder().encode(quiet), as: UTF8.self))
    #expect(
      json.keys == [
        "app", "bots", "count", "instance_id", "instance_name", "map", "max", "players", "server", "version",
      ])
    #expect(json["count"] == .null && json["players"][0].keys == ["name", "score", "seconds"])
    #expect(json["players"][0]["score"] == .null)
  }

  @Test("a command goes in with the instance's password, and its secrets do not come out")
  func console() async throws {
    let password = try await password()
    let server = try GameServers.rcon(password: password) { "\($0) key=\(password)" }
    let (berth, record, host) = try await host(Self.rcon, port: server.port)
    #expect(try key(host, record) == password)
    let reply = try await berth.console("status", of: record, seconds: 600)
    #expect(reply.text == "status key=••••••")
    let json = try JSON(parsing: String(decoding: JSONEncoder().encode(reply), as: UTF8.self))
    #expect(json.keys == ["app", "command", "instance_id", "instance_name", "reply"])
    #expect(json["instance_name"].text == "PvP" && json["command"].text == "status")
  }

  @Test("what is declared for a service that an instance lacks is not there, and with the service it is")
  func service() async throws {
    let server = try GameServers.minecraft(json: #"{"players":{"online":3,"max":9}}"#)
    let plugin = ArenaPlugin(query: PlayerQuery(.minecraft, port: "side"))
    let (berth, record, _) = try await host(plugin, port: server.port, settings: ["side": "true"])
    #expect(try await berth.players(of: record, seconds: 600).server == ServerReport(count: 3, limit: 9))
    let (other, without, _) = try await host(plugin, port: 20300)
    #expect(await refusal { try await other.players(of: without, seconds: 600) }?.code == "no-query")
  }

  @Test("an app without the words says so")
  func undeclared() async throws {
    let (berth, record, _) = try await host(ArenaPlugin(), port: 20100)
    let query = await refusal { try await berth.players(of: record, seconds: 600) }
    #expect(query?.code == "no-query" && query?.kind == .usage && query?.remedy == "berth app show arena")
    let console = await refusal { try await berth.console("x", of: record, seconds: 1) }
    #expect(console?.code == "no-console" && console?.kind == .usage)
    #expect(throws: BerthError.self) { try berth.requireConsole(of: record) }
  }

  @Test("nothing is said to a port whose own service does not run", arguments: ["inactive", "activating", "failed"])
  func stopped(_ state: String) async throws {
    let server = try LoopbackServer(tcp: 0) { _ in Issue.record("somebody came") }
    let (berth, record, host) = try await host(Self.rcon, port: server.port)
    host.manager.set { $0.units["arena@default.service"] = UnitState(active: state, sub: "x") }
    let error = await refusal { try await berth.console("x", of: record, seconds: 1) }
    #expect(error?.code == "not-running" && error?.kind == .failure)
    let verb = state == "activating" ? "status" : "start"
    #expect(error?.remedy == "berth \(verb) arena --instance default")
  }

  @Test("only the service that owns the port has to run")
  func owner() async throws {
    let server = try GameServers.minecraft(json: #"{"players":{"online":1}}"#)
    let plugin = ArenaPlugin(query: PlayerQuery(.minecraft, port: "side"))
    let (berth, record, host) = try await host(plugin, port: server.port, settings: ["side": "true"])
    host.manager.set { $0.units["arena@default.service"] = UnitState(active: "failed", sub: "x") }
    #expect(try await berth.players(of: record, seconds: 600).server.count == 1)
    host.manager.set { $0.units["arena-side@default.service"] = UnitState(active: "failed", sub: "x") }
    let error = await refusal { try await berth.players(of: record, seconds: 600) }
    #expect(error?.code == "not-running" && error?.location == "arena-side@default.service")
  }

  @Test("what goes wrong is told with the place and what helps")
  func failures() async throws {
    func told(_ server: LoopbackServer?, port: Int? = nil, seconds: Int = 600) async throws -> BerthError? {
      let (berth, record, _) = try await host(Self.rcon, port: try #require(port ?? server?.port))
      let error = await refusal { try await berth.console("x", of: record, seconds: seconds) }
      withExtendedLifetime(server) {}
      return error
    }
    let refused = try await told(nil, port: FreePorts.block(1))
    #expect(refused?.code == "no-answer" && refused?.summary.contains("nobody listens there") == true)
    #expect(refused?.remedy == "berth logs arena --instance default")
    let silent = try await told(try LoopbackServer(tcp: 0) { $0.stay() }, seconds: 2)
    #expect(silent?.code == "no-answer" && silent?.summary.contains("nothing came within 2 s") == true)
    let closed = try await told(try LoopbackServer(tcp: 0) { _ = $0.receive() })
    #expect(closed?.code == "no-answer" && closed?.summary.contains("closed in the middle") == true)
    let garbage = try await told(
      try LoopbackServer(tcp: 0) { client in
        _ = client.receive()
        client.send([4, 0, 0, 0, 1, 2, 3, 4])
      })
    #expect(garbage?.code == "bad-answer" && garbage?.kind == .failure)
    let wrong = try await told(try GameServers.rcon(password: "other") { $0 })
    #expect(wrong?.code == "wrong-password" && wrong?.kind == .notAllowed)
    #expect(wrong?.remedy == "berth restart arena --instance default")
    let (berth, record, _) = try await host(Self.rcon, port: 20100)
    let lines = await refusal { try await berth.console("say hi\nquit", of: record, seconds: 2) }
    #expect(lines?.code == "bad-command" && lines?.kind == .usage)
  }

  @Test("no error shows a secret or anything that the server sent")
  func secrecy() async throws {
    let password = try await password()
    let server = try LoopbackServer(tcp: 0) { client in
      _ = client.receive()
      client.send(Array("HTTP \(password)\u{1B}[2J".utf8))
    }
    let plugin = ArenaPlugin(
      query: PlayerQuery(.palworldREST, port: "game"),
      console: Console(.palworldREST, port: "game", password: "{{settings.key}}"))
    let (berth, record, _) = try await host(plugin, port: server.port)
    for error in [
      await refusal { try await berth.players(of: record, seconds: 600) },
      await refusal { try await berth.console("save", of: record, seconds: 600) },
      await refusal { try await berth.console("fly", of: record, seconds: 600) },
    ] {
      let text = try #require(error).description
      #expect(!text.contains(password) && !text.contains("\u{1B}"))
    }
  }
}
