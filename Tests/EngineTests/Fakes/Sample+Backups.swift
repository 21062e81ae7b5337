import BerthKit
import BerthStore

extension Sample {
  /// The id of a made-up backup: a UUID that ends in its number.
  static func backupID(_ number: Int) -> String {
    let digits = String(number)
    return "bbbbbbbb-2222-4222-8222-" + String(repeating: "0", count: 12 - digits.count) + digits
  }

  /// A made-up backup of an instance made by ``record(_:app:id:name:slug:state:ports:services:labels:directory:)``.
  ///
  /// - Parameter base: the number of the one before it in its chain; nil for a full one.
  static func backup(
    _ number: Int, of instance: Int = 1, id: String? = nil, base: Int? = nil, at time: String? = nil,
    path: String? = nil, stored: Int64 = 10, reason: BackupReason = .schedule, isKept: Bool = false,
    checked: String? = nil, isNumbered: Bool = true
  ) -> BackupRecord {
    let time = time ?? "2026-11-21T09:00:\(number % 60 < 10 ? "0" : "")\(number % 60)Z"
    let kind = base == nil ? BackupHead.Kind.full : .diff
    let owner = record(instance)
    return BackupRecord(
      number: isNumbered ? Int64(number) : 0, id: id ?? backupID(number), instance: owner.uid, key: owner.key,
      instanceName: owner.name, kind: kind, base: base.map(backupID),
      path: path ?? "/backups/demo/\(instance)/\(time)-\(kind.rawValue).tar.zst", createdAt: time, size: 1 << 40,
      files: 11_700, bytes: 9 << 30, stored: stored, pause: 0.25, version: "1.2.3", pluginVersion: nil, reason: reason,
      isKept: isKept, checked: checked)
  }

  static func run(
    _ number: Int, of instance: Int = 1, error: String? = nil, reason: BackupReason = .schedule
  ) -> BackupRun {
    let owner = record(instance)
    return BackupRun(
      instance: owner.uid, key: owner.key, instanceName: owner.name, startedAt: "2026-11-21T09:00:00Z",
      endedAt: "2026-11-21T09:00:0\(number % 10)Z", reason: reason, error: error,
      backup: error == nil ? backupID(number) : nil, pause: 0.25, duration: Double(number))
  }
}
