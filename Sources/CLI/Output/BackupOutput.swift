import BerthEngine
import BerthKit

/// Backups as tables for people.
enum BackupOutput {
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
    let damaged = backup.remarks.count(.damaged)
    let leftOut =
      (left > 0 ? ", \(left) left out" : "")
      + (damaged > 0 ? ", \(damaged) damaged \(damaged == 1 ? "database" : "databases")" : "")
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
