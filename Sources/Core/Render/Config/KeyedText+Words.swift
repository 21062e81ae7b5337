/// `key value` lines. The programs that read them take several commands in a line, parted by `;`, and do not tell
/// capital letters from small ones.
extension WordsFormat: KeyedText.Format {
  static func folded(_ key: String) -> String { key.lowercased() }

  static func entries(of text: String, owned: Set<String>) -> [KeyedText.Entry] {
    text.breakingAtCarriageReturns.utf8Lines.flatMap { entries(of: $0, owned: owned) }
  }

  private static func entries(of line: TextLine, owned: Set<String>) -> [KeyedText.Entry] {
    let (commands, comment) = parts(of: line.content.droppingByteOrderMark)
    let keys = commands.map { key(of: $0).flatMap { owned.contains($0) ? $0 : nil } }
    guard keys.contains(where: { $0 != nil }) else { return [KeyedText.Entry(text: line.text)] }
    // The other commands of the line, and what is said about it, go before it.
    var others = zip(commands, keys).filter { $1 == nil }.map(\.0.trimmingBlanks.text).joined(separator: "; ")
    let remarks =
      zip(commands, keys).filter { $1 != nil }.compactMap { remark(behind: $0.0) } + [comment].compactMap { $0 }
    for remark in remarks { others += (others.isEmpty ? "" : " ") + remark.trimmingBlanks.text }
    let owners = zip(commands, keys).compactMap { command, key in
      key.map { KeyedText.Entry(text: line.ending, key: $0, setting: setting(in: command)) }
    }
    return others.isEmpty ? owners : [KeyedText.Entry(text: others + line.ending)] + owners
  }

  /// A line cut at `;`, and the comment at its end. Neither begins inside a string in double quotes.
  private static func parts(
    of line: Substring.UTF8View
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
      if !isInString, byte == UInt8(ascii: "#") {
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

  private static func key(of command: Substring.UTF8View) -> String? {
    let content = command.trimmingBlanks
    let word =
      content.first == UInt8(ascii: "\"")
      ? content.dropFirst().prefix { $0 != UInt8(ascii: "\"") }
      : content.prefix { $0 != UInt8(ascii: " ") && !(9...13).contains($0) && $0 != UInt8(ascii: "\"") }
    return folded(word.text)
  }
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
