import BerthFiles
import BerthKit
import CArchive
import Crypto
import Glibc

/// Archives of an app's maker, which are as hostile as any: whoever wrote the checksum down need not have looked inside.
public struct MakerArchives: AppArchives {
  /// Bytes that any archive may become, however small it is.
  private let leastRoom: Int64

  public init() { self.init(leastRoom: 1 << 30) }

  init(leastRoom: Int64) { self.leastRoom = leastRoom }

  public func digest(of path: String, progress: ByteProgress) throws -> String {
    let descriptor = HostPath.open(path, O_RDONLY | O_NOFOLLOW)
    guard descriptor >= 0 else { throw BerthError.fileSystem("cannot read", path) }
    defer { close(descriptor) }
    var info = stat()
    guard fstat(descriptor, &info) == 0, info.st_mode & S_IFMT == S_IFREG else {
      throw BerthError.badArchive("it is not a file", archive: path)
    }
    return try withoutActuallyEscaping(progress) { progress in
      var meter = ProgressMeter(total: Int64(info.st_size), progress)
      var hash = SHA256()
      try withUnsafeTemporaryAllocation(byteCount: 1 << 20, alignment: 16) { buffer in
        while true {
          let count = read(descriptor, buffer.baseAddress, buffer.count)
          if count < 0 && errno == EINTR { continue }
          guard count >= 0 else { throw BerthError.fileSystem("cannot read", path) }
          if count == 0 { break }
          hash.update(bufferPointer: UnsafeRawBufferPointer(rebasing: buffer[..<count]))
          try meter.add(count)
        }
      }
      var text = Bytes()
      FileDigest(hash.finalize()).appendHex(to: &text)
      return String(decoding: text, as: UTF8.self)
    }
  }

  public func unpack(_ archive: String, into folder: String, strip: Int, progress: ByteProgress) throws {
    try withoutActuallyEscaping(progress) { progress in
      var unpacking = try MakerUnpacking(archive, folder, strip: strip, leastRoom: leastRoom, progress)
      try unpacking.run()
    }
  }

  public func settle(_ folder: String) throws {
    guard let top = OpenFolder(folder) else { throw BerthError.fileSystem("cannot open the folder", folder) }
    var cursor = FolderCursor(top)
    var waiting: [Bytes] = [[]]
    while let path = waiting.popLast() {
      guard let open = cursor.open(path), fchmod(open.descriptor, 0o755) == 0, let names = open.names() else {
        throw BerthError.fileSystem("cannot set up", "\(folder)/\(FileName.text(path))")
      }
      for name in names {
        guard let info = open.info(name) else { continue }
        switch info.st_mode & S_IFMT {
        case S_IFDIR: waiting.append(path.isEmpty ? name : path + [.slash] + name)
        case S_IFREG:
          let mode: mode_t = info.st_mode & 0o100 == 0 ? 0o644 : 0o755
          guard name.withCPath({ fchmodat(open.descriptor, $0, mode, 0) }) == 0 else {
            throw BerthError.fileSystem("cannot set up", "\(folder)/\(FileName.text(name))")
          }
        default: break
        }
      }
    }
    guard syncfs(top.descriptor) == 0 else { throw BerthError.fileSystem("cannot write", folder) }
  }
}

/// Writes what is in an archive into a folder, member by member. Links are made when everything else is there, so that
/// nothing can be written through one.
private struct MakerUnpacking {
  /// How many times its own size a large archive may become.
  private static let mostGrowth: Int64 = 100
  private static let mostMembers = 1_000_000
  /// Programs that everybody may run and only Berth may change.
  private static let mode: UInt16 = 0o755

  private let reader: TarReader
  private let tree: StagedTree
  private let strip: Int
  private let room: Int64
  private var meter: ProgressMeter
  private var bytes: Int64 = 0
  private var members = 0
  private var folders: Set<Bytes> = []
  private var links: [FileEntry] = []

  init(
    _ archive: String, _ folder: String, strip: Int, leastRoom: Int64, _ progress: @escaping ByteProgress
  ) throws {
    reader = try TarReader(archive, of: .maker)
    tree = try StagedTree(existing: folder)
    self.strip = strip
    room = max(leastRoom, reader.size.multipliedReportingOverflow(by: Self.mostGrowth).partialValue)
    meter = ProgressMeter(total: reader.size, progress)
  }

