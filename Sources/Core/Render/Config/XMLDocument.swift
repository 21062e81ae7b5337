/// The elements of an XML text, with the places where they stand.
///
/// It reads what well-formed documents are made of and refuses what would change the meaning of the rest: a document
/// type with declarations of its own, entities that are not XML's, tags that do not match.
struct XMLDocument {
  struct Attribute {
    let name: String
    /// With the blanks before it.
    let whole: Range<Int>
    /// Between the quotes.
    let value: Range<Int>
  }

  struct Element {
    let name: String
    let attributes: [Attribute]
    /// The tag that begins it, with its brackets.
    let opening: Range<Int>
    /// Between the tags; nil for `<name/>`.
    var content: Range<Int>?
    var end: Int
    var children: [Element] = []

    var whole: Range<Int> { opening.lowerBound..<end }
  }

  /// Deeper than any config file, and no deeper than a stack.
  private static let deepest = 200

  let text: ByteText
  /// nil when there is no element at all.
  private(set) var root: Element?

  /// - Throws: ``Unreadable``.
  init(_ string: String) throws {
    text = ByteText(string)
    var scanner = ByteScanner(text)
    try scanner.refuseControls()
    var open: [Element] = []
    while !scanner.isAtEnd {
      let begin = scanner.index
      scanner.skip { $0 != UInt8(ascii: "<") }
      try check(begin..<scanner.index, isInside: !open.isEmpty)
      guard !scanner.isAtEnd else { break }
      if try skipsOther(&scanner, isInside: !open.isEmpty) { continue }
      if scanner.starts(with: "</") {
        try close(&open, &scanner)
      } else {
        let element = try Self.element(&scanner)
        guard open.count < Self.deepest else { throw scanner.unreadable("elements stand in each other too deeply") }
        if element.content == nil { try add(element, to: &open) } else { open.append(element) }
      }
    }
    if let element = open.last {
      throw scanner.unreadable("'<\(element.name)>' has no end", at: element.opening.lowerBound)
    }
  }

  /// Text outside of tags.
  private func check(_ range: Range<Int>, isInside: Bool) throws {
    guard isInside else {
      if let first = text.bytes[range].firstIndex(where: { !ByteText.isSpace($0) }) {
        throw Unreadable(line: text.line(at: first), problem: "text stands outside of the root element")
      }
      return
    }
    _ = try XMLText.decoded(text, range)
  }

  /// Comments, processing instructions, character data and a document type.
  private func skipsOther(_ scanner: inout ByteScanner, isInside: Bool) throws -> Bool {
    let begin = scanner.index
    func skip(_ word: StaticString, behind end: StaticString, _ name: String) throws -> Bool {
      guard scanner.take(word) else { return false }
      guard scanner.skip(behind: end) else { throw scanner.unreadable("\(name) has no end", at: begin) }
      return true
    }
    if try skip("<!--", behind: "-->", "a comment") {
      let inner = text.bytes[(begin + 4)..<max(begin + 4, scanner.index - 3)]
      guard !zip(inner, inner.dropFirst()).contains(where: { $0 == UInt8(ascii: "-") && $1 == $0 }) else {
        throw scanner.unreadable("a comment has '--' in it", at: begin)
      }
      return true
    }
    if try skip("<?", behind: "?>", "an instruction") { return true }
    if isInside, try skip("<![CDATA[", behind: "]]>", "a CDATA section") { return true }
    guard scanner.take("<!DOCTYPE") else { return false }
    guard root == nil, !isInside else { throw scanner.unreadable("a DOCTYPE stands behind the root element") }
    var quote: UInt8?
    while let byte = scanner.byte {
      scanner.index += 1
      switch (quote, byte) {
      case (nil, UInt8(ascii: ">")): return true
      case (nil, UInt8(ascii: "[")): throw scanner.unreadable("a DOCTYPE with declarations of its own", at: begin)
      case (nil, UInt8(ascii: "\"")), (nil, UInt8(ascii: "'")): quote = byte
      case (let open?, _) where open == byte: quote = nil
      default: break
      }
    }
    throw scanner.unreadable("a DOCTYPE has no end", at: begin)
  }

