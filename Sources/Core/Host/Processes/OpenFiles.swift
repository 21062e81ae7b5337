import Foundation
import Synchronization

/// How many files and sockets this process may have open. A batch holds a lock and port claims for each instance, and
/// the usual 1,024 are soon used up.
public enum OpenFiles {
  private static let former = Mutex<rlimit?>(nil)

  /// Raises the soft limit to the hard one. Programs that Berth starts get the former one back.
  public static func raiseLimit() {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0, limit.rlim_cur < limit.rlim_max else {
      return
    }
    let before = limit
    limit.rlim_cur = limit.rlim_max
    guard setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
    former.withLock { $0 = before }
  }

  /// The words that start a program with the former limit: whatever uses select(2) breaks on a file number from 1,024
  /// on, and some close every number up to the limit.
  ///
  /// systemd's own programs are left as they are. They get along with any limit, and a manager sets that of its
  /// services to 1,024 by itself.
  static func restoring(_ program: String, _ arguments: [String]) -> (program: String, arguments: [String]) {
    let name = program.split(separator: "/").last ?? ""
    let isSystemds = ["systemctl", "journalctl"].contains(name) || name.hasPrefix("systemd")
    let prlimit = "/usr/bin/prlimit"
    guard !isSystemds, let limit = former.withLock({ $0 }), access(prlimit, X_OK) == 0 else {
      return (program, arguments)
    }
    return (prlimit, ["--nofile=\(limit.rlim_cur):\(limit.rlim_max)", "--", program] + arguments)
  }
}
