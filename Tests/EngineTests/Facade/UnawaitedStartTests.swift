import BerthKit
import Testing

@testable import BerthEngine
@testable import BerthExecution
@testable import BerthPlanning

/// Who asks for a change and has no time: the manager is told, and what becomes of it is seen later.
@Suite("A start that nobody waits for")
struct UnawaitedStartTests {
  private let brief = Berth.Options(execution: Executor.Options(awaitsStart: false))

  private func orders(_ host: TestHost, since before: Int) -> [String] {
    host.manager.known.calls.dropFirst(before).filter { call in
      ["start ", "restart ", "begin-", "stop "].contains { call.hasPrefix($0) }
    }
  }

  @Test("an installation and a change record everything and give the order without waiting")
  func gives() async throws {
    let host = try TestHost(.system)
    let report = try await host.berth(options: brief).install(InstallRequest(app: "demo"))
    #expect(orders(host, since: 0) == ["begin-start \(report.record.target)"])
    #expect(try host.record().state == .ready)
    let before = host.manager.known.calls.count
    let wish = ChangeWish(settings: ["players": "20"])
    _ = try await host.berth(options: brief).change("config set", [report.record], wish)
    let given = orders(host, since: before)
    #expect(given.count == 1 && given[0].hasPrefix("begin-restart"), "\(given)")
    #expect(try host.berth().settings(of: report.record).contains { $0.key == "players" && $0.value == "20" })
  }

  @Test("a service that does not get ready takes nothing back then, and does otherwise")
  func slow() async throws {
    for awaits in [false, true] {
      let host = try TestHost(.system)
      host.manager.set { $0.outcomes["demo@.service"] = UnitState(active: "activating", sub: "start-post") }
      host.logs.set("demo@default.service", ["still loading"])
      let options = Berth.Options(execution: Executor.Options(awaitsStart: awaits))
      let report = try? await host.berth(options: options).install(InstallRequest(app: "demo"))
      #expect((report == nil) == awaits)
      #expect(try host.registry.instances().count == (awaits ? 0 : 1))
    }
  }

  @Test("somebody else's port is an error all the same, with everything as it was")
  func taken() async throws {
    let host = try TestHost(.system)
    let record = try await host.berth().install(InstallRequest(app: "demo")).record
    _ = try await host.berth().control(.stop, [record])
    let port = try #require(record.ports.first?.port)
    host.ports.set { $0.listeners[port] = "nginx (process 7)" }
    let outcome = try #require(try await host.berth(options: brief).control(.start, [record]).first)
    #expect(throws: BerthError.self) { try outcome.result.get() }
    #expect(orders(host, since: 0).filter { $0.hasPrefix("begin") } == [])
  }
}