  private mutating func add(_ element: Element, to open: inout [Element]) throws {
    guard open.isEmpty else {
      open[open.count - 1].children.append(element)
      return
    }
    guard root == nil else {
      throw Unreadable(line: text.line(at: element.opening.lowerBound), problem: "there is a second root element")
    }
    root = element
  }

  private mutating func close(_ open: inout [Element], _ scanner: inout ByteScanner) throws {
    let begin = scanner.index
    _ = scanner.take("</")
    let name = Self.name(&scanner)
    scanner.skip(while: ByteText.isSpace)
    guard scanner.take(">") else { throw scanner.unreadable("'</\(name)' has no '>'", at: begin) }
    guard var element = open.popLast() else {
      throw scanner.unreadable("'</\(name)>' ends nothing", at: begin)
    }
    guard element.name.utf8.elementsEqual(name.utf8) else {
      throw scanner.unreadable(
        "'</\(name)>' does not end '<\(element.name)>' of line \(text.line(at: element.opening.lowerBound))", at: begin)
    }
    element.content = element.opening.upperBound..<begin
    element.end = scanner.index
    try add(element, to: &open)
  }

  /// The tag that begins an element. Its content is nil when it ends it too.
  private static func element(_ scanner: inout ByteScanner) throws -> Element {
    let begin = scanner.index
    _ = scanner.take("<")
    let name = name(&scanner)
    guard !name.isEmpty else { throw scanner.unreadable("'<' without a name behind it", at: begin) }
    var attributes: [Attribute] = []
    var names: Set<String> = []
    while true {
      let gap = scanner.index
      scanner.skip(while: ByteText.isSpace)
      let isEmpty = scanner.take("/>")
      if isEmpty || scanner.take(">") {
        let end = scanner.index
        return Element(
          name: name, attributes: attributes, opening: begin..<end, content: isEmpty ? nil : end..<end, end: end)
      }
      guard scanner.index > gap else { throw scanner.unreadable("'<\(name)' has no '>'", at: begin) }
      let attribute = try attribute(&scanner, from: gap)
      guard names.insert(attribute.name).inserted else {
        throw scanner.unreadable("the attribute '\(attribute.name)' stands here twice", at: begin)
      }
      attributes.append(attribute)
    }
  }

  private static func attribute(_ scanner: inout ByteScanner, from gap: Int) throws -> Attribute {
    let name = name(&scanner)
    scanner.skip(while: ByteText.isSpace)
    guard !name.isEmpty, scanner.take("=") else { throw scanner.unreadable("a tag has no '>', or an attribute no '='") }
    scanner.skip(while: ByteText.isSpace)
    guard let quote = scanner.byte, quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'") else {
      throw scanner.unreadable("the attribute '\(name)' has no value in quotes")
    }
    scanner.index += 1
    let begin = scanner.index
    scanner.skip { $0 != quote && $0 != UInt8(ascii: "<") }
    guard scanner.byte == quote else { throw scanner.unreadable("the value of '\(name)' has no end", at: begin) }
    let value = begin..<scanner.index
    _ = try XMLText.decoded(scanner.text, value)
    scanner.index += 1
    return Attribute(name: name, whole: gap..<scanner.index, value: value)
  }

  /// Nothing where no name can begin.
  private static func name(_ scanner: inout ByteScanner) -> String {
    let begin = scanner.index
    if let first = scanner.byte, "-.0123456789".utf8.contains(first) { return "" }
    scanner.skip { !ByteText.isSpace($0) && !"<>/=\"'&!?".utf8.contains($0) }
    return scanner.text.text(begin..<scanner.index)
  }
}