  mutating func run() throws {
    while let member = try reader.next() {
      members += 1
      guard members <= Self.mostMembers else { throw refusal("it has more than \(Self.mostMembers) members") }
      guard let path = try place(of: member.path) else { continue }
      switch member.kind {
      case .folder: try makeFolder(path)
      case .file: try write(member, to: path)
      case .link: links.append(try link(member, at: path))
      case .hardLink:
        guard let first = try place(of: member.target ?? []) else {
          throw refusal("is another name of a file that is left out", member.path)
        }
        try makeFolder(Array(path.parent))
        try tree.makeName(path, of: first)
      case .other: throw refusal("is neither a file, a folder nor a link", member.path)
      }
    }
    guard members > 0 else { throw refusal("there is nothing in it") }
    for link in links {
      try makeFolder(Array(link.path.parent))
      try tree.makeLink(link)
    }
    // From the bottom up: a name that is below another one is longer.
    for folder in folders.sorted(by: { $0.count > $1.count }) {
      try tree.finishFolder(FileEntry(path: folder, kind: .folder, mode: Self.mode))
    }
    try meter.finish()
  }

  /// Where a member goes; nil for what lies above the folders that are left out.
  private func place(of name: Bytes) throws -> Bytes? {
    guard name.first != .slash else { throw refusal("has an absolute name", name) }
    let parts = name.split(separator: .slash).filter { !$0.elementsEqual([0x2e]) }
    guard !parts.contains(where: { $0.elementsEqual([0x2e, 0x2e]) }) else {
      throw refusal("has '..' in its name", name)
    }
    guard parts.count > strip else { return nil }
    return Array(parts.dropFirst(strip).joined(separator: [.slash]))
  }

  /// Makes a folder and those above it.
  private mutating func makeFolder(_ path: Bytes) throws {
    guard !path.isEmpty, !folders.contains(path) else { return }
    try makeFolder(Array(path.parent))
    // An archive before this one may have made it.
    if try !tree.hasFolder(path) { try tree.makeFolder(path) }
    folders.insert(path)
  }

  private mutating func write(_ member: TarReader.Member, to path: Bytes) throws {
    try makeFolder(Array(path.parent))
    var file = try tree.makeFile(path)
    var entry = FileEntry(path: path, kind: .file, mode: Self.mode)
    while let (piece, offset) = try reader.piece() {
      let (end, overflow) = offset.addingReportingOverflow(Int64(piece.count))
      guard !overflow else { throw refusal("is longer than any file", member.path) }
      bytes += Int64(piece.count)
      guard bytes <= room, end <= room else { throw refusal("it holds more than \(room) bytes") }
      try file.write(piece, at: offset)
      entry.size = max(entry.size, end)
      try meter.reach(reader.position)
    }
    // A hole at the end of a sparse file.
    if member.isSparse, member.size <= room { entry.size = max(entry.size, member.size) }
    try file.finish(entry)
  }

  /// A link that stays inside. Only names that lead upwards at its very beginning can be counted for certain, as what
  /// comes behind another name may be a link itself.
  private func link(_ member: TarReader.Member, at path: Bytes) throws -> FileEntry {
    let target = member.target ?? []
    let parts = target.split(separator: .slash).filter { !$0.elementsEqual([0x2e]) }
    let ups = parts.prefix { $0.elementsEqual([0x2e, 0x2e]) }.count
    let depth = path.split(separator: .slash).count - 1
    let leadsOut =
      target.isEmpty || target.first == .slash || ups > depth
      || parts.dropFirst(ups).contains { $0.elementsEqual([0x2e, 0x2e]) }
    guard !leadsOut else { throw refusal("is a link that leads out of the app's folder", member.path) }
    var entry = FileEntry(path: path, kind: .link, mode: 0o777)
    entry.target = target
    return entry
  }

  private func refusal(_ problem: String, _ member: Bytes? = nil) -> BerthError {
    .badArchive(problem, archive: reader.path, member: member)
  }
}
