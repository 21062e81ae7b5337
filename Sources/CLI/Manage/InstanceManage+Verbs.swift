import ArgumentParser
import BerthEngine
import BerthKit
import BerthPlanning

/// What each verb does to the instances that are meant.
extension InstanceManage {
  func carryOut(
    _ verb: ManageVerb, _ order: ManageOrder, _ instances: [ManagedInstance], _ berth: Berth
  ) async throws {
    let records = instances.map(\.record)
    switch verb {
    case .start, .stop, .restart: try await control(verb, order, instances, berth)
    case .delayedStop, .delayedRestart, .delayedUpdate: try await delayed(verb, instances, berth)
    case .createService, .firstRun, .preStop:
      Output.notice("\(verb.rawValue): \(verb.help)")
    case .removeService: try await remove([try one(verb, instances).record], berth)
    case .remove: try await removeAll(order, records, berth)
    case .isRunning, .postStart:
      let running = try await berth.isRunning(instances)
      for (instance, runs) in zip(instances, running) where verb == .isRunning {
        Output.line("\(instance.record.name) is \(runs ? "running" : "not running")")
      }
      try answer(running.contains(true))
    case .hasPlayers: try answer(try await players(records, berth))
    case .command:
      let reply = try await berth.console(order.operands[0], of: try one(verb, instances).record, seconds: 30)
      if !reply.text.isEmpty { Output.line(reply.text) }
    case .consoleAttach: try await attach(try one(verb, instances), berth)
    case .getCommands: try Output.json((try berth.plugin(app).manifest.console?.commands ?? []).map(\.word))
    case .backup: try await backUp(records, order, berth)
    case .restore: try await restore(order, instances, berth)
    case .checkUpdate:
      let found = try await berth.withUpdates(records)
      for record in records {
        Output.line("\(record.name) \(found.contains { $0.uid == record.uid } ? "can be updated" : "is up to date")")
      }
      try answer(!found.isEmpty)
    case .update:
      let outcomes = try await berth.change("update", records, .update)
      try finish(outcomes)
      for record in records {
        Output.line(
          "\(record.name) \(outcomes.contains { $0.record.uid == record.uid } ? "is updated" : "is up to date")")
      }
    case .getServices: try Output.json(try await berth.managedServices(instances, measures: false))
    case .getMetrics: try Output.json(try await berth.managedServices(instances, measures: true))
    case .getConfigs:
      // An app as such has no settings; its instances do.
      try Output.json(instances.count == 1 && !isForApp(order) ? berth.managedOptions(of: records[0]) : [])
    case .setConfig:
      let record = try one(verb, instances).record
      guard let wish = try berth.managedChange(order.operands[0], to: order.operands[1], of: record) else { return }
      try finish(try await berth.change("config set", [record], wish))
    case .getPorts:
      try Output.json(try instances.flatMap { try berth.managedPorts(of: $0.record, service: $0.service) })
    case .logs:
      for instance in instances {
        try await berth.logs(of: instance.record, service: instance.service, since: nil, last: 100, follow: false) {
          Output.line($0.message)
        }
      }
    }
  }

  /// Whether the app is meant and none of its instances.
  private func isForApp(_ order: ManageOrder) -> Bool { order.isForAll && order.service == nil }

  /// The one instance that a verb is about.
  ///
  /// - Throws: `bad-manage-word` where nobody has said which.
  private func one(_ verb: ManageVerb, _ instances: [ManagedInstance]) throws -> ManagedInstance {
    guard instances.count == 1 else {
      throw BerthError.badManageWord("'\(verb.rawValue)' needs --service here", app: app)
    }
    return instances[0]
  }

  /// Of all, those start that start with the host, and those restart that run.
  private func control(
    _ verb: ManageVerb, _ order: ManageOrder, _ instances: [ManagedInstance], _ berth: Berth
  ) async throws {
    guard let control = Control(rawValue: verb.rawValue) else { return }
    var chosen = instances.map(\.record)
    if isForApp(order) {
      let reports = try await berth.list(app: app)
      chosen = reports.filter { report in
        switch control {
        case .start: report.isEnabled
        case .restart: [.running, .starting].contains(report.status)
        default: true
        }
      }.map(\.record)
    }
    if !chosen.isEmpty { try finish(try await berth.control(control, chosen, service: instances.first?.service)) }
  }

  private func delayed(_ verb: ManageVerb, _ instances: [ManagedInstance], _ berth: Berth) async throws {
    let service = instances.first?.service
    let patience = Patience(seconds: 3600)
    let records = instances.map(\.record)
    switch verb {
    case .delayedStop:
      try finish(
        try await berth.whenEmpty(records, patience, deed: "stops") {
          try await berth.control(.stop, $0, service: service)
        })
    case .delayedRestart:
      try finish(
        try await berth.whenEmpty(records, patience, deed: "restarts") {
          try await berth.control(.restart, $0, service: service)
        })
    default:
      try finish(
        try await berth.whenEmpty(records, patience, deed: "is updated") {
          try await berth.change("update", $0, .update)
        })
    }
  }

  /// Whether anybody plays on any of them, which is said of each.
  private func players(_ records: [InstanceRecord], _ berth: Berth) async throws -> Bool {
    var found = false
    for record in records {
      let count: Int?
      do { count = try await berth.players(of: record).server.count } catch let error as BerthError
        where error.code == "not-running"
      {
        count = 0
      } catch is BerthError { count = nil }
      let text = count.map { $0 == 0 ? "has no players" : "has \($0) player\($0 == 1 ? "" : "s")" }
      Output.line("\(record.name) \(text ?? "does not say how many play")")
      found = found || count ?? 0 > 0
    }
    return found
  }

  private func finish(_ outcomes: [ControlOutcome]) throws {
    try BatchStatus.finish(outcomes.failures, isMany: false, json: words.contains("--json"))
  }

  /// A question is answered by the exit status.
  private func answer(_ yes: Bool) throws { if !yes { throw ExitCode(1) } }

  private func backUp(_ records: [InstanceRecord], _ order: ManageOrder, _ berth: Berth) async throws {
    let outcomes = try await berth.backup(records, BackupWish(reason: .panel, compression: .gzip))
    for outcome in outcomes { Output.line(try outcome.result.get().path) }
    if let count = order.maxBackups, count > 0 {
      try await berth.prune(records, Retention(last: count), isPanels: true)
    }
  }

  private func restore(_ order: ManageOrder, _ instances: [ManagedInstance], _ berth: Berth) async throws {
    var request = try berth.managedBackup(order.operands[0], of: instances.count == 1 ? instances[0].record : nil)
    request.app = app
    _ = try await berth.restore(request).result.get()
  }

  private func removeAll(_ order: ManageOrder, _ records: [InstanceRecord], _ berth: Berth) async throws {
    guard order.isConfirmed else {
      Output.line(
        "'remove --confirm' removes \(records.map(\.title).joined(separator: ", ")); \(records.count == 1 ? "its" : "their") backups stay."
      )
      throw ExitCode(1)
    }
    try await remove(records, berth)
  }
}
