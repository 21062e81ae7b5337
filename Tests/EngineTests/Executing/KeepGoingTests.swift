import BerthKit
import Testing

@testable import BerthEngine
@testable import BerthPlanning
@testable import BerthStore

@Suite("A batch of which one fails")
struct KeepGoingTests {
  private static let names = (1...5).map { "n\($0)" }

  private static let requests = names.map { InstallRequest(app: "harbour", name: $0) }

  /// How the third of five fails: its folder cannot be made, or it does not get ready.
  enum Failure: CaseIterable { case folder, start }

  /// A host on which the third of five instances fails.
  private func host(_ failure: Failure, count: Int = 1) async throws -> TestHost {
    let host = try TestHost(.system)
    // Ids are given out in order, so that they are known from a host that is the same.
    let twin = try TestHost(.system)
    let ids = try await twin.berth().install(Self.requests).map(\.record.key.id.text)
    let failing = Set(count == 1 ? [ids[2]] : ids)
    switch failure {
    case .folder:
      host.fault.arm { _, call in failing.contains { call.hasPrefix("make folder") && call.hasSuffix("/\($0)/config") }
      }
    case .start:
      host.manager.set { state in
        for id in failing { state.outcomes["harbour@\(id).service"] = UnitState(active: "failed", sub: "failed") }
      }
      for id in failing { host.logs.set("harbour@\(id).service", ["no map"]) }
    }
    return host
  }

  @Test("the others stay, and of the one that failed there is no trace", arguments: Failure.allCases)
  func othersStay(_ failure: Failure) async throws {
    let host = try await host(failure)
    let outcomes = try await host.berth(options: .keepingGoing).install(Self.requests)
    let failed = failure == .start ? "not-ready" : "failed"
    #expect(outcomes.map(\.code) == [nil, nil, failed, nil, nil])
    #expect(outcomes.map(\.record.name.text) == Self.names)
    #expect(try await host.berth().list().map(\.status) == Array(repeating: .running, count: 4))
    let gone = outcomes[2].record
    let user = try #require(gone.user)
    let traces = try Snapshot(host).lines.filter { $0.contains(gone.key.id.text) || $0.contains(user) }
    // The manager remembers a failure until it is told to forget it.
    #expect(traces == [])
    #expect(try host.registry.portOwners().count == 8)
    let operation = try #require(try host.registry.journal.newest(1).first)
    #expect(operation.state == .done)
    #expect(operation.items.map(\.outcome) == [.done, .done, .undone, .done, .done])
    // What its service wrote is in the journal, as there is nothing else left to ask.
    #expect(operation.items[2].error == Self.whole(outcomes[2].error))
    let findings = try await host.berth().doctor().map(\.line)
    #expect(findings == [])
  }

  private static func whole(_ error: BerthError?) -> String? {
    error.map { [$0.summary, $0.cause].compactMap { $0 }.joined(separator: "\n") }
  }

  @Test("everything is taken back unless the others are to go on", arguments: Failure.allCases)
  func allBack(_ failure: Failure) async throws {
    let host = try await host(failure)
    let before = try Snapshot(host)
    let error = await refusal { try await host.berth().install(Self.requests) }
    #expect(error?.code == (failure == .start ? "not-ready" : "failed"))
    let changes = try Snapshot(host).changes(since: before)
    #expect(changes == [])
    let operation = try #require(try host.registry.journal.newest(1).first)
    #expect(operation.state == .undone)
    #expect(operation.error == Self.whole(error))
  }

  @Test(
    "where all fail everything is taken back, the units that they share included, and each has its error",
    arguments: Failure.allCases)
  func allFail(_ failure: Failure) async throws {
    let host = try await host(failure, count: 5)
    let before = try Snapshot(host)
    let outcomes = try await host.berth(options: .keepingGoing).install(Self.requests)
    #expect(outcomes.map(\.code) == Array(repeating: failure == .start ? "not-ready" : "failed", count: 5))
    let changes = try Snapshot(host).changes(since: before)
    #expect(changes == [])
  }

  @Test("where all of one app fail its units go, and those of another stay")
  func oneAppFails() async throws {
    let host = try TestHost()
    host.manager.set { $0.outcomes["tiny@.service"] = UnitState(active: "failed", sub: "failed") }
    host.logs.set("tiny@default.service", [])
    let outcomes = try await host.berth(options: .keepingGoing)
      .install([InstallRequest(app: "harbour"), InstallRequest(app: "tiny")])
    #expect(outcomes.map(\.code) == [nil, "not-ready"])
    #expect(try host.files.list(host.paths.units).filter { $0.hasPrefix("tiny") } == [])
    #expect(host.manager.known.templates.keys.filter { $0.hasPrefix("tiny") } == [])
    let findings = try await host.berth().doctor().map(\.line)
    #expect(findings == [])
  }

