import BerthKit

/// `key = value` lines, with what Luanti, Java and `.ini` files add to them.
///
/// The value runs to the end of the line. In Luanti's files `key = """` begins a value that runs to a line `"""`, and
/// `key = {` a group that runs to `}`; what is inside is the person's. A `[section]` begins where the file's own keys
/// end. To Java and Qt a backslash at its end continues a line, and Java takes `:` and a blank for `=` too.
enum PropertiesFormat: KeyedText.Format {
  static func folded(_ key: String) -> String { key }

  // MARK: Values

  static func line(
    _ key: String, _ value: Value, replacing entry: String?, _ habits: KeyedText.Habits
  ) throws -> String {
    let text = value.plain
    // What would begin a longer value in one of the programs that read this format.
    if text.hasPrefix("\"\"\"") || text.hasPrefix("{") || text.hasSuffix("\\") {
      throw Refused(reason: "a value may not begin with \"\"\" or {, nor end with \\")
    }
    if text != text.trimmingSpaces { throw Refused(reason: "a value may not begin or end with a space") }
    let beginning = entry.flatMap(beginning) ?? key + habits.separator
    return text.isEmpty ? String(Substring(beginning.utf8[...].droppingBlankEnd)) : beginning + text
  }

  /// What stands before the value in a line, with the blanks that the file has there.
  private static func beginning(of line: String) -> String? {
    guard let equals = line.utf8.firstIndex(of: UInt8(ascii: "=")), !line.utf8.contains(UInt8(ascii: "\r")) else {
      return nil
    }
    let behind = line.utf8[line.utf8.index(after: equals)...]
    let value = behind.drop(while: ByteText.isBlank)
    guard value.isEmpty else { return String(line[..<value.startIndex]) }
    let isSpaced = equals > line.startIndex && ByteText.isBlank(line.utf8[line.utf8.index(before: equals)])
    return String(line[..<behind.startIndex]) + (isSpaced ? " " : "")
  }

  static func isSaid(_ value: Value, of key: String, by line: String, _ habits: KeyedText.Habits) -> Bool {
    let text = self.value(in: line)
    if text.hasSuffix("\\") || text == "{" || text == "\"\"\"" { return false }
    switch value {
    case .text(let own):
      return own.isSame(as: text) || habits.isJavas && JavaText.decoded(text).isSame(as: JavaText.decoded(own))
    case .boolean: return value.plain == text.lowercased()
    // No program reads `20.0` where it expects a whole number.
    case .integer(let own): return Int(text) == own
    case .number(let own): return Double(text) == own
    }
  }

  /// A value of several lines is read as the lines between its marks.
  static func value(in entry: String) -> String {
    let lines = entry.utf8Lines
    guard lines.count == 1 || lines.first.map(Line.init)?.opens == nil else {
      return lines.dropFirst().dropLast().map(\.content.text).joined(separator: "\n")
    }
    var value = ""
    for (index, line) in lines.enumerated() {
      let content = index == 0 ? line.content.drop { $0 != UInt8(ascii: "=") }.dropFirst() : line.content
      let isContinued = line.endsInBackslash && index + 1 < lines.count
      value += (isContinued ? content.dropLast().drop(while: ByteText.isBlank) : content.trimmingBlanks).text
    }
    return value
  }

  static func habits(of text: String) -> KeyedText.Habits {
    var habits = KeyedText.Habits()
    let lines = text.utf8Lines
    habits.isJavas = lines.prefix(5).contains { JavaText.isDate($0.content) }
    guard let line = lines.lazy.map(Line.init).first(where: { $0.key != nil && !$0.isSection }) else { return habits }
    let content = line.line.content
    guard let equals = content.firstIndex(of: UInt8(ascii: "=")), equals > content.startIndex else { return habits }
    let behind = content.index(after: equals)
    let isBlankBefore = ByteText.isBlank(content[content.index(before: equals)])
    // Nothing behind it tells nothing.
    let isBlankBehind = behind < content.endIndex ? ByteText.isBlank(content[behind]) : isBlankBefore
    habits.separator = (isBlankBefore ? " " : "") + "=" + (isBlankBehind ? " " : "")
    return habits
  }

  // MARK: Lines

  static func entries(of text: String, owned: [String: KeyedText.Owned]) -> [KeyedText.Entry] {
    let lines = lines(of: text, owned: owned)
    let ends = ends(of: lines, owned: owned)
    var entries: [KeyedText.Entry] = []
    var index = 0
    while index < lines.count {
      let line = lines[index]
      var end = ends[index] ?? index
      let key = line.setKey.flatMap { owned[$0] == nil ? nil : $0 }
      let isEndless = line.opens != nil && (ends[index] == nil || lines[index...end].contains(where: \.isUncertainEnd))
      if key != nil, line.opens == nil {
        while end + 1 < lines.count, lines[end + 1].goesWithOwn { end += 1 }
      }
      var entry = KeyedText.Entry(
        text: lines[index...end].map(\.line.text).joined(), key: key, isBarrier: line.isSection || isEndless)
      if key == nil {
        let others = lines[index...end].flatMap { ($0.key.map { [$0] } ?? []) + $0.javaKeys }
        entry.maySet = Set(others.filter { owned[$0] != nil })
      }
      entries.append(entry)
      index = end + 1
    }
    return entries
  }

