import BerthKit
import Testing

@testable import BerthEngine
@testable import BerthPlanning

@Suite("Starting and stopping")
struct ControlTests {
  /// A host with the instances `default` and `Two`, both running.
  private func hostWithTwo() async throws -> TestHost {
    let host = try TestHost()
    let berth = host.berth()
    _ = try await berth.install(InstallRequest(app: "demo"))
    _ = try await berth.install(InstallRequest(app: "demo", name: "Two"))
    return host
  }

  /// What is asked, and how the first instance is afterwards.
  static let verbs: [(verb: Control, status: Status, isEnabled: Bool)] = [
    (.start, .running, true), (.stop, .stopped, true), (.restart, .running, true), (.enable, .running, true),
    (.disable, .running, false),
  ]

  @Test("does what is asked to the instance that is meant, and to no other", arguments: verbs)
  func controls(_ example: (verb: Control, status: Status, isEnabled: Bool)) async throws {
    let host = try await hostWithTwo()
    let results = try await host.berth().control(example.verb, [try host.record()])
    #expect(results.count == 1)
    let report = try #require(results.first).result.get()
    #expect(report.status == example.status)
    #expect(report.isEnabled == example.isEnabled)
    let other = try await host.berth().status(of: try host.berth().find("Two", app: "demo").key)
    #expect(other.status == .running)
    #expect(other.isEnabled)
    #expect(host.locks.held.isEmpty)
    #expect(host.ports.claimed.isEmpty)
  }

  @Test(
    "gives the manager one order for all instances", arguments: [Control.start, .stop, .restart, .enable, .disable])
  func oneOrder(_ verb: Control) async throws {
    let host = try await hostWithTwo()
    let records = try host.registry.instances()
    if verb == .start { _ = try await host.berth().control(.stop, records) }
    host.manager.set { $0.calls = [] }
    _ = try await host.berth().control(verb, records)
    #expect(host.manager.known.calls.filter { $0.hasPrefix(verb.rawValue) }.count == 1)
  }

  @Test("does the others when one fails, in the order that was asked")
  func failingItem() async throws {
    let host = try await hostWithTwo()
    let berth = host.berth()
    let records = try host.registry.instances()
    _ = try await berth.control(.stop, records)
    host.manager.set { $0.outcomes["demo@default.service"] = UnitState(active: "failed", sub: "failed") }
    host.logs.set("demo@default.service", ["no map"])
    let results = try await berth.control(.start, records)
    #expect(results.map(\.record.uid) == records.map(\.uid))
    #expect(throws: BerthError.self) { try results[0].result.get() }
    if case .failure(let error) = results[0].result {
      #expect(error.code == "not-ready")
      #expect(error.cause == "no map")
    }
    #expect(try results[1].result.get().status == .running)
  }

  @Test("refuses an instance whose operation broke off, with the command that helps", arguments: Control.allCases)
  func incomplete(_ verb: Control) async throws {
    let host = try await hostWithTwo()
    try host.registry.setState(.installing, of: try host.record().uid)
    host.manager.set { $0.calls = [] }
    let records = try host.registry.instances()
    #expect(await refusal { try await host.berth().control(verb, records) }?.code == "incomplete")
    let results = try await host.berth(options: .keepingGoing).control(verb, records)
    guard case .failure(let error) = results[0].result else {
      Issue.record("nothing was refused")
      return
    }
    #expect(error.code == "incomplete")
    #expect(error.kind == .conflict)
    #expect(error.remedy == "berth remove demo --instance default --yes")
    #expect(throws: Never.self) { try results[1].result.get() }
    let orders = host.manager.known.calls.filter { !$0.hasPrefix("states") && !$0.hasPrefix("processes") }
    #expect(orders.allSatisfy { !$0.contains("@default") })
  }

  @Test("starts nothing on a port that somebody else has taken by now")
  func portTaken() async throws {
    let host = try await hostWithTwo()
    let berth = host.berth()
    let record = try host.record()
    _ = try await berth.control(.stop, [record])
    host.ports.set { $0.listeners[PortNumber(.tcp, 20001)] = "quaked (process 812)" }
    guard case .failure(let error)? = try await berth.control(.start, [record]).first?.result else {
      Issue.record("it was started")
      return
    }
    #expect(error.summary == "the query port tcp/20001 is used by quaked (process 812)")
    #expect(try await berth.status(of: record.key).status == .stopped)
  }

  @Test("waits before a start until closed connections keep none of the instance's ports any more")
  func portLingers() async throws {
    let host = try await hostWithTwo()
    let record = try host.record()
    _ = try await host.berth().control(.stop, [record])
    let other = PortNumber(.tcp, 29999)
    host.ports.set { $0.lingering = [PortNumber(.tcp, 20001): 1, PortNumber(.udp, 20000): 1, other: 1] }
    #expect(try await host.berth().control(.start, [record]).first?.result.get().status == .running)
    // Of another's port, and of one without connections, nobody asks.
    #expect(host.ports.lingering == [PortNumber(.tcp, 20001): 0, PortNumber(.udp, 20000): 1, other: 1])
  }

