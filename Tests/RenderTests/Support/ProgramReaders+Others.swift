import BerthKit

/// Other programs that read the same formats, each by its own rules.
extension ProgramReaders {
  /// `java.util.Properties.load`: natural lines, which a backslash at the end joins, and escapes.
  static func java(_ text: String) -> [String: String] {
    var values: [String: String] = [:]
    var logical: [UInt8] = []
    var isJoined = false
    for raw in text.utf8.split(omittingEmptySubsequences: false, whereSeparator: { $0 == 10 || $0 == 13 }) {
      let line = Array(raw).drop { $0 == 32 || $0 == 9 || $0 == 12 }
      if !isJoined {
        guard let first = line.first, first != UInt8(ascii: "#"), first != UInt8(ascii: "!") else { continue }
        logical = []
      }
      logical += line
      isJoined = line.reversed().prefix { $0 == UInt8(ascii: "\\") }.count % 2 == 1
      if isJoined { logical.removeLast() } else { take(logical, into: &values) }
    }
    if isJoined { take(logical, into: &values) }
    return values
  }

  private static func take(_ line: [UInt8], into values: inout [String: String]) {
    func isBlank(_ byte: UInt8) -> Bool { byte == 32 || byte == 9 || byte == 12 }
    var key: [UInt8] = []
    var rest = line[...]
    while let byte = rest.first, !isBlank(byte), byte != UInt8(ascii: "="), byte != UInt8(ascii: ":") {
      rest = rest.dropFirst()
      key.append(byte == UInt8(ascii: "\\") ? rest.popFirst() ?? byte : byte)
    }
    rest = rest.drop(while: isBlank)
    if let sign = rest.first, sign == UInt8(ascii: "=") || sign == UInt8(ascii: ":") {
      rest = rest.dropFirst().drop(while: isBlank)
    }
    // The escapes of values are not needed here.
    values[string(key[...])] = string(rest)
  }

  /// Source: commands up to `//`, cut at `;`, with strings that know no escape.
  static func source(_ text: String) -> [String: String] {
    var values: [String: String] = [:]
    for line in text.utf8.split(whereSeparator: { $0 == 10 || $0 == 13 }) {
      var command: [UInt8] = []
      var isQuoted = false
      for byte in Array(line) + [UInt8(ascii: ";")] {
        if byte == UInt8(ascii: "\"") { isQuoted.toggle() }
        if byte == UInt8(ascii: "/"), command.last == byte, !isQuoted {
          command.removeLast()
          break
        }
        guard byte == UInt8(ascii: ";"), !isQuoted else {
          command.append(byte)
          continue
        }
        take(words(command[...]), isQuake: false, into: &values)
        command = []
      }
      take(words(command[...]), isQuake: false, into: &values)
    }
    return values
  }

  /// The Quake III engine: first cut at `;` and lines' ends, which a block comment hides, then read word by word
  /// (ioquake3, `Cbuf_Execute` and `Cmd_TokenizeString`).
  static func quake3(_ text: String) -> [String: String] {
    var values: [String: String] = [:]
    var rest = Array(text.utf8)[...]
    var (isBlock, isRemark) = (false, false)
    while !rest.isEmpty {
      var quotes = 0
      var index = rest.startIndex
      reading: while index < rest.endIndex {
        let byte = rest[index]
        if byte == UInt8(ascii: "\"") { quotes += 1 }
        if quotes % 2 == 0 {
          if index + 1 < rest.endIndex {
            switch (byte, rest[index + 1]) {
            case (UInt8(ascii: "/"), UInt8(ascii: "/")) where !isBlock: isRemark = true
            case (UInt8(ascii: "/"), UInt8(ascii: "*")) where !isRemark: isBlock = true
            case (UInt8(ascii: "*"), UInt8(ascii: "/")) where isBlock:
              isBlock = false
              index += 1
              break reading
            default: break
            }
          }
          if !isRemark, !isBlock, byte == UInt8(ascii: ";") { break }
        }
        if !isBlock, byte == 10 || byte == 13 {
          isRemark = false
          break
        }
        index += 1
      }
      take(tokens(rest[rest.startIndex..<index]), isQuake: true, into: &values)
      rest = index < rest.endIndex ? rest[(index + 1)...] : []
    }
    return values
  }

  private static func take(_ words: [String], isQuake: Bool, into values: inout [String: String]) {
    guard var key = words.first else { return }
    var arguments = words.dropFirst()
    if isQuake, ConfigFile.setWords.contains(key.lowercased()), let name = arguments.first, arguments.count > 1 {
      key = name
      arguments = arguments.dropFirst()
    }
    values[key.lowercased()] = arguments.isEmpty ? "?" : arguments.joined(separator: " ")
  }

  /// Words as Quake III reads them: comments are blanks, a string ends at the next quote.
  private static func tokens(_ command: ArraySlice<UInt8>) -> [String] {
    func begins(_ rest: ArraySlice<UInt8>, _ mark: String) -> Bool { rest.starts(with: mark.utf8) }
    var words: [String] = []
    var rest = command
    while true {
      rest = rest.drop { $0 <= 32 }
      guard !rest.isEmpty, !begins(rest, "//") else { return words }
      if begins(rest, "/*") {
        while !rest.isEmpty, !begins(rest, "*/") { rest = rest.dropFirst() }
        guard !rest.isEmpty else { return words }
        rest = rest.dropFirst(2)
        continue
      }
      var word: [UInt8] = []
      if rest.first == UInt8(ascii: "\"") {
        rest = rest.dropFirst()
        while let byte = rest.popFirst(), byte != UInt8(ascii: "\"") { word.append(byte) }
      } else {
        while let byte = rest.first, byte > 32, byte != UInt8(ascii: "\""), !begins(rest, "//"), !begins(rest, "/*") {
          word.append(byte)
          rest = rest.dropFirst()
        }
      }
      words.append(string(word[...]))
    }
  }

  private static func words(_ command: ArraySlice<UInt8>) -> [String] {
    var words: [String] = []
    var rest = command.drop { $0 <= 32 }
    while let first = rest.first {
      let isQuoted = first == UInt8(ascii: "\"")
      let word =
        isQuoted ? rest.dropFirst().prefix { $0 != first } : rest.prefix { $0 > 32 && $0 != UInt8(ascii: "\"") }
      words.append(string(word))
      rest = rest.dropFirst(word.count + (isQuoted ? 2 : 0)).drop { $0 <= 32 }
    }
    return words
  }
}
