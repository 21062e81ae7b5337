import BerthKit
import BerthPlan
import BerthStore
import Foundation
import Testing

@testable import BerthEngine

@Suite("Adopting a project of Docker Compose")
struct AdoptionTests {
  private static let data = "/var/lib/berth/instances/ward/default/data/volumes"
  private static let old = "/var/lib/docker/volumes"

  private func host() throws -> TestHost {
    let host = try TestHost(.system)
    try WardPlugin.runProject(on: host)
    return host
  }

  private func berth(_ host: TestHost) -> Berth { host.berth([WardPlugin(), DemoPlugin()]) }

  private func adopt(
    _ host: TestHost, _ volumes: AdoptRequest.Volumes = .copy, settings: [String: String] = [:]
  ) async throws -> InstanceReport {
    // The port is free once the project has stopped, as on a host with Docker.
    host.fault.watch { [ports = host.ports] call in
      if call.hasPrefix("stop the containers") { ports.set { $0.listeners = [:] } }
    }
    return try await berth(host).adopt(
      AdoptRequest(app: "ward", folder: "/srv/old", settings: settings, volumes: volumes)
    ).result.get()
  }

  @Test(
    "makes the instance 'default' of what the containers have: settings, image, port, data",
    arguments: AdoptRequest.Volumes.allCases)
  func adopts(_ volumes: AdoptRequest.Volumes) async throws {
    let host = try host()
    let report = try await adopt(host, volumes)
    #expect(report.record.key.id == .default && report.status == .running)
    let settings = try host.registry.settings(of: report.record.uid)
    let values = Dictionary(settings.map { ($0.key, $0.value) }, uniquingKeysWith: { first, _ in first })
    #expect(values["domain"] == "ward.example" && values["title"] == "North \"1\"" && values["key"] == "sesame")
    #expect(values["image"] == "registry.example/ward:2" && report.record.images["web"]?.id == WardPlugin.images[0].id)
    #expect(report.record.ports.map(\.port) == [PortNumber(.tcp, 8790)])
    #expect(try host.files.read("\(Self.data)/rows/table") == "Ana")
    #expect(try host.files.read("\(Self.data)/media/x-ray") == "bones")
    #expect(host.files.exists("\(Self.old)/old_rows/_data/table") == (volumes == .copy))
    #expect(host.projects.now.running == [])
    // Jobs of a restore, not those that fill an empty instance.
    #expect(host.manager.known.runs == ["ward-migrate@default.service"])
  }

  @Test("backs up both volumes before, as files of the instance, in a backup that retention leaves alone")
  func backsUp() async throws {
    let host = try host()
    let report = try await adopt(host, .keep)
    let backup = try #require(try host.registry.backups.of(instance: report.record.uid).first)
    #expect(backup.reason == .adopt && backup.isKept && backup.verifiedAt != nil)
    // It brings back what was adopted, whatever has become of the instance since.
    try host.files.write("Bento", to: "\(Self.data)/rows/table", mode: 0o644, owner: nil, anchor: nil)
    _ = try await berth(host).restore(RestoreRequest(app: "ward", backup: backup.id))
    #expect(try host.files.read("\(Self.data)/rows/table") == "Ana")
    #expect(try host.files.read("\(Self.data)/media/x-ray") == "bones")
  }

  @Test(
    "goes back with one command: the instance goes, and the containers start", arguments: AdoptRequest.Volumes.allCases)
  func goesBack(_ volumes: AdoptRequest.Volumes) async throws {
    let host = try host()
    let before = try Snapshot(host)
    let report = try await adopt(host, volumes)
    try host.files.write("Bento", to: "\(Self.data)/rows/table", mode: 0o644, owner: nil, anchor: nil)
    let plan = try await berth(host).planReturn(report.record)
    #expect(plan.changes[0].reasons == ["goes back to the Docker Compose project old in /srv/old"])
    #expect(try await berth(host).goBack(report.record) == "old")
    // What was done meanwhile is in the volumes that were kept, and always in a backup.
    let table = "\(Self.old)/old_rows/_data/table"
    #expect(try host.files.read(table) == (volumes == .keep ? "Bento" : "Ana"))
    try host.files.write("Ana", to: table, mode: 0o644, owner: nil, anchor: nil)
    #expect(host.projects.now.running == ["old_store", "old_app"])
    // Folders that all instances share stay, as after any removal.
    let changes = try Snapshot(host).withoutBackups.changes(since: before.withoutBackups)
    #expect(changes.filter { !$0.hasPrefix("came: folder") || $0.contains("ward") } == [])
    #expect(try host.registry.backups.of(instance: report.record.uid).map(\.reason) == [.adopt, .update])
  }

