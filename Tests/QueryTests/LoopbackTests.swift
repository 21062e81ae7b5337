import BerthHost
import BerthKit
@testable import BerthQuery
import Foundation
import Synchronization
import TestSupport
import Testing

/// Real sockets, and small servers that speak the published protocols.
@Suite("Servers on this host") struct LoopbackTests {
  typealias Player = ServerReport.Player

  private func ask(
    _ kind: PlayerQuery.Kind, _ server: LoopbackServer, password: String? = nil, seconds: Double = 600
  ) async throws -> ServerReport {
    let place = Endpoint(kind.transport, "127.0.0.1", server.port)
    return try await ServerQuery(
      kind, at: place, of: .thisProcess, password: password, through: SocketConnector(), seconds: seconds
    ).ask()
  }

  private func tell(
    _ command: String, _ kind: Console.Kind, _ server: LoopbackServer, password: String = "secret",
    seconds: Double = 600
  ) async throws -> String {
    let place = Endpoint(kind.transport ?? .tcp, "127.0.0.1", server.port)
    return try await ServerConsole(
      kind, at: place, of: .thisProcess, password: password, through: SocketConnector(), seconds: seconds
    ).run(command)
  }

  // MARK: Queries

  @Test("A2S with challenges and parts tells who plays")
  func a2s() async throws {
    let server = try GameServers.a2s(
      name: "Two forts", map: "2fort", count: 2, limit: 24,
      players: [(Array("Ann".utf8), 3, 61.5), ([0x5a, 0x6f, 0xeb], -1, 0.2)])
    #expect(
      try await ask(.a2s, server)
        == ServerReport(
          name: "Two forts", map: "2fort", version: "1.2.3.4", count: 2, bots: 0, limit: 24,
          players: [Player("Ann", score: 3, seconds: 61), Player("Zoë", score: -1, seconds: 0)]))
  }

  @Test("A2S without an answer about players leaves them unknown")
  func quietA2S() async throws {
    let server = try GameServers.a2s(name: "Quiet", map: "m", count: 7, limit: 24, players: nil)
    let report = try await ask(.a2s, server)
    #expect(report == ServerReport(name: "Quiet", map: "m", version: "1.2.3.4", count: 7, bots: 0, limit: 24))
  }

  @Test("Minecraft's status comes in pieces")
  func minecraft() async throws {
    let server = try GameServers.minecraft(json: Samples.minecraftJSON)
    #expect(try await ask(.minecraft, server).players == [Player("Ann"), Player("Bob")])
  }

  @Test("Quake 3 tells who plays")
  func quake3() async throws {
    let server = try GameServers.quake3(
      password: "x", status: Array("\\sv_hostname\\Hall\\sv_maxclients\\8\n1 2 \"A^1nn\"\n".utf8)
    ) { _ in [] }
    #expect(
      try await ask(.quake3, server)
        == ServerReport(name: "Hall", count: 1, bots: 0, limit: 8, players: [Player("Ann", score: 1)]))
  }

  @Test("Palworld is asked with the password, and answers in one piece or several", arguments: [false, true])
  func palworld(_ isChunked: Bool) async throws {
    let sample = Samples.palworld
    let bodies = ["info": sample.info, "metrics": sample.metrics, "players": sample.players]
    let server = try GameServers.palworld(
      password: "secret: ä",
      bodies: Dictionary(
        uniqueKeysWithValues: bodies.map { ("/v1/api/\($0.key)", String(decoding: $0.value, as: UTF8.self)) }),
      isChunked: isChunked)
    let report = try await ask(.palworldREST, server, password: "secret: ä")
    #expect(report.count == 2 && report.limit == 32 && report.players?.map(\.name) == ["Ann", "Bob"])
    await #expect(throws: AnswerFailure.wrongPassword) { try await ask(.palworldREST, server, password: "other") }
  }

  @Test("Armagetron is asked for little first, and then for all")
  func armagetron() async throws {
    let server = try GameServers.armagetron(small: Samples.armagetronSmall, great: Samples.armagetron)
    let report = try await ask(.armagetron, server)
    #expect(report.count == 1 && report.limit == 16 && report.players == [Player("Zoë An")])
  }

  @Test("Luanti answers, says nothing of players, and has no peer afterwards")
  func luanti() async throws {
    let peers = Mutex<[Set<[UInt8]>]>([])
    let server = try GameServers.luanti { now in peers.withLock { $0.append(now) } }
    #expect(try await ask(.luanti, server) == ServerReport())
    // A goodbye is sent, and not waited for.
    while peers.withLock({ $0.count }) < 2 { try await Task.sleep(for: .milliseconds(10)) }
    #expect(peers.withLock { $0 } == [[[7, 9]], []])
  }

  // MARK: Consoles

  @Test("a command's answer is whole, however many packets it takes", arguments: [false, true])
  func rcon(_ isMinecraft: Bool) async throws {
    let server = try GameServers.rcon(password: "secret", isMinecraft: isMinecraft) { command in
      command == "long" ? String(repeating: "0123456789abcde\n", count: 60_000) : "you said \(command)"
    }
    let kind: Console.Kind = isMinecraft ? .minecraftRCON : .sourceRCON
    #expect(try await tell("say \"hi\" $x; ü", kind, server) == "you said say \"hi\" $x; ü")
    let long = try await tell("long", kind, server)
    #expect(long.utf8.count == 959_999)
    await #expect(throws: AnswerFailure.wrongPassword) { try await tell("x", kind, server, password: "nope") }
  }

  @Test("an answer beyond a megabyte is refused", arguments: [false, true])
  func tooLong(_ isMinecraft: Bool) async throws {
    let server = try GameServers.rcon(password: "secret", isMinecraft: isMinecraft) { _ in
      String(repeating: "x", count: 1_100_000)
    }
    await #expect(throws: ConnectionFailure.tooLarge(bytes: 1_048_576)) {
      try await tell("x", isMinecraft ? .minecraftRCON : .sourceRCON, server)
    }
  }

  @Test("a server that does not know the marker ends with quiet, and one that stops by closing")
  func unmarked() async throws {
    let quiet = try GameServers.rcon(password: "secret", answersMarker: false) { "done \($0)" }
    #expect(try await tell("x", .sourceRCON, quiet) == "done x")
    let stopping = try LoopbackServer(tcp: 0) { client in
      _ = client.receive(20)
      client.send(GameServers.rconBytes(1, 2, []))
      _ = client.receive(15)
      client.send(GameServers.rconBytes(2, 0, Array("Stopping".utf8)))
    }
    #expect(try await tell("quit", .minecraftRCON, stopping) == "Stopping")
  }

  @Test("a server that closes in the middle of an answer is told of")
  func closing() async throws {
    func server(_ bytes: [UInt8]) throws -> LoopbackServer {
      try LoopbackServer(tcp: 0) { client in
        _ = client.receive(20)
        client.send(GameServers.rconBytes(1, 2, []))
        _ = client.receive(15)
        client.send(bytes)
      }
    }
    let full = GameServers.rconBytes(2, 0, [UInt8](repeating: 65, count: 4096))
    for bytes in [[], [9, 0], Array(full.dropLast()), full, full + [1, 2]] as [[UInt8]] {
      let server = try server(bytes)
      await #expect(throws: ConnectionFailure.closed) { try await tell("x", .minecraftRCON, server) }
    }
  }

  @Test("Quake 3 takes a command, says it in packets, and refuses a wrong password")
  func quake3Console() async throws {
    let server = try GameServers.quake3(password: "secret", status: []) { ["^1map: ", "\($0)\n", "\u{1B}[2Jend\n"] }
    #expect(try await tell("status now", .quake3RCON, server) == "map: status now\nend")
    await #expect(throws: AnswerFailure.wrongPassword) { try await tell("x", .quake3RCON, server, password: "other") }
  }

  @Test("Teeworlds' console gives what stands between the command and the mark")
  func teeworlds() async throws {
    let server = try GameServers.teeworldsConsole(password: "se cret") { ["one \($0)", "two"] }
    #expect(
      try await tell("status", .teeworlds, server, password: "se cret") == "[Console]: one status\n[Console]: two")
    await #expect(throws: AnswerFailure.wrongPassword) { try await tell("x", .teeworlds, server) }
  }

  @Test("Palworld's calls are posted")
  func palworldConsole() async throws {
    let calls = Mutex<[String]>([])
    let server = try GameServers.palworld(password: "secret", bodies: ["/v1/api/info": #"{"version":"1"}"#]) {
      path, body in
      calls.withLock { $0.append("\(path) \(body)") }
    }
    #expect(try await tell("info", .palworldREST, server) == #"{"version":"1"}"#)
    #expect(try await tell("announce Good night", .palworldREST, server) == "OK")
    #expect(calls.withLock { $0 } == [#"/v1/api/announce {"message":"Good night"}"#])
    await #expect(throws: AnswerFailure.garbage("its status is 404")) {
      try await tell("players", .palworldREST, server)
    }
  }

  @Test("a command is one line", arguments: Console.Kind.allCases)
  func oneLine(_ kind: Console.Kind) async throws {
    let server = try LoopbackServer(tcp: 0) { _ in Issue.record("somebody came") }
    for command in ["say hi\nquit", "a\rb", "", "  ", "a\u{0}b"] {
      await #expect(throws: AnswerFailure.self) { try await tell(command, kind, server) }
    }
  }

  // MARK: Bad days

  static let queries = PlayerQuery.Kind.allCases
  static let consoles = Console.Kind.allCases.filter { $0.transport != nil }

  @Test("nobody there is told of at once", arguments: queries)
  func nobody(_ kind: PlayerQuery.Kind) async throws {
    let port = FreePorts.block(1)
    let query = ServerQuery(
      kind, at: Endpoint(kind.transport, "127.0.0.1", port), of: .thisProcess, password: "x",
      through: SocketConnector(),
      seconds: 600)
    await #expect(throws: ConnectionFailure.refused) { try await query.ask() }
  }

  @Test("a server that never answers is given up after the time", arguments: queries)
  func silence(_ kind: PlayerQuery.Kind) async throws {
    let server = try kind.transport == .udp ? LoopbackServer(udp: 0) { _ in [] } : LoopbackServer(tcp: 0) { $0.stay() }
    await #expect(throws: ConnectionFailure.silent) { try await ask(kind, server, password: "x", seconds: 0.4) }
  }

  @Test("a console that never answers is given up after the time", arguments: consoles)
  func silentConsole(_ kind: Console.Kind) async throws {
    let server = try kind.transport == .udp ? LoopbackServer(udp: 0) { _ in [] } : LoopbackServer(tcp: 0) { $0.stay() }
    let command = kind == .palworldREST ? "save" : "x"
    await #expect(throws: ConnectionFailure.silent) { try await tell(command, kind, server, seconds: 0.4) }
  }

  @Test("garbage is called garbage", arguments: queries)
  func garbage(_ kind: PlayerQuery.Kind) async throws {
    let bytes: [UInt8] = Array(repeating: UInt8(ascii: "?"), count: 80)
    let server =
      try kind.transport == .udp
      ? LoopbackServer(udp: 0) { _ in [bytes] }
      : LoopbackServer(tcp: 0) { client in
        _ = client.receive()
        client.send(bytes)
      }
    // Packets of others are passed over until the time is over; a stream is judged at once.
    let seconds: Double = kind.transport == .udp ? 2 : 600
    let failure = await #expect(throws: (any Error).self) {
      try await ask(kind, server, password: "x", seconds: seconds)
    }
    if case AnswerFailure.garbage? = failure as? AnswerFailure {
    } else {
      Issue.record("\(String(describing: failure))")
    }
  }

  @Test("an answer with another's number is no answer")
  func strangers() async throws {
    let server = try LoopbackServer(udp: 0) { _ in [Samples.mumble] }
    await #expect(throws: AnswerFailure.garbage("it answers another question")) {
      try await ask(.mumble, server, seconds: 2)
    }
  }

  @Test("endless parts and a flood of packets end at the bound")
  func flood() async throws {
    let part: [UInt8] = [254, 255, 255, 255, 5, 0, 0, 0, 200, 1, 0xe0, 4] + [UInt8](repeating: 7, count: 60_000)
    let server = try LoopbackServer(udp: 0) { _ in Array(repeating: part, count: 3) }
    // Each try brings some more, until it is too much or too late.
    let failure = await #expect(throws: (any Error).self) { try await ask(.a2s, server, seconds: 3) }
    #expect(failure is AnswerFailure || failure is ConnectionFailure)
    let endless = try LoopbackServer(tcp: 0) { client in
      for _ in 0..<100 { client.send([UInt8](repeating: 0x80, count: 65536)) }
    }
    let other = await #expect(throws: (any Error).self) { try await tell("save", .palworldREST, endless) }
    #expect(other is AnswerFailure || other is ConnectionFailure)
  }

  @Test("a lost packet is asked for again")
  func lost() async throws {
    let count = Mutex(0)
    let server = try LoopbackServer(udp: 0) { packet in
      let isFirst = count.withLock { count in
        count += 1
        return count == 1
      }
      return isFirst ? [] : [[0, 1, 3, 4] + packet[4...] + [0, 0, 0, 3] + [0, 0, 0, 100] + [0, 0, 0, 0]]
    }
    #expect(try await ask(.mumble, server).count == 3)
  }

  @Test("a cancelled conversation ends at once, and leaves neither socket nor thread")
  func cancelled() async throws {
    let server = try LoopbackServer(tcp: 0) { $0.stay() }
    let sockets = Self.sockets()
    for _ in 0..<20 {
      let task = Task { try await tell("x", .sourceRCON, server, seconds: 3600) }
      try await Task.sleep(for: .milliseconds(30))
      task.cancel()
      await #expect(throws: CancellationError.self) { try await task.value }
    }
    // Other tests open sockets too, but not twenty that stay.
    for _ in 0..<600 where Self.sockets() > sockets + 15 { try await Task.sleep(for: .milliseconds(100)) }
    #expect(Self.sockets() <= sockets + 15)
  }

  private static func sockets() -> Int {
    let numbers = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []
    return numbers.count {
      (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\($0)"))?.hasPrefix("socket:") == true
    }
  }
}
