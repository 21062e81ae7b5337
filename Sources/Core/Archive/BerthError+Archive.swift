import BerthFiles
import BerthKit
import Glibc

extension BerthError {
  /// An archive, or its list of files, that is not what it should be.
  static func badBackup(_ problem: String, archive: String, member: (any Collection<UInt8>)? = nil) -> BerthError {
    let subject = member.map { "'\(FileName.text(Array($0)))' " } ?? ""
    return BerthError(
      "bad-backup", .badInput, "the backup is broken: \(subject)\(problem)", at: archive,
      remedy: .berth("backups", "list"))
  }

  /// An archive of an app's maker that cannot be unpacked, or should not be.
  static func badArchive(_ problem: String, archive: String, member: (any Collection<UInt8>)? = nil) -> BerthError {
    let subject = member.map { "'\(FileName.text(Array($0)))' " } ?? ""
    return BerthError(
      "bad-archive", .badInput, "the archive cannot be unpacked: \(subject)\(problem)", at: archive,
      remedy: "ask whoever made the plugin for another one")
  }

  static func noBackup(_ archive: String) -> BerthError { badBackup("it is no backup of Berth's", archive: archive) }

  /// An archive from elsewhere with a link that leaves the instance's own folders.
  static func strangeLink(_ link: FileEntry, archive: String) -> BerthError {
    BerthError(
      "strange-link", .badInput,
      "the archive was not made here, and its link '\(FileName.text(link.path))' leaves the instance's own folders"
        + " for '\(FileName.text(link.target ?? []))'",
      at: archive, remedy: .berth("backups", "list"))
  }

  static func newerBackup(_ format: Int, archive: String) -> BerthError {
    BerthError(
      "backup-newer", .badInput,
      "the backup has format \(format), and this Berth reads formats up to \(BackupHead.newestFormat)", at: archive,
      remedy: "restore it with a newer Berth")
  }

  /// A backup that the chain needs is not there, or another one stands in its place.
  static func missingLink(_ id: String, archive: String, cause: String) -> BerthError {
    BerthError(
      "backup-link-missing", .badInput, "the backup needs the older backup '\(id)'", at: archive,
      remedy: .berth("backups", "list"), cause: cause)
  }

  static func noSpace(_ folder: String, needed: Int64, free: Int64) -> BerthError {
    BerthError(
      "no-space", .failure,
      "there are \(free) bytes free in '\(folder)', and \(needed) are needed", at: folder,
      remedy: .berth("backups", "prune", "--all")
    )
  }

  static func noFiles(_ folder: String, needed: Int, free: Int) -> BerthError {
    BerthError(
      "no-space", .failure, "there is room for \(free) more files in '\(folder)', and \(needed) are needed", at: folder,
      remedy: .berth("backups", "prune", "--all"))
  }

  /// An archive from elsewhere that unpacks to more than its size lets expect.
  static func expands(_ archive: String, size: Int64, most: Int64) -> BerthError {
    BerthError(
      "archive-expands", .badInput,
      "the archive was not made here, has \(size) bytes, and unpacks to more than \(most)", at: archive,
      remedy: .again("--accept", "size"))
  }

  /// The disk became full half-way.
  static func diskFull(_ path: String) -> BerthError {
    BerthError(
      "no-space", .failure, "there is no space left to write '\(path)'", at: path,
      remedy: .berth("backups", "prune", "--all"),
      cause: String(cString: strerror(ENOSPC)))
  }

  /// A file of an instance that cannot be read.
  static func unreadable(_ path: some Sequence<UInt8>, cause: String) -> BerthError {
    BerthError(
      "unreadable", .notAllowed, "cannot read '\(FileName.text(path))'",
      remedy: "let Berth read it, or leave it out with 'exclude'", cause: cause)
  }

  static func notInBackup(_ what: String, archive: String) -> BerthError {
    BerthError(
      "not-in-backup", .usage, "the backup has no '\(what)'", at: archive,
      remedy: .berth("backups", "show", String(archive.split(separator: "/").last ?? "")))
  }

  static func tooManyFiles(_ count: Int) -> BerthError {
    BerthError(
      "too-large", .failure, "there are too many files for one backup: \(count)",
      remedy: "leave some out with 'exclude'")
  }

  /// Somebody goes on with an archive that is finished or given up.
  static func archiveClosed() -> BerthError {
    BerthError("file-system", .failure, "the archive is finished already")
  }

  /// Something stands where something else has to go.
  static func inTheWay(_ path: String) -> BerthError {
    BerthError("path-taken", .conflict, "something is in the way at '\(path)'", remedy: "ls -ld '\(path)'")
  }

  static func unknownOwner(_ name: String) -> BerthError {
    BerthError("unknown-user", .failure, "there is no user '\(name)'", remedy: "getent passwd \(name)")
  }

  /// The file system says no. Reads `errno`, so it is called right after the call that failed.
  static func fileSystem(_ action: String, _ path: String) -> BerthError { fileSystem(action, path, number: errno) }

  static func fileSystem(_ action: String, _ path: String, number: Int32) -> BerthError {
    // Only where a link is not followed; see `HostPath`.
    if number == ELOOP { return linkInTheWay(path) }
    if number == ENOTDIR, let obstacle = noFolder(onTheWayTo: path) { return obstacle }
    if number == ENOSPC || number == EDQUOT || number == EFBIG { return diskFull(path) }
    let isDenied = [EACCES, EPERM, EROFS].contains(number)
    return BerthError(
      isDenied ? "not-allowed" : "file-system", isDenied ? .notAllowed : .failure, "\(action) '\(path)'",
      remedy: "ls -ld \(path)", cause: String(cString: strerror(number)))
  }
}
