import BerthKit
import Testing

@testable import BerthEngine
@testable import BerthPlan
@testable import BerthPlanning

@Suite("A change")
struct ChangeTests {
  private func host(_ request: InstallRequest = InstallRequest(app: "harbour", name: "Main")) async throws -> TestHost {
    let host = try TestHost()
    _ = try await host.berth().install(request)
    return host
  }

  private func plan(
    _ host: TestHost, _ wish: ChangeWish, _ plugin: HarbourPlugin = HarbourPlugin()
  ) async throws -> Plan {
    try await host.berth([plugin]).planChange("update", [host.record(app: "harbour")], wish)
  }

  private func file(_ host: TestHost, _ name: String) throws -> String {
    "\(host.paths.instance(try host.record(app: "harbour").key))/config/\(name)"
  }

  @Test("is empty when nothing is to be done, and planning one changes nothing")
  func nothing() async throws {
    let host = try await host()
    let before = try Snapshot(host)
    host.fault.arm { _, _ in true }
    let wishes = [
      ChangeWish(), ChangeWish(settings: ["size": "4"]), ChangeWish(ports: ["web": 30000]), ChangeWish(name: "Main"),
      ChangeWish(isEnabled: true, startsStopped: true), ChangeWish(unset: ["theme"]),
    ]
    for wish in wishes {
      #expect(try await plan(host, wish).kinds == [])
      #expect(try await host.berth().change(host.record(app: "harbour"), wish) == nil)
    }
    #expect(try Snapshot(host).changes(since: before) == [])
    #expect(host.locks.held.isEmpty)
  }

  /// A setting, the file that has it, and the service that reads it.
  static let readers: [(setting: String, file: String, service: String)] = [
    ("size", "main.conf", "main"), ("theme", "side.conf", "side"),
  ]

