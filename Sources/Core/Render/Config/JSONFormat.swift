import BerthKit

/// Objects in objects. Of two equal keys the last counts, as in the programs.
enum JSONFormat: PathFormat {
  static func value(at path: [String], in text: String) throws -> String? {
    let document = try JSONDocument(text)
    var place = document.root
    for key in path { place = place?.members?.last { $0.key.isSame(as: key) }?.value }
    guard let place else { return nil }
    switch place.kind {
    case .string(let text): return text
    case .word(let word): return word
    case .object, .array: return document.text.text(place.range)
    }
  }

  static func text(_ existing: String, setting path: [String], to value: Value?) throws -> String {
    let document = try JSONDocument(existing)
    let text = document.text
    guard let root = document.root else {
      guard let value else { return existing }
      let ending = text.ending
      let object = object(path[...], value, Layout(indent: "", unit: "  ", ending: ending, colon: ": "))
      return text.replacing(text.start..<text.end, with: object + ending)
    }
    var place = root
    for (depth, key) in path.enumerated() {
      guard let members = place.members else {
        let name = depth == 0 ? "the document" : "'\(path[..<depth].joined(separator: "."))'"
        throw Unreadable(line: text.line(at: place.range.lowerBound), problem: "\(name) is no object")
      }
      guard let member = members.last(where: { $0.key.isSame(as: key) }) else {
        return try value.map { try adding(path[depth...], $0, to: place, in: document) } ?? existing
      }
      if depth == path.count - 1 {
        return try set(members.indices.filter { members[$0].key.isSame(as: key) }, of: place, to: value, in: document)
      }
      place = member.value
    }
    return existing
  }

  /// A value as JSON writes it.
  static func written(_ value: Value) -> String {
    guard case .text(let text) = value else { return value.plain }
    return "\"\(text.backslashing("\\\""))\""
  }

  // MARK: What is there

  private static func set(
    _ indices: [Int], of object: JSONDocument.Node, to value: Value?, in document: JSONDocument
  ) throws -> String {
    let text = document.text
    let members = object.members ?? []
    var edits: [(range: Range<Int>, text: String)] = []
    var doomed = indices
    if let value, let index = doomed.popLast() {
      let old = members[index].value
      switch old.kind {
      case .object, .array:
        throw Unreadable(
          line: text.line(at: old.range.lowerBound),
          problem: "'\(members[index].key)' is an object or array where one value is expected")
      case .string(let text) where value.isText && value.isSaid(by: text): break
      case .word(let word) where !value.isText && value.isSaid(by: word): break
      case .string, .word: edits.append((old.range, written(value)))
      }
    }
    edits += removals(of: doomed, from: members, in: text)
    return text.replacing(edits)
  }

  /// Members with a comma each: the one behind them, and before them at the end.
  private static func removals(
    of doomed: [Int], from members: [JSONDocument.Member], in text: ByteText
  ) -> [(range: Range<Int>, text: String)] {
    let all = Set(doomed)
    let last = members.indices.last { !all.contains($0) }
    return doomed.map { index in
      let begin = members[index].keyRange.lowerBound
      if let last, index > last {
        // Behind the last one that stays: with the comma before.
        return (members[index - 1].value.range.upperBound..<members[index].value.range.upperBound, "")
      }
      let end =
        index + 1 < members.count ? members[index + 1].keyRange.lowerBound : members[index].value.range.upperBound
      return (begin..<end, "")
    }
  }

  // MARK: What is new

  /// How an object is laid out.
  private struct Layout {
    /// That of the line on which the object begins; nil for an object on one line.
    let indent: String?
    let unit: String
    let ending: String
    let colon: String

    var inner: Layout { Layout(indent: indent.map { $0 + unit }, unit: unit, ending: ending, colon: colon) }
  }

  private static func adding(
    _ path: ArraySlice<String>, _ value: Value, to object: JSONDocument.Node, in document: JSONDocument
  ) throws -> String {
    let text = document.text
    let unit = unit(of: document)
    guard let last = object.members?.last else {
      let line = text.lineStart(object.range.lowerBound)
      let indent = text.text(line..<line + text.bytes[line...].prefix(while: ByteText.isBlank).count)
      let layout = Layout(indent: indent, unit: unit, ending: text.ending, colon: ": ")
      return text.replacing(object.range, with: self.object(path, value, layout))
    }
    let colon = text.text(last.keyRange.upperBound..<last.value.range.lowerBound)
    let indent = text.indentation(at: last.keyRange.lowerBound)
    let layout = Layout(
      indent: indent, unit: unit, ending: text.ending,
      colon: colon.utf8.contains(where: ByteText.isLineEnd) ? ": " : colon)
    let gap = indent.map { text.ending + $0 } ?? " "
    let place = last.value.range.upperBound
    return text.replacing(place..<place, with: "," + gap + member(path, value, layout))
  }

  /// - Parameter layout: that of the line on which the member stands.
  private static func member(_ path: ArraySlice<String>, _ value: Value, _ layout: Layout) -> String {
    let below = path.count <= 1 ? written(value) : object(path.dropFirst(), value, layout)
    return written(.text(path.first ?? "")) + layout.colon + below
  }

  private static func object(_ path: ArraySlice<String>, _ value: Value, _ layout: Layout) -> String {
    let inner = member(path, value, layout.inner)
    guard let indent = layout.indent else { return "{\(inner)}" }
    return "{\(layout.ending)\(indent)\(layout.unit)\(inner)\(layout.ending)\(indent)}"
  }

  /// One level, as the first member of the document shows it; two spaces where none does.
  private static func unit(of document: JSONDocument) -> String {
    guard let first = document.root?.members?.first,
      let indent = document.text.indentation(at: first.keyRange.lowerBound), !indent.isEmpty
    else { return "  " }
    return indent
  }
}

extension Value {
  var isText: Bool { if case .text = self { true } else { false } }
}
