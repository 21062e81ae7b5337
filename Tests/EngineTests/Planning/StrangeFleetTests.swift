import BerthKit
import Testing

@testable import BerthEngine
@testable import BerthPlan
@testable import BerthPlanning

/// A fleet file that anybody may have written.
@Suite("A fleet file from elsewhere")
struct StrangeFleetTests {
  private func entry(
    _ name: String, id: InstanceID? = nil, settings: [String: String] = [:], ports: [String: Int] = [:],
    limits: InstanceLimits = InstanceLimits(), backup: BackupPolicy = BackupPolicy(), directory: String? = nil,
    line: Int = 4
  ) -> FleetInstance {
    FleetInstance(
      app: "pier", id: id, name: InstanceName(unchecked: name), ports: ports, settings: settings,
      labels: ["site": "north"], limits: limits, backup: backup, directory: directory, place: "fleet.yaml:\(line)")
  }

  private func fleet(_ entries: FleetInstance...) -> FleetFile { FleetFile(name: "north", instances: entries) }

  private func host() throws -> TestHost {
    let host = try TestHost()
    host.containers.set { $0.images.append(PierPlugin.image) }
    for tree in ["/etc", "/srv/media", "/srv/other"] { try host.files.makeFolder(tree, mode: 0o755, owner: nil) }
    return host
  }

  private func refusal(_ body: () async throws -> Void) async -> BerthError? {
    do {
      try await body()
      return nil
    } catch { return error as? BerthError }
  }

  private func items(_ plan: Plan) -> [String] { plan.changes.flatMap(\.grants).map(\.item) }

  @Test(
    "that names an image, the host's root, and a folder for its instance is refused with every word, by name and place")
  func asks() async throws {
    let host = try host()
    let berth = host.berth([PierPlugin()])
    let fleet = fleet(
      entry("a", settings: ["image": "evil.example/shell:1", "downloads": "/", "title": "Theirs"]),
      entry("b", settings: ["downloads": "/etc"], directory: "/srv/b", line: 5))
    let before = try Snapshot(host)
    let error = await refusal { _ = try await berth.apply(fleet, prunes: false) }
    #expect(error?.code == "unconfirmed-grants" && error?.kind == .notAllowed)
    #expect(error?.location == "fleet.yaml:4")
    for text in ["pier.image = 'evil.example/shell:1'", "pier.downloads = '/', '/etc' (a path", "pier.dir = '/srv/b'"] {
      #expect(error?.summary.contains(text) == true, "\(error?.summary ?? "")")
    }
    #expect(error?.summary.contains("Theirs") == false)
    #expect(error?.remedy == "add --accept pier.image,pier.downloads,pier.dir")
    #expect(try Snapshot(host).changes(since: before) == [])
    let plan = try await berth.planFleet(fleet, prunes: false, accepting: ["pier.downloads"])
    #expect(items(plan) == ["pier.image", "pier.downloads", "pier.downloads", "pier.dir"])
    #expect(plan.changes.flatMap(\.grants).map(\.answer) == [.open, .accepted, .accepted, .open])
    #expect(plan.changes.flatMap(\.grants).map(\.source).last == "fleet.yaml:5")
    #expect(try Snapshot(host).changes(since: before) == [])
  }

  @Test("is carried out where each word or all are accepted, and the second time asks for nothing")
  func accepted() async throws {
    for words: Set<String> in [["pier.downloads", "pier.limits"], ["all"]] {
      let host = try host()
      let berth = host.berth([PierPlugin()])
      let media = fleet(entry("a", settings: ["downloads": "/srv/media"], limits: InstanceLimits(tasks: 4000)))
      _ = try await berth.apply(media, prunes: false, accepting: words)
      let record = try #require(try host.registry.instances().first)
      #expect(try host.registry.settings(of: record.uid).contains { $0.key == "downloads" && $0.value == "/srv/media" })
      #expect(record.limits.tasks == 4000)
      #expect(try await berth.apply(media, prunes: false).isEmpty)
      // Another value of what it has is asked for anew, and what stays is not.
      let other = fleet(entry("a", settings: ["downloads": "/srv/other"], limits: InstanceLimits(tasks: 4000)))
      #expect(items(try await berth.planFleet(other, prunes: false)) == ["pier.downloads"])
      // Fewer are no grant.
      let less = fleet(entry("a", settings: ["downloads": "/srv/media"], limits: InstanceLimits(tasks: 3000)))
      #expect(items(try await berth.planFleet(less, prunes: false)) == [])
    }
  }

