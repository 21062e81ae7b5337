import BerthKit

/// A text as bytes, with its lines. A line ends at `\n`, `\r\n` or `\r`.
struct ByteText {
  let bytes: [UInt8]
  /// Behind the mark that some editors put at the beginning of a file.
  let start: Int

  init(_ text: String) {
    bytes = Array(text.utf8)
    start = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
  }

  var end: Int { bytes.count }

  /// How the first line ends; a line feed where there is none.
  var ending: String {
    guard let first = bytes.firstIndex(where: Self.isLineEnd) else { return "\n" }
    return text(first..<behindLineEnd(first))
  }

  func text(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }

  /// The first carriage return that is not followed by a line feed.
  var loneCarriageReturn: Int? {
    bytes.indices.first { bytes[$0] == UInt8(ascii: "\r") && behindLineEnd($0) == $0 + 1 }
  }

  /// From 1.
  func line(at offset: Int) -> Int {
    var line = 1
    var index = 0
    while index < min(offset, end) {
      if Self.isLineEnd(bytes[index]) {
        line += 1
        index = behindLineEnd(index)
      } else {
        index += 1
      }
    }
    return line
  }

  /// Where the line of an offset begins.
  func lineStart(_ offset: Int) -> Int {
    var begin = max(start, offset)
    while begin > start, !Self.isLineEnd(bytes[begin - 1]) { begin -= 1 }
    return begin
  }

  /// The next offset with an end of line, or the text's end.
  func lineEnd(_ offset: Int) -> Int {
    var index = offset
    while index < end, !Self.isLineEnd(bytes[index]) { index += 1 }
    return index
  }

  /// Where the line behind the one of this offset begins, or the text's end.
  func nextLine(_ offset: Int) -> Int { behindLineEnd(lineEnd(offset)) }

  /// What stands before an offset in its line, if it is nothing but blanks.
  ///
  /// It looks no further back than the blanks go, since a line may be as long as the text.
  func indentation(at offset: Int) -> String? {
    var begin = max(start, offset)
    while begin > start, Self.isBlank(bytes[begin - 1]) { begin -= 1 }
    guard begin == start || Self.isLineEnd(bytes[begin - 1]) else { return nil }
    return text(begin..<max(start, offset))
  }

  /// Whether nothing but blanks stands between an offset and the end of its line.
  func isLast(_ offset: Int) -> Bool {
    bytes[offset...].first { !Self.isBlank($0) }.map(Self.isLineEnd) ?? true
  }

  /// A part without the blanks at its ends.
  func trimmed(_ range: Range<Int>) -> Range<Int> {
    var (first, last) = (range.lowerBound, range.upperBound)
    while first < last, Self.isBlank(bytes[first]) { first += 1 }
    while last > first, Self.isBlank(bytes[last - 1]) { last -= 1 }
    return first..<last
  }

  /// The part itself, or the whole lines that it stands on when nothing else does.
  func wholeLines(_ range: Range<Int>) -> Range<Int> {
    guard indentation(at: range.lowerBound) != nil, isLast(range.upperBound) else { return range }
    return lineStart(range.lowerBound)..<nextLine(range.upperBound)
  }

  func replacing(_ range: Range<Int>, with text: String) -> String { replacing([(range, text)]) }

  /// The text with several parts replaced. What two of them have in common is replaced once.
  func replacing(_ edits: [(range: Range<Int>, text: String)]) -> String {
    var result: [UInt8] = []
    var index = 0
    for edit in edits.sorted(by: { $0.range.lowerBound < $1.range.lowerBound }) {
      result += bytes[index..<max(index, edit.range.lowerBound)]
      result += Array(edit.text.utf8)
      index = max(index, edit.range.upperBound)
    }
    return String(decoding: result + bytes[index...], as: UTF8.self)
  }

  private func behindLineEnd(_ offset: Int) -> Int {
    guard offset < end else { return end }
    let isPair = bytes[offset] == UInt8(ascii: "\r") && offset + 1 < end && bytes[offset + 1] == UInt8(ascii: "\n")
    return offset + (isPair ? 2 : 1)
  }

  static func isLineEnd(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") }
  static func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
  /// Whether it is an ASCII letter or digit.
  static func isWord(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"):
      true
    default: false
    }
  }
  static func isSpace(_ byte: UInt8) -> Bool { isBlank(byte) || isLineEnd(byte) }
}

/// Reads a text byte by byte.
struct ByteScanner {
  let text: ByteText
  var index: Int

  init(_ text: ByteText) {
    self.text = text
    index = text.start
  }

  var isAtEnd: Bool { index >= text.end }
  var byte: UInt8? { index < text.end ? text.bytes[index] : nil }

  func starts(with word: StaticString) -> Bool {
    word.withUTF8Buffer { index + $0.count <= text.end && text.bytes[index..<(index + $0.count)].elementsEqual($0) }
  }

  /// Goes behind a word that stands here.
  mutating func take(_ word: StaticString) -> Bool {
    guard starts(with: word) else { return false }
    index += word.utf8CodeUnitCount
    return true
  }

  mutating func skip(while condition: (UInt8) -> Bool) {
    while index < text.end, condition(text.bytes[index]) { index += 1 }
  }

  /// Goes behind the next place where the word stands; false, without moving, when there is none.
  mutating func skip(behind word: StaticString) -> Bool {
    let begin = index
    while !isAtEnd {
      if take(word) { return true }
      index += 1
    }
    index = begin
    return false
  }

  /// - Throws: ``Unreadable`` when a character that is neither a blank nor a line's end controls a terminal.
  func refuseControls() throws {
    if let place = text.bytes.firstIndex(where: { $0 < 0x20 && !ByteText.isSpace($0) }) {
      throw unreadable("a control character stands in it", at: place)
    }
  }

  /// - Parameter offset: where it is; the present place unless said.
  func unreadable(_ problem: String, at offset: Int? = nil) -> Unreadable {
    Unreadable(line: text.line(at: offset ?? index), problem: problem)
  }
}

extension Value {
  /// Whether a text that a file has says this value: letter by letter, or as the same truth or number.
  func isSaid(by text: String) -> Bool {
    switch self {
    case .text(let own): own.isSame(as: text)
    case .boolean: plain == text.lowercased()
    case .integer(let own): Int(text) == own || Double(text).flatMap(Int.init(exactly:)) == own
    case .number(let own): Double(text) == own
    }
  }
}
