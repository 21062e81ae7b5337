/// An ini file as QSettings reads it, by the rules of its documentation and not by those of our writer: `;` ends an
/// unquoted value, `,` makes a list, a backslash escapes, quotes and blanks at the ends go, `@` begins other types.
enum QtReader {
  /// Values by `section/key`; a list as `[list]`.
  static func read(_ text: String) -> [String: String] {
    var values: [String: String] = [:]
    var section = ""
    for line in logicalLines(text) {
      let line = trimmed(line)
      if line.first == UInt8(ascii: "[") {
        let name = line.dropFirst().prefix { $0 != UInt8(ascii: "]") }
        let title = string(trimmed(Array(name)))
        section = title.lowercased() == "general" ? "" : title + "/"
        continue
      }
      guard let equals = line.firstIndex(of: UInt8(ascii: "=")) else { continue }
      values[section + string(trimmed(Array(line[..<equals])))] = value(Array(line[(equals + 1)...]))
    }
    return values
  }

  private static func logicalLines(_ text: String) -> [[UInt8]] {
    // Mumble's server, asked with an editor's mark before its first key, did not know the key.
    var bytes = Array(text.utf8)[...]
    var lines: [[UInt8]] = [[]]
    var isQuoted = false
    var isComment = false
    while let byte = bytes.popFirst() {
      let isEnd = byte == 10 || byte == 13
      if isEnd, isComment || !isQuoted {
        lines.append([])
        (isComment, isQuoted) = (false, false)
        continue
      }
      if isComment { continue }
      if byte == UInt8(ascii: ";"), !isQuoted {
        isComment = true
      } else if byte == UInt8(ascii: "\\"), let next = bytes.popFirst() {
        if next != 10, next != 13 { lines[lines.count - 1] += [byte, next] }
      } else {
        if byte == UInt8(ascii: "\"") { isQuoted.toggle() }
        lines[lines.count - 1].append(byte)
      }
    }
    return lines
  }

  private static func value(_ raw: [UInt8]) -> String {
    var rest = trimmed(raw)[...]
    var text: [UInt8] = []
    var isQuoted = false
    while let byte = rest.popFirst() {
      switch byte {
      case UInt8(ascii: "\""): isQuoted.toggle()
      case UInt8(ascii: ",") where !isQuoted: return "[list]"
      case UInt8(ascii: "\\"): if let next = rest.popFirst(), "\"\\".utf8.contains(next) { text.append(next) }
      default: text.append(byte)
      }
    }
    let plain = string(text)
    if plain.hasPrefix("@@") { return String(plain.dropFirst()) }
    return plain.hasPrefix("@") && plain.hasSuffix(")") && !plain.hasPrefix("@ByteArray(") ? "[type]" : plain
  }

  private static func trimmed(_ bytes: [UInt8]) -> [UInt8] {
    func isBlank(_ byte: UInt8) -> Bool { byte == 32 || byte == 9 }
    return bytes.drop(while: isBlank).reversed().drop(while: isBlank).reversed()
  }

  private static func string(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
}
