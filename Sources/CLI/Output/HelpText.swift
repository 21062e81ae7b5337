import ArgumentParser

/// Help and complaints of the parser, broken at the terminal's width.
///
/// The parser does not break the line of the usage, and takes a continued line back to the margin. Here every continued line
/// stands below what it continues.
enum HelpText {
  /// The fewest columns that text is broken at.
  static let fewest = 40

  /// What the parser says to an error, which is help where help was asked for.
  static func of(_ error: any Error, columns: Int) -> String {
    wrapped(BerthCommand.fullMessage(for: error, columns: unbroken), to: columns)
  }

  /// The help of a command.
  static func of(_ command: any ParsableCommand.Type, columns: Int) -> String {
    wrapped(BerthCommand.helpMessage(for: command, columns: unbroken), to: columns)
  }

  /// The fewest columns that are left for a text beside another one.
  private static let leastColumn = 24

  /// So many columns that the parser breaks nothing.
  private static let unbroken = 100_000

  /// Text with its lines broken between words; a text without a usage, such as a completion script, stays as it is.
  static func wrapped(_ text: String, to columns: Int) -> String {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    guard lines.contains(where: isUsage) else { return text }
    return lines.map { wrapped(line: $0, to: max(columns, fewest)) }.joined(separator: "\n")
  }

  private static func isUsage(_ line: Substring) -> Bool { line.lowercased().hasPrefix("usage: ") }

  private static func wrapped(line: Substring, to columns: Int) -> String {
    guard line.count > columns else { return String(line) }
    guard !isUsage(line) else { return broken(bracketed(line), after: "", margin: "usage: ".count, columns) }
    let margin = line.prefix { $0 == " " }
    guard let (label, text) = row(line, margin: margin.count) else {
      return broken(
        words(line), after: margin, margin: margin.count + ((1..<10).contains(margin.count) ? 2 : 0), columns)
    }
    let column = line.distance(from: line.startIndex, to: text.startIndex)
    guard column + leastColumn > columns else {
      return broken(words(text), after: line[..<text.startIndex], margin: column, columns)
    }
    // Too little is left beside the first column.
    let below = margin + "    "
    return wrapped(line: label, to: columns) + "\n" + broken(words(text), after: below, margin: below.count, columns)
  }

  /// The two columns of a line, if it has as many.
  private static func row(_ line: Substring, margin: Int) -> (label: Substring, text: Substring)? {
    guard let gap = line.dropFirst(margin).firstRange(of: "  ") else { return nil }
    let text = line[gap.lowerBound...].drop { $0 == " " }
    return text.isEmpty ? nil : (line[..<gap.lowerBound], text)
  }

  private static func words(_ text: Substring) -> [String] { text.split(separator: " ").map(String.init) }

  private static func broken(_ words: [String], after start: Substring, margin: Int, _ columns: Int) -> String {
    var lines: [String] = []
    var line = String(start)
    var isFirst = true
    for word in words {
      if !isFirst, line.count + 1 + word.count > columns {
        lines.append(line)
        line = String(repeating: " ", count: margin)
        isFirst = true
      }
      line += isFirst ? word : " \(word)"
      isFirst = false
    }
    return (lines + [line]).joined(separator: "\n")
  }

  /// The words of a usage; what stands in brackets stays together.
  private static func bracketed(_ line: Substring) -> [String] {
    words(line).reduce(into: []) { words, word in
      if let last = words.last, last.hasPrefix("["), !last.hasSuffix("]") {
        words[words.count - 1] = "\(last) \(word)"
      } else {
        words.append(word)
      }
    }
  }
}
