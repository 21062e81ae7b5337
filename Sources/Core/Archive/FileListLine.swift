import BerthFiles

/// Reads one line of a list of files, strictly: what ``FileListWriter`` would not write is refused.
struct FileListLine {
  /// The longest path in bytes, as the kernel takes it.
  static let longestPath = 4095
  /// The longest line: three spelled names, and the rest.
  static let longest = 4 * 3 * longestPath + 4096

  /// The words in the order in which they are written.
  private enum Key: Int, CaseIterable {
    case type, size, dense, mode, uid, gid, uname, time, sha256digest, densesha256, link, hardlink, set, `in`, inode,
      ctime
  }

  private static let keys = Key.allCases.map { (key: $0, spelled: Array("\($0)=".utf8)) }

  /// What is wrong with a line.
  struct Problem: Error { var text: String }

  private var entry = FileEntry(path: [], kind: .file, mode: 0)
  private var seen = 0
  /// The number of the word that may come next.
  private var next = 0

  static func read(_ line: UnsafeRawBufferPointer) -> Result<FileEntry, Problem> {
    do throws(Problem) { return .success(try entry(line)) } catch { return .failure(error) }
  }

  private static func entry(_ line: UnsafeRawBufferPointer) throws(Problem) -> FileEntry {
    var reader = FileListLine()
    var words = line[...]
    while true {
      let end = words.firstIndex(of: .space) ?? words.endIndex
      try reader.take(UnsafeRawBufferPointer(rebasing: words[..<end]), isPath: words.startIndex == 0)
      if end == words.endIndex { break }
      words = words[(end + 1)...]
    }
    try reader.check()
    return reader.entry
  }

  private mutating func take(_ word: UnsafeRawBufferPointer, isPath: Bool) throws(Problem) {
    if isPath {
      guard word.count > 2, word[0] == UInt8(ascii: "."), word[1] == .slash else { throw Problem(text: "no path") }
      entry.path = try name(UnsafeRawBufferPointer(rebasing: word[2...]))
      return
    }
    guard let (key, spelled) = Self.keys[next...].first(where: { word.starts(with: $0.spelled) }) else {
      throw Problem(text: "an unknown word, or one out of its order")
    }
    seen |= 1 << key.rawValue
    next = key.rawValue + 1
    let value = UnsafeRawBufferPointer(rebasing: word[spelled.count...])
    switch key {
    case .type: entry.kind = try kind(value)
    case .size: entry.size = try number(value)
    case .dense: entry.dense = try number(value)
    case .mode: entry.mode = try mode(value)
    case .uid: entry.user = try number(value)
    case .gid: entry.group = try number(value)
    case .uname: entry.userName = try name(value)
    case .time: entry.modified = try moment(value)
    case .sha256digest, .densesha256:
      guard let digest = FileDigest(hex: value) else { throw Problem(text: "no SHA-256") }
      entry.digest = digest
    case .link: entry.target = try name(value)
    case .hardlink: entry.hardLink = try name(value)
    case .set: entry.set = String(decoding: try name(value), as: UTF8.self)
    case .in: entry.archive = try number(value)
    case .inode: entry.inode = try number(value)
    case .ctime: entry.changed = try moment(value)
    }
  }

  /// Whether the words go together.
  private func check() throws(Problem) {
    let needed: [Key] = [.type, .mode, .uid, .gid, .time, .in, .inode, .ctime]
    guard needed.allSatisfy(has) else { throw Problem(text: "a word is missing") }
    guard Self.isSafe(entry.path) else { throw Problem(text: "a path that leaves the instance") }
    let isFile = entry.kind == .file
    guard isFile == has(.size), isFile == (has(.sha256digest) != has(.densesha256)), has(.dense) == has(.densesha256),
      (entry.kind == .link) == has(.link),
      isFile || !has(.hardlink) && !has(.dense)
    else { throw Problem(text: "words that do not belong to its kind") }
    guard entry.size >= 0, entry.archive >= 0, entry.dense.map({ 0...entry.size ~= $0 }) ?? true else {
      throw Problem(text: "a size that cannot be")
    }
    if let first = entry.hardLink {
      guard Self.isSafe(first) else { throw Problem(text: "a link out of the instance") }
    }
  }

  /// Whether an archive can name a path, as long and as deep as it is.
  static func isNameable(_ path: Bytes) -> Bool {
    path.count <= longestPath && path.count(where: { $0 == .slash }) < TreeWalkLimit.depth
  }

  /// Whether a path names something in one of the folders that an archive may have.
  static func isSafe(_ path: Bytes) -> Bool {
    guard isNameable(path), !path.contains(0) else { return false }
    let names = path.split(separator: .slash, omittingEmptySubsequences: false)
    guard let first = names.first, folders.contains(Array(first)) else { return false }
    return names.allSatisfy { !$0.isEmpty && !$0.elementsEqual([0x2e]) && !$0.elementsEqual([0x2e, 0x2e]) }
  }

  /// The folders at the top of an archive, beside Berth's own.
  private static let folders = ["config", "data", "cache", "dumps"].map { Array($0.utf8) }

  private func has(_ key: Key) -> Bool { seen & 1 << key.rawValue != 0 }

  private func kind(_ value: UnsafeRawBufferPointer) throws(Problem) -> FileEntry.Kind {
    if value.elementsEqual("file".utf8) { return .file }
    if value.elementsEqual("dir".utf8) { return .folder }
    if value.elementsEqual("link".utf8) { return .link }
    throw Problem(text: "an unknown kind of file")
  }

  private func name(_ value: UnsafeRawBufferPointer) throws(Problem) -> Bytes {
    guard let name = FileName.bytes(value), name.count <= Self.longestPath else { throw Problem(text: "a bad name") }
    return name
  }

  private func number<Number: FixedWidthInteger>(_ digits: some Collection<UInt8>) throws(Problem) -> Number {
    var number: Number = 0
    guard !digits.isEmpty, digits.count == 1 || digits.first != 0x30 else { throw Problem(text: "a bad number") }
    for digit in digits {
      guard (0x30...0x39).contains(digit) else { throw Problem(text: "a bad number") }
      let (tens, tooLarge) = number.multipliedReportingOverflow(by: 10)
      let (sum, overflow) = tens.addingReportingOverflow(Number(digit - 0x30))
      guard !tooLarge, !overflow else { throw Problem(text: "a number that is too large") }
      number = sum
    }
    return number
  }

  private func mode(_ value: UnsafeRawBufferPointer) throws(Problem) -> UInt16 {
    guard (2...5).contains(value.count), value[0] == 0x30 else { throw Problem(text: "a bad mode") }
    var mode: UInt16 = 0
    for digit in value {
      guard (0x30...0x37).contains(digit) else { throw Problem(text: "a bad mode") }
      mode = mode << 3 | UInt16(digit - 0x30)
    }
    return mode
  }

  private func moment(_ value: UnsafeRawBufferPointer) throws(Problem) -> FileEntry.Moment {
    guard let dot = value.firstIndex(of: UInt8(ascii: ".")), value.count - dot == 10 else {
      throw Problem(text: "a bad time")
    }
    let isNegative = value.first == UInt8(ascii: "-")
    let seconds: Int64 = try number(value[(isNegative ? 1 : 0)..<dot])
    var nanoseconds: Int64 = 0
    for digit in value[(dot + 1)...] {
      guard (0x30...0x39).contains(digit) else { throw Problem(text: "a bad time") }
      nanoseconds = nanoseconds * 10 + Int64(digit - 0x30)
    }
    return FileEntry.Moment(isNegative ? -seconds : seconds, nanoseconds)
  }
}
