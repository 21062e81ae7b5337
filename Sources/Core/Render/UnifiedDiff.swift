/// What changed between two texts, in the format of `diff -u`.
public enum UnifiedDiff {
  /// Lines that differ at most, counted on both sides, for which the shortest difference is looked for. Beyond that the
  /// differing part is shown as replaced whole, since the search takes the square of their number.
  static let largestSearch = 4_000

  /// The difference; empty when there is none.
  ///
  /// - Parameters:
  ///   - old: nil when there was no file.
  ///   - new: nil when there is to be none.
  ///   - path: what the heading names on both sides; `/dev/null` stands for a missing one.
  ///   - context: unchanged lines around a change.
  public static func text(old: String?, new: String?, path: String, context: Int = 3) -> String {
    guard old != nil || new != nil else { return "" }
    let hunks = DiffHunk.all(of: lines(from: old ?? "", to: new ?? ""), context: context)
    if hunks.isEmpty, (old == nil) == (new == nil) { return "" }
    return heading(old: old, new: new, path: path) + joined(hunks)
  }

  /// The most of a difference that is shown, in bytes: an instance may make its files as long as it likes.
  static let longest = 256 << 10

  /// As `diff -u` prints it, cut off behind ``longest`` with a word about the rest.
  static func joined(_ hunks: [DiffHunk]) -> String {
    var text = ""
    for (index, hunk) in hunks.enumerated() {
      let next = hunk.text
      let room = longest - text.utf8.count
      guard next.utf8.count > room else {
        text += next
        continue
      }
      let shown = next.utf8.prefix(room).lastIndex(of: UInt8(ascii: "\n")).map { next[...$0] } ?? ""
      let all = hunks[index...].reduce(0) { $0 + $1.lines.count }
      // The first line is the hunk's own.
      let count = max(0, shown.utf8.count { $0 == UInt8(ascii: "\n") } - 1)
      return text + shown + "\\ \(all - count) more lines are not shown\n"
    }
    return text
  }

  static func heading(old: String?, new: String?, path: String) -> String {
    let name = quoted(path)
    return "--- \(old == nil ? "/dev/null" : name)\n+++ \(new == nil ? "/dev/null" : name)\n"
  }

  /// All lines of both texts in the order of a difference: those taken out stand before those put in.
  static func lines(from old: String, to new: String) -> [DiffLine] {
    let (old, new) = (pieces(of: old), pieces(of: new))
    let head = zip(old, new).prefix { sameBytes($0, $1) }.count
    let tail = zip(old.dropFirst(head).reversed(), new.dropFirst(head).reversed()).prefix { sameBytes($0, $1) }.count
    let (oldMiddle, newMiddle) = (old[head..<(old.count - tail)], new[head..<(new.count - tail)])
    return old[..<head].map { DiffLine(.same, $0) } + middle(oldMiddle, newMiddle)
      + old[(old.count - tail)...].map { DiffLine(.same, $0) }
  }

  private static func middle(_ old: ArraySlice<String>, _ new: ArraySlice<String>) -> [DiffLine] {
    guard old.count + new.count <= largestSearch else {
      return old.map { DiffLine(.removed, $0) } + new.map { DiffLine(.added, $0) }
    }
    // Numbers compare faster than texts, and by their bytes.
    var numbers: [[UInt8]: Int] = [:]
    func number(_ line: String) -> Int {
      let bytes = Array(line.utf8)
      if let known = numbers[bytes] { return known }
      numbers[bytes] = numbers.count
      return numbers.count - 1
    }
    let (oldNumbers, newNumbers) = (old.map(number), new.map(number))
    var removed: Set<Int> = []
    var added: Set<Int> = []
    for change in newNumbers.difference(from: oldNumbers) {
      switch change {
      case .remove(let offset, _, _): removed.insert(offset)
      case .insert(let offset, _, _): added.insert(offset)
      }
    }
    var lines: [DiffLine] = []
    var (oldIndex, newIndex) = (0, 0)
    while oldIndex < old.count || newIndex < new.count {
      if removed.contains(oldIndex) {
        lines.append(DiffLine(.removed, old[old.startIndex + oldIndex]))
        oldIndex += 1
      } else if added.contains(newIndex) {
        lines.append(DiffLine(.added, new[new.startIndex + newIndex]))
        newIndex += 1
      } else {
        lines.append(DiffLine(.same, old[old.startIndex + oldIndex]))
        oldIndex += 1
        newIndex += 1
      }
    }
    return lines
  }

  /// Lines with their line feeds, so that a last line without one differs from one that has it.
  private static func pieces(of text: String) -> [String] { text.utf8Lines.map(\.text) }

  private static func sameBytes(_ left: String, _ right: String) -> Bool { left.utf8.elementsEqual(right.utf8) }

  /// A path as a heading can hold it: in quotes, as in C, where a character would end or change it.
  private static func quoted(_ path: String) -> String {
    guard path.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F || $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "\\") })
    else { return path }
    let escaped = path.unicodeScalars.map { scalar -> String in
      switch scalar {
      case "\"", "\\": "\\\(scalar)"
      case _ where scalar.value < 0x20 || scalar.value == 0x7F:
        "\\" + String(repeating: "0", count: 3 - String(scalar.value, radix: 8).count)
          + String(scalar.value, radix: 8)
      default: String(scalar)
      }
    }
    return "\"\(escaped.joined())\""
  }
}
