import BerthKit

extension Berth {
  /// The settings of an instance, in the order in which its plugin declares them.
  ///
  /// - Parameter reveals: whether secrets are shown too.
  public func settingReports(of record: InstanceRecord, reveals: Bool = false) throws -> [SettingReport] {
    let manifest = try plugin(record.key.app).manifest
    let values = Dictionary(
      try settings(of: record).map { ($0.key, $0.value) }, uniquingKeysWith: { first, _ in first })
    let names = Variables.names(
      key: record.key, name: record.name, slug: record.slug, paths: paths, hostName: environment.hostName,
      timeZone: environment.timeZone)
    let own = values.keys.filter(OwnVariable.isKey).sorted().compactMap(manifest.stored)
    return (manifest.settings + own).map { setting in
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
