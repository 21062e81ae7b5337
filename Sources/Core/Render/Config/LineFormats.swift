import BerthKit

/// Formats of lines with keys: all keys are set together, as they stand in one text.
extension KeyedText.Format {
  static func text(_ existing: String, with assignments: [ConfigAssignment]) throws -> String {
    let owned = try assignments.compactMap { assignment -> KeyedText.Owned? in
      let key = assignment.key
      if assignment.isInitial, assignment.value == nil || value(of: key, in: existing) != nil { return nil }
      guard let value = assignment.value else { return KeyedText.Owned(key: key, line: nil) }
      do { return KeyedText.Owned(key: key, line: try line(key, value)) } catch let refused as Refused {
        throw refused.of(key)
      }
    }
    return owned.isEmpty ? existing : KeyedText(format: Self.self, owned: owned).merged(into: existing)
  }

  static func value(at path: [String], in text: String) throws -> String? {
    path.count == 1 ? value(of: path[0], in: text) : nil
  }

  /// The value of the last line that sets the key and is read as one of the file's own.
  static func value(of key: String, in text: String) -> String? {
    let key = folded(key)
    var found: String?
    for entry in entries(of: text, owned: [key]) {
      if entry.key == key { found = value(in: entry.setting ?? entry.text) }
      if entry.isBarrier { break }
    }
    return found
  }
}

/// `key = value`, the value running to the end of the line.
enum PropertiesFormat {
  static func line(_ key: String, _ value: Value) throws -> String {
    let text = value.plain
    // What would begin a longer value in one of the programs that read this format.
    if text.hasPrefix("\"\"\"") || text.hasPrefix("{") || text.hasSuffix("\\") {
      throw Refused(reason: "a value may not begin with \"\"\" or {, nor end with \\")
    }
    if text != text.trimmingSpaces { throw Refused(reason: "a value may not begin or end with a space") }
    return text.isEmpty ? "\(key) =" : "\(key) = \(text)"
  }

  /// A value of several lines is read as the lines between its marks.
  static func value(in entry: String) -> String {
    let lines = entry.utf8Lines
    guard lines.count == 1 else { return lines.dropFirst().dropLast().map(\.content.text).joined(separator: "\n") }
    return lines[0].content.drop { $0 != UInt8(ascii: "=") }.dropFirst().trimmingBlanks.text
  }
}

/// `key value`, the value in quotes unless it is one plain word. Truth is `1` and `0`, as these programs read it.
enum WordsFormat {
  static func line(_ key: String, _ value: Value) throws -> String {
    if case .boolean(let isTrue) = value { return "\(key) \(isTrue ? 1 : 0)" }
    let text = value.plain
    let isPlainWord =
      !text.isEmpty && text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "_.-/:".contains($0)) }
    if isPlainWord { return "\(key) \(text)" }
    return "\(key) \"\(text.backslashing("\\\""))\""
  }

  static func value(in command: String) -> String {
    let content = command.droppingLineEnd.utf8[...].trimmingBlanks
    let isQuoted = content.first == UInt8(ascii: "\"")
    let key =
      isQuoted
      ? content.dropFirst().prefix { $0 != UInt8(ascii: "\"") }.count + 2
      : content.prefix { !ByteText.isBlank($0) && $0 != UInt8(ascii: "\"") }.count
    let rest = content.dropFirst(key).trimmingBlanks
    guard rest.first == UInt8(ascii: "\"") else { return rest.text }
    var value: [UInt8] = []
    var quoted = rest.dropFirst()
    while let byte = quoted.popFirst(), byte != UInt8(ascii: "\"") {
      let isEscape = byte == UInt8(ascii: "\\") && (quoted.first == byte || quoted.first == UInt8(ascii: "\""))
      value.append(isEscape ? quoted.popFirst() ?? byte : byte)
    }
    return String(decoding: value, as: UTF8.self)
  }
}

extension EnvironmentFormat {
  static func line(_ key: String, _ value: Value) throws -> String { "\(key)=\(EnvironmentText.quoted(value.plain))" }

  /// Without quotes and backslashes, as systemd.exec(5) says.
  static func value(in entry: String) -> String {
    var rest = entry.droppingLineEnd.utf8.drop { $0 != UInt8(ascii: "=") }.dropFirst().trimmingBlanks
    var value: [UInt8] = []
    var quote: UInt8?
    while let byte = rest.popFirst() {
      switch (quote, byte) {
      case (nil, UInt8(ascii: "\"")), (nil, UInt8(ascii: "'")): quote = byte
      case (let open?, _) where open == byte: quote = nil
      case (UInt8(ascii: "'"), _): value.append(byte)
      case (_, UInt8(ascii: "\\")):
        guard let next = rest.popFirst(), next != UInt8(ascii: "\n") else { break }
        if quote != nil, !"\"\\`$".utf8.contains(next) { value.append(byte) }
        value.append(next)
      default: value.append(byte)
      }
    }
    return String(decoding: value, as: UTF8.self)
  }
}

extension String {
  var trimmingSpaces: String {
    let tail = drop { $0 == " " }
    return String(tail.reversed().drop { $0 == " " }.reversed())
  }

  fileprivate var droppingLineEnd: String { utf8Lines.count == 1 ? utf8Lines[0].content.text : self }
}
