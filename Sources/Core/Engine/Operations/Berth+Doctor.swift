import BerthKit
import BerthPlanning
import BerthStore

extension Berth {
  /// Compares registry, files, units, ports and processes. Changes nothing.
  ///
  /// - Returns: each difference, with the command that mends it.
  public func doctor() async throws -> [Finding] {
    let records = try host.registry.instances()
    var findings = try brokenOperations()
    let isUp = await host.manager.isReachable()
    if !isUp, !records.isEmpty {
      findings.append(
        Finding(
          code: "manager-down", subject: paths.scope.rawValue, problem: "the service manager does not answer",
          remedy: paths.scope == .sandbox ? .berth("host", "up") : "systemctl status"))
    }
    let catalog = catalog()
    let unwell = Set(try openOperations().flatMap { $0.openItems.map(\.uid) })
    for app in Set(records.map(\.key.app)).sorted() {
      let own = records.filter { $0.key.app == app && !unwell.contains($0.uid) }
      findings += await differences(app, own, catalog)
    }
    if isUp { findings += try await stateFindings(records, unwell: unwell) }
    findings += try await doorFindings()
    findings += try await addressFindings(records)
    findings += try PlanningSession(self, catalog).closedTrees().filter { !unwell.contains($0.record.uid) }.map {
      Finding(code: "closed-tree", subject: $0.record.title, problem: $0.tree.problem, remedy: $0.tree.remedy)
    }
    findings += records.filter { !unwell.contains($0.uid) }.flatMap(sharedFiles)
    return findings + (try backupFindings(records)) + (try strays(records)) + (try straySites(records))
  }

  private func brokenOperations() throws -> [Finding] {
    try openOperations().map { operation in
      Finding(
        code: "incomplete", subject: "operation \(operation.id)",
        problem: "\(operation.title) broke off; it began \(operation.startedAt)",
        remedy: .berth("operations", "recover", "\(operation.id)"))
    }
  }

  /// Files, folders and units against what the plugin declares.
  private func differences(_ app: String, _ records: [InstanceRecord], _ catalog: PluginCatalog) async -> [Finding] {
    do {
      var builder = try await PlanningSession(self, catalog).planBuilder(
        "update", apps: [app], asksManager: false)
      var findings: [String: [Finding]] = [:]
      func note(_ record: InstanceRecord, _ finding: (Remedy) -> Finding) {
        findings[record.uid, default: []].append(
          finding(.berth("update", app, "--instance", "\(record.key.id)")))
      }
      for record in records {
        var wish = ChangeWish()
        wish.checksOwners = true
        do { try builder.change(record, wish) } catch let unknown as UnknownBuild {
          note(record) {
            Finding(
              code: "differs", subject: record.title,
              problem: "it needs the app \(unknown.app) of Steam's, of which it has no build", remedy: $0)
          }
        }
      }
      let plan = builder.plan
      for change in plan.changes {
        for reason in change.reasons {
          note(change.record) {
            Finding(code: "differs", subject: change.record.title, problem: reason, remedy: $0)
          }
        }
      }
      for refusal in plan.refused {
        note(refusal.record) { Self.finding(refusal.error, subject: refusal.record.title, remedy: $0) }
      }
      return records.flatMap { findings[$0.uid] ?? [] }
    } catch {
      let remedy = Remedy.berth("app", "check", app)
      return records.map { Self.finding(error, subject: $0.title, remedy: remedy) }
    }
  }

  private static func finding(_ error: any Error, subject: String, remedy: Remedy) -> Finding {
    let error = BerthError(anything: error)
    return Finding(code: error.code, subject: subject, problem: error.summary, remedy: error.remedy ?? remedy)
  }

