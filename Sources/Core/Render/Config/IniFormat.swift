import BerthKit

/// `key=value` in `[sections]`, for programs with Qt's QSettings and for plainer readers.
///
/// QSettings cuts an unquoted value at `;`, makes a list of one with `,`, strips blanks and quotes, takes a backslash
/// for an escape, and gives `@…(…)` types of its own. Plainer readers know no escapes. A value is written so that both
/// read the same, in quotes only where it has to be.
enum IniFormat: PathFormat {
  static func value(at path: [String], in text: String) throws -> String? {
    let file = try IniFile(text)
    let pairs = file.pairs(at: path)
    try refuse(pairs, in: file)
    return pairs.last.map { pair in
      let raw = file.rawValue(pair)
      return quoted(raw) ?? raw
    }
  }

  static func text(_ existing: String, setting path: [String], to value: Value?) throws -> String {
    let text = try edited(existing, setting: path, to: value)
    // With the mark before it, Qt knows neither the key nor the section of the first line.
    let isMarkHarmless = text.withoutByteOrderMark.utf8.first.map { ";#\r\n".utf8.contains($0) } ?? true
    return isMarkHarmless ? text : text.withoutByteOrderMark
  }

  private static func edited(_ existing: String, setting path: [String], to value: Value?) throws -> String {
    let file = try IniFile(existing)
    let pairs = file.pairs(at: path)
    let long = try refuse(pairs, in: file)
    guard let value else { return pairs.isEmpty ? existing : file.removing(pairs) }
    let raw = try written(value)
    guard let first = pairs.first else { return try file.adding(path, raw, outside: long) }
    return file.setting(pairs, to: isSaid(value, by: file.rawValue(first), as: raw) ? nil : raw)
  }

  /// A value as it stands behind the `=`.
  ///
  /// - Throws: ``Refused`` for what the readers of this format read differently.
  static func written(_ value: Value) throws -> String {
    let text = value.plain
    if text.utf8.contains(UInt8(ascii: "\"")) || text.utf8.contains(UInt8(ascii: "\\")) {
      throw Refused(reason: "programs read \" and \\ in an ini file in different ways")
    }
    // A byte array is how Qt's programs keep a hash; the plugin's author writes it as such.
    let isByteArray = text.hasPrefix("@ByteArray(") && text.hasSuffix(")") && text.utf8.allSatisfy { $0 < 0x80 }
    if !isByteArray, text.hasPrefix("@@") || (text.hasPrefix("@") && text.hasSuffix(")")) {
      throw Refused(reason: "Qt's programs read a value that begins with @@, or with @ and ends with ), as another one")
    }
    return needsQuotes(text) ? "\"\(text)\"" : text
  }

  private static func needsQuotes(_ text: String) -> Bool {
    let scalars = text.unicodeScalars
    guard let first = scalars.first, let last = scalars.last else { return false }
    return first.properties.isWhitespace || last.properties.isWhitespace || first == "'" || first == "#"
      || scalars.contains { $0 == "," || $0 == ";" } || text.contains(" #")
  }

  /// Whether a value stands there already, in the words of whoever wrote it.
  private static func isSaid(_ value: Value, by raw: String, as written: String) -> Bool {
    if raw.utf8.elementsEqual(written.utf8) { return true }
    if let text = quoted(raw) { return value.isSaid(by: text) }
    // What would need quotes is read differently without them.
    return !needsQuotes(raw) && !raw.utf8.contains(UInt8(ascii: "\\")) && !raw.utf8.contains(UInt8(ascii: "\""))
      && !written.hasPrefix("\"") && value.isSaid(by: raw)
  }

  private static let escapes: [UInt8: UInt8] = [
    UInt8(ascii: "\\"): UInt8(ascii: "\\"), UInt8(ascii: "\""): UInt8(ascii: "\""), UInt8(ascii: "n"): 10,
    UInt8(ascii: "r"): 13, UInt8(ascii: "t"): 9,
  ]

  /// What is in the quotes, when a value is one quoted text and nothing else; nil for all others.
  static func quoted(_ raw: String) -> String? {
    let bytes = Array(raw.utf8)
    guard bytes.count >= 2, bytes.first == UInt8(ascii: "\""), bytes.last == UInt8(ascii: "\"") else { return nil }
    var text: [UInt8] = []
    var rest = bytes.dropFirst().dropLast()
    while let byte = rest.popFirst() {
      if byte == UInt8(ascii: "\"") { return nil }
      guard byte == UInt8(ascii: "\\") else {
        text.append(byte)
        continue
      }
      guard let next = rest.popFirst() else { return nil }
      text += escapes[next].map { [$0] } ?? [byte, next]
    }
    return String(decoding: text, as: UTF8.self)
  }

  /// - Returns: the lines in which no key of Berth's may stand.
  /// - Throws: ``Unreadable`` where one of these does.
  @discardableResult
  private static func refuse(_ pairs: [IniFile.Pair], in file: IniFile) throws -> LongIniLines {
    let long = LongIniLines(file.text)
    for pair in pairs { try long.refuse(pair.line.lowerBound, in: file.text) }
    return long
  }
}
