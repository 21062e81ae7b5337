import BerthKit
import Foundation

/// The lines of a `words` file in entries.
extension WordsFormat {
  static func entries(of text: String, owned: [String: KeyedText.Owned]) -> [KeyedText.Entry] {
    let lines = text.breakingAtCarriageReturns.utf8Lines
    let comments = isQuake(owned.values.map(\.key)) ? BlockComment.lines(lines).contain : []
    return lines.enumerated().flatMap { index, line in
      comments.contains(index)
        ? [KeyedText.Entry(text: line.text, maySet: uncertain(in: line.content, owned))]
        : entries(of: line, owned: owned)
    }
  }

  /// Whether the program is one of the Quake III engine, as a key with its word before it says.
  private static func isQuake(_ keys: [String]) -> Bool { keys.contains { setWord(of: $0) != nil } }

  static func check(_ text: String, keys: [String]) throws {
    guard isQuake(keys) else { return }
    let lines = text.breakingAtCarriageReturns.utf8Lines
    if let line = lines.firstIndex(where: { $0.content.contains(0) }) {
      throw Unreadable(line: line + 1, problem: "the engine reads nothing behind a NUL")
    }
    if let line = BlockComment.lines(lines).endless {
      throw Unreadable(line: line + 1, problem: "a comment has no '*/', or a quote in it hides that from the engine")
    }
    if text.utf8.count > largestQuake {
      throw Unreadable(
        line: 1, problem: "it is larger than the \(largestQuake / 1024) KiB that the engine takes at once")
    }
  }

  /// Bytes of what the engine has to run, the words of its command line included (ioquake3, `MAX_CMD_BUFFER`).
  private static let largestQuake = 124 * 1024

  private static func entries(of line: TextLine, owned: [String: KeyedText.Owned]) -> [KeyedText.Entry] {
    let (commands, comment) = parts(of: line.content.droppingByteOrderMark, isQuake: isQuake(owned.values.map(\.key)))
    let keys = commands.map { key(of: $0, owned) }
    guard keys.contains(where: { $0 != nil }) else {
      let uncertain = isRead(line.content) ? [] : uncertain(in: line.content, owned)
      return [KeyedText.Entry(text: line.text, maySet: uncertain.union(commands.compactMap { undone(by: $0, owned) }))]
    }
    // A line that is nothing but the setting stays to the byte where it says the value.
    if commands.count == 1, comment == nil, remark(behind: commands[0]) == nil {
      return [KeyedText.Entry(text: line.text, key: keys[0])]
    }
    // The other commands of the line, and what is said about it, go before it.
    var others = zip(commands, keys).filter { $1 == nil }.map(\.0.trimmingBlanks.text).joined(separator: "; ")
    let remarks =
      zip(commands, keys).filter { $1 != nil }.compactMap { remark(behind: $0.0) } + [comment].compactMap { $0 }
    for remark in remarks { others += (others.isEmpty ? "" : " ") + remark.trimmingBlanks.text }
    let owners = zip(commands, keys).compactMap { command, key in
      key.map { KeyedText.Entry(text: line.ending, key: $0, setting: setting(in: command)) }
    }
    guard !others.isEmpty else { return owners }
    let rest = KeyedText.Entry(text: others + line.ending, maySet: uncertain(in: others.utf8[...], owned))
    return [rest] + owners
  }

  /// A line cut at `;`, and the comment at its end. Neither begins inside a string in double quotes. What stands behind `//` is a
  /// comment to the engine of Quake, with every `;` in it (ioquake3, `Cbuf_Execute`).
  private static func parts(
    of line: Substring.UTF8View, isQuake: Bool
  ) -> (commands: [Substring.UTF8View], comment: Substring.UTF8View?) {
    if line.trimmingBlanks.starts(with: "//".utf8) { return ([], line) }
    var commands: [Substring.UTF8View] = []
    var comment: Substring.UTF8View?
    var begin = line.startIndex
    var index = line.startIndex
    var isInString = false
    var isEscaped = false
    while index < line.endIndex {
      let byte = line[index]
      if byte == UInt8(ascii: "\""), !isEscaped { isInString.toggle() }
      isEscaped = byte == UInt8(ascii: "\\")
      if !isInString, byte == UInt8(ascii: "#") || isQuake && line[index...].starts(with: "//".utf8) {
        comment = line[index...]
        break
      }
      if !isInString, byte == UInt8(ascii: ";") {
        commands.append(line[begin..<index])
        begin = line.index(after: index)
      }
      index = line.index(after: index)
    }
    commands.append(line[begin..<index])
    return (commands.filter { !$0.trimmingBlanks.isEmpty }, comment)
  }

  /// What stands behind ` //` in a command.
  private static func remark(behind command: Substring.UTF8View) -> Substring.UTF8View? {
    let mark = " //".utf8
    guard let slashes = command.indices.last(where: { command[$0...].starts(with: mark) }) else { return nil }
    let remark = command[slashes...]
    return remark.contains(UInt8(ascii: "\"")) ? nil : remark
  }

  private static func setting(in command: Substring.UTF8View) -> String {
    remark(behind: command).map { command[..<$0.startIndex].text } ?? command.text
  }

