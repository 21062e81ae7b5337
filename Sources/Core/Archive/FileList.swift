import BerthFiles
import BerthKit

/// The list of files of a backup, read and checked as a whole.
///
/// Entries are read when they are asked for, so that a long list takes little more memory than its text.
struct FileList {
  /// The longest list in bytes, some million files.
  static let longest = 1 << 30

  /// What is wrong with a list, with the path it is about.
  struct Problem: Error {
    var text: String
    var path: Bytes?
  }

  let text: Bytes
  /// The backup it belongs to.
  let id: String
  /// How many archives are before this backup's in its chain.
  let number: Int
  let headDigest: FileDigest
  /// The SHA-256 of all lines, which is its last one.
  let digest: FileDigest
  /// What is not in the archive as it was.
  let remarks: ArchiveRemarks
  /// Where each entry's line begins, and behind them where the last one ends.
  private let starts: [UInt32]
  private let lookup: PathTable

  var count: Int { starts.count - 1 }

  init(_ text: Bytes) throws(Problem) {
    guard text.count <= Self.longest else { throw Problem(text: "has too long a list of files") }
    guard text.starts(with: FileListWriter.signature) else { throw Problem(text: "has no list of files") }
    let about = try Self.line(text, FileListWriter.signature.count, FileListWriter.about)
    let head = try Self.line(text, about.upperBound + 1, FileListWriter.headDigest)
    // The checksum is the last line, and nothing follows it.
    let checksum = FileListWriter.checksum
    let end = text.count - checksum.count - 65
    guard end > head.upperBound, text[end...].starts(with: checksum), text.last == .newline,
      let written = text.withUnsafeBytes({
        FileDigest(hex: UnsafeRawBufferPointer(rebasing: $0[(end + checksum.count)..<(text.count - 1)]))
      })
    else { throw Problem(text: "has a list of files that is cut off") }
    let computed = text.withUnsafeBytes { FileDigest(of: UnsafeRawBufferPointer(rebasing: $0[..<end])) }
    guard written == computed else { throw Problem(text: "has a list of files that was changed") }
    digest = written
    let words = String(decoding: text[about], as: UTF8.self).split(separator: " ")
    guard words.count == 2, let number = Int(words[1]), number >= 0,
      let headDigest = text.withUnsafeBytes({ FileDigest(hex: UnsafeRawBufferPointer(rebasing: $0[head])) })
    else { throw Problem(text: "has a list of files that cannot be read") }
    id = String(words[0])
    self.number = number
    self.headDigest = headDigest
    self.text = text
    (starts, lookup, remarks) = try Self.entries(text, from: head.upperBound + 1, to: end, number: number)
  }

  /// The number of the entry with that path.
  func find(_ path: some Collection<UInt8>) -> Int? {
    var spelled = Bytes()
    FileName.append(path, to: &spelled)
    return lookup.find(spelled, in: text)
  }

  func entry(_ index: Int) -> FileEntry {
    // It was read before, when the list was made.
    Self.entry(text, starts[index]) ?? FileEntry(path: [], kind: .folder, mode: 0)
  }

  private static func entry(_ text: Bytes, _ start: UInt32) -> FileEntry? {
    text.withUnsafeBytes { text in
      let rest = UnsafeRawBufferPointer(rebasing: text[Int(start)...])
      guard let end = rest.firstIndex(of: .newline) else { return nil }
      return try? FileListLine.read(UnsafeRawBufferPointer(rebasing: rest[..<end])).get()
    }
  }

  /// Reads every line: paths are unique, and each lies in a folder that stands before it.
  private static func entries(_ text: Bytes, from start: Int, to end: Int, number: Int) throws(Problem)
    -> (starts: [UInt32], lookup: PathTable, remarks: ArchiveRemarks)
  {
    var remarks = ArchiveRemarks()
    var starts: [UInt32] = []
    var folders: [Bool] = []
    var lookup = PathTable(expecting: (end - start) / 160)
    var bytes: Int64 = 0
    var at = start
    while at < end {
      guard let stop = text[at..<min(end, at + FileListLine.longest)].firstIndex(of: .newline) else {
        throw Problem(text: "has a list of files with too long a line")
      }
      if text[at] == UInt8(ascii: "#") {
        Self.note(text[(at + 1)..<stop], in: &remarks)
        at = stop + 1
        continue
      }
      let line = text.withUnsafeBytes { FileListLine.read(UnsafeRawBufferPointer(rebasing: $0[at..<stop])) }
      let entry: FileEntry
      switch line {
      case .success(let read): entry = read
      case .failure(let problem):
        throw Problem(text: "has \(problem.text) in line \(starts.count + 4) of its list of files")
      }
      guard entry.archive <= number else { throw Problem(text: "is in an archive that comes later", path: entry.path) }
      // Whoever adds sizes up later need not ask whether the sum can be.
      let (sum, overflow) = bytes.addingReportingOverflow(entry.size)
      guard !overflow else { throw Problem(text: "has a size that cannot be", path: entry.path) }
      bytes = sum
      let parent = entry.path.parent
      if !parent.isEmpty {
        var spelled = Bytes()
        FileName.append(parent, to: &spelled)
        guard let above = lookup.find(spelled, in: text), folders[above] else {
          throw Problem(text: "is in no folder", path: entry.path)
        }
      } else if entry.kind != .folder {
        throw Problem(text: "is no folder", path: entry.path)
      }
      if let first = entry.hardLink {
        var spelled = Bytes()
        FileName.append(first, to: &spelled)
        guard let index = lookup.find(spelled, in: text), let named = Self.entry(text, starts[index]),
          named.kind == .file, named.hardLink == nil,
          (named.archive, named.size, named.digest) == (entry.archive, entry.size, entry.digest)
        else { throw Problem(text: "is another name of nothing", path: entry.path) }
      }
      starts.append(UInt32(at))
      folders.append(entry.kind == .folder)
      guard lookup.insert(starts.count - 1, at: at, in: text) else {
        throw Problem(text: "is there twice", path: entry.path)
      }
      at = stop + 1
    }
    starts.append(UInt32(end))
    return (starts, lookup, remarks)
  }

