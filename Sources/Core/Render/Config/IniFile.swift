/// The lines of a file with `[sections]` and `key=value`.
struct IniFile {
  struct Pair {
    /// Where its section stands in ``sections``.
    let section: Int
    let key: String
    /// Without blanks at the ends.
    let value: Range<Int>
    /// Whether blanks stand before the `=`.
    let isSpaced: Bool
    /// The line with its end.
    let line: Range<Int>
  }

  struct Section {
    /// nil for what stands before the first header.
    let name: String?
    /// The header's line; where the file begins for what stands before the first.
    let header: Range<Int>
    /// Where a new key goes: behind the last line that says something.
    var tail: Int
  }

  let text: ByteText
  private(set) var pairs: [Pair] = []
  private(set) var sections: [Section]

  /// - Throws: ``Unreadable`` for a header without `]`.
  init(_ string: String) throws {
    text = ByteText(string)
    sections = [Section(name: nil, header: text.start..<text.start, tail: text.start)]
    var index = text.start
    while index < text.end {
      let next = text.nextLine(index)
      let content = text.trimmed(index..<text.lineEnd(index))
      if let first = text.bytes[content].first, first != UInt8(ascii: ";"), first != UInt8(ascii: "#") {
        try read(content, line: index..<next)
      }
      index = next
    }
  }

  private mutating func read(_ content: Range<Int>, line: Range<Int>) throws {
    let bytes = text.bytes[content]
    if bytes.first == UInt8(ascii: "[") {
      guard let close = bytes.firstIndex(of: UInt8(ascii: "]")) else {
        throw Unreadable(line: text.line(at: content.lowerBound), problem: "a section's name has no ']'")
      }
      let name = text.text(text.trimmed((content.lowerBound + 1)..<close))
      sections.append(Section(name: name, header: line, tail: line.upperBound))
      return
    }
    sections[sections.count - 1].tail = line.upperBound
    guard let equals = bytes.firstIndex(of: UInt8(ascii: "=")) else { return }
    let key = text.trimmed(content.lowerBound..<equals)
    pairs.append(
      Pair(
        section: sections.count - 1, key: text.text(key), value: text.trimmed((equals + 1)..<content.upperBound),
        isSpaced: key.upperBound < equals, line: line))
  }

  /// All lines that set a key, in sections of that name. Those of `[General]` are at the top to Qt.
  func pairs(at path: [String]) -> [Pair] {
    guard let key = path.last else { return [] }
    let section = path.count > 1 ? path[0] : nil
    return pairs.filter { pair in
      guard pair.key.isSame(as: key) else { return false }
      let name = sections[pair.section].name
      guard let section else { return name.map { $0.lowercased() == "general" } ?? true }
      return name?.isSame(as: section) == true
    }
  }

  func rawValue(_ pair: Pair) -> String { text.text(pair.value) }

  /// The text with the value in the first of these lines, and without the others.
  ///
  /// - Parameter raw: nil to leave the first line as it is.
  func setting(_ pairs: [Pair], to raw: String?) -> String {
    var edits = pairs.dropFirst().map { ($0.line, "") }
    if let first = pairs.first, let raw {
      let isJoined = first.isSpaced && text.bytes[first.value.lowerBound - 1] == UInt8(ascii: "=")
      edits.append((first.value, isJoined ? " \(raw)" : raw))
    }
    return text.replacing(edits)
  }

  func removing(_ pairs: [Pair]) -> String { text.replacing(pairs.map { ($0.line, "") }) }

  /// The text with a new line at the end of the section, which is made at the end of the file where there is none.
  ///
  /// - Parameter lines: where nothing may go; a new line stands at the beginning of its section then.
  /// - Throws: ``Unreadable`` where the section, or its place, lies in these lines.
  func adding(_ path: [String], _ raw: String, outside lines: LongIniLines = LongIniLines()) throws -> String {
    let line = "\(path.last ?? "")=\(raw)"
    let name = path.count > 1 ? path[0] : nil
    if let section = sections.first(where: { $0.name == name }) {
      try lines.refuse(section.header.lowerBound, in: text)
      let place = lines.contains(section.tail) ? section.header.upperBound : section.tail
      try lines.refuse(place, in: text)
      return text.replacing(place..<place, with: begun(place) + line + text.ending)
    }
    try lines.refuse(text.end, in: text)
    let isBlankBefore = text.start == text.end || text.trimmed(lastLine).isEmpty
    let gap = begun(text.end) + (isBlankBefore ? "" : text.ending)
    return text.replacing(
      text.end..<text.end, with: gap + "[\(path[0])]\(text.ending)\(line)\(text.ending)")
  }

  /// The end of line that is missing before a place.
  private func begun(_ offset: Int) -> String {
    offset == text.start || ByteText.isLineEnd(text.bytes[offset - 1]) ? "" : text.ending
  }

  private var lastLine: Range<Int> {
    let end = text.bytes.last.map(ByteText.isLineEnd) == true ? text.end - 1 : text.end
    // Behind the carriage return of a pair there is only the line feed that is left out here.
    let content = end > text.start && text.bytes[end - 1] == UInt8(ascii: "\r") ? end - 1 : end
    return text.lineStart(content)..<content
  }
}