  @Test("writes only the file that has the setting, and restarts only the service that reads it", arguments: readers)
  func touched(_ example: (setting: String, file: String, service: String)) async throws {
    let host = try await host()
    let record = try host.record(app: "harbour")
    let plan = try await plan(host, ChangeWish(settings: [example.setting: "9"]))
    #expect(plan.kinds == ["register", "write-file", "restart", "check-config"])
    #expect(plan.files.map(\.path) == [try file(host, example.file)])
    #expect(
      plan.plainSteps.contains(
        .restart(plan.instance, units: [UnitName.service("harbour", example.service, "default")])))
    #expect(plan.changes[0].restarts == [UnitName.service("harbour", example.service, "default")])
    let old = example.setting == "size" ? "4" : "unset"
    #expect(plan.changes[0].reasons.first == "setting \(example.setting): \(old) → 9")
    _ = try await host.berth().change(record, ChangeWish(settings: [example.setting: "9"]))
    let restarts = host.fault.calls.filter { $0.hasPrefix("restart ") }
    #expect(restarts == ["restart \(UnitName.service("harbour", example.service, "default"))"])
    #expect(try await self.plan(host, ChangeWish()).isEmpty)
  }

  @Test("restarts nothing that is stopped, and starts it only where that is asked")
  func stopped() async throws {
    let host = try await host(InstallRequest(app: "harbour", isStarted: false))
    let kinds = try await plan(host, ChangeWish(settings: ["size": "9"])).kinds
    #expect(kinds == ["register", "write-file"])
    let started = try await plan(host, ChangeWish(settings: ["size": "9"], isEnabled: true, startsStopped: true))
    #expect(started.kinds == ["register", "write-file", "enable", "start", "check-config"])
  }

  @Test("goes back to the default of a setting, or leaves an optional one out")
  func unset() async throws {
    let host = try await host(InstallRequest(app: "harbour", settings: ["size": "9", "theme": "dark"]))
    let record = try host.record(app: "harbour")
    _ = try await host.berth().change(record, ChangeWish(unset: ["size", "theme"]))
    #expect(try host.files.read(file(host, "main.conf")).contains("size = 4\n"))
    #expect(try !host.files.read(file(host, "side.conf")).contains("theme"))
    #expect(await refusal { try await plan(host, ChangeWish(unset: ["thme"])) }?.code == "unknown-setting")
  }

  @Test("adds a service that a setting calls for, with its port, and takes it away again")
  func conditional() async throws {
    let host = try await host()
    let before = try Snapshot(host)
    let record = try host.record(app: "harbour")
    let report = try #require(try await host.berth().change(record, ChangeWish(settings: ["crane": "true"])))
    #expect(report.services.map(\.name) == ["main", "side", "crane"])
    #expect(report.status == .running)
    #expect(report.ports.map(\.port) == [30000, 30001, 31000])
    // The others ran on.
    #expect(!host.fault.calls.contains { $0.hasPrefix("restart") || $0.hasPrefix("stop") })
    _ = try await host.berth().change(report.record, ChangeWish(settings: ["crane": "false"]))
    let changes = try Snapshot(host).changes(since: before)
    #expect(changes == [])
    #expect(host.fault.calls.contains("stop harbour-crane@default.service"))
  }

  @Test("never moves a port that nobody asked for, even where another listens on it or has a better one")
  func portsStay() async throws {
    let host = try await host()
    host.ports.set { $0.listeners[PortNumber(.tcp, 30000)] = "the service itself" }
    _ = try await host.berth([HarbourPlugin(version: "2", flag: "--two")]).change(
      host.record(app: "harbour"), ChangeWish(settings: ["size": "5"]))
    #expect(try host.record(app: "harbour").ports.map(\.port.number) == [30000, 30001])
  }

  @Test("moves a port that is asked for, and the one that follows it")
  func portsMove() async throws {
    let host = try await host()
    let plan = try await plan(host, ChangeWish(ports: ["web": 4000]))
    #expect(plan.instance.ports.map(\.port.number) == [4000, 4001])
    #expect(plan.changes[0].reasons.prefix(2) == ["port web: 30000 → 4000", "port admin: 30001 → 4001"])
    #expect(plan.changes[0].restarts == ["harbour@default.service"])
    _ = try await host.berth().install(InstallRequest(app: "harbour", name: "Two"))
    let error = await refusal { try await self.plan(host, ChangeWish(ports: ["web": 30002])) }
    #expect(error?.code == "port-in-use")
    #expect(error?.summary == "the web port tcp/30002 is used by harbour/Two")
    #expect(error?.location == "harbour/Main")
    #expect(host.ports.claimed.isEmpty)
  }

  @Test("gives another name, and refuses one that is taken")
  func rename() async throws {
    let host = try await host()
    _ = try await host.berth().install(InstallRequest(app: "harbour", name: "Two"))
    let report = try await host.berth().change(host.record(app: "harbour"), ChangeWish(name: "Haven"))
    #expect(report?.record.name.text == "Haven")
    #expect(report?.record.slug == "haven")
    #expect(await refusal { try await plan(host, ChangeWish(name: "Two")) }?.code == "name-in-use")
  }

  @Test("puts limits into a drop-in, reloads once and restarts what they bound; without limits the drop-in goes")
  func limits() async throws {
    let host = try await host()
    let before = try Snapshot(host)
    let record = try host.record(app: "harbour")
    let wish = ChangeWish(limits: InstanceLimits(memory: "1G", tasks: 64))
    let plan = try await plan(host, wish)
    #expect(plan.kinds.filter { $0 == "reload-manager" }.count == 1)
    #expect(plan.changes[0].reasons.first == "its limits change")
    #expect(plan.changes[0].restarts == ["harbour@default.service", "harbour-side@default.service"])
    _ = try await host.berth().change(record, wish)
    let dropIn = try host.files.read(host.paths.dropIn("harbour@default.service"))
    #expect(dropIn.contains("MemoryMax=1G\n"))
    #expect(dropIn.contains("TasksMax=64\n"))
    _ = try await host.berth().change(try host.record(app: "harbour"), ChangeWish(limits: InstanceLimits()))
    let changes = try Snapshot(host).changes(since: before)
    #expect(changes == [])
  }

  @Test("keeps what a person wrote into a file, and saves their text beside when Berth's own keys differ")
  func byHand() async throws {
    let host = try await host()
    let path = try file(host, "main.conf")
    let edited = "# mine\n" + (try host.files.read(path)) + "depth = 7\n"
    try host.files.write(edited, to: path, mode: 0o600, owner: nil, anchor: nil)
    // Nothing of Berth's differs.
    #expect(try await plan(host, ChangeWish()).isEmpty)
    _ = try await host.berth().change(try host.record(app: "harbour"), ChangeWish(settings: ["size": "9"]))
    #expect(try host.files.read(path) == edited.replacing("size = 4", with: "size = 9"))
    #expect(try host.files.read("\(path).20261121T090000Z") == edited)
  }

  @Test("shows no secret, neither the old nor the new, and says that it changes")
  func secrets() async throws {
    let host = try await host(InstallRequest(app: "harbour", settings: ["key": "OldSecret11"]))
    let plan = try await plan(host, ChangeWish(settings: ["key": "NewSecret22"]))
    let shown = plan.changes[0].diffs.map(\.diff).joined() + plan.changes[0].reasons.joined()
    #expect(!shown.contains("OldSecret11") && !shown.contains("NewSecret22"))
    #expect(shown.contains("+key = •••••• (changed)"))
    #expect(plan.changes[0].reasons.first == "setting key changes")
    #expect(try !plan.json.contains("NewSecret22"))
  }

  @Test("restarts what the changed unit of a new plugin belongs to, and nothing else")
  func newPlugin() async throws {
    let host = try await host()
    let plan = try await plan(host, ChangeWish(), HarbourPlugin(version: "2", flag: "--two"))
    #expect(plan.kinds == ["register", "write-file", "share-units", "reload-manager", "restart"])
    #expect(plan.changes[0].restarts == ["harbour@default.service"])
    #expect(plan.changes[0].reasons.first == "plugin: 1 → 2")
  }

  @Test("restarts what still runs with units that another instance's operation has replaced")
  func unitsOfOthers() async throws {
    let host = try await host()
    let newer = HarbourPlugin(version: "2", flag: "--two")
    _ = try await host.berth([newer]).install(InstallRequest(app: "harbour", name: "Two"))
    #expect(try await host.berth().list().map(\.status) == [.running, .running])
    let plan = try await plan(host, ChangeWish(), newer)
    // Until then it is kept on its former ones.
    #expect(plan.kinds == ["remove-tree", "register", "write-file", "reload-manager", "restart"])
    #expect(plan.plainSteps.last == .restart(plan.instance, units: plan.instance.units))
    _ = try await host.berth([newer]).change(try host.record(app: "harbour"), ChangeWish())
    #expect(try await self.plan(host, ChangeWish(), newer).isEmpty)
  }

  @Test("runs an update's job between stopping and starting, as a point of no return, and only for another version")
  func updateJob() async throws {
    let host = try await host()
    let migrating = HarbourPlugin(version: "2", migrates: true)
    let plan = try await plan(host, ChangeWish(), migrating)
    let order = plan.kinds.filter { ["stop", "run-job", "start", "restart"].contains($0) }
    #expect(order == ["stop", "run-job", "start"])
    #expect(plan.plainSteps.filter(\.isPointOfNoReturn).count == 1)
    #expect(host.manager.known.runs == ["harbour-seed@default.service"])
    _ = try await host.berth([migrating]).change(host.record(app: "harbour"), ChangeWish())
    #expect(host.manager.known.runs == ["harbour-seed@default.service", "harbour-migrate@default.service"])
    #expect(try await host.berth().list().map(\.status) == [.running])
    // A change of a setting is no update.
    let setting = try await self.plan(host, ChangeWish(settings: ["size": "9"]), migrating)
    #expect(!setting.kinds.contains("run-job"))
  }
}
