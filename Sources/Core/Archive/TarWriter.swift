import BerthFiles
import BerthKit
import CArchive
import Glibc

/// Writes one tar, compressed, into an open file.
///
/// Names that are UTF-8 are written as such, and others as they are, with `hdrcharset=BINARY`. That takes a locale, which
/// holds for the thread that calls.
final class TarWriter {
  private enum FileType {
    static let file: UInt32 = 0o100000
    static let folder: UInt32 = 0o040000
    static let link: UInt32 = 0o120000
  }

  private let archive: OpaquePointer
  private let entry: OpaquePointer
  private let path: String
  private let locale = ThreadLocale.utf8()
  private var isOpen = true

  /// - Parameter descriptor: the file; it stays open.
  init(_ descriptor: Int32, path: String, _ compression: ArchiveOrder.Compression) throws {
    guard let archive = archive_write_new() else { throw BerthError.diskFull(path) }
    guard let entry = archive_entry_new2(archive) else {
      archive_write_free(archive)
      throw BerthError.diskFull(path)
    }
    self.archive = archive
    self.entry = entry
    self.path = path
    archive_write_set_format_pax(archive)
    switch compression {
    case .zstd:
      archive_write_add_filter_zstd(archive)
      // Each thread takes some seven mebibytes, and six are as fast as most disks.
      let threads = max(1, min(6, sysconf(Int32(_SC_NPROCESSORS_ONLN))))
      // As fast as level 1, and smaller by a few percent; level 3 takes a third more on most data.
      archive_write_set_filter_option(archive, "zstd", "compression-level", "2")
      archive_write_set_filter_option(archive, "zstd", "threads", "\(threads)")
    case .gzip:
      archive_write_add_filter_gzip(archive)
      archive_write_set_filter_option(archive, "gzip", "timestamp", nil)
    }
    archive_write_set_bytes_per_block(archive, 256 << 10)
    archive_write_set_bytes_in_last_block(archive, 1)
    try check(archive_write_open_fd(archive, descriptor))
  }

  deinit {
    archive_entry_free(entry)
    // What is not finished is not wanted, and closing would write.
    if isOpen { archive_write_fail(archive) }
    archive_write_free(archive)
    if let locale { freelocale(locale) }
  }

  /// Begins a member; of a file with content exactly its bytes follow.
  ///
  /// - Parameter extents: where a sparse file has data; nil for a file without holes.
  func begin(_ file: FileEntry, extents: [Range<Int64>]? = nil) throws {
    archive_entry_clear(entry)
    file.path.withCPath { archive_entry_set_pathname(entry, $0) }
    switch file.kind {
    case .file:
      archive_entry_set_filetype(entry, FileType.file)
      if let first = file.hardLink {
        first.withCPath { archive_entry_set_hardlink(entry, $0) }
        archive_entry_set_size(entry, 0)
      } else {
        archive_entry_set_size(entry, file.size)
      }
    case .folder: archive_entry_set_filetype(entry, FileType.folder)
    case .link:
      archive_entry_set_filetype(entry, FileType.link)
      (file.target ?? []).withCPath { archive_entry_set_symlink(entry, $0) }
    }
    archive_entry_set_perm(entry, mode_t(file.mode))
    archive_entry_set_uid(entry, Int64(file.user))
    archive_entry_set_gid(entry, Int64(file.group))
    if let name = file.userName { name.withCPath { archive_entry_set_uname(entry, $0) } }
    if [file.path, file.target ?? [], file.hardLink ?? []].contains(where: Self.isAltered) {
      // libarchive would spell the name anew; what is no UTF-8 at all makes it leave everything as it is.
      [0xff].withCPath { archive_entry_set_gname(entry, $0) }
    }
    archive_entry_set_mtime(entry, Int(file.modified.seconds), Int(file.modified.nanoseconds))
    if let extents {
      for extent in extents {
        archive_entry_sparse_add_entry(entry, extent.lowerBound, extent.upperBound - extent.lowerBound)
      }
      if extents.isEmpty { archive_entry_sparse_add_entry(entry, 0, 0) }
    }
    try ThreadLocale.with(locale) { try check(archive_write_header(archive, entry)) }
  }

  func write(_ bytes: UnsafeRawBufferPointer) throws {
    guard !bytes.isEmpty else { return }
    let count = archive_write_data(archive, bytes.baseAddress, bytes.count)
    guard count == bytes.count else { throw failure() }
  }

  /// Writes what stands in a hole, which libarchive leaves out again.
  func writeZeros(_ count: Int64) throws {
    guard count > 0 else { return }
    // Memory that is never touched, and so takes none.
    let size = Int(min(count, 1 << 30))
    guard let zeros = mmap(nil, size, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0),
      zeros != MAP_FAILED
    else { throw BerthError.fileSystem("cannot write", path) }
    defer { munmap(zeros, size) }
    var rest = count
    while rest > 0 {
      let piece = Int(min(rest, Int64(size)))
      try write(UnsafeRawBufferPointer(start: zeros, count: piece))
      rest -= Int64(piece)
    }
  }

  func finish() throws {
    try check(archive_write_close(archive))
    isOpen = false
  }

  /// Whether a file of that name can be written with its holes. libarchive gives a sparse file whose name is no UTF-8
  /// the name of the one before it.
  static func canKeepHoles(_ path: Bytes) -> Bool { String(validating: path, as: UTF8.self) != nil }

  /// Bytes that a surrogate's UTF-8 would have, which libarchive takes for half a character.
  private static func isAltered(_ name: Bytes) -> Bool {
    zip(name, name.dropFirst()).contains { $0 == 0xed && $1 >= 0xa0 }
  }

  private func check(_ status: Int32) throws {
    guard status >= ARCHIVE_WARN else { throw failure() }
  }

  private func failure() -> BerthError {
    let number = archive_errno(archive)
    if number > 0 { return .fileSystem("cannot write", path, number: number) }
    let text = archive_error_string(archive).map { String(cString: $0) } ?? "unknown"
    return BerthError("file-system", .failure, "cannot write '\(path)'", remedy: "df '\(path)'", cause: text)
  }
}
