import BerthKit

extension HostServices {
  /// Takes back one step. Every branch may run a second time without harm.
  func takeBack(_ undo: Undo) async throws {
    switch undo {
    case .nothing: break
    case .removeUsers(let names): try await users.remove(names)
    case .makeUsers(let names): try await users.make(names.filter { !users.exists($0) })
    case .forget(let record): try registry.forget(record.uid)
    case .keep(let record): try registry.keep(record.uid)
    case .register(let registration):
      try registry.register(registration.record, settings: registration.settings)
    case .settle(let record, let state): try registry.setState(state, of: record.uid)
    case .removePath(let path): try files.remove(path)
    case .removeFolder(let path, let topmost, let isShared): try removeFolder(path, topmost, isShared)
    case .recordChecksum(let checksum, let path, let uid): try registry.setChecksum(checksum, of: path, instance: uid)
    case .rewrite(let file):
      try files.write(file.text, to: file.path, mode: file.mode, owner: file.owner, anchor: file.anchor)
    case .putBack(let aside, let path): if files.exists(aside) { try files.move(aside, to: path) }
    case .restoreUnits(let app, let former, let added):
      for file in former { try files.write(file.text, to: file.path, mode: file.mode, owner: nil, anchor: nil) }
      // Another instance may have come to need them in the meantime; this one is still in the registry.
      if try registry.instances(app: app).count <= 1 { for path in added { try files.remove(path) } }
    case .several(let undos): for undo in undos.reversed() { try await takeBack(undo) }
    case .reloadManager: try await manager.reload()
    case .enable(let units): try await manager.enable(units)
    case .disable(let units): try await manager.disable(units)
    case .start(let record): try await manager.start([record.target])
    case .stop(let record): try await stop(record)
    }
  }

  /// The first folder on the way to a path that has to be made; nil when all are there.
  func topmostMissing(_ path: String) -> String? {
    var current = ""
    for part in path.split(separator: "/") {
      current += "/\(part)"
      if !files.exists(current) { return current }
    }
    return nil
  }

  private func removeFolder(_ path: String, _ topmost: String, _ isShared: Bool) throws {
    if isShared { files.removeFolderIfEmpty(path) } else { try files.remove(path) }
    // Others may have come to use what was made above it.
    var above = path
    while above != topmost, let slash = above.lastIndex(of: "/"), slash > above.startIndex {
      above = String(above[..<slash])
      files.removeFolderIfEmpty(above)
    }
  }

  /// Stops an instance. Units that are not loaded are stopped already, and a half-made instance may have none.
  func stop(_ record: InstanceRecord) async throws {
    let units = [record.target] + record.units
    let states = try await manager.states(matching: units)
    let active = units.filter { Status(states[$0]) != .stopped && Status(states[$0]) != .failed }
    if !active.isEmpty { try await manager.stop(active) }
    try await manager.resetFailed(record.units)
  }

  /// Whether any service of the instance is up or on its way.
  func isActive(_ record: InstanceRecord) async throws -> Bool {
    let states = try await manager.states(matching: record.units)
    return states.values.contains { $0.active != "inactive" && $0.active != "failed" }
  }

  /// Starts an instance and waits until every service's probe has passed.
  ///
  /// - Throws: `port-in-use` when someone else listens on a port of it, or `not-ready` with the last log lines.
  func start(_ record: InstanceRecord) async throws {
    if try await !isActive(record) {
      for port in record.ports {
        if let owner = self.ports.listener(on: port.port) {
          throw BerthError.portInUse(port.port, role: port.role, owner: owner)
        }
        guard self.ports.claim(port.port) else {
          throw BerthError.portInUse(port.port, role: port.role, owner: PortAllocator.otherBerth)
        }
      }
    }
    try await manager.resetFailed(record.units)
    try await manager.start([record.target])
    try await requireRunning(record)
  }

  /// - Throws: `not-ready` when a service is not active.
  func requireRunning(_ record: InstanceRecord) async throws {
    let states = try await manager.states(matching: record.units)
    guard let failed = record.units.first(where: { states[$0]?.active != "active" }) else { return }
    throw BerthError.notReady(
      record, unit: failed, state: states[failed], log: await lastLines(of: [failed], count: 12))
  }

  /// The last lines that units wrote, for an error's cause; nothing when the journal cannot be read.
  func lastLines(of units: [String], count: Int) async -> [String] {
    let lines = LineCollector()
    try? await logs.entries(of: units, since: nil, last: count, follow: false) { await lines.add($0.message) }
    return await lines.lines
  }
}

private actor LineCollector {
  private(set) var lines: [String] = []
  func add(_ line: String) { lines.append(line) }
}
