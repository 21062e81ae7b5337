import BerthKit
import GRDB

/// A row of `backup`.
struct BackupRow: Encodable, PersistableRecord {
  static let databaseTableName = "backup"

  let number: Int64?
  let id: String
  let instance: String
  let app: String
  let instance_id: String
  let instance_name: String
  let kind: String
  let base: String?
  let path: String
  let created_at: String
  let size: Int64
  let files: Int
  let bytes: Int64
  let stored: Int64
  let pause: Double
  let version: String?
  let plugin_version: String?
  let reason: String
  let labels: String
  let note: String?
  let is_kept: Bool
  let verified_at: String?
  let checked: String?
  let warnings: String
  let head_sha256: String?
  let list_sha256: String?
  let end_sha256: String?
  let remarks: String

  init(_ record: BackupRecord) throws {
    number = record.number == 0 ? nil : record.number
    id = record.id
    instance = record.instance
    app = record.key.app
    instance_id = record.key.id.text
    instance_name = record.instanceName.text
    kind = record.kind.rawValue
    base = record.base
    path = record.path
    created_at = record.createdAt
    size = record.size
    files = record.files
    bytes = record.bytes
    stored = record.stored
    pause = record.pause
    version = record.version
    plugin_version = record.pluginVersion
    reason = record.reason.rawValue
    labels = record.labels.isEmpty ? "{}" : try JSONText.of(record.labels)
    note = record.note
    is_kept = record.isKept
    verified_at = record.verifiedAt
    checked = record.checked
    warnings = record.warnings.isEmpty ? "[]" : try JSONText.of(record.warnings)
    head_sha256 = record.seal?.head
    list_sha256 = record.seal?.list
    end_sha256 = record.end
    remarks = record.remarks.isEmpty ? "{}" : try JSONText.of(record.remarks)
  }
}

extension BackupRecord {
  static let columns = """
    number, id, instance, app, instance_id, instance_name, kind, base, path, created_at, size, files, bytes, stored, \
    pause, version, plugin_version, reason, labels, note, is_kept, verified_at, checked, warnings, head_sha256, \
    list_sha256, remarks, end_sha256
    """

  /// - Parameter row: the ``columns``. Taken by position, which is four times as fast as by name.
  init(_ row: Row) throws {
    let labels: String = row[18]
    let warnings: String = row[23]
    let (head, list): (String?, String?) = (row[24], row[25])
    let remarks: String = row[26]
    self.init(
      number: row[0], id: row[1], instance: row[2], key: InstanceKey(app: row[3], id: InstanceID(unchecked: row[4])),
      instanceName: InstanceName(unchecked: row[5]), kind: row[6] == "full" ? .full : .diff, base: row[7], path: row[8],
      createdAt: row[9], size: row[10], files: row[11], bytes: row[12], stored: row[13], pause: row[14],
      version: row[15], pluginVersion: row[16], reason: BackupReason(rawValue: row[17]) ?? .asked,
      labels: labels == "{}" ? [:] : (try? JSONText.value(labels)) ?? [:], note: row[19], isKept: row[20],
      verifiedAt: row[21],
      checked: row[22],
      warnings: warnings == "[]" ? [] : (try? JSONText.value(warnings)) ?? ["its warnings cannot be read"],
      remarks: remarks == "{}" ? ArchiveRemarks() : (try? JSONText.value(remarks)) ?? ArchiveRemarks(),
      seal: head.flatMap { head in list.map { ArchiveSeal(head: head, list: $0) } }, end: row[27])
  }
}

/// A row of `backup_run`.
struct BackupRunRow: Encodable, PersistableRecord {
  static let databaseTableName = "backup_run"

  let number: Int64?
  let instance: String
  let app: String
  let instance_id: String
  let instance_name: String
  let started_at: String
  let ended_at: String
  let reason: String
  let error: String?
  let backup: String?
  let pause: Double
  let duration: Double
  /// Whether it is the instance's newest.
  let is_last = true

  init(_ run: BackupRun) {
    number = run.number == 0 ? nil : run.number
    instance = run.instance
    app = run.key.app
    instance_id = run.key.id.text
    instance_name = run.instanceName.text
    started_at = run.startedAt
    ended_at = run.endedAt
    reason = run.reason.rawValue
    error = run.error
    backup = run.backup
    pause = run.pause
    duration = run.duration
  }
}

extension BackupRun {
  static let columns =
    "number, instance, app, instance_id, instance_name, started_at, ended_at, reason, error, backup, pause, duration"

  /// - Parameter row: the ``columns``.
  init(_ row: Row) {
    self.init(
      number: row[0], instance: row[1], key: InstanceKey(app: row[2], id: InstanceID(unchecked: row[3])),
      instanceName: InstanceName(unchecked: row[4]), startedAt: row[5], endedAt: row[6],
      reason: BackupReason(rawValue: row[7]) ?? .asked, error: row[8], backup: row[9], pause: row[10],
      duration: row[11])
  }
}
