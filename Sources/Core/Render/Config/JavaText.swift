/// Lines as `java.util.Properties` reads and writes them, by its documentation (`load(Reader)`, `store(Writer)`).
enum JavaText {
  /// The key of a line that stands for itself; nil for a comment and an empty line.
  static func key(of line: Substring.UTF8View) -> String? {
    let content = line.trimmingBlanks
    guard let first = content.first, first != UInt8(ascii: "#"), first != UInt8(ascii: "!") else { return nil }
    var index = content.startIndex
    while index < content.endIndex, !isEnd(content[index]) {
      if content[index] == UInt8(ascii: "\\") { content.formIndex(after: &index) }
      if index < content.endIndex { content.formIndex(after: &index) }
    }
    return decoded(content[..<index].text)
  }

  private static func isEnd(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: "=") || byte == UInt8(ascii: ":") || byte == UInt8(ascii: " ") || byte == 9 || byte == 12
  }

  /// A key or a value without its escapes.
  static func decoded(_ text: String) -> String {
    guard text.utf8.contains(UInt8(ascii: "\\")) else { return text }
    var units: [UInt16] = []
    var rest = Array(text.utf16)[...]
    while let unit = rest.popFirst() {
      guard unit == 0x5C, let escaped = rest.popFirst() else {
        units.append(unit)
        continue
      }
      switch Unicode.Scalar(escaped) {
      case "n": units.append(10)
      case "r": units.append(13)
      case "t": units.append(9)
      case "f": units.append(12)
      case "u":
        let digits = String(decoding: rest.prefix(4), as: UTF16.self)
        guard digits.utf8.count == 4, let unit = UInt16(digits, radix: 16) else { return text }
        units.append(unit)
        rest = rest.dropFirst(4)
      default: units.append(escaped)
      }
    }
    return String(decoding: units, as: UTF16.self)
  }

  /// Whether it is the line that `store` writes before all keys: a comment with the date as `Date.toString` has it, such
  /// as `#Tue Mar 05 12:00:00 UTC 2024`.
  static func isDate(_ line: Substring.UTF8View) -> Bool {
    let words = line.text.split(separator: " ")
    guard words.count == 6, let day = words.first, day.utf8.count == 4, day.hasPrefix("#") else { return false }
    let time = words[3].utf8
    return Int(words[2]) != nil && time.count == 8 && time.filter { $0 == UInt8(ascii: ":") }.count == 2
      && Int(words[5]) != nil && ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"].contains(day.dropFirst())
  }
}
