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
  }
}

extension BackupRecord {
  init(_ row: Row) throws {
    let labels: String = row["labels"]
    let warnings: String = row["warnings"]
    self.init(
      number: row["number"], id: row["id"], instance: row["instance"],
      key: InstanceKey(app: row["app"], id: InstanceID(unchecked: row["instance_id"])),
      instanceName: InstanceName(unchecked: row["instance_name"]), kind: row["kind"] == "full" ? .full : .diff,
      base: row["base"], path: row["path"], createdAt: row["created_at"], size: row["size"], files: row["files"],
      bytes: row["bytes"], stored: row["stored"], pause: row["pause"], version: row["version"],
      pluginVersion: row["plugin_version"], reason: BackupReason(rawValue: row["reason"]) ?? .asked,
      labels: labels == "{}" ? [:] : try JSONText.value(labels), note: row["note"], isKept: row["is_kept"],
      verifiedAt: row["verified_at"], checked: row["checked"],
      warnings: warnings == "[]" ? [] : try JSONText.value(warnings))
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
  init(_ row: Row) {
    self.init(
      number: row["number"], instance: row["instance"],
      key: InstanceKey(app: row["app"], id: InstanceID(unchecked: row["instance_id"])),
      instanceName: InstanceName(unchecked: row["instance_name"]), startedAt: row["started_at"],
      endedAt: row["ended_at"], reason: BackupReason(rawValue: row["reason"]) ?? .asked, error: row["error"],
      backup: row["backup"], pause: row["pause"], duration: row["duration"])
  }
}
