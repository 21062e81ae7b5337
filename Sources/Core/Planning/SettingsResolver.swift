import BerthKit

/// Turns what a person chose into a value for every setting.
struct SettingsResolver {
  let manifest: Manifest
  /// Whether a value that somebody chose may go where the plugin no longer has its setting.
  let drops: Bool

  /// The settings of a new instance.
  ///
  /// - Parameters:
  ///   - chosen: values given as text, by key.
  ///   - stored: what a kept instance had; nothing for a new one.
  ///   - names: what defaults may mention (`instance.name` and its like).
  ///   - secret: makes a secret of a length.
  /// - Throws: `unknown-setting`, `bad-variable`, `bad-setting`, `missing-setting`, or `dropped-settings`.
  func resolve(
    chosen: [String: String], stored: [StoredSetting], names: Variables, secret: (Int) -> String
  ) throws -> (values: [String: Value], stored: [StoredSetting]) {
    for key in chosen.keys.sorted() where try manifest.choice(key) == nil {
      throw BerthError.unknownSetting(key, of: manifest)
    }
    let lost = drops ? [] : manifest.homeless(stored)
    guard lost.isEmpty else {
      throw BerthError.droppedSettings(lost.map(\.key), by: manifest, instance: names["instance.id"]?.plain)
    }
    let former = Dictionary(
      manifest.named(stored).map { ($0.key, $0) }, uniquingKeysWith: { first, _ in first })
    var values: [String: Value] = [:]
    var result: [StoredSetting] = []
    var missing: [String] = []
    for setting in manifest.settings {
      let text: String
      var isDefault = false
      if let choice = chosen[setting.id] {
        text = choice
        isDefault = try setting.defaultValue.map { try names.text($0) == choice } ?? false
      } else if let known = former[setting.id] {
        text = known.value
        isDefault = known.isDefault
      } else if setting.kind == .secret {
        text = secret(setting.secretLength)
      } else if let template = setting.defaultValue {
        text = try names.text(template) ?? ""
        isDefault = true
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
      result.append(
        StoredSetting(key: setting.id, value: text, isSecret: setting.isSecret, isDefault: isDefault))
    }
    guard missing.isEmpty else { throw BerthError.missingSettings(missing, app: manifest.id) }
    // One that the plugin has come to set itself goes.
    for (key, text) in former.mapValues(\.value).merging(chosen, uniquingKeysWith: { _, new in new })
      .sorted(by: { $0.key < $1.key })
    where OwnVariable.isKey(key) {
      guard let setting = manifest.stored(key) else { continue }
      values[key] = try setting.parse(text)
      result.append(StoredSetting(key: key, value: text, isSecret: setting.isSecret))
    }
    return (values, result)
  }
}
