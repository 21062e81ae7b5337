import BerthFiles
import Glibc

/// One file, folder or symbolic link of an instance at the moment of a backup.
struct FileEntry: Equatable {
  enum Kind: Equatable { case file, folder, link }

  /// A time to the nanosecond.
  struct Moment: Equatable {
    var seconds: Int64 = 0
    var nanoseconds: Int64 = 0

    init(_ seconds: Int64 = 0, _ nanoseconds: Int64 = 0) {
      self.seconds = seconds
      self.nanoseconds = nanoseconds
    }

    init(_ time: timespec) { self.init(Int64(time.tv_sec), Int64(time.tv_nsec)) }

    var timespec: timespec { Glibc.timespec(tv_sec: Int(seconds), tv_nsec: Int(nanoseconds)) }
  }

  /// Relative to the instance.
  var path: Bytes
  var kind: Kind
  /// Bytes, holes included.
  var size: Int64 = 0
  /// Bytes without the holes of a sparse file; nil for a file without holes.
  var dense: Int64?
  /// The permission bits, with those for another user, another group and sticky.
  var mode: UInt16
  var user: UInt32 = 0
  var group: UInt32 = 0
  var userName: Bytes?
  var modified = Moment()
  var changed = Moment()
  var inode: UInt64 = 0
  var digest: FileDigest?
  /// What a symbolic link says.
  var target: Bytes?
  /// The file that this one is another name of.
  var hardLink: Bytes?
  /// The set it belongs to; nil for a folder on the way to one.
  var set: String?
  /// Which archive of the chain holds it, 0 being the full one.
  var archive = 0

  init(path: Bytes, kind: Kind, mode: UInt16) {
    self.path = path
    self.kind = kind
    self.mode = mode
  }

  /// - Returns: nil for what cannot be kept: a socket, FIFO or device.
  init?(path: Bytes, _ info: stat) {
    switch info.st_mode & S_IFMT {
    case S_IFREG: kind = .file
    case S_IFDIR: kind = .folder
    case S_IFLNK: kind = .link
    default: return nil
    }
    self.path = path
    mode = UInt16(info.st_mode & 0o7777)
    user = info.st_uid
    group = info.st_gid
    modified = Moment(info.st_mtim)
    changed = Moment(info.st_ctim)
    inode = UInt64(info.st_ino)
    if kind == .file { size = Int64(info.st_size) }
  }

  /// Bytes that its content takes up.
  var bytes: Int64 { kind == .file && hardLink == nil ? size : 0 }

  /// Whether the file is the one it was, as far as can be told without reading it.
  func isUnchanged(since former: FileEntry) -> Bool {
    kind == .file && former.kind == .file && former.hardLink == nil && size == former.size
      && modified == former.modified && changed == former.changed && inode == former.inode && mode == former.mode
  }
}
