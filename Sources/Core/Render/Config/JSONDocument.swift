/// The values of a JSON text (RFC 8259), with the places where they stand.
struct JSONDocument {
  struct Member {
    let key: String
    /// With its quotes.
    let keyRange: Range<Int>
    let value: Node
  }

  struct Node {
    enum Kind {
      case object([Member])
      case array
      case string(String)
      /// A number, a truth or `null`, as it is written.
      case word(String)
    }

    let kind: Kind
    let range: Range<Int>

    /// The members of an object; nil for anything else.
    var members: [Member]? { if case .object(let members) = kind { members } else { nil } }
  }

  /// Deeper than any config file, and no deeper than a stack.
  private static let deepest = 200

  let text: ByteText
  /// nil when there is nothing at all.
  let root: Node?

  /// - Throws: ``Unreadable``.
  init(_ string: String) throws {
    text = ByteText(string)
    var scanner = ByteScanner(text)
    scanner.skip(while: ByteText.isSpace)
    guard !scanner.isAtEnd else {
      root = nil
      return
    }
    root = try Self.value(&scanner, depth: 0)
    scanner.skip(while: ByteText.isSpace)
    guard scanner.isAtEnd else { throw scanner.unreadable("something stands behind the end of the document") }
  }

  private static func value(_ scanner: inout ByteScanner, depth: Int) throws -> Node {
    guard depth < deepest else { throw scanner.unreadable("values stand in each other too deeply") }
    let begin = scanner.index
    let kind: Node.Kind
    switch scanner.byte {
    case UInt8(ascii: "{"): kind = .object(try members(&scanner, depth: depth))
    case UInt8(ascii: "["):
      try elements(&scanner, depth: depth)
      kind = .array
    case UInt8(ascii: "\""): kind = .string(try string(&scanner))
    default: kind = .word(try word(&scanner))
    }
    return Node(kind: kind, range: begin..<scanner.index)
  }

  private static func members(_ scanner: inout ByteScanner, depth: Int) throws -> [Member] {
    let begin = scanner.index
    scanner.index += 1
    var members: [Member] = []
    scanner.skip(while: ByteText.isSpace)
    if scanner.take("}") { return members }
    while true {
      scanner.skip(while: ByteText.isSpace)
      let keyBegin = scanner.index
      guard scanner.byte == UInt8(ascii: "\"") else { throw scanner.unreadable("expected a key in double quotes") }
      let key = try string(&scanner)
      let keyRange = keyBegin..<scanner.index
      scanner.skip(while: ByteText.isSpace)
      guard scanner.take(":") else { throw scanner.unreadable("expected ':' behind the key '\(key)'") }
      scanner.skip(while: ByteText.isSpace)
      members.append(Member(key: key, keyRange: keyRange, value: try value(&scanner, depth: depth + 1)))
      scanner.skip(while: ByteText.isSpace)
      if scanner.take("}") { return members }
      guard scanner.take(",") else {
        throw scanner.isAtEnd
          ? scanner.unreadable("an object has no '}'", at: begin)
          : scanner.unreadable("expected ',' or '}' behind the value of '\(key)'")
      }
    }
  }

  private static func elements(_ scanner: inout ByteScanner, depth: Int) throws {
    let begin = scanner.index
    scanner.index += 1
    scanner.skip(while: ByteText.isSpace)
    if scanner.take("]") { return }
    while true {
      scanner.skip(while: ByteText.isSpace)
      _ = try value(&scanner, depth: depth + 1)
      scanner.skip(while: ByteText.isSpace)
      if scanner.take("]") { return }
      guard scanner.take(",") else {
        throw scanner.isAtEnd
          ? scanner.unreadable("an array has no ']'", at: begin) : scanner.unreadable("expected ',' or ']' in an array")
      }
    }
  }

  private static let escapes: [UInt8: UInt8] = [
    UInt8(ascii: "\""): UInt8(ascii: "\""), UInt8(ascii: "\\"): UInt8(ascii: "\\"),
    UInt8(ascii: "/"): UInt8(ascii: "/"),
    UInt8(ascii: "b"): 8, UInt8(ascii: "f"): 12, UInt8(ascii: "n"): 10, UInt8(ascii: "r"): 13, UInt8(ascii: "t"): 9,
  ]

