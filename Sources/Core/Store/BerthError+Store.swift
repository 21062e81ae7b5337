import BerthKit
import GRDB

extension BerthError {
  /// The registry's file is not one, or cannot be read or written.
  static func registryUnusable(_ path: String, _ error: DatabaseError) -> BerthError {
    let isDenied = [.SQLITE_CANTOPEN, .SQLITE_READONLY, .SQLITE_PERM].contains(error.resultCode)
    return BerthError(
      "registry-unusable", isDenied ? .notAllowed : .failure, "the registry '\(path)' cannot be used", at: path,
      remedy: isDenied ? "run as the user that owns it, or give another --root" : "ls -l \(path)",
      cause: error.message ?? "\(error.resultCode)")
  }

  /// Another run of Berth was faster.
  static func registrationTaken(_ title: String, _ error: DatabaseError) -> BerthError {
    BerthError(
      "taken", .conflict, "the id, name, folder or a port of '\(title)' was taken by another instance in the meantime",
      remedy: "try again", cause: error.message)
  }
}
