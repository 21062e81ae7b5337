import BerthKit
import Testing

@testable import BerthEngine
@testable import BerthPlan
@testable import BerthPlanning

@Suite("The plan of a removal")
struct RemovePlanTests {
  private func record(user: String? = nil, directory: String? = nil) -> InstanceRecord {
    InstanceRecord(
      uid: "uid-1", key: InstanceKey(app: "demo", id: .default), name: InstanceName(unchecked: "PvP"), slug: "pvp",
      state: .ready,
      user: user, version: nil, directory: directory, labels: [:], services: ["main", "worker"], ports: [],
      createdAt: "2026-11-21T09:00:00Z")
  }

  private func plan(_ record: InstanceRecord, _ kind: TestHost.Kind = .system, keepsData: Bool = false) -> Plan {
    let folder = kind.paths.units
    let names = ["demo@.service", "demo-worker@.service", "demo@.target"]
    let dropIns = ["demo@default.service.d", "demo-worker@default.service.d"]
    let units = UnitFolder(
      shared: ["demo": names.map { "\(folder)/\($0)" }],
      own: ["demo": ["default": dropIns.map { "\(folder)/\($0)" }]])
    return Plan(
      verb: "remove", [RemovePlanner(record: record, paths: kind.paths, units: units, keepsData: keepsData).steps()])
  }

  private func removed(_ plan: Plan) -> [String] {
    plan.plainSteps.compactMap { if case .removeTree(let path) = $0 { path } else { nil } }
  }

  @Test("removes the user of an instance that has one")
  func system() {
    let plan = plan(record(user: "berth-1"))
    #expect(
      plan.kinds == [
        "settle", "stop", "disable", "remove-tree", "remove-tree", "remove-tree", "release-units", "remove-users",
        "forget", "reload-manager",
      ])
    #expect(plan.plainSteps.contains(.removeUsers(["berth-1"])))
    #expect(plan.verb == "remove")
    #expect(
      removed(plan) == [
        "/etc/systemd/system/demo@default.service.d", "/etc/systemd/system/demo-worker@default.service.d",
        "/var/lib/berth/instances/demo/default",
      ])
  }

  @Test("removes no user for a person")
  func person() {
    let kinds = plan(record(), .user).kinds
    #expect(!kinds.contains("remove-users"))
    #expect(kinds.suffix(2) == ["forget", "reload-manager"])
  }

  @Test("removes the folders that lie elsewhere, and not what is beside them")
  func directory() {
    #expect(
      removed(plan(record(directory: "/srv/pvp"), .user)).filter { $0.hasPrefix("/srv") }
        == ["/srv/pvp/config", "/srv/pvp/data", "/srv/pvp/cache"])
  }

  @Test("keeps the folders, the user and the settings with the data", arguments: [nil, "/srv/pvp"])
  func keeps(_ directory: String?) {
    let plan = plan(record(user: "berth-1", directory: directory), keepsData: true)
    #expect(
      plan.kinds == [
        "settle", "stop", "disable", "remove-tree", "remove-tree", "remove-tree", "remove-tree", "remove-tree",
        "remove-tree", "remove-tree", "remove-tree", "release-units", "keep", "reload-manager",
      ])
    #expect(
      removed(plan).suffix(6) == [
        "/var/lib/berth/instances/demo/default/manage", "/var/lib/berth/instances/demo/default/manage.py",
        "/var/lib/berth/instances/demo/default/installer.sh", "/var/lib/berth/instances/demo/default/backups",
        "/var/lib/berth/instances/demo/default/env", "/var/lib/berth/instances/demo/default/worker.env",
      ])
  }

  @Test("lets go of every shared unit of the app")
  func releases() {
    let units = plan(record(), .user).plainSteps.compactMap {
      if case .releaseUnits(_, let paths) = $0 { paths } else { nil }
    }
    let folder = "/home/mara/.config/systemd/user"
    #expect(units == [["\(folder)/demo@.service", "\(folder)/demo-worker@.service", "\(folder)/demo@.target"]])
  }
}