  private static func string(_ scanner: inout ByteScanner) throws -> String {
    let begin = scanner.index
    scanner.index += 1
    var units: [UInt8] = []
    while let byte = scanner.byte {
      scanner.index += 1
      switch byte {
      case UInt8(ascii: "\""): return String(decoding: units, as: UTF8.self)
      case 0..<0x20: throw scanner.unreadable("a text has a control character or no '\"' at its end", at: begin)
      case UInt8(ascii: "\\"):
        guard let next = scanner.byte else { break }
        scanner.index += 1
        if next == UInt8(ascii: "u") {
          units += String(try scalar(&scanner)).utf8
        } else if let escape = escapes[next] {
          units.append(escape)
        } else {
          throw scanner.unreadable("a backslash escapes nothing", at: scanner.index - 2)
        }
      default: units.append(byte)
      }
    }
    throw scanner.unreadable("a text has no '\"' at its end", at: begin)
  }

  /// Behind `\u`: one unit of UTF-16, or two that belong together.
  private static func scalar(_ scanner: inout ByteScanner) throws -> Unicode.Scalar {
    let high = try unit(&scanner)
    guard (0xD800..<0xDC00).contains(high), scanner.starts(with: "\\u") else {
      return Unicode.Scalar(high) ?? "\u{FFFD}"
    }
    var ahead = scanner
    ahead.index += 2
    let low = try unit(&ahead)
    guard (0xDC00..<0xE000).contains(low) else { return "\u{FFFD}" }
    scanner = ahead
    return Unicode.Scalar(0x10000 + (high - 0xD800) << 10 + (low - 0xDC00)) ?? "\u{FFFD}"
  }

  private static func unit(_ scanner: inout ByteScanner) throws -> UInt32 {
    let end = min(scanner.index + 4, scanner.text.end)
    let digits = scanner.text.text(scanner.index..<end)
    guard digits.utf8.count == 4, digits.utf8.allSatisfy({ $0 != UInt8(ascii: "+") && $0 != UInt8(ascii: "-") }),
      let unit = UInt32(digits, radix: 16)
    else { throw scanner.unreadable("'\\u' has no four digits behind it") }
    scanner.index = end
    return unit
  }

  /// A number, `true`, `false` or `null`.
  private static func word(_ scanner: inout ByteScanner) throws -> String {
    let begin = scanner.index
    if scanner.starts(with: "//") || scanner.starts(with: "/*") || scanner.starts(with: "#") {
      throw scanner.unreadable("JSON knows no comments")
    }
    scanner.skip { !ByteText.isSpace($0) && !",:]}[{\"".utf8.contains($0) }
    let word = scanner.text.text(begin..<scanner.index)
    guard ["true", "false", "null"].contains(word) || isNumber(word) else {
      throw scanner.unreadable(word.isEmpty ? "expected a value" : "'\(word.prefix(40))' is no value", at: begin)
    }
    return word
  }

  private static func isNumber(_ word: String) -> Bool {
    func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
    var rest = word.utf8[...]
    func digits() -> Int {
      let count = rest.prefix(while: isDigit).count
      rest = rest.dropFirst(count)
      return count
    }
    if rest.first == UInt8(ascii: "-") { rest = rest.dropFirst() }
    let isZero = rest.first == UInt8(ascii: "0")
    let whole = digits()
    guard whole > 0, !isZero || whole == 1 else { return false }
    if rest.first == UInt8(ascii: ".") {
      rest = rest.dropFirst()
      guard digits() > 0 else { return false }
    }
    if rest.first == UInt8(ascii: "e") || rest.first == UInt8(ascii: "E") {
      rest = rest.dropFirst()
      if rest.first == UInt8(ascii: "+") || rest.first == UInt8(ascii: "-") { rest = rest.dropFirst() }
      guard digits() > 0 else { return false }
    }
    return rest.isEmpty
  }
}
