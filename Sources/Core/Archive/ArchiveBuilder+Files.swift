import BerthFiles
import BerthKit
import Glibc

/// A piece of memory that files are read into, one after the other.
final class ReadBuffer {
  /// Files up to this size are read as a whole, and again when they change meanwhile.
  static let size = 1 << 20

  let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: size + 1, alignment: 64)

  deinit { memory.deallocate() }
}

extension ArchiveBuilder {
  /// How often a small file that changes while it is read is read again.
  private static let attempts = 4

  /// The same file in the backup before this one, when it did not change.
  func former(_ entry: FileEntry) -> FileEntry? {
    guard entry.kind == .file, let previous, let index = previous.find(entry.path) else { return nil }
    let former = previous.entry(index)
    return entry.isUnchanged(since: former) ? former : nil
  }

  func addFile(
    _ found: TreeWalk.Found, _ noted: FileEntry, _ source: ArchiveSource, _ cursor: inout FolderCursor,
    _ meter: inout ProgressMeter
  ) throws {
    var entry = noted
    var identity = found.identity
    if let identity, let first = firstNames[identity] { return try addName(of: first, entry) }
    if let former = found.former {
      entry.digest = former.digest
      entry.dense = former.dense
      entry.archive = former.archive
    } else {
      let (folder, name) = source.place(of: entry.path)
      watch(.opening, entry.path)
      guard let folder = cursor.open(folder), let file = OpenFile(name, in: folder) else {
        let number = errno
        guard !source.isCopy, let kind = TreeWalk.gone(number) else {
          throw BerthError.unreadable(entry.path, cause: String(cString: strerror(number)))
        }
        return summary.remarks.note(kind, FileName.text(entry.path))
      }
      // Something else has taken its place.
      guard let info = file.info, let now = TreeWalk.found(entry.path, info), now.entry.kind == .file else {
        return summary.remarks.note(.exchanged, FileName.text(entry.path))
      }
      entry = entry.refreshed(now.entry)
      identity = now.identity
      if source.isCopy, try keepsFormer(&entry, file) {
        try meter.add(Int(entry.size))
      } else {
        try store(&entry, file, &meter)
        entry.distrustFreshTimes()
      }
    }
    if let identity { firstNames[identity] = entry }
    note(entry)
  }

  /// One more name of a file that is there already.
  private func addName(of first: FileEntry, _ noted: FileEntry) throws {
    var entry = first
    entry.path = noted.path
    entry.set = noted.set
    entry.hardLink = first.path
    if entry.archive == number { try writer.begin(entry) }
    note(entry)
  }

  private func note(_ entry: FileEntry) {
    list.append(entry)
    summary.files += 1
    summary.bytes += entry.bytes
    if entry.archive == number { summary.stored += entry.bytes }
  }

  /// Whether a copy has the content that the backup before this one has under its name.
  private func keepsFormer(_ entry: inout FileEntry, _ file: borrowing OpenFile) throws -> Bool {
    guard let previous, let index = previous.find(entry.path) else { return false }
    let former = previous.entry(index)
    guard former.kind == .file, former.hardLink == nil, former.size == entry.size else { return false }
    let isSparse = former.dense != nil
    var digest = ContentDigest(isSparse: isSparse)
    for extent in isSparse ? file.extents(size: entry.size) ?? [] : [0..<entry.size] {
      var at = extent.lowerBound
      while at < extent.upperBound {
        let length = Int(min(Int64(ReadBuffer.size), extent.upperBound - at))
        let piece = UnsafeMutableRawBufferPointer(rebasing: buffer.memory[..<length])
        guard file.read(piece, at: at) == length else { return false }
        digest.add(UnsafeRawBufferPointer(piece), at: at)
        at += Int64(length)
      }
    }
    guard digest.finish() == former.digest else { return false }
    entry.digest = former.digest
    entry.dense = former.dense
    entry.archive = former.archive
    return true
  }

  private func store(_ entry: inout FileEntry, _ file: borrowing OpenFile, _ meter: inout ProgressMeter) throws {
    if entry.size <= ReadBuffer.size, try storeSmall(&entry, file) {
      try meter.add(Int(entry.size))
      return
    }
    try storeLarge(&entry, file, &meter)
  }

