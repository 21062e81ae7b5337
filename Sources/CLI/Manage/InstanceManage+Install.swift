import BerthEngine
import BerthKit
import BerthPlanning

/// What makes instances, and takes them away.
extension InstanceManage {
  /// What an installer does: an instance, the same one anew, or its end.
  func install(_ order: ManageInstall) async throws {
    let options = try options(order.global)
    let berth = try options.open(need: order.removes ? .instances : .plugins)
    let manifest = try berth.plugin(app).manifest
    let present = try meant(order, berth)
    if order.removes {
      // Also a script that speaks for all of them removes the one that is named, or the only one.
      guard present.count < 2 else { throw BerthError.severalToRemove(present, app: app) }
      // As a removal by hand says it where there is nothing.
      guard !present.isEmpty else { return try await remove([try berth.find(order.id ?? order.name, app: app)], berth) }
      return try await remove(present, berth)
    }
    // A panel that installs what is there wants it put right.
    guard present.isEmpty else {
      if let directory = order.directory, let record = try berth.outside(directory, of: present) {
        throw BerthError.badManageWord("'--dir' is not where '\(record.name)' lies, and moves nothing", app: app)
      }
      var wish = ChangeWish.update
      wish.ports = order.port.map { ["": $0] } ?? [:]
      let failures = try await berth.change("update", present, wish).failures
      try BatchStatus.finish(failures, isMany: false, json: false)
      for record in present { Output.line(record.key.id.text) }
      return
    }
    let record = try await make(
      InstallRequest(
        app: manifest.id, id: order.id, name: order.name, ports: order.port.map { ["": $0] } ?? [:],
        directory: order.directory), berth, options)
    Output.line(record.key.id.text)
  }

  /// The instances that an installer is about, as far as they are there.
  private func meant(_ order: ManageInstall, _ berth: Berth) throws -> [InstanceRecord] {
    if let service = order.service {
      let named = (order.id ?? order.name).map { ["--instance", $0] } ?? ["--all"]
      return try berth.managed(ManageOrder(named + ["--service", service], app: app), app: app).map(\.record)
    }
    let all = try berth.instances(of: app)
    if let id = order.id { return all.filter { $0.key.id.text == id } }
    if let name = order.name { return all.filter { $0.name.text == name } }
    guard !order.removes, !order.isForAll, let own = all.first(where: { $0.key.id == .default }) else { return all }
    return [own]
  }

  /// Another instance, as a panel asks for by the name of its service.
  func create(_ name: String?, _ berth: Berth, _ options: HostOptions) async throws {
    let record = try await make(InstallRequest(app: app, name: name), berth, options)
    // Panels read the last line.
    Output.line("CreatedService:\(record.units[0].replacing(".service", with: ""))")
  }

  /// Removes instances, and backs each up first that has anything to back up, since nobody is asked. What is stopped for
  /// that stays so.
  func remove(_ records: [InstanceRecord], _ berth: Berth) async throws {
    let kept = berth.withBackupSets(records)
    let wish = BackupWish(
      reason: .panel, compression: .gzip, note: "before a panel removed it", leavesStopped: true)
    for outcome in kept.isEmpty ? [] : try await berth.backup(kept, wish) {
      Output.notice("its backup is \(try outcome.result.get().path)")
    }
    if let failure = try await berth.remove(records, keepsData: false).values.first { throw failure }
  }

  private func make(_ request: InstallRequest, _ berth: Berth, _ options: HostOptions) async throws -> InstanceRecord {
    var berth = berth
    if berth.isNew {
      try berth.requireCarriable(try await berth.planInstall([request]))
      berth = try options.open(need: .making)
    }
    let outcomes = try await berth.install([request])
    return try outcomes[0].result.get().record
  }
}

extension BerthError {
  static func severalToRemove(_ records: [InstanceRecord], app: String) -> BerthError {
    let names = records.map { "\($0.name) (\(app)@\($0.key.id))" }
    return BerthError(
      "ambiguous-instance", .usage,
      "'--uninstall' may mean several instances of '\(app)': \(names.joined(separator: ", "))",
      remedy: .berth("manage", app, "install", "--uninstall", "--instance-id", records[0].key.id.text))
  }
}
