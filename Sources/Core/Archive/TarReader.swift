import BerthFiles
import BerthKit
import CArchive
import Glibc

/// Reads one tar to its very end, member by member.
///
/// Names are taken as they are: reading goes on in the locale `C`, since libarchive would change some otherwise.
final class TarReader {
  struct Member {
    enum Kind: Equatable { case file, folder, link, hardLink, other }

    var path: Bytes
    var kind: Kind
    var size: Int64
    var mode: UInt16
    /// Whether it has holes.
    var isSparse: Bool
    /// What a symbolic link says, or the path of the file that a hard link is another name of.
    var target: Bytes?
  }

  /// The member with the head.
  static let headPath = Array(".berth/manifest.json".utf8)
  /// The member with the list of files.
  static let listPath = Array(".berth/files.mtree".utf8)
  static let longestHead = 8 << 20

  /// Whose archive it is, and so what it may be.
  enum Origin {
    /// Berth's own: tar, by zstd or gzip.
    case backup
    /// An app's maker's: tar or zip, as such files come.
    case maker
  }

  let path: String
  /// Bytes of the archive.
  let size: Int64
  private let origin: Origin
  private let archive: OpaquePointer
  private let descriptor: Int32
  private let locale = ThreadLocale.bytes()

  init(_ path: String, of origin: Origin = .backup) throws {
    self.path = path
    self.origin = origin
    // A FIFO would wait for a writer.
    descriptor = HostPath.open(path, O_RDONLY)
    guard descriptor >= 0 else { throw BerthError.fileSystem("cannot read", path) }
    var info = stat()
    guard fstat(descriptor, &info) == 0, info.st_mode & S_IFMT == S_IFREG else {
      close(descriptor)
      throw BerthError.badBackup("it is not a file", archive: path)
    }
    size = Int64(info.st_size)
    guard let archive = archive_read_new() else {
      close(descriptor)
      throw BerthError.fileSystem("cannot read", path, number: ENOMEM)
    }
    self.archive = archive
    posix_fadvise(descriptor, 0, 0, POSIX_FADV_SEQUENTIAL)
    archive_read_support_filter_zstd(archive)
    archive_read_support_filter_gzip(archive)
    archive_read_support_format_tar(archive)
    switch origin {
    case .backup:
      // Then whatever stands behind the end of the archive is read too, and found.
      archive_read_set_format_option(archive, "tar", "read_concatenated_archives", "1")
    case .maker:
      // By name, since "all" would run other programs.
      archive_read_support_filter_bzip2(archive)
      archive_read_support_filter_xz(archive)
      archive_read_support_format_zip(archive)
    }
    guard archive_read_open_fd(archive, descriptor, 256 << 10) == ARCHIVE_OK else { throw failure() }
  }

  deinit {
    archive_read_free(archive)
    close(descriptor)
    if let locale { freelocale(locale) }
  }

  /// Goes to the next member; nil at the end.
  func next() throws -> Member? {
    var entry: OpaquePointer?
    let status = ThreadLocale.with(locale) { archive_read_next_header(archive, &entry) }
    if status == ARCHIVE_EOF { return nil }
    guard status >= ARCHIVE_WARN, let entry else { throw failure() }
    guard let name = archive_entry_pathname(entry) else { throw failure() }
    var path = Bytes(cString: name)
    let type = mode_t(archive_entry_filetype(entry))
    var kind: Member.Kind =
      switch type {
      case S_IFREG: .file
      case S_IFDIR: .folder
      case S_IFLNK: .link
      default: .other
      }
    var target: Bytes?
    if let first = archive_entry_hardlink(entry) {
      kind = .hardLink
      target = Bytes(cString: first)
    } else if kind == .link {
      target = archive_entry_symlink(entry).map { Bytes(cString: $0) }
    }
    // A folder's name ends in a slash in a tar.
    if kind == .folder, path.last == .slash { path.removeLast() }
    return Member(
      path: path, kind: kind, size: archive_entry_size(entry), mode: UInt16(archive_entry_perm(entry) & 0o7777),
      isSparse: archive_entry_sparse_count(entry) > 0, target: target)
  }

  /// The next piece of the member's content and where it stands; nil at its end. Between the pieces are holes.
  func piece() throws -> (bytes: UnsafeRawBufferPointer, offset: Int64)? {
    var start: UnsafeRawPointer?
    var count = 0
    var offset: Int64 = 0
    let status = archive_read_data_block(archive, &start, &count, &offset)
    if status == ARCHIVE_EOF { return nil }
    guard status >= ARCHIVE_WARN else { throw failure() }
    return (UnsafeRawBufferPointer(start: start, count: count), offset)
  }

  /// How many bytes of the archive were read.
  var position: Int64 { archive_filter_bytes(archive, -1) }

  /// The whole content of a member that is not sparse.
  func content(atMost limit: Int) throws -> Bytes {
    var content = Bytes()
    while let (bytes, offset) = try piece() {
      guard Int(offset) == content.count, content.count + bytes.count <= limit else {
        throw BerthError.badBackup("one of Berth's own members is too long", archive: path)
      }
      content += bytes
    }
    return content
  }

  /// Reads the head from the first member: what the backup says of itself, and its bytes.
  func head() throws -> (head: BackupHead, bytes: Bytes) {
    let bytes = try headBytes()
    return (try HeadText.read(bytes, archive: path), bytes)
  }

  /// The first member as it is.
  func headBytes() throws -> Bytes {
    guard let first = try next(), first.path == Self.headPath, first.kind == .file else {
      throw BerthError.noBackup(path)
    }
    return try content(atMost: Self.longestHead)
  }

  private func failure() -> BerthError {
    let text = archive_error_string(archive).map { String(cString: $0) } ?? "it cannot be read"
    return origin == .backup ? .badBackup(text, archive: path) : .badArchive(text, archive: path)
  }
}