  /// Reads a file as a whole, as often as needed to see it at one moment.
  ///
  /// - Returns: false when it has grown too large for this.
  private func storeSmall(_ entry: inout FileEntry, _ file: borrowing OpenFile) throws -> Bool {
    for attempt in 1...Self.attempts {
      watch(.reading, entry.path)
      guard let count = file.read(buffer.memory, at: 0) else {
        throw BerthError.unreadable(entry.path, cause: String(cString: strerror(errno)))
      }
      guard count <= ReadBuffer.size, let info = file.info, let now = FileEntry(path: entry.path, info) else {
        return false
      }
      let isWhole = count == entry.size && entry.isUnchanged(since: now)
      guard isWhole || attempt == Self.attempts else {
        entry = entry.refreshed(now)
        continue
      }
      if !isWhole { summary.remarks.note(.changed, FileName.text(entry.path)) }
      entry.size = Int64(count)
      let content = UnsafeRawBufferPointer(rebasing: buffer.memory[..<count])
      entry.digest = FileDigest(of: content)
      try writer.begin(entry)
      try writer.write(content)
      wrote(entry.size)
      return true
    }
    return false
  }

  /// Reads a file in pieces; what it has as its size at the beginning is what is kept of it.
  private func storeLarge(_ entry: inout FileEntry, _ file: borrowing OpenFile, _ meter: inout ProgressMeter) throws {
    guard let before = file.info else {
      throw BerthError.unreadable(entry.path, cause: String(cString: strerror(errno)))
    }
    let mayHaveHoles = Int64(before.st_blocks) * 512 < entry.size && TarWriter.canKeepHoles(entry.path)
    let extents = mayHaveHoles ? file.extents(size: entry.size) : nil
    if let extents { entry.dense = extents.reduce(0) { $0 + ($1.upperBound - $1.lowerBound) } }
    try writer.begin(entry, extents: extents)
    watch(.reading, entry.path)
    var digest = ContentDigest(isSparse: extents != nil)
    var at: Int64 = 0
    var isCut = false
    for extent in extents ?? [0..<entry.size] {
      try writer.writeZeros(extent.lowerBound - at)
      at = extent.lowerBound
      while at < extent.upperBound {
        let length = Int(min(Int64(ReadBuffer.size), extent.upperBound - at))
        let piece = UnsafeMutableRawBufferPointer(rebasing: buffer.memory[..<length])
        guard let count = file.read(piece, at: at) else {
          throw BerthError.unreadable(entry.path, cause: String(cString: strerror(errno)))
        }
        if count < length {
          isCut = true
          UnsafeMutableRawBufferPointer(rebasing: piece[count...]).initializeMemory(as: UInt8.self, repeating: 0)
        }
        digest.add(UnsafeRawBufferPointer(piece), at: at)
        try writer.write(UnsafeRawBufferPointer(piece))
        try meter.add(length)
        at += Int64(length)
        wrote(Int64(length))
      }
    }
    try writer.writeZeros(entry.size - at)
    entry.digest = digest.finish()
    let after = file.info.flatMap { FileEntry(path: entry.path, $0) }
    if isCut || after.map({ !entry.isUnchanged(since: $0) }) ?? true {
      summary.remarks.note(.changed, FileName.text(entry.path))
    }
  }
}

extension FileEntry {
  /// The same entry with what is known of the file now.
  fileprivate func refreshed(_ now: FileEntry) -> FileEntry {
    var entry = now
    entry.set = set
    entry.archive = archive
    entry.userName = userName
    return entry
  }

  /// A file that was changed in the very moment in which it was read may be changed again without a new time. Its time
  /// is not kept then, so that the next backup reads it again. So it is with times to come.
  mutating func distrustFreshTimes() {
    var now = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    // Some file systems know seconds only.
    let grain: Int64 = changed.nanoseconds == 0 ? 2_000_000_000 : 50_000_000
    let (seconds, overflow) = (Int64(now.tv_sec) - changed.seconds).multipliedReportingOverflow(by: 1_000_000_000)
    let age = seconds + Int64(now.tv_nsec) - changed.nanoseconds
    if overflow || age < grain { changed = Moment() }
  }
}