  /// What should run and does not, and what runs and is nobody's.
  private func stateFindings(_ records: [InstanceRecord], unwell: Set<String>) async throws -> [Finding] {
    let units = try UnitFolder(reading: paths, host.files)
    let apps = Set(records.map(\.key.app)).union(units.shared.keys).sorted()
    guard !apps.isEmpty else { return [] }
    let states = try await host.manager.states(matching: apps.flatMap { ["\($0)@*.service", "\($0)-*@*.service"] })
    let enabled = try host.manager.enabledUnits()
    let well = records.filter { !unwell.contains($0.uid) }
    let runs = try host.registry.backups.lastRuns()
    var findings = await containerFindings(well, states)
    findings += jobFindings(well, states, reported: Set(runs.filter { $0.value.error != nil }.keys))
    findings += try await socketFindings(well, states)
    for record in well {
      let isEnabled = enabled.contains(record.target)
      for unit in record.units {
        let (problem, verb): (String, String)
        switch Status(states[unit]) {
        case .failed: (problem, verb) = ("\(unit) has failed", "restart")
        case .stopped where isEnabled: (problem, verb) = ("it is enabled, and \(unit) does not run", "start")
        default: continue
        }
        findings.append(
          Finding(
            code: "not-running", subject: record.title, problem: problem,
            remedy: .berth(verb, record.key.app, "--instance", "\(record.key.id)")))
      }
      if !record.isActive(states) { findings += takenPorts(record) }
    }
    let known = Set(records.flatMap { $0.chosen([], withTarget: true) })
    // Jobs come and go by themselves; services of Berth's own apps are those with a template in the unit folder.
    let services = Set(records.flatMap { record in record.services.map { UnitName.service(record.key.app, $0) } })
    func isOurs(_ unit: String) -> Bool { services.contains(UnitName.template(of: unit)) }
    let kind = paths.scope == .system ? "systemctl" : "systemctl --user"
    for (unit, state) in states.sorted(by: { $0.key < $1.key })
    where Status(state).isUp && isOurs(unit) && !known.contains(unit) {
      findings.append(
        Finding(
          code: "stray-unit", subject: unit, problem: "it runs and belongs to no instance",
          remedy: "\(kind) stop \(unit)"))
    }
    for unit in enabled.subtracting(known).sorted() where apps.contains(where: { unit.hasPrefix("\($0)@") }) {
      findings.append(
        Finding(
          code: "stray-link", subject: unit, problem: "it is enabled and belongs to no instance",
          remedy: "\(kind) disable \(unit)"))
    }
    return findings
  }

  /// A stopped instance's port that somebody else has taken meanwhile.
  private func takenPorts(_ record: InstanceRecord) -> [Finding] {
    record.ports.compactMap { port in
      guard let owner = host.ports.listener(on: port.port) else { return nil }
      return Finding(
        code: "port-in-use", subject: record.title, problem: "its \(port.role) port \(port.port) is used by \(owner)",
        remedy: .berth("config", "set", record.key.app, "--instance", "\(record.key.id)", "--port", "\(port.role)=N"))
    }
  }

  /// Folders and files that belong to no instance.
  private func strays(_ records: [InstanceRecord]) throws -> [Finding] {
    let known = Set(try host.registry.all().map { "\($0.key.app)/\($0.key.id)" })
    var findings: [Finding] = []
    for app in host.files.isFolder(paths.instances) ? try host.files.list(paths.instances) : [] {
      for id in try host.files.list("\(paths.instances)/\(app)") where !known.contains("\(app)/\(id)") {
        let path = paths.instance(app, id)
        findings.append(
          Finding(code: "stray-folder", subject: path, problem: "it belongs to no instance", remedy: "rm -r '\(path)'"))
      }
    }
    let units = try UnitFolder(reading: paths, host.files)
    let apps = Set(records.map(\.key.app))
    for (app, files) in units.shared.sorted(by: { $0.key < $1.key }) where !apps.contains(app) {
      for path in files {
        findings.append(
          Finding(code: "stray-unit", subject: path, problem: "the app has no instance", remedy: "rm '\(path)'"))
      }
    }
    for (app, folders) in units.own.sorted(by: { $0.key < $1.key }) {
      for (id, paths) in folders.sorted(by: { $0.key < $1.key }) where !known.contains("\(app)/\(id)") {
        for path in paths {
          findings.append(
            Finding(code: "stray-unit", subject: path, problem: "it belongs to no instance", remedy: "rm -r '\(path)'"))
        }
      }
    }
    return findings
      + leftovers().map {
        Finding(
          code: "leftovers", subject: $0, problem: "an operation left something behind",
          remedy: .berth("operations", "recover"))
      }
  }
}
