/// A value in parentheses, `(A=1,B="x, y",C=(D=2))`, and where its members stand.
struct UnrealList {
  struct Member {
    let name: String
    /// From the name to the end of the value.
    let whole: Range<Int>
    let value: Range<Int>
  }

  private(set) var members: [Member] = []
  /// Where the closing parenthesis stands.
  private(set) var close: Int
  /// Whether nothing stands between the parentheses.
  private(set) var isEmpty: Bool

  /// - Parameter range: a value without blanks at its ends.
  /// - Throws: ``Unreadable``.
  init(_ text: ByteText, _ range: Range<Int>) throws {
    func unreadable(_ problem: String) -> Unreadable {
      Unreadable(line: text.line(at: range.lowerBound), problem: problem)
    }
    guard text.bytes[range].first == UInt8(ascii: "(") else { throw unreadable("expected a list in parentheses") }
    close = range.upperBound - 1
    isEmpty = text.trimmed((range.lowerBound + 1)..<max(range.lowerBound + 1, close)).isEmpty
    var depth = 0
    var isQuoted = false
    var begin = range.lowerBound + 1
    var index = range.lowerBound
    while index < range.upperBound {
      switch text.bytes[index] {
      case UInt8(ascii: "\\") where isQuoted: index += 1
      case UInt8(ascii: "\""): isQuoted.toggle()
      case _ where isQuoted: break
      case UInt8(ascii: "("): depth += 1
      case UInt8(ascii: ")"):
        depth -= 1
        if depth == 0 {
          add(begin..<index, in: text)
          guard index == close else { throw unreadable("something stands behind the list") }
          return
        }
      case UInt8(ascii: ",") where depth == 1:
        add(begin..<index, in: text)
        begin = index + 1
      default: break
      }
      index += 1
    }
    throw unreadable(isQuoted ? "a quote in the list has no end" : "a list has no ')'")
  }

  /// A part between commas. One without `=` is no member, and stays.
  private mutating func add(_ part: Range<Int>, in text: ByteText) {
    let part = text.trimmed(part)
    guard let equals = text.bytes[part].firstIndex(of: UInt8(ascii: "=")),
      !text.bytes[part.lowerBound..<equals].contains(where: { "\"(".utf8.contains($0) })
    else { return }
    members.append(
      Member(
        name: text.text(text.trimmed(part.lowerBound..<equals)), whole: part,
        value: text.trimmed((equals + 1)..<part.upperBound)))
  }
}