  @Test("goes back whatever became of a container from which nothing was taken, and says it", arguments: [false, true])
  func auxiliary(_ isGone: Bool) async throws {
    let host = try host()
    let admin = ForeignContainer(
      handle: ContainerHandle(id: String(repeating: "c", count: 64), name: "old_admin", restart: "no"),
      service: "admin", image: "registry.example/admin:1")
    host.projects.set {
      $0.projects["/srv/old"]?.containers.append(admin)
      $0.running.insert("old_admin")
    }
    let report = try await adopt(host)
    host.projects.set { if isGone { $0.gone = ["old_admin"] } else { $0.unwell = ["old_admin"] } }
    let heard = Heard()
    let berth = host.berth([WardPlugin()], options: .init(notice: heard.add))
    #expect(try await berth.goBack(report.record) == "old")
    #expect(heard.lines.contains { $0.contains("old_admin") }, "\(heard.lines)")
    // The control: the app's own is waited for.
    let other = try self.host()
    let second = try await adopt(other)
    other.projects.set { $0.unwell = ["old_app"] }
    #expect(await refusal { try await self.berth(other).goBack(second.record) }?.code == "container-failed")
  }

  @Test("when Berth dies after a job on the way back that cannot be taken back, a recovery goes the rest of the way")
  func diesPastReturn() async throws {
    let host = try TestHost(mortal: .system)
    try WardPlugin.runProject(on: host)
    let record = try await adopt(host).record
    host.fault.arm(.after, dies: true) { _, call in call.contains("ward-leave@") }
    _ = try? await berth(host).goBack(record)
    #expect(host.fault.isDead)
    let next = try host.reborn()
    #expect(try await berth(next).recover().map(\.ending) == [.finished])
    #expect(try next.registry.instances().isEmpty && next.projects.now.running == ["old_store", "old_app"])
  }

