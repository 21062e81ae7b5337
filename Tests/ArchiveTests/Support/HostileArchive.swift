import BerthFiles
import BerthKit
import CArchive
import Foundation

@testable import BerthArchive

/// An archive that is made by hand, to hold what Berth never writes.
struct HostileArchive {
  /// What a member is in the tar.
  struct Member {
    var path: String
    var type: UInt32 = 0o100000
    var content: Bytes = []
    var target: String?
    var hardLink: String?
    /// What the tar's header says; nil for the truth.
    var zeros: Int64 = 0
    /// Nil for what is usual.
    var mode: UInt32?
  }

  var members: [Member] = []
  /// What the list of files says.
  var entries: [FileEntry] = []
  var head: BackupHead
  /// Nil for the one of the head.
  var listID: String?

  init(_ head: BackupHead) {
    self.head = head
    add(folder: "data")
  }

  mutating func add(folder path: String) {
    members.append(Member(path: path, type: 0o040000))
    entries.append(FileEntry(path: Array(path.utf8), kind: .folder, mode: 0o700))
  }

  mutating func add(file path: String, _ content: String, mode: UInt16 = 0o600) {
    members.append(Member(path: path, content: Array(content.utf8), mode: UInt32(mode)))
    var entry = Self.entry(path, content)
    entry.mode = mode
    entries.append(entry)
  }

  /// Puts members and entries into the order of their paths, in which a folder stands before what is in it.
  mutating func sort() {
    members.sort { $0.path < $1.path }
    entries.sort { $0.path.lexicographicallyPrecedes($1.path) }
  }

  mutating func add(link path: String, to target: String) {
    members.append(Member(path: path, type: 0o120000, target: target))
    var entry = FileEntry(path: Array(path.utf8), kind: .link, mode: 0o777)
    entry.target = Array(target.utf8)
    entries.append(entry)
  }

  static func entry(_ path: String, _ content: String) -> FileEntry {
    var entry = FileEntry(path: Array(path.utf8), kind: .file, mode: 0o600)
    entry.size = Int64(content.utf8.count)
    entry.digest = FileDigest(of: Array(content.utf8))
    entry.set = "all"
    return entry
  }

  func write(to path: String, filter: String = "zstd") throws {
    let text = try HeadText.write(head)
    var list = FileListWriter(id: listID ?? head.id, number: head.chain.count, head: FileDigest(of: text))
    for entry in entries { list.append(entry) }
    try Self.write(
      [Member(path: ".berth/manifest.json", content: text)] + members
        + [Member(path: ".berth/files.mtree", content: list.finished())], to: path, "pax", filter)
  }

  /// An archive of whatever is in it.
  ///
  /// - Parameters:
  ///   - format: as libarchive calls it.
  ///   - filter: likewise.
  static func write(_ all: [Member], to path: String, _ format: String, _ filter: String) throws {
    guard let archive = archive_write_new(), let entry = archive_entry_new() else {
      throw CocoaError(.fileWriteUnknown)
    }
    defer {
      archive_entry_free(entry)
      archive_write_free(archive)
    }
    archive_write_set_format_by_name(archive, format)
    if filter != "none" { archive_write_add_filter_by_name(archive, filter) }
    archive_write_open_filename(archive, path)
    let zeros = Bytes(repeating: 0, count: 1 << 20)
    for member in all {
      archive_entry_clear(entry)
      archive_entry_set_pathname(entry, member.path)
      archive_entry_set_filetype(entry, member.type)
      let usual: UInt32 = member.type == 0o040000 ? 0o700 : member.type == 0o120000 ? 0o777 : 0o600
      archive_entry_set_perm(entry, member.mode ?? usual)
      archive_entry_set_size(entry, Int64(member.content.count) + member.zeros)
      if let target = member.target { archive_entry_set_symlink(entry, target) }
      if let first = member.hardLink { archive_entry_set_hardlink(entry, first) }
      archive_write_header(archive, entry)
      archive_write_data(archive, member.content, member.content.count)
      for _ in 0..<(member.zeros >> 20) { archive_write_data(archive, zeros, zeros.count) }
    }
    archive_write_close(archive)
  }
}
