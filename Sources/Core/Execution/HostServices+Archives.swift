import BerthKit
import BerthPlan

/// Taking back what was done with backups. Each may run a second time, wherever it broke off.
extension HostServices {
  func dropBackup(_ id: String, _ paths: [String], spares: Bool) throws {
    if spares, try registry.backups.all().contains(where: { $0.id == id }) { return }
    try registry.backups.remove([id])
    for path in paths { try files.remove(path) }
  }

  /// Brings an instance's data back from a backup. The instance is stopped.
  func restoreData(_ point: RestorePoint) throws {
    // What ran before runs again since then, perhaps, and has gone on with its data.
    guard !files.exists(point.done) else { return }
    // An attempt that broke off has perhaps set folders aside.
    for order in point.replacements { try archives.putBack(order, keeping: try moved(order)) }
    try files.remove(point.unpack.target)
    try files.makeFolder(ScopePaths.folder(of: point.unpack.target), mode: 0o700, owner: nil)
    _ = try archives.unpack(sealed(point.unpack)) { _, _ in }
    for order in point.replacements { try archives.replace(order, keeping: try archives.kept(order)) }
    for order in point.replacements { try files.remove(order.aside) }
    try files.remove(point.unpack.target)
    try files.makeFolder(point.done, mode: 0o700, owner: nil)
  }

  /// An order for an archive that was only about to be made when the order was given, with the seal that it has by now.
  func sealed(_ order: UnpackOrder) throws -> UnpackOrder {
    guard order.trust == .own(list: nil), let id = order.ids.last else { return order }
    var order = order
    order.trust = .own(list: try registry.backups.all().first { $0.id == id }?.seal?.list)
    return order
  }

  /// Removes the marks of restored data when the operation has ended.
  func forgetRestored(_ points: [RestorePoint]) {
    for point in points {
      try? files.remove(point.done)
      files.removeFolderIfEmpty(ScopePaths.folder(of: point.done))
    }
  }

  /// What a replacement that broke off had moved already: whatever of the new folder the backup does not have.
  private func moved(_ order: ReplaceOrder) throws -> [String] {
    files.exists(order.aside) && files.exists(order.folder) ? try archives.kept(order) : []
  }
}
