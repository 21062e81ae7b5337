import BerthKit
import BerthStore
import Testing

@testable import BerthEngine
@testable import BerthPlanning

/// An archive that anybody may have made, and a host that it is brought to.
///
/// The negative control of each attack is the same archive with the registry's word for it: what Berth made itself is
/// believed.
@Suite("An archive from elsewhere", .serialized)
struct StrangeArchiveTests: Forging {
  private let plugin = PierPlugin()

  @Test(
    "that names an image, the host's root as a folder and a bound of memory is refused with every item and the command")
  func asks() async throws {
    let host = try host()
    let (path, _) = try forge(on: host) {
      $0.settings = settings(["image": "evil.example/shell:1", "downloads": "/", "memory": "64G", "title": "Theirs"])
    }
    let before = try Snapshot(host)
    let error = await refusal { try await host.berth([plugin]).restore(request(path)) }
    #expect(error?.code == "unconfirmed-grants")
    #expect(error?.kind == .notAllowed)
    for text in ["image = 'evil.example/shell:1'", "downloads = '/'", "memory = '64G'"] {
      #expect(error?.summary.contains(text) == true, "\(error?.summary ?? "")")
    }
    #expect(error?.summary.contains("title") == false)
    #expect(error?.remedy == "add --accept image,downloads,memory")
    #expect(try Snapshot(host).changes(since: before) == [])
  }

  @Test("shows in its plan what it asks for, and nothing is done")
  func plan() async throws {
    let host = try host()
    let (path, _) = try forge(on: host) { $0.settings = settings(["downloads": "/"]) }
    let before = try Snapshot(host)
    let plan = try await host.berth([plugin]).planRestore(request(path))
    #expect(plan.changes.flatMap(\.grants).map(\.item) == ["downloads"])
    #expect(plan.changes.flatMap(\.grants).map(\.answer) == [.open])
    let accepting = try await host.berth([plugin]).planRestore(request(path) { $0.accepted = ["downloads"] })
    #expect(accepting.changes.flatMap(\.grants).map(\.answer) == [.accepted])
    #expect(try Snapshot(host).changes(since: before) == [])
  }

  @Test("gives what is accepted and not what is declined, which the plugin's own value stands for")
  func answers() async throws {
    let host = try host()
    let (path, _) = try forge(on: host) {
      $0.settings = settings(["image": "evil.example/shell:1", "downloads": "/srv", "title": "Theirs"])
    }
    let report = try await host.berth([plugin]).restore(
      request(path) {
        $0.accepted = ["downloads"]
        $0.declined = ["image"]
      }
    ).result.get()
    let values = Dictionary(
      uniqueKeysWithValues: try host.registry.settings(of: report.record.uid).map { ($0.key, $0.value) })
    #expect(values["image"] == "localhost/pier:1")
    #expect(values["downloads"] == "/srv")
    #expect(values["title"] == "Theirs")
    #expect(report.record.images["main"]?.reference == "localhost/pier:1")
    #expect(host.text("data/note", of: report.record) == "theirs")
  }

  @Test("would run its image over the host's root if Berth had made it")
  func believed() async throws {
    let host = try host()
    host.containers.set {
      $0.images.append(ContainerImage(id: String(repeating: "6", count: 64), names: ["evil.example/shell:1"]))
    }
    let (path, head) = try forge(on: host) {
      $0.settings = settings(["image": "evil.example/shell:1", "downloads": "/"])
    }
    try trust(path, head, on: host)
    let report = try await host.berth([plugin]).restore(request(path)).result.get()
    #expect(report.record.images["main"]?.reference == "evil.example/shell:1")
    #expect(try host.registry.settings(of: report.record.uid).contains { $0.key == "downloads" && $0.value == "/" })
  }

  @Test(
    "asks for limits, labels, a schedule, a pool, low ports and a setting called like one of these by words of their own"
  )
  func others() async throws {
    let host = try host()
    try host.files.makeFolder("/etc", mode: 0o755, owner: nil)
    let (path, _) = try forge(on: host) { head in
      head.instance.limits = InstanceLimits(memory: "512G", cpus: 64)
      head.instance.labels = ["group": "trusted"]
      head.instance.backup = BackupPolicy(schedule: "minutely", keep: Retention(last: 1))
      head.instance.pool = "shop"
      head.instance.ports = [
        .init(role: "web", port: PortNumber(.tcp, 22), address: "0.0.0.0"),
        .init(role: "ssh", port: PortNumber(.tcp, 25), address: "0.0.0.0"),
      ]
      head.settings = settings(["limits": "/etc"])
    }
    let berth = host.berth([plugin])
    // The plugin has nothing that a pool could share.
    let plan = try await berth.planRestore(request(path) { $0.declined = ["pool"] })
    let items = ["settings.limits", "limits", "labels", "schedule", "pool", "ports", "owners"]
    #expect(plan.changes.flatMap(\.grants).map(\.item) == items.filter { $0 != "owners" })
    #expect(await refusal { try await berth.restore(request(path)) }?.code == "unconfirmed-grants")
    let report = try await berth.restore(request(path) { $0.declined = Set(items.dropLast()) }).result.get()
    let record = report.record
    #expect(record.limits.isEmpty)
    #expect(record.labels == [:])
    #expect(record.backup == nil)
    #expect(record.pool == nil)
    #expect(record.ports.map(\.port.number) == [33000])
    #expect(record.directory == nil)
    let wrong = await refusal {
      try await berth.restore(
        request(path) {
          $0.newName = "Other"
          $0.accepted = ["label"]
        })
    }
    #expect(wrong?.code == "unknown-grant")
    #expect(wrong?.summary.contains("did you mean 'labels'?") == true)
  }

