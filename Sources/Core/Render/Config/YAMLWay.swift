import BerthKit
import Yams

/// How far a path leads into a document.
struct YAMLWay {
  /// The innermost mapping on the way; nil when the document has none at its top.
  private(set) var mapping: Node.Mapping?
  /// The key that the way followed last.
  private(set) var key: Node?
  /// The value behind that key.
  private(set) var node: Node?
  /// The keys that are not there.
  private(set) var rest: ArraySlice<String>
  /// The first key behind the innermost mapping; nil when it ends with the document.
  private(set) var next: Node?

  /// - Throws: ``Unreadable`` when something else than a mapping stands on the way.
  init(_ path: [String], in document: YAMLDocument) throws {
    rest = path[...]
    node = document.root
    while let name = rest.first, let current = node {
      guard case .mapping(let inner) = current else {
        if case .scalar(let scalar) = current, scalar.string.isEmpty, scalar.style == .plain { return }
        throw Unreadable(
          line: current.mark?.line ?? 1,
          problem: "'\(path.dropLast(rest.count).joined(separator: "."))' is no mapping")
      }
      mapping = inner
      let pairs = Array(inner)
      guard let index = pairs.firstIndex(where: { $0.key.scalar?.string == name }) else {
        node = nil
        return
      }
      key = pairs[index].key
      node = pairs[index].value
      rest = rest.dropFirst()
      if !rest.isEmpty, index + 1 < pairs.count { next = pairs[index + 1].key }
    }
  }
}

/// A key that is not there yet.
struct YAMLInsertion {
  let way: YAMLWay
  let document: YAMLDocument

  private var text: ByteText { document.text }

  /// Texts with the key in them, to be tried in this order.
  func candidates(_ value: Value) -> [String] {
    YAMLFormat.written(value).flatMap { written -> [String] in
      guard way.node == nil else { return below(written) }
      guard let mapping = way.mapping else { return atTop(written) }
      guard let begin = document.offset(of: mapping.mark), begin < text.end else { return [] }
      if text.bytes[begin] == UInt8(ascii: "{") {
        let gap = mapping.isEmpty ? "" : ", "
        return [text.replacing(begin + 1..<begin + 1, with: flow(way.rest, written) + gap)]
      }
      guard let first = document.offset(of: mapping.first?.key.mark), let indent = text.indentation(at: first) else {
        return []
      }
      return places(after: first).map { insert(lines(way.rest, written, indent: indent), at: $0) }
    }
  }

  /// In a document without a mapping.
  private func atTop(_ written: String) -> [String] { [insert(lines(way.rest, written, indent: ""), at: text.end)] }

  /// Behind a key without a value.
  private func below(_ written: String) -> [String] {
    guard let key = document.offset(of: way.key?.mark) else { return atTop(written) }
    guard let indent = text.indentation(at: key) else { return [] }
    return [insert(lines(way.rest, written, indent: indent + unit), at: text.nextLine(key))]
  }

  /// Behind the last line of the mapping: before comments and blank lines, which may belong to what comes next.
  private func places(after first: Int) -> [Int] {
    let limit = document.offset(of: way.next?.mark).map(text.lineStart) ?? text.end
    var end = limit
    while end > text.nextLine(first) {
      let line = text.lineStart(end - 1 > text.start && endsInPair(end) ? end - 2 : end - 1)
      let content = text.trimmed(line..<text.lineEnd(line))
      guard content.isEmpty || text.bytes[content.lowerBound] == UInt8(ascii: "#") else { break }
      end = line
    }
    return end == limit ? [limit] : [end, limit]
  }

  private func endsInPair(_ end: Int) -> Bool {
    end >= 2 && text.bytes[end - 1] == UInt8(ascii: "\n") && text.bytes[end - 2] == UInt8(ascii: "\r")
  }

  private func insert(_ lines: String, at offset: Int) -> String {
    let isBegun = offset == text.start || ByteText.isLineEnd(text.bytes[offset - 1])
    return text.replacing(offset..<offset, with: (isBegun ? "" : text.ending) + lines)
  }

  private func lines(_ path: ArraySlice<String>, _ written: String, indent: String) -> String {
    guard let name = path.first else { return "" }
    let key = "\(indent)\(key(name)):"
    if path.count == 1 { return "\(key) \(written)\(text.ending)" }
    return key + text.ending + lines(path.dropFirst(), written, indent: indent + unit)
  }

  private func flow(_ path: ArraySlice<String>, _ written: String) -> String {
    guard let name = path.first else { return "" }
    return "\(key(name)): " + (path.count == 1 ? written : "{\(flow(path.dropFirst(), written))}")
  }

  private func key(_ name: String) -> String { YAMLFormat.written(.text(name)).first ?? name }

  /// One level, as the first mapping in the document shows it; two spaces where none does.
  private var unit: String {
    guard case .mapping(let root)? = document.root else { return "  " }
    for pair in root {
      if case .mapping(let inner) = pair.value, let key = document.offset(of: inner.first?.key.mark),
        let indent = text.indentation(at: key), !indent.isEmpty
      {
        return indent
      }
    }
    return "  "
  }
}
