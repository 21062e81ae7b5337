/// The tables and values of a TOML text (1.0), with the places where they stand.
struct TOMLDocument {
  struct Entry {
    enum Kind: Equatable {
      case string(String)
      /// A number, a truth or a time, as it is written.
      case word(String)
      case array, inlineTable
    }

    /// From the top of the document.
    let path: [String]
    let value: Range<Int>
    let kind: Kind
    /// The lines that it stands on, with the last one's end.
    let lines: Range<Int>
    /// Where its table stands in ``tables``.
    let table: Int
  }

  struct Table {
    let path: [String]
    let isArray: Bool
    let header: Int
    /// Where a new key goes: behind the last line that says something.
    var tail: Int
    /// Whether it is an element of an array, or below one.
    var isInArray = false
  }

  let text: ByteText
  private(set) var entries: [Entry] = []
  /// The first is the document itself.
  private(set) var tables: [Table]
  /// The paths of arrays of tables.
  private var arrays: Set<[String]> = []
  /// More parts than any key has.
  private static let deepest = 100

  /// - Throws: ``Unreadable``.
  init(_ string: String) throws {
    text = ByteText(string)
    tables = [Table(path: [], isArray: false, header: text.start, tail: text.start)]
    var scanner = ByteScanner(text)
    try scanner.refuseControls()
    if let place = text.loneCarriageReturn {
      throw scanner.unreadable("a carriage return without a line feed", at: place)
    }
    while true {
      scanner.skip(while: ByteText.isSpace)
      guard let byte = scanner.byte else { break }
      let begin = scanner.index
      if byte == UInt8(ascii: "#") {
        scanner.index = text.lineEnd(begin)
        continue
      }
      if byte == UInt8(ascii: "[") { try readHeader(&scanner) } else { try readEntry(&scanner) }
      try Self.finishLine(&scanner)
      tables[tables.count - 1].tail = text.nextLine(scanner.index)
    }
    for index in tables.indices {
      let path = tables[index].path
      tables[index].isInArray = !arrays.isEmpty && path.indices.contains { arrays.contains(Array(path[...$0])) }
    }
    try checkDoubles()
  }

  private mutating func readHeader(_ scanner: inout ByteScanner) throws {
    let begin = scanner.index
    let isArray = scanner.take("[[")
    if !isArray { _ = scanner.take("[") }
    let path = try Self.key(&scanner)
    guard isArray ? scanner.take("]]") : scanner.take("]") else {
      throw scanner.unreadable("a table's name has no ']'", at: begin)
    }
    if isArray { arrays.insert(path) }
    tables.append(Table(path: path, isArray: isArray, header: begin, tail: begin))
  }

  private mutating func readEntry(_ scanner: inout ByteScanner) throws {
    let begin = scanner.index
    let key = try Self.key(&scanner)
    guard scanner.take("=") else {
      throw scanner.unreadable("expected '=' behind the key '\(key.joined(separator: "."))'")
    }
    scanner.skip(while: ByteText.isBlank)
    let value = scanner.index
    let kind = try TOMLValue.read(&scanner)
    let table = tables.count - 1
    entries.append(
      Entry(
        path: tables[table].path + key, value: value..<scanner.index, kind: kind,
        lines: text.lineStart(begin)..<text.nextLine(scanner.index), table: table))
  }

  private static func finishLine(_ scanner: inout ByteScanner) throws {
    scanner.skip(while: ByteText.isBlank)
    if scanner.byte == UInt8(ascii: "#") { scanner.index = scanner.text.lineEnd(scanner.index) }
    guard scanner.byte.map(ByteText.isLineEnd) ?? true else {
      throw scanner.unreadable("something stands behind a value")
    }
  }

  /// Bare and quoted words, parted by dots.
  private static func key(_ scanner: inout ByteScanner) throws -> [String] {
    var path: [String] = []
    repeat {
      scanner.skip(while: ByteText.isBlank)
      if scanner.byte == UInt8(ascii: "\"") || scanner.byte == UInt8(ascii: "'") {
        guard !scanner.starts(with: "\"\"\""), !scanner.starts(with: "'''") else {
          throw scanner.unreadable("a key over several lines")
        }
        path.append(try TOMLValue.string(&scanner))
      } else {
        let begin = scanner.index
        scanner.skip(while: isBare)
        guard scanner.index > begin else { throw scanner.unreadable("expected a key") }
        path.append(scanner.text.text(begin..<scanner.index))
      }
      guard path.count <= deepest else { throw scanner.unreadable("a key has too many parts") }
      scanner.skip(while: ByteText.isBlank)
    } while scanner.take(".")
    return path
  }

  static func isBare(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
      || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || byte == UInt8(ascii: "_")
      || byte == UInt8(ascii: "-")
  }

  private func checkDoubles() throws {
    var seen: Set<[String]> = []
    // Each element of an array has keys of its own.
    func name(_ entry: Entry) -> [String] {
      tables[entry.table].isInArray ? ["\(entry.table)", ""] + entry.path : entry.path
    }
    for entry in entries where !seen.insert(name(entry)).inserted {
      throw Unreadable(
        line: text.line(at: entry.value.lowerBound),
        problem: "the key '\(entry.path.joined(separator: "."))' stands here twice")
    }
    var headers: Set<[String]> = []
    for table in tables.dropFirst() where !table.isArray && !table.isInArray && !headers.insert(table.path).inserted {
      throw Unreadable(
        line: text.line(at: table.header), problem: "the table '\(table.path.joined(separator: "."))' stands here twice"
      )
    }
  }
}