  @Test("asks for what an operator typed before only where it says otherwise")
  func typed() async throws {
    let host = try host()
    let berth = host.berth([PierPlugin()])
    _ = try await berth.install(InstallRequest(app: "pier", name: "a", settings: ["downloads": "/srv/media"]))
    let same = fleet(entry("a", settings: ["downloads": "/srv/media/", "title": "New"]))
    #expect(items(try await berth.planFleet(same, prunes: false)) == [])
    #expect(try await berth.apply(same, prunes: false).count == 1)
    let other = fleet(entry("a", settings: ["downloads": "/srv"]))
    #expect(await refusal { _ = try await berth.apply(other, prunes: false) }?.code == "unconfirmed-grants")
  }

  @Test(
    "needs no confirmation for names, labels, ordinary ports, the app's own settings, and bounds within the plugin's")
  func harmless() async throws {
    let host = try host()
    let berth = host.berth([PierPlugin()])
    let fleet = fleet(
      entry(
        "a", settings: ["title": "Mine", "image": "localhost/pier:1"], ports: ["web": 4000],
        limits: InstanceLimits(cpus: 2, tasks: 100)))
    #expect(try await berth.apply(fleet, prunes: true).count == 1)
  }

  @Test("asks for low ports, wider bounds, a schedule, a kept instance, and a setting called like one of these")
  func others() async throws {
    let host = try host()
    host.ports.set { $0.firstOfPersons = 0 }
    let berth = host.berth([PierPlugin()])
    let id = InstanceID(unchecked: "550e8400-e29b-41d4-a716-446655440000")
    let record = try await berth.install(InstallRequest(app: "pier", id: id.text)).record
    try await berth.remove(record.key, keepsData: true)
    let fleet = fleet(
      entry(
        "a", id: id, settings: ["limits": "/etc"], ports: ["web": 25],
        limits: InstanceLimits(memory: "64G", cpus: 64, tasks: 100), backup: BackupPolicy(schedule: "minutely")))
    let plan = try await berth.planFleet(fleet, prunes: false)
    #expect(items(plan) == ["pier.settings.limits", "pier.id", "pier.limits", "pier.schedule", "pier.ports"])
    // The processors have no bound otherwise, and the tasks a wider one.
    #expect(plan.changes.flatMap(\.grants).map(\.value) == ["/etc", id.text, "memory=64G", "minutely", "web=25"])
    #expect(await refusal { _ = try await berth.apply(fleet, prunes: false) }?.code == "unconfirmed-grants")
  }

  @Test("takes no word that it could not ask for, and those that it asks for no longer")
  func words() async throws {
    let host = try host()
    let berth = host.berth([PierPlugin()])
    let plain = fleet(entry("a"))
    #expect(try await berth.planFleet(plain, prunes: false, accepting: ["pier.downloads"]).openGrants == [])
    let error = await refusal { _ = try await berth.planFleet(plain, prunes: false, accepting: ["pier.download"]) }
    #expect(error?.code == "unknown-grant")
    #expect(error?.summary.contains("did you mean 'pier.downloads'?") == true, "\(error?.summary ?? "")")
  }

  @Test("gets what an instance had when it was planned, and has no longer, only with a confirmation")
  func overtaken() async throws {
    let host = try host()
    let berth = host.berth([PierPlugin()])
    let record = try await berth.install(
      InstallRequest(app: "pier", name: "a", settings: ["downloads": "/srv/media"])
    ).record
    let fleet = fleet(entry("a", settings: ["downloads": "/srv/media", "title": "New"]))
    let draft = try await berth.draftFleet(fleet, prunes: false)
    #expect(draft.plan.openGrants == [])
    try await berth.remove(record.key, keepsData: false)
    let error = await refusal { _ = try await berth.apply(fleet, prunes: false, draft: draft) }
    #expect(error?.code == "unconfirmed-grants")
    #expect(try host.registry.instances().isEmpty)
  }
}
