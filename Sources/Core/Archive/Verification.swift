import BerthFiles
import BerthKit
import Crypto

/// Reads an archive to its end and compares every member with the list of files behind them.
struct Verification {
  /// More than the longest list has lines.
  private static let mostMembers = FileList.longest / 128

  private let path: String
  private let trust: ArchiveTrust
  private let size: Int64
  private let stream: MemberStream
  /// How many bytes its files may have in all, holes left out.
  private let most: Int64
  private var unpacked: Int64 = 0
  private var meter: ProgressMeter

  init(
    _ path: String, _ trust: ArchiveTrust, bound: Expansion? = nil, _ progress: @escaping ByteProgress
  ) throws {
    self.path = path
    self.trust = trust
    size = try TarReader(path).size
    most = bound?.most(of: size) ?? .max
    stream = MemberStream(path)
    meter = ProgressMeter(total: size, progress)
  }

  mutating func run(index: String?) throws -> ArchiveSummary {
    guard let first = try stream.nextMember(), first.path == TarReader.headPath, first.kind == .file else {
      throw BerthError.noBackup(path)
    }
    let bytes = try stream.content(atMost: TarReader.longestHead)
    let head = try HeadText.read(bytes, archive: path)
    // What each member is, in their order. The list has them in the same one.
    var members: [SIMD2<UInt64>] = []
    var list: FileList?
    while let member = try stream.nextMember() {
      guard list == nil else { throw bad("stands behind the end", member.path) }
      if member.path == TarReader.listPath {
        list = try Self.list(try stream.content(atMost: FileList.longest), path, head, FileDigest(of: bytes), trust)
      } else {
        guard members.count < Self.mostMembers else {
          throw BerthError.badBackup("it has too many members", archive: path)
        }
        members.append(try seal(of: member))
      }
    }
    // What stands behind a gzip is passed over in silence.
    guard stream.position == size else {
      throw BerthError.badBackup("something stands behind its end", archive: path)
    }
    guard let list else { throw BerthError.badBackup("it is cut off", archive: path) }
    let summary = try compare(members, list)
    if let index { try WholeFile.write(list.text, to: index) }
    try meter.finish()
    return summary
  }

  /// Reads the list of files of an archive, which must be this very one's, and ask for no more than it may.
  static func list(
    _ text: Bytes, _ path: String, _ head: BackupHead, _ digest: FileDigest, _ trust: ArchiveTrust
  ) throws -> FileList {
    do {
      let list = try FileList(text)
      guard list.id == head.id, list.number == head.chain.count, list.headDigest == digest else {
        throw BerthError.badBackup("its list of files belongs to another", archive: path)
      }
      switch trust {
      case .own(let noted):
        guard noted ?? list.digest.hex == list.digest.hex else {
          throw BerthError.badBackup("its files are others than when it was made", archive: path)
        }
      case .stranger:
        if let link = StrangeLinks.first(in: list) { throw BerthError.strangeLink(link, archive: path) }
      }
      return list
    } catch let problem as FileList.Problem {
      throw BerthError.badBackup(problem.text, archive: path, member: problem.path)
    }
  }

  private func compare(_ members: [SIMD2<UInt64>], _ list: FileList) throws -> ArchiveSummary {
    var summary = ArchiveSummary(size: size, files: 0, bytes: 0, stored: 0)
    var at = 0
    for index in 0..<list.count {
      let entry = list.entry(index)
      if entry.kind == .file {
        summary.files += 1
        summary.bytes += entry.bytes
      }
      guard entry.archive == list.number else {
        guard entry.kind == .file else { throw bad("is no file, and in an older archive", entry.path) }
        continue
      }
      guard at < members.count else { throw bad("is missing", entry.path) }
      guard members[at] == Self.seal(of: entry) else { throw bad("is not what the list of files says", entry.path) }
      summary.stored += entry.bytes
      at += 1
    }
    guard at == members.count else { throw BerthError.badBackup("it holds members beside its list", archive: path) }
    summary.remarks = list.remarks
    summary.seal = ArchiveSeal(head: list.headDigest.hex, list: list.digest.hex)
    summary.end = try ArchiveEnd(path).digest
    return summary
  }

  /// Reads a member and sums up what it is.
  private mutating func seal(of member: TarReader.Member) throws -> SIMD2<UInt64> {
    guard FileListLine.isSafe(member.path), member.kind != .other else {
      throw bad("has no place in a backup", member.path)
    }
    var entry = FileEntry(path: member.path, kind: .file, mode: member.mode)
    switch member.kind {
    case .folder: entry.kind = .folder
    case .link:
      entry.kind = .link
      entry.target = member.target
    case .hardLink: entry.hardLink = member.target
    case .file:
      entry.size = member.size
      let content = try stream.pieces { bytes, _ in
        try meter.reach(stream.position)
        unpacked += Int64(bytes.count)
        guard unpacked <= most else { throw BerthError.expands(path, size: size, most: most) }
      }
      entry.digest = content.digest
      if member.isSparse { entry.dense = content.dense }
      guard content.length <= member.size, member.isSparse || content.length == member.size else {
        throw bad("is cut off", member.path)
      }
    case .other: break
    }
    return Self.seal(of: entry)
  }

  /// Sixteen bytes of a SHA-256 over all that a member says of a file.
  private static func seal(of entry: FileEntry) -> SIMD2<UInt64> {
    var line = FileListWriter.member(entry)
    line.append(.newline)
    let digest = FileDigest(of: line)
    return unsafeBitCast(digest.lowHalf, to: SIMD2<UInt64>.self)
  }

  private func bad(_ problem: String, _ member: Bytes) -> BerthError {
    .badBackup(problem, archive: path, member: member)
  }
}