  @Test("starts nothing on a port that another Berth is about to use")
  func portClaimed() async throws {
    let host = try await hostWithTwo()
    let berth = host.berth()
    let record = try host.record()
    _ = try await berth.control(.stop, [record])
    host.ports.set { $0.refused = [PortNumber(.udp, 20000)] }
    guard case .failure(let error)? = try await berth.control(.start, [record]).first?.result else {
      Issue.record("it was started")
      return
    }
    #expect(error.code == "port-in-use")
  }

  @Test("starting what runs is no error, though its own ports are listened on")
  func startsAgain() async throws {
    let host = try await hostWithTwo()
    host.ports.set { $0.listeners[PortNumber(.udp, 20000)] = "demo-server" }
    #expect(try await host.berth().control(.start, [try host.record()]).first?.result.get().status == .running)
  }

  @Test("stopping forgets a failure, and restarting brings back what failed", arguments: [Control.stop, .restart])
  func failed(_ verb: Control) async throws {
    let host = try await hostWithTwo()
    host.manager.set { $0.units["demo@default.service"] = UnitState(active: "failed", sub: "failed") }
    let record = try host.record()
    #expect(try await host.berth().status(of: record.key).status == .failed)
    let report = try await host.berth().control(verb, [record])[0].result.get()
    #expect(report.status == (verb == .stop ? .stopped : .running))
  }

  @Test("waits for nobody: where an instance is being worked on, all is busy, or just that one when the others go on")
  func busy() async throws {
    let host = try await hostWithTwo()
    let lock = try await host.locks.take("/locks/demo@default.lock", purpose: "a backup", wait: 0)
    let records = try host.registry.instances()
    let before = try Snapshot(host)
    let error = await refusal { try await host.berth().control(.stop, records) }
    #expect(error?.code == "busy")
    #expect(error?.kind.exitStatus == 75)
    #expect(error?.cause == "process 1, a backup")
    #expect(try Snapshot(host).changes(since: before) == [])
    let results = try await host.berth(options: .keepingGoing).control(.stop, records)
    #expect(results.map(\.code) == ["busy", nil])
    #expect(try results[1].result.get().status == .stopped)
    lock.release()
    #expect(host.locks.held.isEmpty)
  }
}

@Suite("One service of an instance")
struct ServiceControlTests {
  private func units(_ host: TestHost) -> Set<String> {
    Set(host.manager.known.units.filter { $0.value.active == "active" && $0.key.hasSuffix(".service") }.keys)
  }

  @Test("stops, starts and restarts alone")
  func alone() async throws {
    let host = try TestHost()
    let berth = host.berth()
    _ = try await berth.install(InstallRequest(app: "demo"))
    let record = try host.record()
    _ = try await berth.control(.stop, [record], service: "worker")
    #expect(units(host) == ["demo@default.service"])
    // The other one can be restarted meanwhile.
    let restarted = try await berth.control(.restart, [record], service: "main")
    #expect(try restarted.map { try $0.result.get().services.map(\.status) } == [[.running, .stopped]])
    _ = try await berth.control(.start, [record], service: "worker")
    #expect(units(host) == ["demo@default.service", "demo-worker@default.service"])
    host.manager.set { $0.calls = [] }
    _ = try await berth.control(.restart, [record], service: "worker")
    #expect(host.manager.known.calls.filter { $0.hasPrefix("restart") } == ["restart demo-worker@default.service"])
  }

  @Test("says what went wrong with it, and nothing of those that are stopped")
  func failing() async throws {
    let host = try TestHost()
    let berth = host.berth()
    _ = try await berth.install(InstallRequest(app: "demo"))
    let record = try host.record()
    _ = try await berth.control(.stop, [record], service: "worker")
    host.manager.set { $0.outcomes["demo-worker@default.service"] = UnitState(active: "failed", sub: "failed") }
    host.logs.set("demo-worker@default.service", ["no work"])
    let outcome = try #require(try await berth.control(.start, [record], service: "worker").first)
    guard case .failure(let error) = outcome.result else {
      Issue.record("it started")
      return
    }
    #expect(error.code == "not-ready")
    #expect(units(host) == ["demo@default.service"])
  }

  @Test("is an error when no instance has it, and leaves out those that have not")
  func unknown() async throws {
    let host = try TestHost()
    let berth = host.berth()
    _ = try await berth.install(InstallRequest(app: "demo"))
    _ = try await berth.install(InstallRequest(app: "tiny"))
    let records = try host.registry.instances()
    let error = await refusal { try await berth.control(.stop, records, service: "wroker") }
    #expect(error?.code == "unknown-service")
    #expect(error?.kind == .usage)
    #expect(error?.summary == "none of the instances has a service 'wroker'; did you mean 'worker'?")
    #expect(try await berth.control(.stop, records, service: "worker").map(\.record.key.app) == ["demo"])
    let logs = await refusal {
      try await berth.logs(of: records[0], service: "x", since: nil, last: nil, follow: false) { _ in }
    }
    #expect(logs?.code == "unknown-service")
  }
}
