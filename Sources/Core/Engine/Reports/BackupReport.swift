import BerthKit

/// A backup and whether it can be used.
public struct BackupReport: Report {
  public let backup: BackupRecord
  /// Whether the archive, and all that it needs, are where they should be.
  public let isThere: Bool

  /// What is wrong with it: what its last verification found, or that an archive is not as long as it was, or ends
  /// otherwise. Nil when nothing is known.
  public let problem: String?

  public init(backup: BackupRecord, isThere: Bool, problem: String? = nil) {
    self.backup = backup
    self.isThere = isThere
    self.problem = problem ?? backup.checked
  }

  /// `good`, `broken` when something is wrong with it, or `missing`.
  public var state: String { !isThere ? "missing" : problem == nil ? "good" : "broken" }

  public var fields: ReportFields {
    ["id": backup.id] + .instance(backup.key, backup.instanceName) + [
      "created_at": backup.createdAt, "kind": backup.kind, "base": backup.base, "state": state, "path": backup.path,
      "size": backup.size, "files": backup.files, "bytes": backup.bytes, "stored": backup.stored,
      "pause": backup.pause, "version": backup.version, "plugin_version": backup.pluginVersion,
      "reason": backup.reason, "origin": backup.origin, "labels": backup.labels, "note": backup.note,
      "keep": backup.isKept, "verified_at": backup.verifiedAt, "problem": problem,
      "warnings": backup.warnings, "left_out": LeftOutReport(backup.remarks),
    ]
  }
}

/// What is missing in an archive: how much, and the first few by name.
struct LeftOutReport: Report {
  private struct File: Report {
    let file: ArchiveRemarks.Remark

    var fields: ReportFields { ["path": file.path, "reason": file.kind] }
  }

  let remarks: ArchiveRemarks

  init(_ remarks: ArchiveRemarks) { self.remarks = remarks }

  var fields: ReportFields {
    ["count": remarks.leftOut, "files": remarks.first.filter(\.kind.isLeftOut).map(File.init)]
  }
}

/// A backup with what its archive says of itself.
public struct BackupDetails: Report {
  public let report: BackupReport
  /// Nil where the archive cannot be read.
  public let head: BackupHead?
  /// The archives that it needs, oldest first, and itself.
  public let chain: [BackupRecord]

  public init(_ report: BackupReport, _ head: BackupHead?, chain: [BackupRecord]) {
    (self.report, self.head, self.chain) = (report, head, chain)
  }

  public var fields: ReportFields {
    [
      "backup": report, "chain": chain.map(\.path), "sets": head?.sets.map(\.name), "host": head?.hostName,
      "images": head?.instance.images.mapValues(ImageReport.init),
      "builds": head?.instance.builds.map(BuildReport.init),
    ]
  }
}

/// What the verification of a backup found.
public struct VerificationReport: Report {
  public let backup: BackupRecord
  /// Nil for nothing.
  public let problem: BerthError?

  public init(_ backup: BackupRecord, _ problem: BerthError?) { (self.backup, self.problem) = (backup, problem) }

  public var fields: ReportFields { ["id": backup.id, "path": backup.path, "problem": problem] }
}

/// What retention says of a backup.
public struct RetentionReport: Report {
  public let backup: BackupRecord
  /// Why it stays, in a few words each; nothing where it goes.
  public let stays: [String]

  public init(_ backup: BackupRecord, stays: [String]) { (self.backup, self.stays) = (backup, stays) }

  public var fields: ReportFields { ["id": backup.id, "path": backup.path, "stays": stays] }
}