  @Test("a plan says what becomes of what, shows no secret, and changes nothing")
  func plans() async throws {
    let host = try host()
    let before = try Snapshot(host)
    let plan = try await berth(host).planAdoption(AdoptRequest(app: "ward", folder: "/srv/old"))
    #expect(
      plan.changes[0].reasons == [
        "from the Docker Compose project old in /srv/old", "old_rows is copied as rows", "old_media is copied as media",
        "settings from there: domain, image, key, title", "by their names go on: store, web",
        "port 8790 was open on 0.0.0.0, and is on 127.0.0.1",
        "ENGINE was files, and becomes rows",
        "'old_static' at /static of 'web' stays behind: it is empty",
        "NUMBER was not set, and becomes \(host.users.numbers(of: plan.instance.user).user)",
      ])
    let kinds = plan.steps.map(\.step.kind)
    let order = ["halt-containers", "archive", "unpack", "register", "replace-folder", "run-job", "settle"]
    #expect(order.map { kinds.firstIndex(of: $0) ?? -1 } == order.map { kinds.firstIndex(of: $0) ?? -1 }.sorted())
    #expect(!order.contains { !kinds.contains($0) })
    #expect(!plan.steps.contains { $0.step.summary.contains("sesame") })
    #expect(try Snapshot(host).changes(since: before) == [])
    #expect(host.projects.now.running.count == 2)
  }

  @Test("variables that the plugin does not know are the instance's own, and shown in no plan")
  func variables() async throws {
    let host = try host()
    host.projects.set {
      for index in [0, 1] { $0.projects["/srv/old"]?.containers[index].environment["TZ"] = "America/Bahia" }
      $0.projects["/srv/old"]?.containers[1].environment["MAIL_TOKEN"] = "hunter2"
      $0.projects["/srv/old"]?.containers[1].environment["PATH"] = "/usr/bin"
      $0.projects["/srv/old"]?.containers[1].imageEnvironment["PATH"] = "/usr/bin"
    }
    let plan = try await berth(host).planAdoption(AdoptRequest(app: "ward", folder: "/srv/old"))
    let reasons = plan.changes[0].reasons
    #expect(
      reasons.contains("env.TZ is carried as it is") && reasons.contains("env.MAIL_TOKEN@web is carried as it is"))
    #expect(!reasons.contains { $0.contains("Bahia") || $0.contains("hunter2") || $0.contains("PATH") })
    #expect(!plan.steps.contains { $0.step.summary.contains("hunter2") })
    let record = try await adopt(host, settings: ["env.TZ": "UTC"]).record
    let settings = try host.registry.settings(of: record.uid).filter { OwnVariable.isKey($0.key) }
    #expect(
      Set(settings) == [
        StoredSetting(key: "env.TZ", value: "UTC", isSecret: true),
        StoredSetting(key: "env.MAIL_TOKEN@web", value: "hunter2", isSecret: true),
      ])
    let file = try host.files.read("\(host.paths.instance(record.key))/\(ScopePaths.composeOverride)")
    #expect(file.ranges(of: "\"TZ\" : \"UTC\"").count == 2)
    #expect(file.ranges(of: "\"MAIL_TOKEN\" : \"hunter2\"").count == 1)
  }

  @Test("settings that are given stand before those of the project, and one that nobody knows is asked for")
  func settings() async throws {
    let host = try host()
    host.projects.set { $0.projects["/srv/old"]?.containers[1].environment["HOSTS"] = "*" }
    let request = AdoptRequest(app: "ward", folder: "/srv/old")
    #expect(try await berth(host).missingSettings(request).map(\.id) == ["domain"])
    #expect(await refusal { try await berth(host).planAdoption(request) }?.code == "missing-setting")
    let report = try await adopt(host, settings: ["domain": "b.example", "title": "South"])
    let settings = try host.registry.settings(of: report.record.uid)
    #expect(settings.first { $0.key == "domain" }?.value == "b.example")
    #expect(settings.first { $0.key == "title" }?.value == "South")
  }

  @Test("when the instance does not start, the project runs again as before", arguments: AdoptRequest.Volumes.allCases)
  func fails(_ volumes: AdoptRequest.Volumes) async throws {
    let host = try host()
    let before = try Snapshot(host)
    host.manager.set { $0.outcomes["ward-web@default.service"] = UnitState(active: "failed", sub: "failed") }
    host.logs.set("ward-web@default.service", ["no"])
    let error = await refusal { try await adopt(host, volumes) }
    #expect(error != nil)
    #expect(host.projects.now.running == ["old_store", "old_app"])
    // The backup stays.
    #expect(try Snapshot(host).withoutBackups.changes(since: before.withoutBackups) == [])
    #expect(try host.registry.backups.all().map(\.reason) == [.adopt])
  }

  @Test("what cannot be adopted is refused before anything is stopped")
  func refuses() async throws {
    let host = try host()
    try host.files.makeFolder("/srv/quiet", mode: 0o755, owner: nil)
    let before = try Snapshot(host)
    let berth = berth(host)
    func code(_ app: String = "ward", _ folder: String = "/srv/old", _ volumes: AdoptRequest.Volumes = .copy) async
      -> String?
    {
      await refusal { try await berth.adopt(AdoptRequest(app: app, folder: folder, volumes: volumes)) }?.code
    }
    #expect(await code("demo") == "not-adoptable")
    #expect(await code("ward", "/srv/none") == "no-project")
    // A folder that is there and that nothing runs from may be started; one that is not there was mistyped.
    for (folder, kind) in [("/srv/none", BerthError.Kind.badInput), ("/srv/quiet", .unavailable)] {
      let error = await refusal { try await berth.adopt(AdoptRequest(app: "ward", folder: folder)) }
      #expect(error?.kind == kind, "\(folder)")
    }
    host.projects.set { $0.gone = ["old_store"] }
    #expect(await code() == "not-adoptable")
    host.projects.set { $0.gone = [] }
    host.projects.set { $0.projects["/srv/old"]?.containers[0].mounts[0].target = "/elsewhere" }
    #expect(await code() == "not-adoptable")
    host.projects.set { $0.projects["/srv/old"] = WardPlugin.project }
    host.projects.set { $0.projects["/srv/old"]?.containers[0].mounts[0].path = "/var/nowhere" }
    #expect(await code() == "not-adoptable")
    host.projects.set { $0.projects["/srv/old"] = WardPlugin.project }
    host.projects.set { $0.projects["/srv/old"]?.containers[0].mounts[0].sharers = ["other"] }
    #expect(await code("ward", "/srv/old", .keep) == "cannot-keep")
    host.projects.set { $0.projects["/srv/old"]?.containers[1].environment["HOSTS"] = "a b;$(c),localhost" }
    #expect(await code() == "bad-setting")
    #expect(host.projects.now.running.count == 2)
    #expect(try Snapshot(host).changes(since: before) == [])
  }

  @Test("an instance that was not adopted, or whose project is gone, stays as it is")
  func cannotGoBack() async throws {
    let host = try host()
    let report = try await adopt(host)
    let before = try Snapshot(host)
    host.projects.set { $0.gone = ["old_app"] }
    let gone = await refusal { try await berth(host).goBack(report.record) }
    #expect(gone?.code == "containers-gone" && gone?.summary.contains("old_app") == true)
    host.projects.set { $0.gone = [] }
    try host.files.remove(host.paths.adoption(report.record.key))
    #expect(await refusal { try await berth(host).goBack(report.record) }?.code == "not-adopted")
    try host.files.write("{", to: host.paths.adoption(report.record.key), mode: 0o600, owner: nil, anchor: nil)
    #expect(await refusal { try await berth(host).goBack(report.record) }?.code == "bad-adoption")
    let changes = try Snapshot(host).changes(since: before)
    #expect(changes.allSatisfy { $0.contains("adopted.json") })
    // A second one has nowhere to go.
    host.projects.set { $0.running = ["old_app", "old_store"] }
    #expect(await refusal { try await adopt(host) }?.code == "id-in-use")
  }

  @Test("containers that did not run are taken with their data, and stay stopped on the way back and after a failure")
  func stopped() async throws {
    let host = try host()
    host.projects.set { $0.running = ["old_app"] }
    let plan = try await berth(host).planAdoption(AdoptRequest(app: "ward", folder: "/srv/old"))
    #expect(
      plan.changes[0].reasons.contains("its service 'store' had ended with the status 0, and runs"),
      "\(plan.changes[0].reasons)")
    host.manager.set { $0.outcomes["ward-web@default.service"] = UnitState(active: "failed", sub: "failed") }
    host.logs.set("ward-web@default.service", ["no"])
    #expect(await refusal { try await adopt(host) } != nil)
    #expect(host.projects.now.running == ["old_app"])
    host.manager.set { $0.outcomes = [:] }
    host.ports.set { $0.listeners[PortNumber(.tcp, 8790)] = "docker-proxy" }
    let record = try await adopt(host).record
    #expect(try host.files.read("\(Self.data)/rows/table") == "Ana")
    // Nobody needs it to go back.
    host.projects.set { $0.gone = ["old_store"] }
    #expect(try await berth(host).goBack(record) == "old")
    #expect(host.projects.now.running == ["old_app"])
  }

  @Test("what an earlier Berth wrote of a project's containers is read: all of them ran")
  func earlier() throws {
    let text = #"{"id":"1","name":"old_app","restart":"always","isAuxiliary":true}"#
    #expect(
      try JSONDecoder().decode(ContainerHandle.self, from: Data(text.utf8))
        == ContainerHandle(id: "1", name: "old_app", restart: "always", isAuxiliary: true, comeback: .well))
  }

  @Test("the port of a container that does not run may be somebody else's by now")
  func takenPort() async throws {
    let host = try host()
    host.projects.set { $0.running = ["old_store"] }
    host.ports.set { $0.listeners[PortNumber(.tcp, 8790)] = "nginx" }
    #expect(await refusal { try await adopt(host) }?.code == "port-in-use")
    #expect(host.projects.now.running == ["old_store"])
  }

  @Test("a service is paired by hand, and a name that nobody has is an error with those that there are")
  func pairs() async throws {
    let host = try host()
    host.projects.set {
      $0.projects["/srv/old"]?.containers[0].service = "rows"
      $0.projects["/srv/old"]?.containers[0].image = "registry.example/fork:1"
    }
    func plan(_ pairs: [String: String]) async throws -> Plan {
      try await berth(host).planAdoption(AdoptRequest(app: "ward", folder: "/srv/old", pairs: pairs))
    }
    let alone = await refusal { try await plan([:]) }
    #expect(alone?.code == "not-adoptable", "\(alone as Any)")
    #expect(alone?.cause?.contains("its services without a counterpart are rows; --pair store=SERVICE") == true)
    let paired = try await plan(["store": "rows"])
    #expect(
      paired.changes[0].reasons.contains("its service 'rows' goes on as 'store', as --pair says"),
      "\(paired.changes[0].reasons)")
    #expect(paired.changes[0].reasons.contains("old_rows is copied as rows"))
    let wrong = await refusal { try await plan(["stor": "rows", "store": "row"]) }
    #expect(wrong?.cause?.contains("it has store, web, dev") == true, "\(wrong as Any)")
    #expect(wrong?.cause?.contains("it has rows, web") == true, "\(wrong as Any)")
    #expect(wrong?.code == "bad-pair" && wrong?.kind == .usage)
    #expect(await refusal { try await plan(["store": "rows", "web": "rows"]) } != nil)
    #expect(host.projects.now.running.count == 2)
  }
}