  /// The key of Berth's that a command sets.
  private static func key(of command: Substring.UTF8View, _ owned: [String: KeyedText.Owned]) -> String? {
    let name = name(of: command)
    if owned[name] != nil { return name }
    guard let rest = setWord(of: command.text)?.rest else { return nil }
    let variable = self.name(of: rest.utf8[...])
    // Only a program of the Quake III engine knows the word.
    return owned[variable].flatMap { setWord(of: $0.key) == nil ? nil : variable }
  }

  /// Berth's key from which a command of the Quake III engine takes the value that was set (ioquake3, `cvar.c`).
  private static func undone(by command: Substring.UTF8View, _ owned: [String: KeyedText.Owned]) -> String? {
    guard ["reset", "unset", "toggle"].contains(name(of: command)) else { return nil }
    let rest = command.trimmingBlanks.drop { !ByteText.isBlank($0) }
    let variable = name(of: rest)
    return owned[variable].flatMap { setWord(of: $0.key) == nil ? nil : variable }
  }

  /// The first word, in small letters.
  private static func name(of command: Substring.UTF8View) -> String {
    let content = command.trimmingBlanks
    let word =
      content.first == UInt8(ascii: "\"")
      ? content.dropFirst().prefix { $0 != UInt8(ascii: "\"") }
      : content.prefix { $0 != UInt8(ascii: " ") && !(9...13).contains($0) && $0 != UInt8(ascii: "\"") }
    return word.text.lowercased()
  }

  // MARK: What programs read in different ways

  /// Whether all programs take the same commands from a line: none knows a comment in it, nor an escaped quote.
  private static func isRead(_ line: Substring.UTF8View) -> Bool {
    !line.contains("#") && !line.contains("//") && !line.contains("\\\"")
  }

  /// Berth's keys that some program may find set in a line, however it reads quotes and comments.
  private static func uncertain(in line: Substring.UTF8View, _ owned: [String: KeyedText.Owned]) -> Set<String> {
    var keys: Set<String> = []
    func take(_ command: Substring.UTF8View) {
      let command = command.trimmingBlanks
      let name = name(of: setWord(of: command.text)?.rest.utf8[...] ?? command)
      if owned[name] != nil { keys.insert(name) }
    }
    // A comment's mark is a word, or the first letters of one, to a program that does not know it.
    for part in line.split(separator: UInt8(ascii: ";")) {
      take(part)
      var rest = part
      while let end = rest.place(of: "*/") {
        rest = rest[end...].dropFirst(2)
        take(rest)
      }
    }
    return keys
  }
}

/// The `/* … */` of the Quake III engine (ioquake3, `Cbuf_Execute`).
private struct BlockComment {
  private var isOpen = false
  /// Whether one began in the line that was read last.
  private var hasBegun = false
  private var quotes = 0

  /// The lines that have a part of one, and the first of one that never ends.
  static func lines(_ lines: [TextLine]) -> (contain: IndexSet, endless: Int?) {
    var comment = BlockComment()
    var contain = IndexSet()
    var last: Int?
    for (index, line) in lines.enumerated() {
      let wasOpen = comment.isOpen
      comment.read(line.content)
      if wasOpen || comment.hasBegun { contain.insert(index) }
      if comment.hasBegun { last = index }
    }
    return (contain, comment.isOpen ? last : nil)
  }

  private mutating func read(_ line: Substring.UTF8View) {
    hasBegun = false
    if !isOpen { quotes = 0 }
    var isRemark = false
    var before: UInt8 = 0
    for byte in line {
      if byte == UInt8(ascii: "\"") { quotes += 1 }
      if quotes % 2 == 0 {
        switch (before, byte) {
        case (UInt8(ascii: "/"), UInt8(ascii: "/")) where !isOpen: isRemark = true
        case (UInt8(ascii: "/"), UInt8(ascii: "*")) where !isRemark && !isOpen: (isOpen, hasBegun) = (true, true)
        case (UInt8(ascii: "*"), UInt8(ascii: "/")) where isOpen: (isOpen, quotes) = (false, 0)
        default: break
        }
      }
      before = byte
    }
  }
}

extension Substring.UTF8View {
  /// Where a word stands first.
  fileprivate func place(of word: StaticString) -> Index? {
    word.withUTF8Buffer { word in
      var rest = self
      while let first = word.first, let place = rest.firstIndex(of: first) {
        if rest[place...].starts(with: word) { return place }
        rest = rest[place...].dropFirst()
      }
      return nil
    }
  }

  fileprivate func contains(_ word: StaticString) -> Bool { place(of: word) != nil }
}

extension String {
  /// With a line feed for every carriage return that has none behind it, as programs read it that take both for an end.
  var breakingAtCarriageReturns: String {
    guard utf8.contains(UInt8(ascii: "\r")) else { return self }
    let bytes = Array(utf8)
    let broken = bytes.indices.map { index in
      let isAlone =
        bytes[index] == UInt8(ascii: "\r") && (index + 1 == bytes.count || bytes[index + 1] != UInt8(ascii: "\n"))
      return isAlone ? UInt8(ascii: "\n") : bytes[index]
    }
    return String(decoding: broken, as: UTF8.self)
  }
}