  @Test("an instance whose removal fails keeps its units and runs, though all others of its app go")
  func removal() async throws {
    let host = try TestHost()
    let berth = host.berth(options: .keepingGoing)
    _ = try await berth.install(Self.requests)
    let before = try Snapshot(host)
    let records = try host.registry.instances().sorted { $0.name.text < $1.name.text }
    let home = host.paths.instance(records[2].key)
    host.fault.arm { _, call in call == "move \(home)" }
    let failures = try await berth.remove(records, keepsData: false)
    #expect(failures.keys.sorted() == [records[2].uid])
    host.fault.arm()
    #expect(try host.registry.instances() == [records[2]])
    #expect(try await host.berth().list().map(\.status) == [.running])
    let findings = try await host.berth().doctor().map(\.line)
    #expect(findings == [])
    let changes = try Snapshot(host).changes(since: before)
    #expect(changes.filter { $0.contains(records[2].key.id.text) || $0.hasPrefix("came") } == [])
  }

  @Test("what could not be taken back of the one that failed is kept for a recovery, while the others are in use")
  func stuck() async throws {
    let host = try await host(.folder)
    host.fault.arm { _, call in
      (call.hasPrefix("make folder") && call.hasSuffix("/config") && Self.isThird(call, host))
        || call.hasPrefix("remove users")
    }
    let outcomes = try await host.berth(options: .keepingGoing).install(Self.requests)
    let error = try #require(outcomes[2].error)
    #expect(error.cause?.contains("could not be taken back:\nmake the system user") == true)
    #expect(error.remedy == "berth operations recover 1")
    #expect(try host.registry.journal.newest(1).first?.state == .stuck)
    #expect(try await host.berth().list().map(\.status) == Array(repeating: .running, count: 4))
    host.fault.arm()
    #expect(try await host.berth().recover(1).map(\.ending) == [.undone])
    #expect(host.users.names.count == 4)
    #expect(try await host.berth().list().map(\.status) == Array(repeating: .running, count: 4))
    let findings = try await host.berth().doctor().map(\.line)
    #expect(findings == [])
  }

  /// Whether a path is that of the third instance, in the order of the registry's rows.
  private static func isThird(_ call: String, _ host: TestHost) -> Bool {
    (try? host.registry.all().first { $0.name.text == "n3" }).map { call.contains($0.key.id.text) } ?? false
  }

  // MARK: Orders

  @Test(
    "orders are not taken back, and what comes after the one that failed is not tried",
    arguments: [Control.start, .stop])
  func orders(_ verb: Control) async throws {
    let host = try TestHost()
    _ = try await host.berth().install(Self.requests)
    let records = try host.registry.instances().sorted { $0.name.text < $1.name.text }
    if verb == .start { _ = try await host.berth().control(.stop, records) }
    let third = records[2]
    let failing = "\(verb.rawValue) \(third.target)"
    if verb == .start {
      host.manager.set { $0.outcomes[third.units[0]] = UnitState(active: "failed", sub: "failed") }
      host.logs.set(third.units[0], [])
    } else {
      host.fault.arm { _, call in call.hasPrefix(failing) }
    }
    let berth = host.berth(options: .init(execution: .init(atOnce: 1)))
    let outcomes = try await berth.control(verb, records)
    #expect(outcomes.map(\.code) == [nil, nil, verb == .start ? "not-ready" : "failed", "untried", "untried"])
    let done: Status = verb == .start ? .running : .stopped
    let was: Status = verb == .start ? .stopped : .running
    let statuses = try await host.berth().list().reduce(into: [:]) { $0[$1.record.name.text] = $1.status }
    #expect(statuses["n1"] == done)
    #expect(statuses["n2"] == done)
    #expect(statuses["n4"] == was)
    #expect(statuses["n5"] == was)
    let operation = try #require(try host.registry.journal.newest(1).first)
    #expect(operation.state == .failed)
    #expect(operation.items.map(\.outcome) == [.done, .done, .failed, nil, nil])
    #expect(operation.items[2].error == outcomes[2].error?.summary)
    #expect(try host.berth().openOperations().isEmpty)
    // With the others going on, they are tried.
    host.fault.arm { _, call in verb == .stop && call.hasPrefix(failing) }
    let goingOn = host.berth(options: .init(execution: .init(keepsGoing: true, atOnce: 1)))
    #expect(try await goingOn.control(verb, records).map { $0.code == nil } == [true, true, false, true, true])
  }
}
