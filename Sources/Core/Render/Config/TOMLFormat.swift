import BerthKit

/// Tables and values. Arrays of tables and tables on one line stay as they are.
enum TOMLFormat: PathFormat {
  static func value(at path: [String], in text: String) throws -> String? {
    let document = try TOMLDocument(text)
    return entry(at: path, in: document).map { entry in
      switch entry.kind {
      case .string(let text): text
      case .word(let word): word
      case .array, .inlineTable: document.text.text(entry.value)
      }
    }
  }

  static func text(_ existing: String, setting path: [String], to value: Value?) throws -> String {
    let document = try TOMLDocument(existing)
    let text = document.text
    try refuseMeeting(path, in: document)
    guard let entry = entry(at: path, in: document) else {
      return try value.map { try adding(path, $0, to: document) } ?? existing
    }
    guard let value else { return text.replacing(entry.lines, with: "") }
    switch entry.kind {
    case .array, .inlineTable:
      throw Unreadable(
        line: text.line(at: entry.value.lowerBound),
        problem: "'\(path.joined(separator: "."))' is an array or table where one value is expected")
    case .string(let old) where value.isText && value.isSaid(by: old): return existing
    case .word(let word) where !value.isText && value.isSaid(by: word): return existing
    case .string, .word: return text.replacing(entry.value, with: written(value))
    }
  }

  private static func entry(at path: [String], in document: TOMLDocument) -> TOMLDocument.Entry? {
    document.entries.first { $0.path == path && !document.tables[$0.table].isInArray }
  }

  /// A value where the path has a table, a table where it has its value, or an array of tables on the way.
  private static func refuseMeeting(_ path: [String], in document: TOMLDocument) throws {
    func refuse(_ offset: Int, _ problem: String) -> Unreadable {
      Unreadable(line: document.text.line(at: offset), problem: problem)
    }
    for entry in document.entries where !document.tables[entry.table].isInArray {
      if entry.path.count < path.count, path.starts(with: entry.path) {
        throw refuse(entry.value.lowerBound, "'\(entry.path.joined(separator: "."))' is no table with lines of its own")
      }
      if entry.path.count > path.count, entry.path.starts(with: path) {
        throw refuse(entry.value.lowerBound, "'\(path.joined(separator: "."))' is a table where one value is expected")
      }
    }
    for table in document.tables.dropFirst() {
      if table.isArray, path.starts(with: table.path) {
        throw refuse(table.header, "'\(table.path.joined(separator: "."))' is an array of tables")
      }
      if table.path.starts(with: path) {
        throw refuse(table.header, "'\(path.joined(separator: "."))' is a table where one value is expected")
      }
    }
  }

  private static func adding(_ path: [String], _ value: Value, to document: TOMLDocument) throws -> String {
    let text = document.text
    let parent = Array(path.dropLast())
    func line(_ path: ArraySlice<String>) -> String {
      "\(path.map(key).joined(separator: ".")) = \(written(value))\(text.ending)"
    }
    func begun(_ offset: Int) -> String {
      offset == text.start || ByteText.isLineEnd(text.bytes[offset - 1]) ? "" : text.ending
    }
    if let table = document.tables.first(where: { $0.path == parent && !$0.isArray }) {
      return text.replacing(table.tail..<table.tail, with: begun(table.tail) + line(path.suffix(1)))
    }
    // A table that dotted keys have made takes no header of its own.
    let isMade = { (entry: TOMLDocument.Entry) in
      entry.path.count > parent.count && entry.path.starts(with: parent)
        && document.tables[entry.table].path.count < parent.count && !document.tables[entry.table].isInArray
    }
    if let entry = document.entries.last(where: isMade) {
      let place = entry.lines.upperBound
      let depth = document.tables[entry.table].path.count
      return text.replacing(place..<place, with: begun(place) + line(path.dropFirst(depth)))
    }
    let gap = text.end == text.start ? "" : begun(text.end) + text.ending
    let header = "[\(parent.map(key).joined(separator: "."))]\(text.ending)"
    return text.replacing(text.end..<text.end, with: gap + header + line(path.suffix(1)))
  }

  private static func key(_ word: String) -> String {
    word.utf8.allSatisfy(TOMLDocument.isBare) && !word.isEmpty ? word : written(.text(word))
  }

  static func written(_ value: Value) -> String {
    guard case .text(let text) = value else { return value.plain }
    return "\"\(text.backslashing("\\\""))\""
  }
}
