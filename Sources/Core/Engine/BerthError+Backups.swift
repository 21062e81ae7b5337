import BerthKit
import BerthPlan

/// What goes wrong with backups, as far as it is neither the archive's nor the registry's own.
extension BerthError {
  /// A restore into an instance that is there leaves its ports, its place and whether it runs as they are.
  static func onlyForNew(_ option: String, _ record: InstanceRecord) -> BerthError {
    BerthError(
      "usage", .usage, "'\(option)' goes with an instance that is made from a backup, and \(record.title) is there",
      remedy: option == "--port"
        ? .berth("config", "set", record.key.app, "--instance", "\(record.key.id)", "--port", "N")
        : .prose("leave '\(option)' out, or add --as NAME for a new instance"))
  }

  static func noBackup(_ record: InstanceRecord) -> BerthError {
    BerthError(
      "no-backup", .usage, "there is no good backup of \(record.title)",
      remedy: .berth("backups", "list", record.key.app, "--instance", "\(record.key.id)"))
  }

  static func foreignBackup(_ head: BackupHead, app: String, at path: String) -> BerthError {
    let other = head.instance.key.app
    return BerthError(
      "foreign-backup", .badInput, "this is a backup of '\(other)', not of '\(app)'", at: path,
      remedy: .berth("restore", other, "--from", path))
  }

  static func strangeBackup(_ problem: String, at path: String) -> BerthError {
    BerthError(
      "bad-backup", .badInput, "the backup is broken: \(problem)", at: path,
      remedy: .berth("backups", "list"))
  }

  /// The same for a setting that a backup brings, and that the plugin does not allow, or no longer.
  func inBackup(_ head: BackupHead, at path: String) -> BerthError {
    BerthError(
      code, .badInput, "the backup cannot be restored as it is: \(summary)", at: path,
      remedy: head.sets.first.map { Remedy.again("--set", $0.name).or("restore what files it has, without settings") }
        ?? .berth("app", "show", head.instance.key.app))
  }

  static func unknownSet(_ name: String, known: [String]) -> BerthError {
    let near = nearestPhrase(name, known)
    return BerthError(
      "unknown-set", .usage, "the backup has no set '\(name)'\(near)",
      remedy: "choose one of \(known.joined(separator: ", "))")
  }

  static func noWayBack(_ set: String, app: String) -> BerthError {
    BerthError(
      "no-way-back", .conflict,
      "the plugin of '\(app)' no longer knows the set '\(set)', and cannot take its dump back",
      remedy: "choose other sets, or bring that plugin back")
  }

  /// - Parameter head: the backup that needs the archive; nil when it is its own.
  static func archiveMissing(_ path: String, of head: BackupHead?) -> BerthError {
    guard let head else {
      return BerthError(
        "backup-missing", .badInput, "there is no archive '\(path)'", remedy: .berth("backups", "list"))
    }
    return BerthError(
      "backup-link-missing", .badInput,
      "the backup of \(head.instance.title) of \(head.createdAt) needs the archive '\(path)', which is not there",
      at: path, remedy: .berth("backups", "list", head.instance.key.app))
  }

  /// - Parameter found: the id of the backup that stands there.
  static func otherLink(_ path: String, of head: BackupHead, found: String) -> BerthError {
    BerthError(
      "backup-link-missing", .badInput,
      "the backup of \(head.instance.title) of \(head.createdAt) needs another archive than '\(path)'", at: path,
      remedy: .berth("backups", "list", head.instance.key.app),
      cause: head.chain.contains { $0.id == found } ? "it goes by the same id" : "it is the backup '\(found)'")
  }

  /// Two archives go by one id.
  static func sameID(_ known: BackupRecord, _ path: String) -> BerthError {
    BerthError(
      "backup-exists", .conflict,
      "'\(path)' goes by the id of another backup that is known here: \(known.title), '\(known.path)'", at: path,
      remedy: .berth("restore", known.key.app, "--from", path),
      cause: "a restore needs no import")
  }

  static func otherBackup(_ backup: BackupRecord) -> BerthError {
    BerthError(
      "bad-backup", .badInput, "'\(backup.path)' is the archive of another backup than \(backup.title)",
      at: backup.path,
      remedy: .berth("backups", "verify", "\(backup.id)"))
  }

  /// - Parameter archives: those of the chain.
  static func unconfirmedGrants(
    _ grants: [Grant], of archives: [String]
  ) -> BerthError {
    let words = grants.map(\.item)
    return BerthError(
      "unconfirmed-grants", .notAllowed,
      "the archive was not made here, and asks for \(grants.map(\.text).joined(separator: ", "))", at: archives.last,
      remedy: .again("--accept", words.joined(separator: ",")))
  }

  /// What fleet files ask for, and nobody has confirmed.
  static func unconfirmedGrants(_ grants: [Grant]) -> BerthError {
    let asked = Grant.combined(grants)
    let words = asked.map(\.item)
    return BerthError(
      "unconfirmed-grants", .notAllowed,
      "the fleet file asks for what nobody has confirmed: \(asked.map(\.text).joined(separator: ", "))",
      at: asked.first?.source, remedy: .again("--accept", words.joined(separator: ",")))
  }

  static func unnamedTarget(_ record: InstanceRecord) -> BerthError {
    BerthError(
      "id-in-use", .conflict,
      "the archive was not made here, and \(record.title), which has the id that it names, is replaced only when it is named",
      at: record.title,
      remedy: .again("--instance", "\(record.key.id)"))
  }

  static func partOfNew(_ app: String) -> BerthError {
    BerthError(
      "nothing-to-restore-into", .usage, "a part of a backup can only come back into an instance that is there",
      remedy: .again("--instance", "NAME"))
  }

  static func backupIsKept(_ backup: BackupRecord) -> BerthError {
    BerthError(
      "backup-kept", .conflict, "the backup \(backup.title) is kept",
      remedy: .berth("backups", "set", "\(backup.id)", "--no-keep")
    )
  }

  static func neededBackup(_ backup: BackupRecord, by other: BackupRecord) -> BerthError {
    BerthError(
      "backup-needed", .conflict,
      "the backup \(other.title) holds only what is new since \(backup.title), and needs it",
      remedy: .berth("backups", "remove", "\(other.id)"))
  }

  static func fileInTheWay(_ path: String) -> BerthError {
    BerthError("file-exists", .conflict, "'\(path)' is there already", remedy: "choose another folder, or move it away")
  }

  /// A folder that is to be exchanged is the top of a file system.
  static func isMountPoint(_ path: String, of record: InstanceRecord) -> BerthError {
    BerthError(
      "is-mounted", .conflict,
      "a file system is mounted at '\(path)', so that it cannot be exchanged for what a backup of \(record.title) has",
      at: path,
      remedy: .prose("move its files to a folder in it, and make a link to that folder in its place")
    )
  }
}
