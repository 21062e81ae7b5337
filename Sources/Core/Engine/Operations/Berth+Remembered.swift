import BerthKit

extension Berth {
  /// What the plugin of an instance declared when the instance was last made or changed.
  ///
  /// - Parameter manifest: what it declares now.
  func manifest(of record: InstanceRecord, now manifest: Manifest) -> Manifest {
    let path = paths.remembered(record.key)
    guard host.files.exists(path), let text = try? host.files.read(path) else { return manifest }
    return manifest.remembering(text) ?? manifest
  }
}