  private static func lines(of text: String, owned: [String: KeyedText.Owned]) -> [Line] {
    var lines: [Line] = []
    var isBehindSection = false
    for line in text.utf8Lines {
      var line = Line(line)
      isBehindSection = isBehindSection || line.isSection
      // A line goes where some program reads in it a key that must not stand there, or one behind the file's own keys.
      let unset = ((line.key.map { [$0] } ?? []) + line.javaKeys).first { owned[$0].map { $0.value == nil } ?? false }
      let mustGo = isBehindSection || unset != nil
      line.key = unset ?? line.key
      if let before = lines.last, !mustGo {
        // A line of Berth's own is written anew. What continues it goes with it, but for what is a line of its own to
        // another program.
        let isOwn = before.goesWithOwn || before.setKey.map { owned[$0] != nil } ?? false
        let isOneLine = !before.line.content.contains(UInt8(ascii: "\r"))
        line.goesWithOwn = before.isContinued && isOwn && isOneLine && line.key == nil
        line.isContinuation = before.isContinued && !isOwn
      }
      lines.append(line)
    }
    return lines
  }

  private enum Opening { case group, text }

  private struct Line {
    let line: TextLine
    /// What stands before the `=`; nil in a comment.
    var key: String?
    let opens: Opening?
    let isSection: Bool
    let endsGroup: Bool
    let endsText: Bool
    /// Whether Java and Qt may take it for a part of the line before.
    var isContinuation = false
    /// Whether it continues a line of Berth's own, and is nothing by itself.
    var goesWithOwn = false
    /// Whether a program to which a carriage return is a part of the line reads on.
    var isUncertainEnd: Bool { endsText && line.ending.utf8.first == UInt8(ascii: "\r") }
    /// Whether Java and Qt may read on in the next line. A comment does not go on, but for one in which a carriage return
    /// begins another line.
    var isContinued: Bool {
      let isComment = line.content.trimmingBlanks.first == UInt8(ascii: "#")
      return line.endsInBackslash
        && (!isComment || isContinuation || line.content.contains(UInt8(ascii: "\r")))
    }
    /// The key that it sets in every program. What begins a longer value is no continuation: Java has no such values.
    var setKey: String? { isContinuation && opens == nil ? nil : key }
    /// The keys that Java may read, to which a carriage return ends a line.
    var javaKeys: [String] {
      line.content.split(separator: UInt8(ascii: "\r"), omittingEmptySubsequences: false).compactMap(JavaText.key)
    }

    init(_ line: TextLine) {
      self.line = line
      let content = line.content.droppingByteOrderMark.trimmingBlanks
      let isComment = content.first == UInt8(ascii: "#")
      let equals = isComment ? nil : content.firstIndex(of: UInt8(ascii: "="))
      key = equals.map { content[..<$0].trimmingBlanks.text }
      let value = equals.map { content[content.index(after: $0)...].trimmingBlanks }
      opens = value.flatMap { $0.equals("{") ? .group : $0.equals("\"\"\"") ? .text : nil }
      isSection = content.first == UInt8(ascii: "[") && content.last == UInt8(ascii: "]")
      endsGroup = content.equals("}")
      endsText = line.content.equals("\"\"\"")
    }
  }

  /// For every line that begins a longer value, the line that ends it; nothing for one that never ends.
  private static func ends(of lines: [Line], owned: [String: KeyedText.Owned]) -> [Int: Int] {
    var ends: [Int: Int] = [:]
    var open: [Int] = []
    var lastEnd = lines.lastIndex(where: \.endsText) ?? -1
    var index = 0
    while index < lines.count {
      switch lines[index].opens {
      case .group: open.append(index)
      case .text where index < lastEnd:
        let end = lines[(index + 1)...].firstIndex(where: \.endsText) ?? lastEnd
        ends[index] = end
        index = end
      case .text:
        // It swallows the rest of the file with every group that is open, unless it is a line that Berth replaces.
        guard open.isEmpty, let key = lines[index].setKey, owned[key] != nil else { return ends }
        lastEnd = -1
      case nil where lines[index].endsGroup: if let begin = open.popLast() { ends[begin] = index }
      case nil: break
      }
      index += 1
    }
    return ends
  }
}
