import BerthKit
import Testing

@testable import BerthEngine
@testable import BerthPlan
@testable import BerthPlanning

@Suite("When an instance is backed up by itself")
struct BackupPolicyTests {
  private let timer = "harbour-backup@default.timer"

  private func host(_ declared: BackupPolicy, own: BackupPolicy? = nil) async throws -> TestHost {
    let host = try TestHost()
    var request = InstallRequest(app: "harbour", name: "Main")
    request.backup = own
    _ = try await host.berth([HarbourPlugin(backup: declared)]).install(request)
    return host
  }

  private func change(
    _ host: TestHost, _ declared: BackupPolicy, _ backup: BackupPolicy?, flag: String = "--one"
  ) async throws -> Plan {
    let berth = host.berth([HarbourPlugin(flag: flag, backup: declared)])
    let record = try host.record(app: "harbour")
    let plan = try await berth.planChange("backup", [record], ChangeWish(backup: backup))
    _ = try await berth.change(record, ChangeWish(backup: backup))
    return plan
  }

  private func dropIn(_ host: TestHost) -> String? { try? host.files.read(host.paths.dropIn(timer)) }

  private func isWanted(_ host: TestHost) -> Bool {
    let text = try? host.files.read(host.paths.dropIn("harbour@default.target"))
    return text?.contains(timer) == true
  }

  @Test("the plugin's schedule is a timer of the instance, and nothing of it is the instance's own")
  func declared() async throws {
    let host = try await host(BackupPolicy(schedule: "daily"))
    #expect(dropIn(host)?.contains("OnCalendar=daily\nRandomizedDelaySec=10min\n") == true)
    #expect(isWanted(host))
    #expect(try host.record(app: "harbour").backup == nil)
    let none = try await self.host(BackupPolicy())
    #expect(dropIn(none) == nil && !isWanted(none))
    #expect(none.files.exists(none.paths.unit("harbour-backup@.timer")))
  }

  @Test("an instance's own schedule goes before the plugin's, each part by itself")
  func own() async throws {
    let keep = Retention(last: 2)
    let host = try await host(BackupPolicy(schedule: "daily"), own: BackupPolicy(keep: keep))
    #expect(dropIn(host)?.contains("OnCalendar=daily") == true)
    #expect(try host.record(app: "harbour").backup == BackupPolicy(keep: keep))
    let off = try await self.host(BackupPolicy(schedule: "daily"), own: BackupPolicy(schedule: "off"))
    #expect(dropIn(off) == nil && !isWanted(off))
    let empty = try await self.host(BackupPolicy(schedule: "daily"), own: BackupPolicy())
    #expect(try empty.record(app: "harbour").backup == nil)
  }

  @Test("a schedule that is turned on starts its timer, and one that is turned off stops it; the services run on")
  func onAndOff() async throws {
    let declared = BackupPolicy()
    let host = try await host(declared)
    let on = try await change(host, declared, BackupPolicy(schedule: "Mon *-*-* 04:00"))
    #expect(on.changes[0].reasons.first == "its backup policy changes")
    #expect(on.changes[0].restarts == [])
    #expect(on.plainSteps.last == .start(on.instance))
    #expect(dropIn(host)?.hasSuffix("[Timer]\nOnCalendar=Mon *-*-* 04:00\n") == true)
    #expect(isWanted(host))
    let off = try await change(host, declared, BackupPolicy(schedule: "off"))
    #expect(off.kinds.first == "stop")
    #expect(off.changes[0].restarts == [])
    #expect(dropIn(host) == nil && !isWanted(host))
    #expect(host.fault.calls.contains("stop \(timer)"))
    #expect(!host.fault.calls.contains { $0.hasPrefix("restart") })
  }

  @Test("other times of a timer that runs are read again, and nothing is started or stopped for them")
  func otherTimes() async throws {
    let declared = BackupPolicy(schedule: "daily")
    let host = try await host(declared)
    let plan = try await change(host, declared, BackupPolicy(schedule: "hourly"))
    #expect(plan.kinds == ["register", "make-folder", "write-file", "reload-manager"])
    #expect(dropIn(host)?.contains("OnCalendar=hourly") == true)
    #expect(try await change(host, declared, nil).kinds == [])
  }

  @Test("a policy of its own that is taken back leaves the plugin's")
  func takenBack() async throws {
    let declared = BackupPolicy(schedule: "daily")
    let host = try await host(declared, own: BackupPolicy(schedule: "weekly"))
    _ = try await change(host, declared, BackupPolicy())
    #expect(dropIn(host)?.contains("OnCalendar=daily") == true)
    #expect(try host.record(app: "harbour").backup == nil)
  }

  @Test("a plugin that has a schedule only now brings the timer with it")
  func upgraded() async throws {
    let host = try await host(BackupPolicy())
    let plan = try await change(host, BackupPolicy(schedule: "daily"), nil)
    #expect(plan.kinds.last == "start" && plan.changes[0].restarts == [])
    #expect(isWanted(host))
  }

  @Test("a fleet file says when, and what it leaves out stays; writing it down again changes nothing")
  func fleet() async throws {
    let host = try await host(BackupPolicy())
    let berth = host.berth([HarbourPlugin(backup: BackupPolicy())])
    func apply(_ backup: BackupPolicy) async throws -> Plan {
      let fleet = FleetFile(instances: [FleetInstance(app: "harbour", name: try InstanceName("Main"), backup: backup)])
      let plan = try await berth.planFleet(fleet, prunes: false)
      _ = try await berth.apply(fleet, prunes: false, accepting: ["harbour.schedule"])
      return plan
    }
    _ = try await apply(BackupPolicy(schedule: "hourly"))
    #expect(dropIn(host)?.contains("OnCalendar=hourly") == true)
    _ = try await apply(BackupPolicy(keep: Retention(weekly: 3)))
    let both = BackupPolicy(schedule: "hourly", keep: Retention(weekly: 3))
    #expect(try host.record(app: "harbour").backup == both)
    #expect(try await apply(BackupPolicy()).kinds == [])
    #expect(try berth.export(reveals: false).instances.map(\.backup) == [both])
    #expect(try await berth.planFleet(try berth.export(reveals: false), prunes: true).kinds == [])
    let made = FleetFile(
      instances: [FleetInstance(app: "harbour", name: try InstanceName("Second"), backup: both)])
    _ = try await berth.apply(made, prunes: false, accepting: ["harbour.schedule"])
    #expect(try host.registry.instances().first { $0.name.text == "Second" }?.backup == both)
  }

  @Test("a removed instance leaves no timer and no record of one behind")
  func removed() async throws {
    let host = try await host(BackupPolicy(schedule: "daily"))
    let berth = host.berth([HarbourPlugin(backup: BackupPolicy(schedule: "daily"))])
    let key = try host.record(app: "harbour").key
    let plan = try await berth.planRemove(key, keepsData: false)
    #expect(plan.plainSteps.contains(.removeTree(path: host.paths.stamp(timer))))
    try await berth.remove(key, keepsData: false)
    #expect(dropIn(host) == nil)
    #expect(try host.files.list(host.paths.units).filter { $0.hasPrefix("harbour") } == [])
  }
}
