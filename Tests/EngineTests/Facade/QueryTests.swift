import BerthKit
import Testing

@testable import BerthEngine
@testable import BerthPlanning

@Suite("Asking for instances")
struct QueryTests {
  @Test("a list of a thousand instances is two questions to the manager")
  func thousand() async throws {
    let host = try TestHost()
    for number in 1...1000 {
      try host.registry.register(
        Sample.record(number, app: number % 2 == 0 ? "demo" : "tiny", services: ["main"]), settings: [])
    }
    host.manager.set { $0.units["demo@\(Sample.id(2)).service"] = UnitState(active: "active", sub: "running") }
    let reports = try await host.berth().list()
    #expect(reports.count == 1000)
    #expect(reports.filter { $0.status == .running }.map(\.record.uid) == ["uid-2"])
    #expect(
      Set(host.manager.known.calls) == [
        "states demo@*.service tiny@*.service", "failed demo-*@*.service tiny-*@*.service",
      ])
    #expect(host.manager.known.calls.count == 2)
  }

  @Test("a list is filtered by app and by every label, and asks for no process")
  func filters() async throws {
    let host = try TestHost()
    let labels = [["site": "north", "tier": "gold"], ["site": "north"], ["site": "south"], [:]]
    for (number, label) in labels.enumerated() {
      try host.registry.register(
        Sample.record(number, app: number == 3 ? "tiny" : "demo", services: ["main"], labels: label), settings: [])
    }
    let berth = host.berth()
    #expect(try await berth.list(app: "demo").map(\.record.uid) == ["uid-0", "uid-1", "uid-2"])
    #expect(try await berth.list(labels: ["site": "north"]).map(\.record.uid) == ["uid-0", "uid-1"])
    #expect(try await berth.list(labels: ["site": "north", "tier": "gold"]).map(\.record.uid) == ["uid-0"])
    #expect(try await berth.list(labels: ["site": ""]).isEmpty)
    #expect(host.manager.known.calls.allSatisfy { $0.hasPrefix("states ") || $0.hasPrefix("failed ") })
  }

  @Test("the status of one instance asks for its own units by name")
  func status() async throws {
    let host = try TestHost()
    _ = try await host.berth().install(InstallRequest(app: "demo"))
    host.manager.set { $0.calls = [] }
    let report = try await host.berth().status(of: InstanceKey(app: "demo", id: .default))
    #expect(report.services.map(\.mainPID) == [4002, 4001])
    #expect(
      Set(host.manager.known.calls) == [
        "states demo@default.service demo-worker@default.service", "failed demo-*@default.service",
        "processes demo@default.service demo-worker@default.service", "states demo-*@default.timer",
      ])
    let unknown = await refusal {
      try await host.berth().status(of: InstanceKey(app: "demo", id: InstanceID(unchecked: Sample.id(9))))
    }
    #expect(unknown?.code == "unknown-instance")
  }

  /// Instances `default` (named PvP), aaaa1111… (Kids), aaaa1111-2… (Adults).
  private func hostWithThree() throws -> TestHost {
    let host = try TestHost()
    for (number, id, name) in [
      (1, "default", "PvP"), (2, "aaaa1111-0000-4000-8000-000000000000", "Kids"),
      (3, "aaaa1111-2222-4000-8000-000000000000", "Adults"),
    ] {
      try host.registry.register(Sample.record(number, id: id, name: name), settings: [])
    }
    return host
  }

  /// What a person says, and whom they mean.
  static let names: [(text: String?, uid: String)] = [
    (nil, "uid-1"), ("default", "uid-1"), ("PvP", "uid-1"), ("Kids", "uid-2"),
    ("aaaa1111-2222-4000-8000-000000000000", "uid-3"),
    ("aaaa1111-2", "uid-3"), ("aaaa1111-0", "uid-2"),
  ]

  @Test("an instance is found by id, by name and by a prefix of its id", arguments: names)
  func finds(_ example: (text: String?, uid: String)) throws {
    #expect(try hostWithThree().berth().find(example.text, app: "demo").uid == example.uid)
  }

  /// What a person says, the code, and the end of the summary.
  static let misses: [(text: String, code: String, end: String)] = [
    ("aaaa1111", "ambiguous-instance", ": aaaa1111-0000-4000-8000-000000000000, aaaa1111-2222-4000-8000-000000000000"),
    // Seven characters are no prefix.
    ("aaaa111", "unknown-instance", "'aaaa111'"), ("Kidz", "unknown-instance", "'Kidz'; did you mean 'Kids'?"),
    ("defaul", "unknown-instance", "'defaul'; did you mean 'default'?"), ("pvp", "unknown-instance", "'pvp'"),
    ("", "unknown-instance", "''"),
    ("bbbb2222-0000-4000-8000-000000000000", "unknown-instance", "'bbbb2222-0000-4000-8000-000000000000'"),
  ]

  @Test("what may mean several or none is refused", arguments: misses)
  func refuses(_ example: (text: String, code: String, end: String)) async throws {
    let host = try hostWithThree()
    let error = await refusal { try host.berth().find(example.text, app: "demo") }
    #expect(error?.code == example.code)
    #expect(error?.kind == .usage)
    #expect(error?.remedy == "berth list --app demo")
    let isNear =
      error?.summary.hasSuffix(example.end) == true || error?.summary.contains("\(example.end); did you mean") == true
    #expect(isNear, "\(error?.summary ?? "")")
  }

  @Test("no name means the only instance there is, and several are ambiguous")
  func noName() async throws {
    let host = try TestHost()
    let berth = host.berth()
    #expect(await refusal { try berth.find(nil, app: "demo") }?.code == "no-instance")
    try host.registry.register(Sample.record(1), settings: [])
    #expect(try berth.find(nil, app: "demo").uid == "uid-1")
    try host.registry.register(Sample.record(2), settings: [])
    let error = await refusal { try berth.find(nil, app: "demo") }
    #expect(error?.code == "ambiguous-instance")
    #expect(error?.summary.hasSuffix("name-1, name-2") == true)
  }

  @Test("the ports of all instances come in order of number, of stopped ones too, of kept ones not")
  func ports() async throws {
    let host = try TestHost()
    let ports: [[(String, TransportProtocol, Int)]] = [
      [("game", .udp, 9000), ("web", .tcp, 80)], [("game", .udp, 80), ("query", .tcp, 9001)], [("game", .udp, 70)],
    ]
    for (number, list) in ports.enumerated() {
      try host.registry.register(Sample.record(number, ports: list.map { Sample.port($0, $1, $2) }), settings: [])
    }
    try host.registry.keep("uid-2")
    let rows = try host.berth().portUses()
    #expect(
      rows.map { "\($0.port.transport.rawValue)/\($0.port.port) \($0.port.role) \($0.record.name)" } == [
        "tcp/80 web name-0", "udp/80 game name-1", "udp/9000 game name-0", "tcp/9001 query name-1",
      ])
    #expect(host.manager.known.calls == [])
  }

  @Test("the log of an instance is that of all its services")
  func logs() async throws {
    let host = try TestHost()
    host.logs.set("demo@default.service", ["one"])
    host.logs.set("demo-worker@default.service", ["two"])
    let (lines, sink) = AsyncStream<String>.makeStream()
    try await host.berth().logs(of: Sample.record(1, id: "default"), since: nil, last: nil, follow: false) {
      sink.yield($0.message)
    }
    sink.finish()
    #expect(await lines.reduce(into: [String]()) { $0.append($1) } == ["one", "two"])
  }
}
