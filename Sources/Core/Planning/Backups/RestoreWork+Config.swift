import BerthKit
import BerthPlan

/// Config files in a restore: nothing that an instance puts in the place of one keeps it from being restored.
extension RestoreWork {
  /// Whether a file of the instance comes from the backup, so that what stands in its place now goes.
  package func brings(
    _ path: String, _ record: InstanceRecord, _ paths: ScopePaths, keeps: (ReplaceOrder, String) -> Bool
  ) -> Bool {
    let home = "\(paths.instance(record.key))/"
    guard path.hasPrefix(home) else { return false }
    let below = String(path.dropFirst(home.count))
    return replacements(record, paths).contains { order in
      below.hasPrefix("\(order.name)/") && !keeps(order, below)
    }
  }

  /// The same host, on which a file that is none counts as missing.
  func view(_ view: HostView) -> HostView {
    view.with { path in
      do { return try view.text(path) } catch let error as BerthError where error.kind == .badInput { return nil }
    }
  }

  /// Moves away what stands in the place of a config file that the backup does not bring, where it is no such file. It
  /// stays beside.
  func clearing(_ files: [Deployment.File], _ record: InstanceRecord, _ paths: ScopePaths, _ view: HostView) throws
    -> [Step]
  {
    let moves = try files.filter(\.isConfig).filter { file in
      let path = file.write.path
      guard view.exists(path), !brings(path, record, paths, keeps: view.keeps) else { return false }
      return try file.replacesBroken || view.text(path) == nil
    }.map { FolderMove($0.write.path, to: ScopePaths.kept($0.write.path, at: view.timestamp)) }
    return moves.isEmpty ? [] : [.moveFolders(moves)]
  }
}
