import BerthFiles
import BerthKit
import Glibc

/// Writes one archive: the head, the files of sets, and the list of them.
final class ArchiveBuilder {
  let order: ArchiveOrder
  let selection: Selection
  private let output: OutputFile
  let writer: TarWriter
  let previous: FileList?
  /// The number of this archive in its chain.
  let number: Int
  var list: FileListWriter
  var summary = ArchiveSummary(size: 0, files: 0, bytes: 0, stored: 0)
  private let headDigest: FileDigest
  /// Folders that are in the archive.
  private var folders: Set<Bytes> = []
  /// The first name of each file with several.
  var firstNames: [TreeWalk.Identity: FileEntry] = [:]
  var userNames = UserNames()
  let buffer = ReadBuffer()
  /// Told what is about to happen to a file; tests change it there.
  var watch: (Moment, Bytes) -> Void = { _, _ in }

  /// Bytes since the disk was last told to begin with them.
  var waiting: Int64 = 0

  enum Moment { case opening, reading }

  init(_ order: ArchiveOrder) throws {
    self.order = order
    selection = Selection(order.head.sets)
    number = order.head.chain.count
    previous = try Self.previous(order)
    let head = try HeadText.write(order.head)
    headDigest = FileDigest(of: head)
    list = FileListWriter(id: order.head.id, number: number, head: headDigest)
    output = try OutputFile(order.unfinished)
    do {
      writer = try TarWriter(output.descriptor, path: order.unfinished, order.compression)
      try Self.write(head, as: TarReader.headPath, to: writer)
    } catch {
      output.remove()
      throw error
    }
  }

  /// The list that unchanged files are looked up in. One that does not belong to the chain is of no use, and everything
  /// is stored anew.
  private static func previous(_ order: ArchiveOrder) throws -> FileList? {
    guard let path = order.previous, let link = order.head.chain.last else { return nil }
    let text = try WholeFile.read(path, atMost: FileList.longest)
    do {
      let list = try FileList(text)
      return list.id == link.id && list.number == order.head.chain.count - 1 ? list : nil
    } catch {
      throw BerthError.badBackup(error.text, archive: path, member: error.path)
    }
  }

  static func write(_ text: Bytes, as path: Bytes, to writer: TarWriter) throws {
    var entry = FileEntry(path: path, kind: .file, mode: 0o600)
    entry.size = Int64(text.count)
    entry.modified = .init(Int64(time(nil)))
    try writer.begin(entry)
    try text.withUnsafeBytes { try writer.write($0) }
  }

  func add(_ parts: [ArchivePart], _ progress: @escaping ByteProgress) throws {
    let sources = try sources(of: parts)
    for part in parts { noteDamaged(part) }
    let stored = sources.lazy.flatMap(\.files).filter { $0.former == nil && $0.entry.kind == .file }
    try FreeSpace.check(WholeFile.folder(of: order.path), for: stored.reduce(0) { $0 + $1.held })
    var meter = ProgressMeter(total: stored.reduce(0) { $0 + $1.entry.size }, progress)
    for source in sources {
      var cursor = FolderCursor(source.top)
      for found in source.files { try add(found, source, &cursor, &meter) }
    }
    try meter.finish()
  }

  /// What the program that copied a set's databases says of them. It runs as the instance's user, and is only quoted.
  private func noteDamaged(_ part: ArchivePart) {
    guard let copy = part.copy, let file = try? RegularFile.open(ScopePaths.damaged(besides: copy)),
      let bytes = file.read(atMost: 1 << 16)
    else { return }
    for line in bytes.split(separator: UInt8(ascii: "\n")) {
      summary.remarks.note(.damaged, FileName.text(Array(line)))
    }
  }

  private func add(
    _ found: TreeWalk.Found, _ source: ArchiveSource, _ cursor: inout FolderCursor, _ meter: inout ProgressMeter
  ) throws {
    var entry = found.entry
    entry.archive = number
    entry.userName = userNames.name(of: entry.user)
    switch entry.kind {
    case .folder:
      guard folders.insert(entry.path).inserted else { return }
      try writer.begin(entry)
      list.append(entry)
    case .link:
      try writer.begin(entry)
      list.append(entry)
      if leadsOut(entry) { summary.remarks.note(.outside, FileName.text(entry.path)) }
    case .file: try addFile(found, entry, source, &cursor, &meter)
    }
  }

  /// Whether what a link leads to is in no backup of the instance, and does not come with the system either.
  private func leadsOut(_ link: FileEntry) -> Bool {
    guard let target = link.target, StrangeLinks.leaves(link.path, target) else { return false }
    guard target.first == .slash else { return true }
    // What packages bring is on the next host as well; what an operator has laid beside it is not.
    let parts = target.split(separator: .slash, maxSplits: 2).map { String(decoding: $0, as: UTF8.self) }
    let isOperators = ["etc", "run", "boot"].contains(parts.first) || parts.prefix(2) == ["usr", "local"]
    let isSystems = Mount.systemFolders.contains(parts.first ?? "") && !isOperators
    return !isSystems && !order.folders.values.contains { target.isOrIsBelow(Array($0.utf8)) }
  }

  func finish() throws -> ArchiveSummary {
    list.append(summary.remarks)
    let text = list.finished()
    guard text.count <= FileList.longest else { throw BerthError.tooManyFiles(summary.files) }
    try Self.write(text, as: TarReader.listPath, to: writer)
    try writer.finish()
    summary.size = try output.sync()
    summary.seal = ArchiveSeal(head: headDigest.hex, list: FileListWriter.digest(of: text))
    try WholeFile.write(text, to: order.index)
    do { try output.rename(to: order.path) } catch {
      TreeRemoval.remove(order.index)
      throw error
    }
    summary.end = try ArchiveEnd(order.path).digest
    return summary
  }

  func discard() { output.remove() }

  /// Keeps the disk busy, so that there is less to wait for at the end.
  func wrote(_ bytes: Int64) {
    waiting += bytes
    guard waiting >= 32 << 20 else { return }
    waiting = 0
    output.startWriting()
  }
}
