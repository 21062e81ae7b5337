import BerthKit

extension Manifest {
  /// The values of stored settings, as far as they still fit what the plugin declares.
  package func values(of stored: [StoredSetting]) -> [String: Value] {
    stored.reduce(into: [:]) { values, setting in
      values[setting.key] = try? self.stored(setting.key)?.parse(setting.value)
    }
  }
}
