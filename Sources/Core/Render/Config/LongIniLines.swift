/// Lines of an ini file that are a part of the line before to Qt, and lines of their own to plainer readers: an open quote or
/// a backslash at the end stands before them (`readIniLine` of QSettings). A key in them is one to some programs only.
struct LongIniLines {
  private struct Run {
    let range: Range<Int>
    let opener: Int
    let problem: String
  }

  private var runs: [Run] = []

  /// None.
  init() {}

  init(_ text: ByteText) {
    var index = text.start
    while index < text.end {
      while index < text.end, ByteText.isSpace(text.bytes[index]) { index += 1 }
      guard index < text.end else { break }
      // What begins with '#' is a comment to plainer readers alone.
      if text.bytes[index] == UInt8(ascii: ";") { index = text.lineEnd(index) } else { read(text, from: &index) }
    }
  }

  /// Reads one line of Qt's.
  private mutating func read(_ text: ByteText, from index: inout Int) {
    let opener = index
    var begin: Int?
    var problem = ""
    var isQuoted = false
    func isEnd(_ index: Int) -> Bool { index < text.end && ByteText.isLineEnd(text.bytes[index]) }
    while index < text.end {
      let byte = text.bytes[index]
      if byte == UInt8(ascii: "\\") {
        index += 1
        guard index >= text.end || isEnd(index) else {
          index += 1
          continue
        }
        index = text.nextLine(index)
        if begin == nil { (begin, problem) = (index, "a backslash at the end of the line") }
        // Nothing is behind it yet, and what came there would belong to it.
        guard index < text.end else { return end(begin, text.end + 1, opener, problem) }
      } else if ByteText.isLineEnd(byte) {
        guard isQuoted else { break }
        index += 1
        if begin == nil { (begin, problem) = (index, "a quote has no end") }
      } else if byte == UInt8(ascii: ";"), !isQuoted {
        index = text.lineEnd(index)
      } else {
        if byte == UInt8(ascii: "\"") { isQuoted.toggle() }
        index += 1
      }
    }
    if isQuoted, begin == nil { (begin, problem) = (text.end, "a quote has no end") }
    end(begin, isQuoted ? text.end + 1 : index, opener, problem)
  }

  private mutating func end(_ begin: Int?, _ end: Int, _ opener: Int, _ problem: String) {
    if let begin, begin < end { runs.append(Run(range: begin..<end, opener: opener, problem: problem)) }
  }

  func contains(_ offset: Int) -> Bool { run(at: offset) != nil }

  /// - Throws: ``Unreadable`` where an offset lies in one of these lines; it names the line before them.
  func refuse(_ offset: Int, in text: ByteText) throws {
    guard let run = run(at: offset) else { return }
    throw Unreadable(line: text.line(at: run.opener), problem: run.problem)
  }

  private func run(at offset: Int) -> Run? {
    var (low, high) = (0, runs.count)
    while low < high {
      let middle = (low + high) / 2
      if runs[middle].range.upperBound <= offset { low = middle + 1 } else { high = middle }
    }
    return low < runs.count && runs[low].range.contains(offset) ? runs[low] : nil
  }
}
