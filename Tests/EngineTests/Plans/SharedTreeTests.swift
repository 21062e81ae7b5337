import BerthKit
import Testing

@testable import BerthEngine
@testable import BerthPlan
@testable import BerthPlanning

@Suite("A tree that several instances write into")
struct SharedTreeTests {
  private static let tree = "/srv/media"

  private struct Media: AppPlugin {
    var group: Template? = "{{settings.group}}"
    var form = Service.Form.exec(["/usr/bin/media"])
    var manifest: Manifest {
      Manifest(
        id: "media", name: "Media", summary: "Writes", category: .media, version: "1", sharedGroup: group,
        settings: [Setting("root", .path), Setting("group", .string, optional: true)],
        services: [
          Service("main", form, mounts: [Mount("/data", from: "{{settings.root}}")]),
          Service(
            "reader", .exec(["/usr/bin/media"]), mounts: [Mount("/shown", from: "/srv/shown", readOnly: true)]),
        ])
    }
  }

  private static func folder(_ owner: UInt32, _ group: UInt32, _ names: (String, String), _ mode: UInt16)
    -> FolderAccess
  {
    FolderAccess(FileNumbers(user: owner, group: group), names: (names.0, names.1), mode: mode)
  }

  private func closed(
    _ access: FolderAccess?, group: String? = nil, plugin: Media = Media()
  ) throws -> [ClosedTree] {
    let host = try SampleHost.sample(
      plugin: plugin, groups: ["media": 1500, "docker": 120], ownership: { _ in access })
    var record = Sample.record(1, app: "media")
    record = InstanceRecord(
      uid: record.uid, key: record.key, name: record.name, slug: record.slug, state: .ready, user: "berth-aaaaaaaa0000",
      version: nil, directory: nil, labels: [:], services: ["main", "reader"], ports: [], createdAt: record.createdAt)
    var values: [String: Value] = ["root": .text(Self.tree)]
    values["group"] = group.map(Value.text)
    _ = try host.facts.sharedGroup(of: record, values)
    return host.facts.closedTrees(of: record, values: values, host.view)
  }

  @Test("is named with its owner while it is not theirs, and so is what helps, one step after the other")
  func named() throws {
    let theirs = try #require(try closed(Self.folder(0, 0, ("root", "root"), 0o755)).first)
    #expect(theirs.problem == "/srv/media belongs to root:root (755), and its services may not write there")
    #expect(theirs.remedy == "groupadd --force media; chgrp media /srv/media; chmod 2775 /srv/media")
    let ready = Self.folder(0, 1500, ("root", "media"), 0o2775)
    let mine = try #require(try closed(ready).first)
    #expect(mine.remedy.text == "berth config set media --instance \(Sample.record(1).key.id) group=media")
    #expect(try closed(ready, group: "media").isEmpty)
    // What is made in it would not be the group's.
    let unshared = try #require(try closed(Self.folder(0, 1500, ("root", "media"), 0o775), group: "media").first)
    #expect(unshared.problem.hasSuffix("what its services write there is not of the group media"))
    #expect(unshared.remedy == "chgrp media /srv/media; chmod 2775 /srv/media")
    let alone = try #require(
      try closed(Self.folder(0, 0, ("root", "root"), 0o755), plugin: Media(group: nil)).first)
    #expect(alone.remedy == "chown berth-aaaaaaaa0000 /srv/media")
  }

  @Test("is no matter where the instance owns it, where everybody may write, and where nobody can tell")
  func open() throws {
    #expect(try closed(Self.folder(1_900_000_001, 0, ("berth", "root"), 0o700)).isEmpty)
    #expect(try closed(Self.folder(0, 0, ("root", "root"), 0o1777)).isEmpty)
    #expect(try closed(nil).isEmpty)
  }

  @Test("a group that is not there, or is one of the host's own programs, is refused")
  func groups() throws {
    func code(_ name: String, _ plugin: Media = Media()) -> BerthError? {
      #expect(throws: BerthError.self) { try closed(nil, group: name, plugin: plugin) }
    }
    // Docker and Podman know it by its number alone, which the host gives to the next group.
    let contained = Media(form: .container(Container(image: "registry.example/media:1")))
    #expect(code("people")?.summary == "there is no group 'people' on this host")
    #expect(code("people", contained)?.summary.contains("keep its number, which may be another group's") == true)
    #expect(code("people")?.code == "no-group" && code("people")?.remedy == "groupadd people")
    #expect(code("docker")?.code == "bad-group" && code("a b")?.code == "bad-group")
    for (number, isForPeople) in [
      (0, false), (27, false), (100, true), (999, false), (1000, true), (65534, false), (1_900_000_007, false),
    ] {
      #expect(SharedGroup("x", number).isForPeople == isForPeople, "\(number)")
    }
  }

  @Test("a change that shows a closed folder says so once, in its plan as well")
  func changed() async throws {
    let host = try TestHost(.system)
    try host.install(program: "/usr/bin/media")
    for folder in ["/srv/a", "/srv/b", "/srv/shown"] { try host.files.makeFolder(folder, mode: 0o755, owner: nil) }
    host.users.closed.withLock { $0 = ["/srv/a", "/srv/b"] }
    let berth = host.berth([Media()])
    let install = InstallRequest(app: "media", settings: ["root": "/srv/a"])
    func closed(_ plan: Plan) -> [String] {
      plan.changes.flatMap(\.notices).filter { $0.contains("may not write there") }
    }
    #expect(try await closed(berth.planInstall([install])).map { $0.contains("/srv/a belongs to") } == [true])
    _ = try await berth.install(install)
    let record = try host.record(app: "media")
    func plan(_ wish: ChangeWish) async throws -> [String] {
      try await closed(berth.planChange("config set", [record], wish))
    }
    #expect(try await plan(ChangeWish(settings: ["root": "/srv/b"])).map { $0.contains("/srv/b belongs to") } == [true])
    #expect(try await plan(ChangeWish(labels: ["a": "b"])) == [])
  }

  @Test("a stranger's file cannot choose the group without being asked about")
  func outward() { #expect(Reach(Media().manifest).outward.contains("group")) }
}
