import BerthKit
import GRDB

extension BerthError {
  /// The registry's file is not one, or cannot be read or written.
  static func registryUnusable(_ path: String, _ error: DatabaseError) -> BerthError {
    let isDenied = [.SQLITE_CANTOPEN, .SQLITE_READONLY, .SQLITE_PERM].contains(error.resultCode)
    let isFull = [.SQLITE_FULL, .SQLITE_IOERR].contains(error.resultCode)
    return BerthError(
      "registry-unusable", isDenied ? .notAllowed : .failure, "the registry '\(path)' cannot be used", at: path,
      remedy: isDenied
        ? "run as the user that owns it, or give another --root" : "\(isFull ? "df -h" : "ls -l") \(path)",
      cause: error.message ?? "\(error.resultCode)")
  }

  /// The registry has changes that this Berth knows nothing of.
  static func registryNewer(_ path: String, unknown: [String]) -> BerthError {
    BerthError(
      "registry-newer", .failure, "the registry '\(path)' was made by a newer Berth", at: path,
      remedy: "install the newer Berth", cause: "it has the unknown migrations \(unknown.joined(separator: ", "))")
  }

  /// An older registry is not changed unless a copy of it could be kept.
  static func registryNotCopied(_ path: String, _ cause: String) -> BerthError {
    BerthError(
      "registry-unusable", .failure, "the registry '\(path)' could not be copied before it is brought up to date",
      at: path, remedy: "df -h \(path)", cause: cause)
  }

  /// Another run of Berth is bringing it up to date and does not end.
  static func registryBusy(_ path: String) -> BerthError {
    BerthError(
      "busy", .busy, "another Berth is bringing the registry '\(path)' up to date", at: path, remedy: "try again later")
  }

  /// Another run of Berth was faster.
  static func registrationTaken(_ title: String, _ error: DatabaseError) -> BerthError {
    BerthError(
      "taken", .conflict, "the id, name, folder or a port of '\(title)' was taken by another instance in the meantime",
      remedy: "try again", cause: error.message)
  }
}
