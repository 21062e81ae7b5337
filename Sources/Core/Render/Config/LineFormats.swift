import BerthKit

/// Formats of lines with keys: all keys are set together, as they stand in one text.
extension KeyedText.Format {
  static func text(_ existing: String, with assignments: [ConfigAssignment]) throws -> String {
    let owned = assignments.compactMap { assignment -> KeyedText.Owned? in
      let key = assignment.key
      if assignment.isInitial, assignment.value == nil || value(of: key, in: existing) != nil { return nil }
      return KeyedText.Owned(key: key, value: assignment.value)
    }
    guard !owned.isEmpty else { return existing }
    try check(existing, keys: owned.map(\.key))
    let file = KeyedText(format: Self.self, owned: owned)
    let merged = try file.merged(into: existing)
    // What goes may have held up what stands behind it, such as the end of a group.
    return merged.isSame(as: existing) ? existing : try file.merged(into: merged)
  }

  static func habits(of text: String) -> KeyedText.Habits { KeyedText.Habits() }

  static func check(_ text: String, keys: [String]) throws {}

  static func value(at path: [String], in text: String) throws -> String? {
    path.count == 1 ? value(of: path[0], in: text) : nil
  }

  /// The value of the last line that sets the key and is read as one of the file's own.
  static func value(of key: String, in text: String) -> String? {
    let spelled = key
    let key = folded(key)
    var found: String?
    for entry in entries(of: text, owned: [key: KeyedText.Owned(key: spelled, value: .text(""))]) {
      if entry.key == key { found = value(in: entry.setting ?? entry.text) }
      if entry.isBarrier { break }
    }
    return found
  }
}

extension EnvironmentFormat {
  static func line(
    _ key: String, _ value: Value, replacing entry: String?, _ habits: KeyedText.Habits
  ) throws -> String {
    // A shell hands on only what is exported.
    let isExported = entry.map { $0.utf8[...].trimmingBlanks.dropping(word: "export") != nil } ?? false
    return "\(isExported ? "export " : "")\(key)=\(EnvironmentText.quoted(value.plain))"
  }

  /// Only plain words: in others, shells and systemd read some characters in different ways.
  static func isSaid(_ value: Value, of key: String, by line: String, _ habits: KeyedText.Habits) -> Bool {
    let content = line.utf8[...].trimmingBlanks
    let assignment = content.dropping(word: "export") ?? content
    guard assignment.starts(with: "\(key)=".utf8) else { return false }
    var raw = assignment.dropFirst(key.utf8.count + 1)
    if let quote = raw.first, "\"'".utf8.contains(quote), raw.count > 1, raw.last == quote {
      raw = raw.dropFirst().dropLast()
    }
    return raw.equals(value.plain) && raw.allSatisfy { ByteText.isWord($0) || "_.,:/@%+-".utf8.contains($0) }
  }

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

  var droppingLineEnd: String { utf8Lines.count == 1 ? utf8Lines[0].content.text : self }
}