  /// Takes a comment that says what was left out. Others say nothing.
  private static func note(_ comment: ArraySlice<UInt8>, in remarks: inout ArchiveRemarks) {
    let words = String(decoding: comment, as: UTF8.self).split(separator: " ")
    guard words.count == 2, let kind = ArchiveRemarks.Kind(rawValue: String(words[0])) else { return }
    if let count = Int(words[1]), count > 0 {
      remarks.set(kind, count: count)
    } else if words[1].hasPrefix("./") {
      remarks.name(kind, String(words[1].dropFirst(2)))
    }
  }

  /// Where the rest of a line stands that begins with a word.
  private static func line(_ text: Bytes, _ at: Int, _ word: Bytes) throws(Problem) -> Range<Int> {
    guard at < text.count, text[at...].starts(with: word),
      let end = text[at..<min(text.count, at + 256)].firstIndex(of: .newline)
    else { throw Problem(text: "has a list of files that cannot be read") }
    return (at + word.count)..<end
  }
}

/// Finds lines of a list by the path they begin with, as it is spelled there.
private struct PathTable {
  /// Numbers of entries, one more than they are; 0 for a free place.
  private var places: [UInt32]
  private var starts: [UInt32] = []
  /// Chosen anew in each run, so that nobody can write names that all meet in one place.
  private let seed = UInt64.random(in: 0 ... .max)

  init(expecting count: Int) {
    places = Array(repeating: 0, count: 64)
    grow(to: max(64, count * 2))
    starts.reserveCapacity(count)
  }

  /// - Returns: whether the path was not there before.
  mutating func insert(_ index: Int, at start: Int, in text: Bytes) -> Bool {
    starts.append(UInt32(start))
    if starts.count * 2 > places.count {
      places = Array(repeating: 0, count: places.count * 2)
      for earlier in 0..<index { places[free(Self.path(text, starts[earlier]), text).place] = UInt32(earlier + 1) }
    }
    let (place, isTaken) = free(Self.path(text, UInt32(start)), text)
    guard !isTaken else { return false }
    places[place] = UInt32(index + 1)
    return true
  }

  func find(_ spelled: Bytes, in text: Bytes) -> Int? {
    let (place, isTaken) = free(spelled[...], text)
    return isTaken ? Int(places[place]) - 1 : nil
  }

  private mutating func grow(to count: Int) {
    var size = places.count
    while size < count { size *= 2 }
    places = Array(repeating: 0, count: size)
  }

  /// The place where the path is, or else where it would be.
  private func free(_ spelled: ArraySlice<UInt8>, _ text: Bytes) -> (place: Int, isTaken: Bool) {
    var place = Int(truncatingIfNeeded: hash(spelled)) & (places.count - 1)
    while places[place] != 0 {
      if Self.path(text, starts[Int(places[place]) - 1]).elementsEqual(spelled) { return (place, true) }
      place = (place + 1) & (places.count - 1)
    }
    return (place, false)
  }

  private func hash(_ spelled: ArraySlice<UInt8>) -> UInt64 {
    var hasher = Hasher()
    hasher.combine(seed)
    spelled.withUnsafeBytes { hasher.combine(bytes: $0) }
    return UInt64(bitPattern: Int64(hasher.finalize()))
  }

  /// The path with which a line begins, without the `./` before it.
  private static func path(_ text: Bytes, _ start: UInt32) -> ArraySlice<UInt8> {
    let from = Int(start) + 2
    return text[from..<(text[from...].firstIndex(of: .space) ?? from)]
  }
}
