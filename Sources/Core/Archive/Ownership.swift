import BerthKit
import Glibc

/// Whose the files of a backup will be, and what of their modes stays.
struct Ownership {
  typealias Numbers = (user: uid_t, group: gid_t)

  /// The instance's own user when the backup was made; nil when all files were the instance's.
  private let former: FileNumbers?
  /// The one that it has now.
  private let now: Numbers
  /// Whether files are given away at all, which only root can do.
  let gives: Bool
  /// Whether a program may still act as the instance's user, or its group, for whoever runs it.
  private let keepsPrivileges: Bool

  /// - Parameter now: nil for Berth's own user, which what it makes is anyway.
  init(from former: FileNumbers?, to now: Numbers?, keepsPrivileges: Bool = true) {
    self.former = former
    self.now = now ?? (geteuid(), getegid())
    self.keepsPrivileges = keepsPrivileges
    gives = now != nil && geteuid() == 0
  }

  /// What Berth makes for itself.
  static var own: Ownership { Ownership(from: nil, to: nil) }

  /// What was the instance's is so again, and what a container's programs wrote as other users keeps its numbers.
  func numbers(of entry: FileEntry) -> Numbers {
    guard let former else { return now }
    return (entry.user == former.user ? now.user : entry.user, entry.group == former.group ? now.group : entry.group)
  }

  /// The mode without what would let a program act as somebody else than the instance.
  func mode(of entry: FileEntry) -> mode_t {
    var mode = mode_t(entry.mode)
    guard keepsPrivileges else { return mode & ~0o6000 }
    let (user, group) = numbers(of: entry)
    if user == 0 || user != now.user { mode &= ~0o4000 }
    // On a folder it only says whose the files in it will be.
    if group == 0 || (group != now.group && entry.kind == .file) { mode &= ~0o2000 }
    return mode
  }
}
