import BerthKit
import CLinux
import Glibc

/// Finds what belongs to somebody else in the folders of an instance's user, or is closed to that user by its mode, and gives
/// it to that user.
///
/// The user may put anything in the place of anything at any moment. So each entry is opened once, and what was opened is
/// looked at and given away. Only folders and regular files with a single name are: a second name may be one of root's,
/// elsewhere. Links stay as they are, and what is mounted in there is the operator's.
package struct OwnerWalk {
  /// As many entries as are looked at.
  private static let mostEntries = 1_000_000
  /// Found by what checks file systems, whose own it is.
  private static let lost = Array("lost+found".utf8)

  private let user: uid_t
  private let group: gid_t
  private let isDeep: Bool
  /// What is thrown for what cannot be given away; nil where nothing is.
  private let failure: ((String) -> BerthError)?
  package private(set) var found = ForeignFiles()
  private var left = mostEntries

  /// - Parameters:
  ///   - isDeep: whether folders below the given ones are entered.
  ///   - failure: an error for a path; with one, what is found is given away.
  package init(_ user: uid_t, _ group: gid_t, isDeep: Bool = true, failure: ((String) -> BerthError)? = nil) {
    self.user = user
    self.group = group
    self.isDeep = isDeep
    self.failure = failure
  }

  /// Walks through a folder; one that is not there, or behind a link that is not followed, has nothing.
  ///
  /// - Throws: the error for what cannot be given away.
  package mutating func walk(_ path: String) throws {
    guard let top = OpenFolder(path) else { return }
    try meet(top.descriptor, path)
    try enter(top, path, TreeWalkLimit.depth, isTop: true)
  }

  private mutating func enter(_ folder: OpenFolder, _ path: String, _ depth: Int, isTop: Bool = false) throws {
    guard depth > 0, let names = folder.names() else { return }
    for name in names {
      guard left > 0 else { return }
      left -= 1
      guard let info = folder.info(name) else { continue }
      let isFolder = info.st_mode & S_IFMT == S_IFDIR
      guard isFolder || (info.st_mode & S_IFMT == S_IFREG && (info.st_uid != user || info.st_mode & 0o400 == 0)) else {
        continue
      }
      if isTop, isFolder, name == Self.lost, info.st_uid == 0 { continue }
      guard let entry = folder.entryOnMount(name) else { continue }
      let place = "\(path)/\(String(decoding: name, as: UTF8.self))"
      try meet(entry.descriptor, place)
      guard isFolder, isDeep, let inner = entry.folder([HostPath.dot]) else { continue }
      try enter(inner, place, depth - 1)
    }
  }

  /// Looks at what is open, and gives that away.
  private mutating func meet(_ entry: Int32, _ path: String) throws {
    var info = stat()
    guard fstat(entry, &info) == 0 else { return }
    let isFile = info.st_mode & S_IFMT == S_IFREG
    guard isFile || info.st_mode & S_IFMT == S_IFDIR else { return }
    let isOwn = info.st_uid == user
    let needed: mode_t = isFile ? 0o400 : 0o500
    guard !isOwn || info.st_mode & needed != needed else { return }
    // Another name of what is the user's own is the user's own.
    let isShared = !isOwn && isFile && (info.st_nlink > 1 || !Self.areNamesGuarded)
    found.note(path, isOwn ? .closed : isShared ? .shared : .foreign)
    guard let failure, !isShared else { return }
    let mode = (info.st_mode & 0o777) | (isFile ? 0o600 : 0o700)
    guard isOwn || fchownat(entry, "", user, group, Self.emptyPath) == 0,
      // A descriptor that opens nothing cannot be changed by itself.
      info.st_mode & 0o7777 == mode || chmod("/proc/self/fd/\(entry)", mode) == 0
    else { throw failure(path) }
  }

  /// `AT_EMPTY_PATH`, which glibc defines for _GNU_SOURCE only: the descriptor itself is meant.
  private static let emptyPath: Int32 = 0x1000

  /// Whether the kernel keeps people from making names of files that are not theirs. Else a file with one name may be what
  /// is left of one that root had elsewhere.
  ///
  /// Source: proc_sys_fs(5), `protected_hardlinks`.
  private static let areNamesGuarded: Bool = {
    let descriptor = open("/proc/sys/fs/protected_hardlinks", O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    var byte: UInt8 = 0
    return read(descriptor, &byte, 1) == 1 && byte != UInt8(ascii: "0")
  }()
}
