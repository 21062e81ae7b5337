import BerthKit

/// Unreal Engine's `ini`: keys in sections, and members of a list in parentheses as a third level. The names of members
/// are the same in capital and small letters.
///
/// Truth is `True` and `False`. A text stands in quotes; where a bare word stands, such as one of an enumeration, a word
/// stays bare.
enum UnrealFormat: PathFormat {
  static func value(at path: [String], in text: String) throws -> String? {
    let file = try IniFile(text)
    guard let pair = file.pairs(at: Array(path.prefix(2))).last else { return nil }
    guard path.count == 3 else { return plain(file.rawValue(pair)) }
    return try UnrealList(file.text, pair.value).members.last { isSame($0.name, path[2]) }
      .map { plain(file.text.text($0.value)) }
  }

  static func text(_ existing: String, setting path: [String], to value: Value?) throws -> String {
    let file = try IniFile(existing)
    let place = Array(path.prefix(2))
    let pairs = file.pairs(at: place)
    guard path.count == 3 else { return try set(pairs, at: place, to: value, in: file) }
    guard let pair = pairs.last else {
      return try value.map { try file.adding(place, "(\(path[2])=\(written($0)))") } ?? existing
    }
    return try set(path[2], of: pair, to: value, in: file)
  }

  /// A key of a section.
  private static func set(
    _ pairs: [IniFile.Pair], at path: [String], to value: Value?, in file: IniFile
  ) throws -> String {
    guard let value else { return file.removing(pairs) }
    func written(_ text: String) -> String { isBare(text) ? text : self.written(.text(text)) }
    let raw = value.isText ? written(value.plain) : self.written(value)
    guard let first = pairs.first else { return try file.adding(path, raw) }
    let old = file.rawValue(first)
    try refuseList(old, at: first.value, in: file)
    return file.setting(
      pairs, to: value.isSaid(by: plain(old)) && (!value.isText || quoted(old) != nil || isBare(old)) ? nil : raw)
  }

  /// A member of a list.
  private static func set(
    _ name: String, of pair: IniFile.Pair, to value: Value?, in file: IniFile
  ) throws -> String {
    let text = file.text
    let list = try UnrealList(text, pair.value)
    var places = list.members.filter { isSame($0.name, name) }
    var edits: [(range: Range<Int>, text: String)] = []
    if let value {
      if let last = places.popLast() {
        let old = text.text(last.value)
        try refuseList(old, at: last.value, in: file)
        let raw = value.isText && isWord(old) && isWord(value.plain) ? value.plain : written(value)
        if !value.isSaid(by: plain(old)) { edits.append((last.value, raw)) }
      } else {
        edits.append((list.close..<list.close, "\(list.isEmpty ? "" : ",")\(name)=\(written(value))"))
      }
    }
    return text.replacing(edits + removals(of: places.map(\.whole), in: text).map { ($0, "") })
  }

  /// Members, each with the comma behind it. Where the last one goes no comma is behind, so that those which go with it at
  /// the end of the list take the one before them.
  private static func removals(of members: [Range<Int>], in text: ByteText) -> [Range<Int>] {
    func behind(_ member: Range<Int>) -> (comma: Bool, end: Int) {
      var end = member.upperBound
      while ByteText.isBlank(text.bytes[end]) { end += 1 }
      return text.bytes[end] == UInt8(ascii: ",") ? (true, end + 1) : (false, member.upperBound)
    }
    var removals = members.map { $0.lowerBound..<behind($0).end }
    guard let last = members.last, !behind(last).comma else { return removals }
    while let run = removals.popLast() {
      var begin = run.lowerBound
      while ByteText.isBlank(text.bytes[begin - 1]) { begin -= 1 }
      if let before = removals.last, before.upperBound == begin {
        removals[removals.count - 1] = before.lowerBound..<run.upperBound
        continue
      }
      let isComma = text.bytes[begin - 1] == UInt8(ascii: ",")
      removals.append((isComma ? begin - 1 : run.lowerBound)..<run.upperBound)
      break
    }
    return removals
  }

  private static func refuseList(_ raw: String, at range: Range<Int>, in file: IniFile) throws {
    guard raw.hasPrefix("(") else { return }
    throw Unreadable(
      line: file.text.line(at: range.lowerBound), problem: "a list stands where one value is expected")
  }

  // MARK: Values

  static func written(_ value: Value) -> String {
    switch value {
    case .boolean(let isTrue): isTrue ? "True" : "False"
    case .integer, .number: value.plain
    case .text(let text): "\"\(text.backslashing("\\\""))\""
    }
  }

  private static func plain(_ raw: String) -> String { quoted(raw) ?? raw }

  /// What is in the quotes; nil when the value is not one quoted text.
  private static func quoted(_ raw: String) -> String? { IniFormat.quoted(raw) }

  /// Whether a text is read the same without quotes.
  private static func isBare(_ text: String) -> Bool {
    let isPlain = text.utf8.allSatisfy { byte in
      ByteText.isWord(byte) || " ._:+-/@".utf8.contains(byte)
    }
    return isPlain && !text.contains("//") && text == text.trimmingSpaces
  }

  private static func isWord(_ text: String) -> Bool {
    guard let first = text.utf8.first, first > UInt8(ascii: "9") else { return false }
    return isBare(text) && text.utf8.allSatisfy { $0 == UInt8(ascii: "_") || !" ._:+-/@".utf8.contains($0) }
  }

  private static func isSame(_ one: String, _ other: String) -> Bool { one.lowercased() == other.lowercased() }
}
