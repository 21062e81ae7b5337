/// `KEY="value"` lines as systemd.exec(5) and a shell read them: a value in quotes, or behind a backslash, may run over
/// several lines.
enum EnvironmentFormat: KeyedText.Format {
  static func folded(_ key: String) -> String { key }

  static func entries(of text: String, owned: [String: KeyedText.Owned]) -> [KeyedText.Entry] {
    let lines = text.breakingAtCarriageReturns.utf8Lines
    var entries: [KeyedText.Entry] = []
    var isBehindBarrier = false
    var index = 0
    while index < lines.count {
      let key = key(of: lines[index].content.droppingByteOrderMark)
      let ownedKey = key.flatMap { owned[$0] == nil ? nil : $0 }
      var end = index
      var isBarrier = false
      if key != nil, !isBehindBarrier {
        if let found = lastLine(ofValueAt: index, in: lines) {
          end = found
        } else {
          // The quote is never closed. A line that Berth sets anew is gone, and its quote with it.
          isBarrier = ownedKey == nil
        }
      }
      let text = lines[index...end].map(\.text).joined()
      // A shell reads further assignments on one line, and systemd reads one value to the end of the line.
      let others = key != nil && ownedKey == nil ? owned.keys.filter { text.sets($0) } : []
      entries.append(
        KeyedText.Entry(text: text, key: ownedKey, isBarrier: isBarrier, maySet: Set(others)))
      isBehindBarrier = isBehindBarrier || isBarrier
      index = end + 1
    }
    return entries
  }

  /// The name before the `=`; nil for a comment and for what is no assignment.
  private static func key(of line: Substring.UTF8View) -> String? {
    var content = line.trimmingBlanks
    guard let first = content.first, first != UInt8(ascii: "#"), first != UInt8(ascii: ";") else { return nil }
    content = content.dropping(word: "export") ?? content
    return content.firstIndex(of: UInt8(ascii: "=")).map { content[..<$0].trimmingBlanks.text }
  }

  private enum State { case before, bare, single, double }

  /// The line on which the value ends; nil when a quote is never closed.
  private static func lastLine(ofValueAt first: Int, in lines: [TextLine]) -> Int? {
    var state = State.before
    var content = lines[first].content.drop { $0 != UInt8(ascii: "=") }.dropFirst()
    for index in first..<lines.count {
      if index > first { content = lines[index].content }
      var isContinued = false
      var rest = content
      while let byte = rest.popFirst() {
        switch (state, byte) {
        case (.single, UInt8(ascii: "'")), (.double, UInt8(ascii: "\"")): state = .before
        case (.single, _): break
        case (_, UInt8(ascii: "\\")):
          // With a carriage return between, it does not reach the line's end.
          isContinued = rest.popFirst() == nil && lines[index].ending == "\n"
          if state == .before { state = .bare }
        case (.before, UInt8(ascii: "'")): state = .single
        case (.before, UInt8(ascii: "\"")): state = .double
        case (.before, UInt8(ascii: " ")), (.before, 9...13): break
        case (.before, _): state = .bare
        case (.bare, _), (.double, _): break
        }
      }
      switch state {
      case .before, .bare: if !isContinued { return index }
      case .single, .double: break
      }
    }
    // A backslash at the very end has no line to go on with.
    return state == .single || state == .double ? nil : lines.count - 1
  }
}

extension String {
  /// Whether a name stands in it with a blank before it and a `=` behind it.
  fileprivate func sets(_ name: String) -> Bool {
    let wanted = Array("\(name)=".utf8)
    return utf8.split { $0 == UInt8(ascii: " ") || (9...13).contains($0) }.dropFirst().contains {
      $0.starts(with: wanted)
    }
  }
}
