import BerthKit

@testable import BerthEngine
@testable import BerthPlan

/// What should be on a host, as a person would keep book of it.
struct Model: Equatable {
  struct Instance: Equatable {
    var key: InstanceKey
    var name: String
    var size: String
    var hasCrane: Bool
    var web: Int
    var isRunning: Bool
    var isEnabled: Bool
    var fleet: String?
    /// Whether only its data is kept.
    var isKept = false

    var services: [String] { ["main", "side"] + (hasCrane ? ["crane"] : []) }
    var units: Set<String> {
      Set(services.map { UnitName.service(key.app, $0, key.id.text) } + [UnitName.target(key.app, key.id.text)])
    }
  }

  /// By uid.
  var instances: [String: Instance] = [:]

  var alive: [(uid: String, instance: Instance)] {
    instances.filter { !$0.value.isKept }.map { ($0.key, $0.value) }.sorted { $0.instance.name < $1.instance.name }
  }

  /// What the host has, in the same words.
  init(_ host: TestHost) throws {
    let manager = host.manager.known
    for record in try host.registry.all() {
      let settings = try host.registry.settings(of: record.uid)
      let up = record.units.map { manager.units[$0]?.active == "active" }
      instances[record.uid] = Instance(
        key: record.key, name: record.name.text, size: settings.first { $0.key == "size" }?.value ?? "none",
        hasCrane: settings.first { $0.key == "crane" }?.value == "true",
        web: record.ports.first { $0.role == "web" }?.port.number ?? 0,
        isRunning: !record.units.isEmpty && up.allSatisfy { $0 },
        isEnabled: manager.enabled.contains(record.target), fleet: record.fleet, isKept: record.state == .kept)
    }
  }

  /// What is wrong with a host that should be like this.
  func problems(_ host: TestHost) async throws -> [String] {
    var problems: [String] = []
    let found = try Model(host)
    for uid in Set(instances.keys).union(found.instances.keys).sorted() where instances[uid] != found.instances[uid] {
      problems.append(
        "\(instances[uid].map { "\($0)" } ?? "nothing") is \(found.instances[uid].map { "\($0)" } ?? "gone")")
    }
    let manager = host.manager.known
    let running = alive.filter(\.instance.isRunning).map(\.instance.units).reduce(into: Set<String>()) {
      $0.formUnion($1)
    }
    let up = Set(manager.units.keys)
    if up != running {
      problems.append("units: \(up.subtracting(running)) too many, \(running.subtracting(up)) missing")
    }
    let enabled = Set(
      alive.filter(\.instance.isEnabled).map { UnitName.target($0.instance.key.app, $0.instance.key.id.text) })
    if manager.enabled != enabled { problems.append("enabled: \(manager.enabled.symmetricDifference(enabled))") }
    let records = try host.registry.all()
    let users = records.compactMap(\.user).sorted()
    if host.users.names != users { problems.append("users: \(host.users.names) instead of \(users)") }
    let ports = records.flatMap(\.ports).map(\.port)
    if Set(ports).count != ports.count { problems.append("ports: \(ports)") }
    problems += try files(host)
    // The doctor says nothing but that what is enabled does not run.
    let idle = Set(
      alive.filter { $0.instance.isEnabled && !$0.instance.isRunning }.map {
        "\($0.instance.key.app)/\($0.instance.name)"
      })
    for finding in try await host.berth([HarbourPlugin()]).doctor()
    where !(finding.code == "not-running" && idle.contains(finding.subject)) {
      problems.append("doctor: \(finding.line)")
    }
    if !host.locks.held.isEmpty || !host.ports.claimed.isEmpty { problems.append("something is held") }
    if try !host.registry.journal.open().isEmpty { problems.append("an operation is open") }
    return problems
  }

  /// Each instance's own files, and nobody else's.
  private func files(_ host: TestHost) throws -> [String] {
    var problems: [String] = []
    let folder = "\(host.paths.instances)/harbour"
    let ids = host.files.exists(folder) ? try host.files.list(folder) : []
    let wanted = instances.values.map(\.key.id.text).sorted()
    if ids != wanted { problems.append("folders: \(ids) instead of \(wanted)") }
    for (uid, instance) in alive {
      let home = host.paths.instance(instance.key)
      let main = host.files.exists("\(home)/config/main.conf") ? try host.files.read("\(home)/config/main.conf") : ""
      if !main.contains("size = \(instance.size)\n") || !main.contains("web = \(instance.web)\n") {
        problems.append("\(instance.name): main.conf is '\(main)'")
      }
      if try host.registry.checksum(of: "\(home)/config/main.conf") != Checksum.text(main) {
        problems.append("\(instance.name), \(uid): the checksum of main.conf")
      }
    }
    let units =
      host.files.exists(host.paths.units) ? try host.files.list(host.paths.units).filter { $0.contains("@.") } : []
    if units.isEmpty != alive.isEmpty { problems.append("shared units: \(units)") }
    if Set(units) != Set(host.manager.known.templates.keys) {
      problems.append("the manager knows other units than \(units)")
    }
    if host.files.exists(host.paths.trash) { problems.append("trash") }
    return problems
  }
}
