import BerthKit

/// A setting of an instance with everything that has to be known to change it.
public struct SettingReport: Sendable, Encodable {
  /// A key of a config file of the app that the setting's value goes into.
  public struct Place: Sendable, Equatable, Encodable {
    public let file: String
    public let key: String
  }

  public let setting: Setting
  /// Nil for none, or a secret that is not shown.
  public let value: String?
  /// What it is without a choice; nil for none, or a secret.
  public let standard: String?
  /// Where it goes.
  public let places: [Place]

  private enum Key: String, CodingKey {
    case key, group, type, value, `default`, required, secret, choices, min, max, length, pattern, help, places
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(setting.id, forKey: .key)
    try container.encode(setting.group, forKey: .group)
    try container.encode(setting.kind.rawValue, forKey: .type)
    try container.encode(value, forKey: .value)
    try container.encode(standard, forKey: .default)
    try container.encode(setting.isRequired, forKey: .required)
    try container.encode(setting.isSecret, forKey: .secret)
    try container.encode(setting.choices, forKey: .choices)
    try container.encode(setting.minimum, forKey: .min)
    try container.encode(setting.maximum, forKey: .max)
    try container.encode(setting.length, forKey: .length)
    try container.encode(setting.pattern, forKey: .pattern)
    try container.encode(setting.help, forKey: .help)
    try container.encode(places, forKey: .places)
  }

  /// What may be written there, for people: `int, 1 to 64`.
  public var kind: String {
    func number(_ value: Double) -> String {
      setting.kind == .size
        ? ByteSize.text(ofBytes: Int(value)) : value == value.rounded() ? "\(Int(value))" : "\(value)"
    }
    let bounds =
      switch (setting.minimum, setting.maximum) {
      case (let low?, let high?): ", \(number(low)) to \(number(high))"
      case (let low?, nil): ", from \(number(low))"
      case (nil, let high?): ", up to \(number(high))"
      case (nil, nil): ""
      }
    let choices = setting.choices.isEmpty ? "" : ": \(setting.choices.joined(separator: ", "))"
    return "\(setting.kind.rawValue)\(choices)\(bounds)"
  }
}

extension Berth {
  /// The settings of an instance, in the order in which its plugin declares them.
  ///
  /// - Parameter reveals: whether secrets are shown too.
  public func settingReports(of record: InstanceRecord, reveals: Bool = false) throws -> [SettingReport] {
    let manifest = try plugin(record.key.app).manifest
    let values = Dictionary(
      try settings(of: record).map { ($0.key, $0.value) }, uniquingKeysWith: { first, _ in first })
    let names = Variables.names(
      key: record.key, name: record.name, slug: record.slug, paths: paths, hostName: environment.hostName)
    return manifest.settings.map { setting in
      SettingReport(
        setting: setting, value: setting.isSecret && !reveals ? nil : values[setting.id] ?? nil,
        standard: setting.isSecret ? nil : setting.defaultValue.flatMap { try? names.text($0) },
        places: manifest.config.flatMap { file in
          (file.values + file.initial).filter { $0.value.variables.contains("settings.\(setting.id)") }
            .map { SettingReport.Place(file: file.id, key: $0.key) }
        })
    }
  }

  /// The settings of an instance as a text that a person can edit.
  public func settingLines(of record: InstanceRecord) throws -> [SettingsSheet.Line] {
    try settingReports(of: record).map { report in
      let notes = [
        report.setting.isSecret ? "secret, not shown" : nil, report.standard.map { "'\($0)' by itself" },
        report.setting.isOptional ? "may be left out" : nil,
      ]
      return SettingsSheet.Line(
        report.setting.id, report.value, group: report.setting.group,
        comments: (report.setting.help.map { [$0] } ?? [])
          + [([report.kind] + notes.compactMap { $0 }).joined(separator: "; ")])
    }
  }
}
