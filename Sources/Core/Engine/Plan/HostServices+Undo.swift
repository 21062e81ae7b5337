import BerthKit

extension HostServices {
  /// Takes back one step. Every branch may run a second time without harm.
  func takeBack(_ undo: Undo) async throws {
    switch undo {
    case .nothing: break
    case .removeUsers(let names): try await users.remove(names)
    case .makeUsers(let names): try await users.make(names.filter { !users.exists($0) })
    case .forget(let record): try registry.forget(record.uid)
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
    case .stop(let record): try await stop([record])
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
}
