import BerthKit
import BerthStore
import Foundation
import Testing

@Suite("The registry")
struct RegistryTests {
  private let registry: InstanceRegistry

  init() throws { registry = try .inMemory() }

  @Test("gives back what was registered, ports in order of declaration and settings with their secrecy")
  func givesBack() throws {
    let record = Sample.record(
      1, state: .ready, ports: [Sample.port("query", .tcp, 27015), Sample.port("game", .udp, 8303)],
      labels: ["site": "north", "of \"whom\"": "='x'\\"], directory: "/srv/games")
    let settings = [
      StoredSetting(key: "title", value: "Ann's \"place\"", isSecret: false),
      StoredSetting(key: "token", value: "t", isSecret: true),
    ]
    try registry.register(record, settings: settings)
    #expect(try registry.instances() == [record])
    #expect(try registry.settings(of: record.uid) == settings)
    #expect(try registry.settings(of: "another") == [])
  }

  @Test("lists by app and id, default first")
  func lists() throws {
    for record in [Sample.record(3), Sample.record(2, app: "zebra"), Sample.record(1, id: "default"), Sample.record(4)]
    {
      try registry.register(record, settings: [])
    }
    #expect(try registry.instances().map(\.uid) == ["uid-1", "uid-3", "uid-4", "uid-2"])
    #expect(try registry.instances(app: "zebra").map(\.uid) == ["uid-2"])
    #expect(try registry.instances(app: "nothing").isEmpty)
  }

  /// What no second instance may have, by what it is.
  private static let taken: [(String, InstanceRecord)] = [
    ("the id", Sample.record(2, id: Sample.id(1))),
    ("the name", Sample.record(2, name: "name-1")),
    ("the slug", Sample.record(2, slug: "slug-1")),
    ("the folder", Sample.record(2, app: "another", directory: "/srv/1")),
    ("a port, in another app", Sample.record(2, app: "another", ports: [Sample.port("http", .udp, 8303)])),
  ]

  @Test(
    "refuses a second instance with what the first has", arguments: taken,
    [InstanceRecord.State.ready, .installing, .removing])
  func refuses(_ second: (what: String, record: InstanceRecord), state: InstanceRecord.State) async throws {
    let first = Sample.record(1, state: state, ports: [Sample.port("game", .udp, 8303)], directory: "/srv/1")
    try registry.register(first, settings: [])
    let error = await refusal { try registry.register(second.record, settings: [Sample.setting]) }
    #expect(error?.code == "taken")
    #expect(error?.kind == .conflict)
    #expect(try registry.all() == [first], "\(second.what)")
    #expect(try registry.settings(of: second.record.uid) == [])
  }

  /// What two instances may share.
  private static let shared: [InstanceRecord] = [
    Sample.record(2, app: "another", id: Sample.id(1), name: "name-1", slug: "slug-1"),
    Sample.record(2, ports: [Sample.port("game", .tcp, 8303)]),
    Sample.record(2, ports: [Sample.port("game", .udp, 8304)]),
  ]

  @Test("takes the id and the name in another app, and the number with another protocol", arguments: shared)
  func takes(_ second: InstanceRecord) throws {
    try registry.register(Sample.record(1, ports: [Sample.port("game", .udp, 8303)]), settings: [])
    try registry.register(second, settings: [])
    #expect(try registry.all().count == 2)
  }

  @Test("frees the ports, the name and the folder of a kept instance, and keeps its settings")
  func keeps() throws {
    let first = Sample.record(1, ports: [Sample.port("game", .udp, 8303)], directory: "/srv/1")
    try registry.register(first, settings: [Sample.setting])
    try registry.keep(first.uid)
    #expect(try registry.instances().isEmpty)
    #expect(try registry.all().map(\.state) == [.kept])
    #expect(try registry.portOwners().isEmpty)
    #expect(try registry.settings(of: first.uid) == [Sample.setting])
    try registry.register(
      Sample.record(2, name: "name-1", slug: "slug-1", ports: [Sample.port("game", .udp, 8303)], directory: "/srv/1"),
      settings: [])
  }

  @Test("does not give the id of a kept instance to another")
  func keepsTheID() async throws {
    try registry.register(Sample.record(1), settings: [])
    try registry.keep("uid-1")
    #expect(await refusal { try registry.register(Sample.record(2, id: Sample.id(1)), settings: []) }?.code == "taken")
  }

  @Test("takes a kept instance up again, its settings replaced")
  func takesUp() throws {
    try registry.register(Sample.record(1), settings: [Sample.setting])
    try registry.keep("uid-1")
    let again = Sample.record(1, name: "Again", slug: "again", ports: [Sample.port("game", .udp, 9000)])
    let settings = [StoredSetting(key: "players", value: "4", isSecret: false)]
    try registry.register(again, settings: settings)
    #expect(try registry.instances() == [again])
    #expect(try registry.settings(of: "uid-1") == settings)
  }

  @Test("forgets an instance with its ports, settings and checksums")
  func forgets() throws {
    let record = Sample.record(1, ports: [Sample.port("game", .udp, 8303)])
    try registry.register(record, settings: [Sample.setting])
    try registry.setChecksum("abc", of: "/srv/1/demo.cfg", instance: record.uid)
    try registry.forget(record.uid)
    #expect(try registry.all().isEmpty)
    #expect(try registry.portOwners().isEmpty)
    #expect(try registry.settings(of: record.uid).isEmpty)
    #expect(try registry.checksum(of: "/srv/1/demo.cfg") == nil)
  }

  @Test(
    "knows whose every port is, of whatever state", arguments: [InstanceRecord.State.ready, .installing, .removing])
  func knowsOwners(_ state: InstanceRecord.State) throws {
    try registry.register(Sample.record(1, state: .ready, ports: [Sample.port("game", .udp, 8303)]), settings: [])
    try registry.register(
      Sample.record(2, app: "web", name: "Kids", ports: [Sample.port("http", .tcp, 80)]), settings: [])
    try registry.setState(state, of: "uid-2")
    #expect(try registry.instances(app: "web").map(\.state) == [state])
    #expect(try registry.portOwners() == [PortNumber(.udp, 8303): "demo/name-1", PortNumber(.tcp, 80): "web/Kids"])
  }

  @Test("remembers the newest checksum of a file")
  func checksums() throws {
    try registry.register(Sample.record(1), settings: [])
    #expect(try registry.checksum(of: "/a") == nil)
    for checksum in ["one", "two"] {
      try registry.setChecksum(checksum, of: "/a", instance: "uid-1")
      #expect(try registry.checksum(of: "/a") == checksum)
    }
    try registry.setChecksum(nil, of: "/a", instance: "uid-1")
    #expect(try registry.checksum(of: "/a") == nil)
  }

  @Test("takes no port number that is none", arguments: [0, 65536, -1])
  func refusesNumbers(_ number: Int) async throws {
    let record = Sample.record(1, ports: [Sample.port("game", .udp, number)])
    #expect(await refusal { try registry.register(record, settings: []) } != nil)
    #expect(try registry.all().isEmpty)
  }
}