  @Test("is unpacked within a bound that follows from its size, unless somebody has lifted it")
  func size() async throws {
    let host = try host()
    let (path, _) = try forge(on: host) { _ in }
    let berth = host.berth([plugin])
    for (accepted, isBounded) in [(Set<String>(), true), (["all"], true), (["size"], false)] {
      let plan = try await berth.planRestore(request(path) { $0.accepted = accepted })
      let orders = plan.steps.compactMap { if case .unpack(_, let order) = $0.step { order } else { nil } }
      #expect(!orders.isEmpty && orders.allSatisfy { $0.trust.isBounded == isBounded }, "\(accepted)")
    }
  }

  @Test("whose uid begins like a victim's makes an instance with a user of its own")
  func borrowedUser() async throws {
    let host = try host()
    let berth = host.berth([plugin, DemoPlugin()])
    let victim = try await berth.install(InstallRequest(app: "demo")).record
    let (path, head) = try forge(on: host) { head in
      head.instance = renamed(head.instance, uid: victim.uid.prefix(24) + "0123456789ab")
    }
    #expect(InstallPlanner.userName(uid: head.instance.uid) == victim.user)
    let report = try await berth.restore(request(path)).result.get()
    #expect(report.record.user != nil)
    #expect(report.record.user != victim.user)
    #expect(report.record.uid != head.instance.uid)
    #expect(host.users.names.count == 2)
  }

  @Test("whose uid begins like a victim's would run as the victim's user if Berth had made it")
  func borrowedUserBelieved() async throws {
    let host = try host()
    let berth = host.berth([plugin, DemoPlugin()])
    let victim = try await berth.install(InstallRequest(app: "demo")).record
    let (path, head) = try forge(on: host) { head in
      head.instance = renamed(head.instance, uid: victim.uid.prefix(24) + "0123456789ab")
    }
    try trust(path, head, on: host)
    #expect(try await berth.restore(request(path)).result.get().record.user == victim.user)
  }

  @Test("replaces an instance whose uid or id it names only when a person names that instance")
  func replaces() async throws {
    let host = try host()
    let berth = host.berth([plugin])
    let record = try await berth.install(InstallRequest(app: "pier", settings: ["downloads": "/srv"])).record
    try host.put("ours", at: "data/note", of: record)
    let (path, _) = try forge(on: host) { $0.instance = renamed($0.instance, uid: record.uid) }
    #expect(await refusal { try await berth.restore(request(path)) }?.code == "id-in-use")
    #expect(host.text("data/note", of: record) == "ours")
    let report = try await berth.restore(request(path) { $0.instance = "default" }).result.get()
    #expect(report.record.uid == record.uid)
    #expect(host.text("data/note", of: record) == "theirs")
    // What the archive does not say stays as the operator has it.
    #expect(try host.registry.settings(of: record.uid).contains { $0.key == "downloads" && $0.value == "/srv" })
  }

  @Test("takes the folder and settings of an instance that was kept under its id only when that is accepted")
  func kept() async throws {
    let host = try host()
    let berth = host.berth([plugin])
    let record = try await berth.install(InstallRequest(app: "pier")).record
    try await berth.remove(record.key, keepsData: true)
    let (path, _) = try forge(on: host)
    #expect(await refusal { try await berth.restore(request(path)) }?.code == "unconfirmed-grants")
    let apart = try await berth.restore(request(path) { $0.declined = ["id"] }).result.get().record
    #expect(apart.uid != record.uid && apart.key != record.key && apart.user != record.user)
    let (again, _) = try forge(on: host) { $0.instance.name = InstanceName(unchecked: "Again") }
    let back = try await berth.restore(request(again) { $0.accepted = ["id"] }).result.get().record
    #expect(back.uid == record.uid)
  }

  @Test(
    "with bounds that no manager knows is refused before anything is counted with them",
    arguments: [
      InstanceLimits(cpus: 1e300), InstanceLimits(cpus: .greatestFiniteMagnitude), InstanceLimits(cpus: 1e-300),
      InstanceLimits(tasks: .max), InstanceLimits(memory: "9999999999999999T"),
    ])
  func numbers(_ limits: InstanceLimits) async throws {
    let host = try host()
    let (path, _) = try forge(on: host) { $0.instance.limits = limits }
    let berth = host.berth([plugin])
    #expect(await refusal { try await berth.restore(request(path) { $0.accepted = ["limits"] }) }?.code == "bad-backup")
    #expect(await refusal { try await berth.importBackup(path) }?.code == "bad-backup")
    if let cpus = limits.cpus { #expect((1...1_000_000).contains(InstanceLimits.percent(ofProcessors: cpus))) }
  }
}
