import BerthKit

/// Turns what a person chose into a value for every setting.
struct SettingsResolver {
  let manifest: Manifest

  /// The settings of a new instance.
  ///
  /// - Parameters:
  ///   - chosen: values given as text, by key.
  ///   - stored: what a kept instance had; nothing for a new one.
  ///   - names: what defaults may mention (`instance.name` and its like).
  ///   - secret: makes a secret of a length.
  /// - Throws: `unknown-setting`, `bad-variable`, `bad-setting` or `missing-setting`.
  func resolve(
    chosen: [String: String], stored: [StoredSetting], names: Variables, secret: (Int) -> String
  ) throws -> (values: [String: Value], stored: [StoredSetting]) {
    let known = manifest.settings.map(\.id)
    for key in chosen.keys.sorted() where try manifest.choice(key) == nil {
      throw BerthError.unknownSetting(key, app: manifest.id, known: known)
    }
    let former = Dictionary(stored.map { ($0.key, $0.value) }, uniquingKeysWith: { first, _ in first })
    var values: [String: Value] = [:]
    var result: [StoredSetting] = []
    var missing: [String] = []
    for setting in manifest.settings {
      let text: String
      if let choice = chosen[setting.id] ?? former[setting.id] {
        text = choice
      } else if setting.kind == .secret {
        text = secret(setting.secretLength)
      } else if let template = setting.defaultValue {
        text = try names.text(template) ?? ""
        // A place of the instance's own is another one in a copy of it, so that it is not kept as a value.
        if template.variables.contains(where: { $0.hasPrefix("paths.") }) {
          values[setting.id] = try setting.parse(text)
          continue
        }
      } else {
        if setting.isRequired { missing.append(setting.id) }
        continue
      }
      values[setting.id] = try setting.parse(text)
      result.append(StoredSetting(key: setting.id, value: text, isSecret: setting.isSecret))
    }
    guard missing.isEmpty else { throw BerthError.missingSettings(missing, app: manifest.id) }
    // One that the plugin has come to set itself goes.
    for (key, text) in former.merging(chosen, uniquingKeysWith: { _, new in new }).sorted(by: { $0.key < $1.key })
    where OwnVariable.isKey(key) {
      guard let setting = manifest.stored(key) else { continue }
      values[key] = try setting.parse(text)
      result.append(StoredSetting(key: key, value: text, isSecret: setting.isSecret))
    }
    return (values, result)
  }
}
