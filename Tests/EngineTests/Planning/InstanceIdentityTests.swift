import BerthKit
import Testing

@testable import BerthEngine
@testable import BerthPlanning

@Suite("Who a new instance is")
struct InstanceIdentityTests {
  private static let newID = SampleHost.uuids[0]

  private func identity(
    _ request: InstallRequest = InstallRequest(app: "demo"), among instances: [InstanceRecord] = [],
    occupied: Bool = false
  ) throws -> InstanceIdentity {
    let host = try SampleHost.sample(instances: instances, isDirectoryOccupied: occupied)
    return try InstanceIdentity(app: "demo", request: request, neighbours: host.neighbours, view: host.view)
  }

  @Test("the first one is the default")
  func first() throws {
    let identity = try identity()
    #expect(identity.key.id == .default)
    #expect(identity.name.text == "default")
    #expect(identity.slug == "default")
    #expect(identity.uid == SampleHost.uuids[0])
    #expect(identity.directory == nil)
    #expect(identity.former == nil)
  }

  @Test(
    "a new id is made when the default is taken, and also when it is kept",
    arguments: [InstanceRecord.State.ready, .kept, .removing])
  func defaultTaken(_ state: InstanceRecord.State) throws {
    let identity = try identity(among: [Sample.record(1, id: "default", state: state)])
    #expect(identity.key.id.text == Self.newID)
    #expect(identity.name.text == "aaaaaaaa")
    #expect(identity.uid == SampleHost.uuids[1])
    #expect(identity.former == nil)
  }

  @Test("a UUID that is given is taken")
  func given() throws {
    let identity = try identity(InstallRequest(app: "demo", id: Sample.id(7), name: "PvP"))
    #expect(identity.key.id.text == Sample.id(7))
    #expect(identity.name.text == "PvP")
    #expect(identity.slug == "pvp")
  }

  @Test("nothing else is an id", arguments: ["", "Default", "pvp", "../x", Sample.id(7).uppercased() + "A", "%i"])
  func badID(_ id: String) async {
    #expect(await refusal { try identity(InstallRequest(app: "demo", id: id)) }?.code == "bad-instance-id")
  }

  @Test(
    "an id in use is refused, an operation that broke off included",
    arguments: [InstanceRecord.State.ready, .installing, .removing])
  func idInUse(_ state: InstanceRecord.State) async {
    let error = await refusal {
      try identity(InstallRequest(app: "demo", id: Sample.id(1)), among: [Sample.record(1, state: state)])
    }
    #expect(error?.code == "id-in-use")
    #expect(error?.kind == .conflict)
    #expect(error?.remedy == "berth status demo --instance \(Sample.id(1))")
  }

  @Test("a name in use is refused with whose it is")
  func nameInUse() async {
    let error = await refusal {
      try identity(InstallRequest(app: "demo", name: "PvP"), among: [Sample.record(1, name: "PvP")])
    }
    #expect(error?.code == "name-in-use")
    #expect(error?.summary == "the name 'PvP' belongs to the instance demo/\(Sample.id(1))")
  }

  @Test("the name of a kept instance is free")
  func keptName() throws {
    let kept = Sample.record(1, name: "PvP", slug: "pvp", state: .kept)
    let identity = try identity(InstallRequest(app: "demo", name: "PvP"), among: [kept])
    #expect(identity.slug == "pvp")
  }

  /// A name, the slugs of others, and the slug that comes of it.
  static let slugs: [(name: String, others: [String], slug: String)] = [
    ("Kids & Family", [], "kids-family"), ("PvP!", ["pvp"], "pvp-2"), ("pvp", ["pvp", "pvp-2"], "pvp-3"),
    ("日本", [], "instance"),
    ("日本", ["instance"], "instance-2"),
  ]

  @Test("a slug gets a number until it is free", arguments: slugs)
  func slug(_ example: (name: String, others: [String], slug: String)) throws {
    let others = example.others.enumerated().map { Sample.record($0 + 1, slug: $1) }
    #expect(try identity(InstallRequest(app: "demo", name: example.name), among: others).slug == example.slug)
  }

  @Test("a kept instance is taken up with its identifier, name and folder")
  func takesUp() throws {
    let kept = Sample.record(1, name: "PvP", slug: "pvp", state: .kept, directory: "/srv/1")
    let identity = try identity(InstallRequest(app: "demo", id: Sample.id(1)), among: [kept], occupied: true)
    #expect(identity.uid == kept.uid)
    #expect(identity.name.text == "PvP")
    #expect(identity.slug == "pvp")
    #expect(identity.directory == "/srv/1")
    #expect(identity.former == kept)
  }

  @Test("a kept instance may be taken up under another name")
  func takesUpRenamed() throws {
    let kept = Sample.record(1, name: "PvP", slug: "pvp", state: .kept)
    let identity = try identity(InstallRequest(app: "demo", id: Sample.id(1), name: "Arena"), among: [kept])
    #expect(identity.name.text == "Arena")
    #expect(identity.slug == "arena")
  }

  @Test("a kept instance is not taken up under a name that somebody else has by now")
  func takesUpTakenName() async {
    let kept = Sample.record(1, name: "PvP", state: .kept)
    let error = await refusal {
      try identity(InstallRequest(app: "demo", id: Sample.id(1)), among: [kept, Sample.record(2, name: "PvP")])
    }
    #expect(error?.code == "name-in-use")
  }

  @Test("a folder of another instance is refused, and one that is not empty")
  func directory() async throws {
    let request = InstallRequest(app: "demo", directory: "/srv/1")
    #expect(try identity(request).directory == "/srv/1")
    let taken = await refusal { try identity(request, among: [Sample.record(1, directory: "/srv/1")]) }
    #expect(taken?.code == "directory-in-use")
    #expect(taken?.summary == "'/srv/1' cannot be used: it belongs to demo/name-1")
    let occupied = await refusal { try identity(request, occupied: true) }
    #expect(occupied?.code == "directory-in-use")
    #expect(occupied?.summary == "'/srv/1' cannot be used: it is not empty")
  }
}
