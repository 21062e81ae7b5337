import BerthKit

/// Text as XML has it: five named entities, and characters by their numbers.
enum XMLText {
  private static let names: [String: String] = ["amp": "&", "lt": "<", "gt": ">", "quot": "\"", "apos": "'"]

  /// - Throws: ``Unreadable`` for an entity that is not XML's.
  static func decoded(_ text: ByteText, _ range: Range<Int>) throws -> String {
    guard text.bytes[range].contains(UInt8(ascii: "&")) else { return text.text(range) }
    var result = ""
    var index = range.lowerBound
    while let ampersand = text.bytes[index..<range.upperBound].firstIndex(of: UInt8(ascii: "&")) {
      result += text.text(index..<ampersand)
      let rest = text.bytes[(ampersand + 1)..<range.upperBound]
      guard let semicolon = rest.prefix(12).firstIndex(of: UInt8(ascii: ";")),
        let character = character(text.text((ampersand + 1)..<semicolon))
      else { throw Unreadable(line: text.line(at: ampersand), problem: "'&' begins no entity of XML's") }
      result += character
      index = semicolon + 1
    }
    return result + text.text(index..<range.upperBound)
  }

  private static func character(_ name: String) -> String? {
    if let character = names[name] { return character }
    guard name.hasPrefix("#") else { return nil }
    let digits = name.dropFirst()
    let number = digits.first == "x" ? UInt32(digits.dropFirst(), radix: 16) : UInt32(digits)
    return number.flatMap(Unicode.Scalar.init).map(String.init)
  }

  /// Whether a document says no other encoding than UTF-8 in its declaration.
  static func isUTF8(_ document: String) -> Bool {
    let head = String(decoding: document.utf8.prefix(200), as: UTF8.self)
    guard let end = head.firstRange(of: "?>"), let word = head[..<end.lowerBound].firstRange(of: "encoding") else {
      return true
    }
    let parts = head[word.upperBound..<end.lowerBound].split(whereSeparator: { $0 == "\"" || $0 == "'" })
    return parts.count < 2 || ["utf-8", "us-ascii"].contains(parts[1].lowercased())
  }

  /// Characters beyond ASCII by their numbers, which say the same in every encoding.
  static func numbered(_ text: String) -> String {
    text.unicodeScalars.map { $0.isASCII ? String($0) : "&#\($0.value);" }.joined()
  }

  /// The text of an element without children: comments left out, character data as it is.
  static func content(_ text: ByteText, _ range: Range<Int>) throws -> String {
    var result = ""
    var scanner = ByteScanner(text)
    scanner.index = range.lowerBound
    while scanner.index < range.upperBound {
      let begin = scanner.index
      if scanner.take("<![CDATA[") {
        _ = scanner.skip(behind: "]]>")
        result += text.text((begin + 9)..<(scanner.index - 3))
      } else if scanner.take("<!--") {
        _ = scanner.skip(behind: "-->")
      } else if scanner.take("<?") {
        _ = scanner.skip(behind: "?>")
      } else {
        while scanner.index < range.upperBound, scanner.byte != UInt8(ascii: "<") { scanner.index += 1 }
        result += try decoded(text, begin..<scanner.index)
      }
    }
    return result
  }

  /// A value for an element or an attribute in double quotes.
  ///
  /// By scalars, since to Swift a bracket with an accent above it is a character of its own.
  static func escaped(_ value: Value) throws -> String {
    let text = value.plain
    if !text.isEmpty, text.unicodeScalars.allSatisfy(\.properties.isWhitespace) {
      throw Refused(reason: "programs leave out a text of nothing but spaces")
    }
    return try text.unicodeScalars.map { scalar in
      switch scalar {
      case "&": "&amp;"
      case "<": "&lt;"
      case ">": "&gt;"
      case "\"": "&quot;"
      case "'": "&apos;"
      case "\u{FFFE}", "\u{FFFF}": throw Refused(reason: "it has a character that XML does not know")
      default: String(scalar)
      }
    }.joined()
  }
}
