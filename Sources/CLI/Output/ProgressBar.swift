/// How far a batch is, as one line of text.
enum ProgressBar {
  /// The cells between the brackets, where the line has room for more than the numbers.
  private static let cells = 20

  /// `[#####...............] 250/1000 starting teeworlds/arena-250`, never longer than the width.
  ///
  /// The last column stays free, since some terminals wrap as soon as it is written. What does not fit is left out:
  /// first the end of the text, then the bar.
  ///
  /// - Parameters:
  ///   - width: the columns of the terminal.
  ///   - text: what is being done; whatever is no plain character in it is shown as `?`.
  static func line(done: Int, of count: Int, text: String, width: Int) -> String {
    let room = max(0, width - 1)
    let done = min(max(0, done), max(0, count))
    let numbers = "\(done)/\(max(0, count))"
    let filled = count > 0 ? done * cells / count : cells
    let bar = "[\(String(repeating: "#", count: filled))\(String(repeating: ".", count: cells - filled))]"
    let head = bar.count + 1 + numbers.count <= room ? "\(bar) \(numbers)" : numbers
    guard head.count <= room else { return "" }
    let left = room - head.count - 1
    let words = clipped(text, to: left)
    return words.isEmpty ? head : "\(head) \(words)"
  }

  /// The text in at most so many columns.
  private static func clipped(_ text: String, to columns: Int) -> String {
    guard columns > 0 else { return "" }
    var result = ""
    var used = 0
    let all = text.map { character in
      character.unicodeScalars.contains {
        $0.properties.generalCategory == .control || $0.properties.generalCategory == .format
      }
        ? ("?" as Character) : character
    }
    let isWhole = all.reduce(0) { $0 + Self.columns($1) } <= columns
    for character in all {
      guard used + Self.columns(character) <= (isWhole ? columns : columns - 1) else { break }
      result.append(character)
      used += Self.columns(character)
    }
    return isWhole ? result : result + "…"
  }

  /// The columns a character takes: two for those of East Asia and for pictures (Unicode Standard Annex 11).
  private static func columns(_ character: Character) -> Int {
    guard let scalar = character.unicodeScalars.first else { return 0 }
    let wide: [ClosedRange<UInt32>] = [
      0x1100...0x115F, 0x2E80...0x303E, 0x3041...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F,
      0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F000...0x1FAFF, 0x20000...0x3FFFD,
    ]
    return scalar.properties.isEmojiPresentation || wide.contains { $0.contains(scalar.value) } ? 2 : 1
  }
}
