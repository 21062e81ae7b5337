import BerthKit
import Foundation
import Testing

@testable import BerthEngine

@Suite("The report of an instance")
struct InstanceReportTests {
  private static let record = InstanceRecord(
    uid: "uid-1", key: InstanceKey(app: "demo", id: .default), name: InstanceName(unchecked: "PvP"), slug: "pvp",
    state: .ready,
    user: "berth-1", version: "0.7.5", directory: nil, labels: ["site": "north"], services: ["main", "worker"],
    ports: [Sample.port("game", .udp, 8303), Sample.port("web", .tcp, 80), Sample.port("web", .udp, 80)],
    createdAt: "2026-11-21T09:00:00Z")

  private func report(
    _ record: InstanceRecord = record, active: [String?] = ["active", "active"],
    enabled: Set<String> = ["demo@default.target"],
    processes: [String: Int] = [:], brokenOff: Int64? = nil
  ) -> InstanceReport {
    let states = zip(record.units, active).compactMap { unit, active in
      active.map { (unit, UnitState(active: $0, sub: "any")) }
    }
    return InstanceReport(
      record, states: Dictionary(uniqueKeysWithValues: states), enabled: enabled, processes: processes, paths: .system,
      brokenOff: brokenOff)
  }

  private func json(_ value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted]
    return String(decoding: try encoder.encode(value), as: UTF8.self)
  }

  @Test("is this JSON, key for key")
  func shape() throws {
    let expected = """
      {
        "app" : "demo",
        "builds" : [

        ],
        "created_at" : "2026-11-21T09:00:00Z",
        "dir" : "/var/lib/berth/instances/demo/default",
        "enabled" : true,
        "images" : {

        },
        "instance_id" : "default",
        "instance_name" : "PvP",
        "jobs" : null,
        "labels" : {
          "site" : "north"
        },
        "last_backup" : null,
        "pool" : null,
        "ports" : [
          {
            "address" : "0.0.0.0",
            "port" : 8303,
            "protocol" : "udp",
            "role" : "game"
          },
          {
            "address" : "0.0.0.0",
            "port" : 80,
            "protocol" : "tcp",
            "role" : "web"
          },
          {
            "address" : "0.0.0.0",
            "port" : 80,
            "protocol" : "udp",
            "role" : "web"
          }
        ],
        "problem" : null,
        "remedy" : null,
        "routes" : [

        ],
        "services" : [
          {
            "main_pid" : 4242,
            "name" : "main",
            "status" : "running",
            "unit" : "demo@default.service"
          },
          {
            "main_pid" : null,
            "name" : "worker",
            "status" : "starting",
            "unit" : "demo-worker@default.service"
          }
        ],
        "slug" : "pvp",
        "status" : "starting",
        "version" : "0.7.5"
      }
      """
    #expect(try json(report(active: ["active", "activating"], processes: ["demo@default.service": 4242])) == expected)
  }

  @Test("says null for what is unknown, and has no main process in a list")
  func unknown() throws {
    let text = try json(report(Sample.record(1, services: ["main"])))
    #expect(text.contains("\"main_pid\" : null"))
    let record = InstanceRecord(
      uid: "uid-1", key: InstanceKey(app: "demo", id: .default), name: InstanceName(unchecked: "PvP"), slug: "pvp",
      state: .ready,
      user: nil, version: nil, directory: "/srv/pvp", labels: [:], services: [], ports: [],
      createdAt: "2026-11-21T09:00:00Z")
    let bare = try json(report(record, enabled: []))
    #expect(bare.contains("\"version\" : null"))
    #expect(bare.contains("\"dir\" : \"/srv/pvp\""))
    #expect(bare.contains("\"enabled\" : false"))
    #expect(bare.contains("\"remedy\" : null"))
  }

  /// What the manager says of a unit, and the word for it.
  static let words: [(active: String?, status: Status)] = [
    ("active", .running), ("reloading", .running), ("refreshing", .running), ("activating", .starting),
    ("deactivating", .stopping),
    ("failed", .failed), ("inactive", .stopped), ("maintenance", .stopped), (nil, .stopped),
  ]

  @Test("has one word for a service", arguments: words)
  func word(_ example: (active: String?, status: Status)) {
    #expect(Status(example.active.map { UnitState(active: $0, sub: "any") }) == example.status)
  }

  /// What the services are, and the word for all of them.
  static let combinations: [(services: [Status], status: Status)] = [
    ([], .stopped), ([.running], .running), ([.running, .running], .running), ([.stopped, .stopped], .stopped),
    ([.running, .stopped], .starting), ([.stopped, .running], .starting), ([.running, .starting], .starting),
    ([.stopped, .starting], .starting), ([.running, .failed], .failed), ([.failed, .stopping, .starting], .failed),
    ([.running, .stopping], .stopping), ([.starting, .stopping], .stopping), ([.stopped, .stopping], .stopping),
  ]

  @Test("has one word for several services: the worst", arguments: combinations)
  func worst(_ example: (services: [Status], status: Status)) {
    #expect(Status(all: example.services) == example.status)
    #expect(Status(all: example.services.reversed()) == example.status)
  }

  @Test("is incomplete with the command that helps where an operation broke off, whatever runs")
  func incomplete() throws {
    let report = report(brokenOff: 7)
    #expect(report.status == .incomplete)
    #expect(report.services.map(\.status) == [.running, .running])
    #expect(report.remedy == "berth operations recover 7")
    #expect(try json(report).contains("\"remedy\" : \"berth operations recover 7\""))
  }

  @Test(
    "is what its services are while an operation is at work on it",
    arguments: [InstanceRecord.State.installing, .removing])
  func underWay(_ state: InstanceRecord.State) throws {
    var record = Self.record
    record.state = state
    #expect(report(record).status == .running)
    #expect(report(record).remedy == nil)
  }

  @Test(
    "is enabled by its own target alone",
    arguments: [("demo@default.target", true), ("demo@default.service", false), ("demo@.target", false)])
  func enabled(_ unit: String, _ isEnabled: Bool) { #expect(report(enabled: [unit]).isEnabled == isEnabled) }
}
