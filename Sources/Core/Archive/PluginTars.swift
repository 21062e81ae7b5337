import BerthFiles
import BerthKit
import CArchive
import Glibc

/// Archives that plugins come in, which are as hostile as any: nothing of them is unpacked, and only texts are read.
public struct PluginTars: PluginArchives {
  /// Bytes that all members of an archive have together at most, those that nobody wants included.
  private static let mostBytes: Int64 = 1 << 30
  private static let mostMembers = 100_000

  public init() {}

  public func texts(of archive: String, where isWanted: (String) -> Bool) throws -> [String: String] {
    let reader = try TarReader(archive, of: .maker)
    func refusal(_ problem: String, _ member: Bytes? = nil) -> BerthError {
      .badArchive(problem, archive: archive, member: member)
    }
    var texts: [String: String] = [:]
    var (members, bytes, wanted): (Int, Int64, Int) = (0, 0, 0)
    while let member = try reader.next() {
      members += 1
      bytes += max(0, member.size)
      guard members <= Self.mostMembers, bytes <= Self.mostBytes, reader.position <= Self.mostBytes else {
        throw refusal("it holds more than any plugin")
      }
      let parts = member.path.split(separator: .slash).filter { !$0.elementsEqual([0x2e]) }
      guard member.kind != .folder, let path = String(validating: parts.joined(separator: [.slash]), as: UTF8.self),
        isWanted(path)
      else { continue }
      guard member.path.first != .slash, !parts.contains(where: { $0.elementsEqual([0x2e, 0x2e]) }) else {
        throw refusal("has a name that leads elsewhere", member.path)
      }
      guard member.kind == .file, !member.isSparse else { throw refusal("is no plain file", member.path) }
      var content = Bytes()
      while let (piece, offset) = try reader.piece() {
        guard Int(offset) == content.count, wanted + content.count + piece.count <= PluginFiles.largest else {
          throw refusal("it holds more than any plugin")
        }
        content += piece
      }
      wanted += content.count
      guard texts.updateValue(RawText.text(of: content), forKey: path) == nil else {
        throw refusal("is there twice", member.path)
      }
      guard texts.count <= PluginFiles.mostFiles else { throw refusal("it holds more than any plugin") }
    }
    return texts
  }

  public func write(_ texts: [String: String], below folder: String, to path: String) throws {
    let descriptor = HostPath.open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, mode: 0o644)
    guard descriptor >= 0 else { throw BerthError.fileSystem("cannot write", path) }
    defer { close(descriptor) }
    let writer = try TarWriter(descriptor, path: path, .gzip)
    for (name, text) in texts.sorted(by: { $0.key < $1.key }) {
      let bytes = RawText.bytes(of: text)
      var entry = FileEntry(path: Array("\(folder)/\(name)".utf8), kind: .file, mode: 0o644)
      entry.size = Int64(bytes.count)
      try writer.begin(entry)
      try bytes.withUnsafeBytes { try writer.write($0) }
    }
    try writer.finish()
    guard fsync(descriptor) == 0 else { throw BerthError.fileSystem("cannot write", path) }
  }
}
