/// One line of a difference.
struct DiffLine: Equatable {
  enum Change: String {
    case same = " "
    case removed = "-"
    case added = "+"
  }

  let change: Change
  /// With its line feed, where it has one.
  var text: String

  init(_ change: Change, _ text: String) {
    self.change = change
    self.text = text
  }

  /// As `diff -u` prints it.
  var printed: String {
    let isWhole = text.utf8.last == UInt8(ascii: "\n")
    return change.rawValue + text + (isWhole ? "" : "\n\\ No newline at end of file\n")
  }
}

/// Changes that lie near each other, with the unchanged lines around them.
struct DiffHunk {
  /// Lines of the old text before the hunk.
  let oldBefore: Int
  /// Lines of the new text before the hunk.
  let newBefore: Int
  var lines: [DiffLine]

  /// The hunks of a difference. Changes with at most twice the context between them share one.
  static func all(of lines: [DiffLine], context: Int) -> [DiffHunk] {
    var hunks: [DiffHunk] = []
    var (oldBefore, newBefore) = (0, 0)
    var begin = 0
    let changes = lines.indices.filter { lines[$0].change != .same }
    var index = changes.startIndex
    while index < changes.endIndex {
      var last = index
      while last + 1 < changes.endIndex, changes[last + 1] - changes[last] <= 2 * context + 1 { last += 1 }
      let first = max(begin, changes[index] - context)
      for line in lines[begin..<first] {
        if line.change != .added { oldBefore += 1 }
        if line.change != .removed { newBefore += 1 }
      }
      let end = min(lines.count, changes[last] + context + 1)
      let hunk = DiffHunk(oldBefore: oldBefore, newBefore: newBefore, lines: Array(lines[first..<end]))
      hunks.append(hunk)
      oldBefore += hunk.oldCount
      newBefore += hunk.newCount
      begin = end
      index = last + 1
    }
    return hunks
  }

  /// As `diff -u` prints it.
  var text: String {
    "@@ -\(Self.range(oldBefore, oldCount)) +\(Self.range(newBefore, newCount)) @@\n"
      + lines.map(\.printed).joined()
  }

  private var oldCount: Int { lines.count { $0.change != .added } }
  private var newCount: Int { lines.count { $0.change != .removed } }

  /// A range counts from 1; an empty one names the line before it, and a count of 1 is left out.
  private static func range(_ before: Int, _ count: Int) -> String {
    switch count {
    case 0: "\(before),0"
    case 1: "\(before + 1)"
    default: "\(before + 1),\(count)"
    }
  }
}
