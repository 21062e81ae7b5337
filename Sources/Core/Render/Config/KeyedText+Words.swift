import BerthKit

/// `key value` lines, the value in quotes unless it is one plain word. Truth is `1` and `0`, as these programs read it.
///
/// The programs take several commands in a line, parted by `;`, and do not tell capital letters from small ones. What
/// they take for a comment differs: Teeworlds `#`, Source `//`, the Quake III engine `//` and `/* … */`. A key that the
/// manifest spells `set name` is a variable of that engine, which takes `set`, `seta`, `sets` and `setu` before it, and
/// needs one of them for a variable that it does not know yet (ioquake3, `Cvar_Set_f` and `Cvar_Command`).
enum WordsFormat: KeyedText.Format {
  static func folded(_ key: String) -> String { (setWord(of: key)?.rest ?? key).lowercased() }

  /// A word before a name that sets a variable, and what is behind it.
  static func setWord(of text: String) -> (word: String, rest: String)? {
    let content = text.utf8[...].trimmingBlanks
    let isQuoted = content.first == UInt8(ascii: "\"")
    let word = content.dropFirst(isQuoted ? 1 : 0).prefix { !ByteText.isBlank($0) && $0 != UInt8(ascii: "\"") }.text
    guard ConfigFile.setWords.contains(word.lowercased()) else { return nil }
    let rest = content.dropFirst(word.utf8.count + (isQuoted ? 2 : 0)).trimmingBlanks
    return rest.isEmpty ? nil : (word, rest.text)
  }

  // MARK: Values

  static func line(
    _ key: String, _ value: Value, replacing entry: String?, _ habits: KeyedText.Habits
  ) throws -> String {
    var beginning = key
    if let own = setWord(of: key) { beginning = "\(entry.flatMap(setWord)?.word ?? own.word) \(own.rest)" }
    if case .boolean(let isTrue) = value { return "\(beginning) \(isTrue ? 1 : 0)" }
    let text = value.plain
    return isPlainWord(text) ? "\(beginning) \(text)" : "\(beginning) \"\(text.backslashing("\\\""))\""
  }

  /// Whether a text is one word without quotes. Two slashes begin a comment in some programs.
  private static func isPlainWord(_ text: String) -> Bool {
    !text.isEmpty && text.utf8.allSatisfy { ByteText.isWord($0) || "_.-/:".utf8.contains($0) } && !text.contains("//")
  }

  static func isSaid(_ value: Value, of key: String, by line: String, _ habits: KeyedText.Habits) -> Bool {
    let content = line.utf8[...].trimmingBlanks
    if setWord(of: key) != nil, setWord(of: line) == nil { return false }
    let text = self.value(in: line)
    // Quotes and backslashes are read in different ways; a word that is not plain needs the quotes.
    let quotes = content.count { $0 == UInt8(ascii: "\"") }
    let isQuoted = quotes == 2 && content.last == UInt8(ascii: "\"")
    guard !content.contains(UInt8(ascii: "\\")), isQuoted || quotes == 0 && isPlainWord(text) else { return false }
    switch value {
    case .text(let own): return own.isSame(as: text)
    case .boolean(let isTrue): return text == (isTrue ? "1" : "0")
    case .integer(let own): return Int(text) == own
    case .number(let own): return Double(text) == own
    }
  }

  static func value(in command: String) -> String {
    let command = command.droppingLineEnd
    let content = (setWord(of: command)?.rest ?? command).utf8[...].trimmingBlanks
    let isQuoted = content.first == UInt8(ascii: "\"")
    let key =
      isQuoted
      ? content.dropFirst().prefix { $0 != UInt8(ascii: "\"") }.count + 2
      : content.prefix { !ByteText.isBlank($0) && $0 != UInt8(ascii: "\"") }.count
    let rest = content.dropFirst(key).trimmingBlanks
    guard rest.first == UInt8(ascii: "\"") else { return rest.text }
    var value: [UInt8] = []
    var quoted = rest.dropFirst()
    while let byte = quoted.popFirst(), byte != UInt8(ascii: "\"") {
      let isEscape = byte == UInt8(ascii: "\\") && (quoted.first == byte || quoted.first == UInt8(ascii: "\""))
      value.append(isEscape ? quoted.popFirst() ?? byte : byte)
    }
    return String(decoding: value, as: UTF8.self)
  }
}
