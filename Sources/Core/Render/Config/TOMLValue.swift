/// Values of TOML.
enum TOMLValue {
  private static let deepest = 200

  static func read(_ scanner: inout ByteScanner, depth: Int = 0) throws -> TOMLDocument.Entry.Kind {
    guard depth < deepest else { throw scanner.unreadable("values stand in each other too deeply") }
    switch scanner.byte {
    case UInt8(ascii: "\""), UInt8(ascii: "'"): return .string(try string(&scanner))
    case UInt8(ascii: "["):
      try list(&scanner, end: "]", depth: depth) { scanner in _ = try read(&scanner, depth: depth + 1) }
      return .array
    case UInt8(ascii: "{"):
      try list(&scanner, end: "}", depth: depth) { scanner in
        guard scanner.skip(behind: "=") else { throw scanner.unreadable("expected '=' in a table") }
        skipSpaces(&scanner)
        _ = try read(&scanner, depth: depth + 1)
      }
      return .inlineTable
    default: return .word(try word(&scanner))
    }
  }

  private static func list(
    _ scanner: inout ByteScanner, end: StaticString, depth: Int, element: (inout ByteScanner) throws -> Void
  ) throws {
    let begin = scanner.index
    scanner.index += 1
    while true {
      skipSpaces(&scanner)
      if scanner.take(end) { return }
      guard !scanner.isAtEnd else { throw scanner.unreadable("a list or table has no '\(end)'", at: begin) }
      try element(&scanner)
      skipSpaces(&scanner)
      if scanner.take(end) { return }
      guard scanner.take(",") else { throw scanner.unreadable("expected ',' or '\(end)'") }
    }
  }

  /// Blanks, line ends and comments.
  private static func skipSpaces(_ scanner: inout ByteScanner) {
    while true {
      scanner.skip(while: ByteText.isSpace)
      guard scanner.byte == UInt8(ascii: "#") else { return }
      scanner.index = scanner.text.lineEnd(scanner.index)
    }
  }

  private static func word(_ scanner: inout ByteScanner) throws -> String {
    let begin = scanner.index
    func isPart(_ byte: UInt8) -> Bool { TOMLDocument.isBare(byte) || "+.:".utf8.contains(byte) }
    func isDigit(_ byte: UInt8?) -> Bool { byte.map { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } ?? false }
    scanner.skip(while: isPart)
    // A date and a time may be parted by a space.
    if scanner.index == begin + 10, scanner.byte == UInt8(ascii: " "),
      scanner.text.bytes[begin + 4] == UInt8(ascii: "-")
    {
      var ahead = scanner
      ahead.index += 1
      if isDigit(ahead.byte) {
        ahead.skip(while: isPart)
        scanner = ahead
      }
    }
    let word = scanner.text.text(begin..<scanner.index)
    guard known.contains(word) || isTime(word) || isNumber(word) else {
      throw scanner.unreadable(word.isEmpty ? "expected a value" : "'\(word.prefix(40))' is no value", at: begin)
    }
    return word
  }

  private static let known: Set<String> = ["true", "false", "inf", "+inf", "-inf", "nan", "+nan", "-nan"]

  /// A date, a time or both. Whether there is such a day is the program's to know.
  private static func isTime(_ word: String) -> Bool {
    let shape = String(word.map { $0.isASCII && $0.isNumber ? "0" : $0 })
    return shape.hasPrefix("0000-00-00") || shape.hasPrefix("00:00:00")
  }

  /// A whole number in one of four bases, or one with a fraction or an exponent; single underscores between digits.
  private static func isNumber(_ word: String) -> Bool {
    if word.hasPrefix("0x") { return isDigits(word.dropFirst(2), "0123456789abcdefABCDEF") }
    if word.hasPrefix("0o") { return isDigits(word.dropFirst(2), "01234567") }
    if word.hasPrefix("0b") { return isDigits(word.dropFirst(2), "01") }
    func unsigned(_ text: Substring) -> Substring {
      text.hasPrefix("+") || text.hasPrefix("-") ? text.dropFirst() : text
    }
    let parts = unsigned(word[...]).split(maxSplits: 1, omittingEmptySubsequences: false) { $0 == "e" || $0 == "E" }
    if parts.count == 2, !isDigits(unsigned(parts[1]), decimals) { return false }
    let mantissa = parts[0].split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
    return isDigits(mantissa[0], decimals) && (mantissa[0].count == 1 || mantissa[0].first != "0")
      && (mantissa.count == 1 || isDigits(mantissa[1], decimals))
  }

