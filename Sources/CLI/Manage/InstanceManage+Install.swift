import BerthEngine
import BerthKit

/// What makes instances, and takes them away.
extension InstanceManage {
  /// What an installer does: an instance, or its end.
  func install() async throws {
    let order = try ManageInstall(Array(words.dropFirst()), app: app)
    let berth = try HostOptions(order.global, app: app).open(need: order.removes ? .instances : .making)
    guard !order.removes else {
      return try await remove(try berth.find(order.id ?? order.name, app: app), berth)
    }
    let record = try await make(
      InstallRequest(
        app: app, id: order.id, name: order.name, ports: order.port.map { ["": $0] } ?? [:],
        directory: order.directory), berth)
    Output.line(record.key.id.text)
  }

  /// Another instance, as a panel asks for by the name of its service.
  func create(_ name: String?, _ berth: Berth) async throws {
    let record = try await make(InstallRequest(app: app, name: name), berth)
    // Panels read the last line.
    Output.line("CreatedService:\(record.units[0].replacing(".service", with: ""))")
  }

  /// Removes an instance, and backs it up first where it has anything to back up, since nobody is asked.
  func remove(_ record: InstanceRecord, _ berth: Berth) async throws {
    if try !berth.plugin(app).manifest.backup.isEmpty {
      for outcome in try await berth.backup([record], BackupWish(note: "before a panel removed it")) {
        Output.notice("its backup is \(try outcome.result.get().path)")
      }
    }
    if let failure = try await berth.remove([record], keepsData: false).values.first { throw failure }
  }

  private func make(_ request: InstallRequest, _ berth: Berth) async throws -> InstanceRecord {
    let outcomes = try await berth.install([request])
    return try outcomes[0].result.get().record
  }
}
