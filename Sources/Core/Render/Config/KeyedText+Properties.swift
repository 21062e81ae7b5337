/// `key = value` lines, with what Luanti and `.ini` files add to them.
///
/// In Luanti's files `key = """` begins a value that runs to a line `"""`, and `key = {` a group that runs to `}`; what
/// is inside is the person's. A `[section]` begins where the file's own keys end.
extension PropertiesFormat: KeyedText.Format {
  static func folded(_ key: String) -> String { key }

  static func entries(of text: String, owned: Set<String>) -> [KeyedText.Entry] {
    let lines = text.utf8Lines.map(Line.init)
    let ends = ends(of: lines, owned: owned)
    var entries: [KeyedText.Entry] = []
    var index = 0
    while index < lines.count {
      let end = ends[index] ?? index
      let key = lines[index].key.flatMap { owned.contains($0) ? $0 : nil }
      let isEndless =
        lines[index].opens != nil && (ends[index] == nil || lines[index...end].contains(where: \.isUncertainEnd))
      entries.append(
        KeyedText.Entry(
          text: lines[index...end].map(\.line.text).joined(), key: key,
          isBarrier: lines[index].isSection || isEndless))
      index = end + 1
    }
    return entries
  }

  private enum Opening { case group, text }

  private struct Line {
    let line: TextLine
    let key: String?
    let opens: Opening?
    let isSection: Bool
    let endsGroup: Bool
    let endsText: Bool
    /// Whether a program to which a carriage return is a part of the line reads on.
    var isUncertainEnd: Bool { endsText && line.ending.utf8.first == UInt8(ascii: "\r") }

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
  private static func ends(of lines: [Line], owned: Set<String>) -> [Int: Int] {
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
        guard open.isEmpty, let key = lines[index].key, owned.contains(key) else { return ends }
        lastEnd = -1
      case nil where lines[index].endsGroup: if let begin = open.popLast() { ends[begin] = index }
      case nil: break
      }
      index += 1
    }
    return ends
  }
}