  private static let decimals = "0123456789"

  private static func isDigits(_ text: Substring, _ digits: String) -> Bool {
    text.split(separator: "_", omittingEmptySubsequences: false).allSatisfy { part in
      !part.isEmpty && part.allSatisfy(digits.contains)
    }
  }

  /// A string in one of its four forms.
  static func string(_ scanner: inout ByteScanner) throws -> String {
    let begin = scanner.index
    if scanner.take("\"\"\"") { return try long(&scanner, quote: UInt8(ascii: "\""), from: begin) }
    if scanner.take("'''") { return try long(&scanner, quote: UInt8(ascii: "'"), from: begin) }
    let quote = scanner.byte
    scanner.index += 1
    var text: [UInt8] = []
    while let byte = scanner.byte, !ByteText.isLineEnd(byte) {
      scanner.index += 1
      if byte == quote { return String(decoding: text, as: UTF8.self) }
      if byte == UInt8(ascii: "\\"), quote == UInt8(ascii: "\"") {
        text += try escape(&scanner)
      } else {
        text.append(byte)
      }
    }
    throw scanner.unreadable("a text has no quote at its end", at: begin)
  }

  /// Behind three quotes, up to the next three. Up to two more belong to the text.
  private static func long(_ scanner: inout ByteScanner, quote: UInt8, from begin: Int) throws -> String {
    if !scanner.take("\r\n") { _ = scanner.take("\n") }
    var text: [UInt8] = []
    while let byte = scanner.byte {
      if byte == quote {
        let run = scanner.text.bytes[scanner.index...].prefix { $0 == quote }.count
        if run >= 3 {
          let own = min(run, 5) - 3
          scanner.index += own + 3
          return String(decoding: text + Array(repeating: quote, count: own), as: UTF8.self)
        }
      }
      scanner.index += 1
      guard byte == UInt8(ascii: "\\"), quote == UInt8(ascii: "\"") else {
        text.append(byte)
        continue
      }
      let rest = scanner.text.bytes[scanner.index...].first { !ByteText.isBlank($0) }
      if let rest, ByteText.isLineEnd(rest) {
        scanner.skip(while: ByteText.isSpace)
      } else {
        text += try escape(&scanner)
      }
    }
    throw scanner.unreadable("a text has no quotes at its end", at: begin)
  }

  private static let escapes: [UInt8: UInt8] = [
    UInt8(ascii: "\""): UInt8(ascii: "\""), UInt8(ascii: "\\"): UInt8(ascii: "\\"), UInt8(ascii: "b"): 8,
    UInt8(ascii: "e"): 27, UInt8(ascii: "f"): 12, UInt8(ascii: "n"): 10, UInt8(ascii: "r"): 13, UInt8(ascii: "t"): 9,
  ]

  private static func escape(_ scanner: inout ByteScanner) throws -> [UInt8] {
    let begin = scanner.index
    guard let byte = scanner.byte else { throw scanner.unreadable("a text has no quote at its end") }
    scanner.index += 1
    if let character = escapes[byte] { return [character] }
    let count = byte == UInt8(ascii: "u") ? 4 : byte == UInt8(ascii: "U") ? 8 : 0
    let end = min(scanner.index + count, scanner.text.end)
    guard count > 0, let number = UInt32(scanner.text.text(scanner.index..<end), radix: 16),
      end == scanner.index + count, let scalar = Unicode.Scalar(number)
    else { throw scanner.unreadable("a backslash escapes nothing", at: begin) }
    scanner.index = end
    return Array(String(scalar).utf8)
  }
}
