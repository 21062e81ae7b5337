import BerthKit

/// Text in columns for people: two spaces apart, the last column as long as it is.
struct Table {
  private let header: [String]
  private var rows: [[String]] = []

  init(_ header: [String]) { self.header = header }

  /// Adds a row. What its cells hold is made visible before they are measured.
  mutating func add(_ row: [String]) { rows.append(row.map(VisibleText.line)) }

  /// The lines, the header first. A cell is padded before it is painted, so that colours do not shift it.
  func lines(paint: (_ column: Int, _ text: String, _ padded: String) -> String = { _, _, padded in padded })
    -> [String]
  {
    let widths = header.indices.map { column in ([header] + rows).map { $0[column].count }.max() ?? 0 }
    func line(_ row: [String], _ paint: (Int, String, String) -> String) -> String {
      row.enumerated().map { column, text in
        let isLast = column == row.count - 1
        let padding = isLast ? "" : String(repeating: " ", count: widths[column] - text.count)
        return paint(column, text, text + padding)
      }.joined(separator: "  ")
    }
    return [line(header) { _, _, padded in Style.stdout.bold(padded) }] + rows.map { line($0, paint) }
  }
}
