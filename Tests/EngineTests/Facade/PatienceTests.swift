import BerthKit
import BerthQuery
import Foundation
import Synchronization
import TestSupport
import Testing

@testable import BerthEngine
@testable import BerthPlanning

@Suite("Waiting until nobody plays") struct PatienceTests {
  /// A server that tells who plays and takes commands, both as a test wants.
  private final class Stage: Sendable {
    /// How many play at each question; the last number stays.
    let counts: Mutex<[Int]>
    let heard = Mutex<[String]>([])

    init(_ counts: [Int]) { self.counts = Mutex(counts) }

    func json() -> String {
      let count = counts.withLock { $0.count > 1 ? $0.removeFirst() : $0[0] }
      return "{\"players\":{\"online\":\(count),\"max\":9}}"
    }
  }

  /// The instance asks on the port of its side service, and takes commands on its game port.
  private static let plugin = ArenaPlugin(
    query: PlayerQuery(.minecraft, port: "side"),
    console: Console(.sourceRCON, port: "game", password: "{{settings.key}}", announce: "say {{message}}"))

  private func host(
    _ stage: Stage, options: Berth.Options = .init()
  ) async throws -> (host: TestHost, berth: Berth, record: InstanceRecord, servers: [LoopbackServer]) {
    // Every fake host gives its first instance the same secret.
    let password = try await Self.password()
    let query = try GameServers.minecraft(json: stage.json())
    let console = try GameServers.rcon(password: password) { line in
      stage.heard.withLock { $0.append(line) }
      return ""
    }
    let host = try TestHost()
    let berth = host.berth([Self.plugin], options: options)
    let ports = ["game": console.port, "side": query.port]
    _ = try await berth.install(InstallRequest(app: "arena", name: "PvP", settings: ["side": "true"], ports: ports))
    return (host, berth, try host.record(app: "arena"), [query, console])
  }

  private static func password() async throws -> String {
    let host = try TestHost()
    _ = try await host.berth([plugin]).install(InstallRequest(app: "arena", name: "PvP", settings: ["side": "true"]))
    let record = try host.record(app: "arena")
    return try #require(try host.registry.settings(of: record.uid).first { $0.key == "key" }?.value)
  }

  @Test("it is stopped as soon as the last one has left, and they were told before")
  func leaves() async throws {
    let stage = Stage([2, 2, 1, 0])
    let heard = Heard()
    let (host, berth, record, servers) = try await host(stage, options: .init(notice: heard.add))
    let outcomes = try await berth.whenEmpty([record], Patience(seconds: 3600, pause: 0.01), deed: "stops") {
      try await berth.control(.stop, $0)
    }
    #expect(try outcomes.map { try $0.result.get().status } == [.stopped])
    #expect(stage.counts.withLock { $0 } == [0])
    #expect(stage.heard.withLock { $0 } == ["say This server stops in 60 minutes, or when nobody plays."])
    #expect(heard.lines.filter { $0.hasPrefix("arena/PvP: 2 play; it stops in") }.count == 1, "\(heard.lines)")
    #expect(heard.lines.contains { $0.hasPrefix("arena/PvP: 1 plays; ") })
    // One that is off has nobody to wait for.
    host.fault.arm { _, _ in false }
    let again = try await berth.whenEmpty([record], Patience(seconds: 3600), deed: "restarts") {
      try await berth.control(.stop, $0)
    }
    #expect(again.count == 1)
    withExtendedLifetime(servers) {}
  }

  @Test("when the time is over it is done whoever plays")
  func over() async throws {
    let stage = Stage([3])
    let (_, berth, record, servers) = try await host(stage)
    let start = ContinuousClock.now
    let outcomes = try await berth.whenEmpty([record], Patience(seconds: 2, pause: 0.05), deed: "restarts") {
      try await berth.control(.stop, $0)
    }
    #expect(outcomes.count == 1 && ContinuousClock.now - start >= .seconds(1))
    withExtendedLifetime(servers) {}
  }

  @Test("a wait that is broken off has changed nothing")
  func cancelled() async throws {
    let (host, berth, record, servers) = try await host(Stage([1]))
    let before = try Snapshot(host)
    let wait = Task {
      try await berth.whenEmpty([record], Patience(seconds: 3600, pause: 0.01), deed: "stops") {
        try await berth.control(.stop, $0)
      }
    }
    try await Task.sleep(for: .milliseconds(100))
    wait.cancel()
    await #expect(throws: CancellationError.self) { try await wait.value }
    #expect(try Snapshot(host).changes(since: before) == [])
    withExtendedLifetime(servers) {}
  }

  @Test("an app that cannot be asked but shows what is coming is waited for to the end, and not when it is off")
  func warnedOnly() async throws {
    let console = try GameServers.rcon(password: try await Self.password()) { line in
      #expect(line.wholeMatch(of: /say This server stops in [12] seconds?\./) != nil, "\(line)")
      return ""
    }
    var plugin = Self.plugin
    plugin.query = nil
    let host = try TestHost()
    let berth = host.berth([plugin])
    _ = try await berth.install(
      InstallRequest(app: "arena", name: "PvP", settings: ["side": "true"], ports: ["game": console.port]))
    let record = try host.record(app: "arena")
    let start = ContinuousClock.now
    func stop(within seconds: Int) async throws {
      let outcomes = try await berth.whenEmpty([record], Patience(seconds: seconds, pause: 0.05), deed: "stops") {
        try await berth.control(.stop, $0)
      }
      #expect(try outcomes.map { try $0.result.get().status } == [.stopped])
    }
    try await stop(within: 2)
    #expect(ContinuousClock.now - start >= .seconds(1))
    // Now there is nobody to wait for.
    try await stop(within: 86400)
    #expect(ContinuousClock.now - start < .seconds(43200))
    withExtendedLifetime(console) {}
  }

  @Test("an app that cannot be asked is refused before anything")
  func mute() async throws {
    let host = try TestHost()
    let berth = host.berth([ArenaPlugin()])
    _ = try await berth.install(InstallRequest(app: "arena"))
    let record = try host.record(app: "arena")
    let error = await refusal {
      try await berth.whenEmpty([record], Patience(seconds: 1), deed: "stops") { _ in
        Issue.record("it went on")
        return []
      }
    }
    #expect(error?.code == "no-query")
  }

  @Test("players are told at first, and again when an hour, half of it, and so on are left")
  func marks() {
    let farewell = Farewell(deed: "stops")
    #expect(farewell.text(from: nil, to: 5400) == "This server stops in 90 minutes, or when nobody plays.")
    #expect(farewell.text(from: 5400, to: 5395) == nil)
    #expect(farewell.text(from: 3601, to: 3596) == "This server stops in 60 minutes, or when nobody plays.")
    #expect(farewell.text(from: 303, to: 298) == "This server stops in 5 minutes, or when nobody plays.")
    #expect(farewell.text(from: 12, to: 7) == "This server stops in 7 seconds, or when nobody plays.")
    #expect(farewell.text(from: 7, to: 2) == nil && farewell.text(from: 2, to: 0) == nil)
    let blind = Farewell(deed: "stops", canBeAsked: false)
    #expect(blind.text(from: nil, to: 300) == "This server stops in 5 minutes.")
    #expect(Farewell.span(7200) == "2 hours" && Farewell.span(1) == "1 second")
  }
}
