import BerthEngine
import BerthKit
import BerthStore

/// Backups as tables for people and as objects for programs.
enum BackupOutput {
  /// One backup as the JSON contract shows it.
  struct Report: Encodable {
    let report: BackupReport

    init(_ report: BackupReport) { self.report = report }

    private enum CodingKeys: String, CodingKey {
      case id, app, kind, base, state, path, size, files, bytes, stored, pause, version, reason, origin, labels, note,
        keep
      case problem, warnings
      case leftOut = "left_out"
      case instanceID = "instance_id"
      case instanceName = "instance_name"
      case createdAt = "created_at"
      case pluginVersion = "plugin_version"
      case verifiedAt = "verified_at"
    }

    func encode(to encoder: any Encoder) throws {
      let backup = report.backup
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(backup.id, forKey: .id)
      try container.encode(backup.key.app, forKey: .app)
      try container.encode(backup.key.id, forKey: .instanceID)
      try container.encode(backup.instanceName, forKey: .instanceName)
      try container.encode(backup.createdAt, forKey: .createdAt)
      try container.encode(backup.kind, forKey: .kind)
      try container.encode(backup.base, forKey: .base)
      try container.encode(report.state, forKey: .state)
      try container.encode(backup.path, forKey: .path)
      try container.encode(backup.size, forKey: .size)
      try container.encode(backup.files, forKey: .files)
      try container.encode(backup.bytes, forKey: .bytes)
      try container.encode(backup.stored, forKey: .stored)
      try container.encode(backup.pause, forKey: .pause)
      try container.encode(backup.version, forKey: .version)
      try container.encode(backup.pluginVersion, forKey: .pluginVersion)
      try container.encode(backup.reason, forKey: .reason)
      try container.encode(backup.origin, forKey: .origin)
      try container.encode(backup.labels, forKey: .labels)
      try container.encode(backup.note, forKey: .note)
      try container.encode(backup.isKept, forKey: .keep)
      try container.encode(backup.verifiedAt, forKey: .verifiedAt)
      try container.encode(backup.checked, forKey: .problem)
      try container.encode(backup.warnings, forKey: .warnings)
      try container.encode(LeftOut(backup.remarks), forKey: .leftOut)
    }

    /// What is missing in the archive: how much, and the first few by name.
    private struct LeftOut: Encodable {
      struct File: Encodable {
        let path: String
        let reason: ArchiveRemarks.Kind
      }

      let count: Int
      let files: [File]

      init(_ remarks: ArchiveRemarks) {
        count = remarks.leftOut
        files = remarks.first.filter(\.kind.isLeftOut).map { File(path: $0.path, reason: $0.kind) }
      }
    }
  }

  static func lines(_ reports: [BackupReport]) -> [String] {
    var table = Table(["ID", "APP", "INSTANCE", "MADE", "KIND", "SIZE", "DATA", "STATE", "KEEP", "REASON", "NOTE"])
    for report in reports {
      let backup = report.backup
      table.add([
        String(backup.id.prefix(8)), backup.key.app, backup.instanceName.text, backup.createdAt, backup.kind.rawValue,
        ByteCount.text(backup.size), ByteCount.text(backup.bytes), report.state, backup.isKept ? "yes" : "no",
        backup.reason.rawValue, backup.note ?? "",
      ])
    }
    return table.lines { column, text, padded in
      guard column == 7 else { return padded }
      return text == "good" ? Style.stdout.green(padded) : Style.stdout.red(padded)
    }
  }

  /// One new backup, in a line.
  static func line(_ backup: BackupRecord) -> String {
    let left = backup.remarks.leftOut
    let leftOut = left > 0 ? ", \(left) left out" : ""
    let pause = backup.pause > 0 ? ", stopped for \(ByteCount.seconds(backup.pause))" : ""
    return "\(backup.key.app)/\(backup.instanceName): \(backup.path) (\(backup.kind.rawValue), "
      + "\(ByteCount.text(backup.size)) for \(ByteCount.text(backup.bytes)) in \(backup.files) \(backup.files == 1 ? "file" : "files")\(leftOut)\(pause))"
  }
}

/// Bytes for people.
enum ByteCount {
  static func text(_ bytes: Int64) -> String {
    guard bytes >= 1000 else { return "\(bytes) B" }
    var value = Double(bytes)
    var unit = 0
    let units = ["B", "kB", "MB", "GB", "TB", "PB", "EB"]
    while value >= 999.5, unit < units.count - 1 {
      value /= 1000
      unit += 1
    }
    let rounded = value < 9.95 ? "\((value * 10).rounded() / 10)" : "\(Int(value.rounded()))"
    return "\(rounded) \(units[unit])"
  }

  /// Seconds for people, such as `0.4 s` or `3 min 20 s`.
  static func seconds(_ seconds: Double) -> String {
    if seconds < 9.95 { return "\((seconds * 10).rounded() / 10) s" }
    let whole = Int(seconds.rounded())
    if whole < 60 { return "\(whole) s" }
    if whole < 3600 { return "\(whole / 60) min \(whole % 60) s" }
    return "\(whole / 3600) h \(whole % 3600 / 60) min"
  }
}
