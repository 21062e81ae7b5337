import BerthFiles
import BerthKit

/// Writes the list of files of a backup as text in the form of mtree(5).
///
/// Beside the keywords of mtree(5) there are `set` (the set a file belongs to), `in` (the archive of the chain that holds
/// it), `hardlink`, `dense` and
/// `densesha256` (bytes and SHA-256 without holes), `inode` and `ctime`. Comments behind the files say what was left out
/// (`#vanished 2`, and `#vanished ./data/a` for the first few). The last line is a SHA-256 of all before it.
struct FileListWriter {
  static let signature = Array("#mtree\n".utf8)
  static let about = Array("#berth ".utf8)
  static let headDigest = Array("#head ".utf8)
  static let checksum = Array("#sha256 ".utf8)

  private(set) var text: Bytes

  /// - Parameter number: how many archives are before this one in its chain.
  init(id: String, number: Int, head: FileDigest) {
    text = Self.signature + Self.about + Array("\(id) \(number)\n".utf8) + Self.headDigest
    head.appendHex(to: &text)
    text.append(.newline)
  }

  mutating func append(_ entry: FileEntry) {
    text += [UInt8(ascii: "."), .slash]
    FileName.append(entry.path, to: &text)
    switch entry.kind {
    case .file: append("type=file size=", entry.size)
    case .folder: append("type=dir")
    case .link: append("type=link")
    }
    if let dense = entry.dense { append("dense=", dense) }
    append("mode=0")
    text += Array(String(entry.mode, radix: 8).utf8)
    append("uid=", Int64(entry.user))
    append("gid=", Int64(entry.group))
    if let name = entry.userName { append("uname=", name) }
    append("time=", entry.modified)
    if let digest = entry.digest {
      append(entry.dense == nil ? "sha256digest=" : "densesha256=")
      digest.appendHex(to: &text)
    }
    if let target = entry.target { append("link=", target) }
    if let first = entry.hardLink { append("hardlink=", first) }
    if let set = entry.set { append("set=", Array(set.utf8)) }
    append("in=", Int64(entry.archive))
    append("inode=")
    text += Array(String(entry.inode).utf8)
    append("ctime=", entry.changed)
    text.append(.newline)
  }

  /// Says what is not in the archive as it was.
  mutating func append(_ remarks: ArchiveRemarks) {
    for kind in ArchiveRemarks.Kind.allCases where remarks.count(kind) > 0 {
      append(line: Array("#\(kind.rawValue) \(remarks.count(kind))".utf8))
      for remark in remarks.first where remark.kind == kind {
        append(line: Array("#\(kind.rawValue) ./\(remark.path)".utf8))
      }
    }
  }

  /// What a member of an archive must say of a file, in one line.
  static func member(_ entry: FileEntry) -> Bytes {
    var writer = FileListWriter(text: [])
    FileName.append(entry.path, to: &writer.text)
    switch entry.kind {
    case .file: writer.append("type=file")
    case .folder: writer.append("type=dir")
    case .link: writer.append("type=link")
    }
    writer.append("mode=", Int64(entry.mode))
    if let target = entry.target { writer.append("link=", target) }
    if let first = entry.hardLink {
      writer.append("hardlink=", first)
    } else if entry.kind == .file {
      writer.append("size=", entry.size)
      writer.append("dense=", entry.dense ?? -1)
      entry.digest?.appendHex(to: &writer.text)
    }
    return writer.text
  }

  /// Takes a line as it is.
  mutating func append(line: Bytes) { text += line + [.newline] }

  private init(text: Bytes) { self.text = text }

  /// The whole list with its checksum.
  func finished() -> Bytes {
    var all = text + Self.checksum
    FileDigest(of: text).appendHex(to: &all)
    all.append(.newline)
    return all
  }

  /// The checksum at the end of a finished list, in hexadecimal digits.
  static func digest(of finished: Bytes) -> String { String(decoding: finished.suffix(65).dropLast(), as: UTF8.self) }

  private mutating func append(_ word: StaticString) {
    text.append(.space)
    word.withUTF8Buffer { text.append(contentsOf: $0) }
  }

  private mutating func append(_ word: StaticString, _ number: Int64) {
    append(word)
    appendDecimal(number)
  }

  private mutating func append(_ word: StaticString, _ name: Bytes) {
    append(word)
    FileName.append(name, to: &text)
  }

  private mutating func append(_ word: StaticString, _ time: FileEntry.Moment) {
    append(word)
    appendDecimal(time.seconds)
    text.append(UInt8(ascii: "."))
    var divisor: Int64 = 100_000_000
    while divisor > 0 {
      text.append(0x30 + UInt8(time.nanoseconds / divisor % 10))
      divisor /= 10
    }
  }

  private mutating func appendDecimal(_ number: Int64) {
    if number < 0 { text.append(UInt8(ascii: "-")) }
    var rest = number.magnitude
    let start = text.count
    repeat {
      text.append(0x30 + UInt8(rest % 10))
      rest /= 10
    } while rest > 0
    text[start...].reverse()
  }
}
