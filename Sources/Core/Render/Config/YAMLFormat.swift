import BerthKit
import Yams

/// Mappings in mappings, in block style or between braces on one line.
///
/// YAML has more ways to write a value than can be changed in their place. So a change is tried, the result is read
/// again, and it holds only when that one value is another one and nothing else is; otherwise it is refused.
enum YAMLFormat: PathFormat {
  static func value(at path: [String], in text: String) throws -> String? {
    switch try YAMLDocument(text).leaves[path.map { ".\($0)" }] {
    case .scalar(_, let text)?: text
    case .emptyMapping?: "{}"
    case .emptySequence?: "[]"
    case nil: nil
    }
  }

  static func text(_ existing: String, setting path: [String], to value: Value?) throws -> String {
    let document = try YAMLDocument(existing)
    let place = path.map { ".\($0)" }
    if value.map({ says($0, document.leaves[place]) }) ?? (document.leaves[place] == nil) { return existing }
    let way = try YAMLWay(path, in: document)
    let candidates: [String]
    if let node = way.node, way.rest.isEmpty {
      candidates =
        try value.map { replacements(of: try scalar(node, path), by: $0, in: document) }
        ?? removals(of: way, in: document)
    } else {
      guard let value else { return existing }
      candidates = YAMLInsertion(way: way, document: document).candidates(value)
    }
    for candidate in candidates {
      if let changed = try? YAMLDocument(candidate), isOnly(place, value, from: document.leaves, to: changed.leaves) {
        return candidate
      }
    }
    throw Unreadable(
      line: way.node?.mark?.line ?? way.mapping?.mark?.line ?? 1,
      problem: "'\(path.joined(separator: "."))' cannot be changed in the way in which it is written here")
  }

  private static func scalar(_ node: Node, _ path: [String]) throws -> Node.Scalar {
    guard case .scalar(let scalar) = node else {
      throw Unreadable(
        line: node.mark?.line ?? 1,
        problem: "'\(path.joined(separator: "."))' is a mapping or list where one value is expected")
    }
    return scalar
  }

  // MARK: What is there

  private static func replacements(of scalar: Node.Scalar, by value: Value, in document: YAMLDocument) -> [String] {
    guard let begin = document.offset(of: scalar.mark) else { return [] }
    let text = document.text
    let forms: [String]
    let old: String
    switch scalar.style {
    case .singleQuoted:
      old = "'\(scalar.string.replacing("'", with: "''"))'"
      forms = (value.isText ? ["'\(value.plain.replacing("'", with: "''"))'"] : []) + written(value)
    case .doubleQuoted:
      old = quotedText(at: begin, in: text)
      forms = (value.isText ? ["\"\(value.plain.backslashing("\\\""))\""] : []) + written(value)
    default:
      old = scalar.string
      forms = written(value)
    }
    let range = begin..<begin + old.utf8.count
    guard range.upperBound <= text.end, text.bytes[range].elementsEqual(old.utf8) else { return [] }
    // Behind a key without a value there is no space yet.
    let isJoined = old.isEmpty && begin > 0 && !ByteText.isBlank(text.bytes[begin - 1])
    return forms.map { text.replacing(range, with: isJoined ? " \($0)" : $0) }
  }

  private static func quotedText(at begin: Int, in text: ByteText) -> String {
    var end = begin + 1
    while end < text.end, text.bytes[end] != UInt8(ascii: "\"") {
      end += text.bytes[end] == UInt8(ascii: "\\") ? 2 : 1
    }
    return end < text.end ? text.text(begin..<end + 1) : "\""
  }

  private static func removals(of way: YAMLWay, in document: YAMLDocument) -> [String] {
    guard let begin = document.offset(of: way.key?.mark), document.text.indentation(at: begin) != nil else { return [] }
    let text = document.text
    return [text.replacing(text.lineStart(begin)..<text.nextLine(begin), with: "")]
  }

  // MARK: Values

  private static let reserved: Set<String> = [
    "true", "false", "yes", "no", "on", "off", "y", "n", "null", "nan", "inf",
  ]

  /// The ways to write a value, the shortest first.
  static func written(_ value: Value) -> [String] {
    guard case .text(let text) = value else { return [value.plain] }
    let quoted = "\"\(text.backslashing("\\\""))\""
    return isPlain(text) ? [text, quoted] : [quoted]
  }

  private static func isPlain(_ text: String) -> Bool {
    guard let first = text.utf8.first, first > UInt8(ascii: "@"), !reserved.contains(text.lowercased()) else {
      return false
    }
    return text.utf8.allSatisfy { TOMLDocument.isBare($0) || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "/") }
  }

  private static func says(_ value: Value, _ leaf: YAMLDocument.Leaf?) -> Bool {
    guard case .scalar(let tag, let text)? = leaf else { return false }
    let names: [Tag.Name] =
      switch value {
      case .text: [.str]
      case .integer: [.int]
      case .number: [.float, .int]
      case .boolean: [.bool]
      }
    // What one parser takes for a date or a number another takes for text; in quotes it is text to all.
    return names.contains { $0.rawValue == tag } && value.isSaid(by: text)
  }

  /// Whether two documents differ in one value and in nothing else.
  private static func isOnly(
    _ place: [String], _ value: Value?, from old: [[String]: YAMLDocument.Leaf], to new: [[String]: YAMLDocument.Leaf]
  ) -> Bool {
    guard value.map({ says($0, new[place]) }) ?? (new[place] == nil) else { return false }
    // What was empty gets a member, and what loses its last one is empty.
    func isAbove(_ path: [String], _ leaf: YAMLDocument.Leaf) -> Bool {
      path.count < place.count && place.starts(with: path) && leaf.isNothing
    }
    return old.allSatisfy { path, leaf in path == place || new[path] == leaf || isAbove(path, leaf) }
      && new.allSatisfy { path, leaf in path == place || old[path] == leaf || isAbove(path, leaf) }
  }
}
