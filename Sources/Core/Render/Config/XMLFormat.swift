import BerthKit

/// Elements by their names, from the root on; `@name` is an attribute. Of several elements of one name the first counts.
enum XMLFormat: PathFormat {
  static func value(at path: [String], in text: String) throws -> String? {
    let document = try XMLDocument(text)
    let (names, attribute) = split(path)
    guard let element = find(names, in: document) else { return nil }
    if let attribute {
      return try element.attributes.first { $0.name == attribute }.map { try XMLText.decoded(document.text, $0.value) }
    }
    return try content(of: element, in: document)
  }

  static func text(_ existing: String, setting path: [String], to value: Value?) throws -> String {
    let document = try XMLDocument(existing)
    let (names, attribute) = split(path)
    let isPlain = XMLText.isUTF8(existing)
    let written = try value.map { isPlain ? try XMLText.escaped($0) : XMLText.numbered(try XMLText.escaped($0)) }
    guard let root = document.root else {
      guard let written else { return existing }
      let text = document.text
      let gap = text.end > text.start && !ByteText.isLineEnd(text.bytes[text.end - 1]) ? text.ending : ""
      let element = element(names[...], attribute, written, indent: "", unit: "  ", ending: text.ending)
      return text.replacing(text.end..<text.end, with: gap + element + text.ending)
    }
    guard root.name == names.first else {
      throw Unreadable(
        line: document.text.line(at: root.opening.lowerBound),
        problem: "the root element is '\(root.name)' and not '\(names.first ?? "")'")
    }
    // Down to the last element on the way that exists.
    var place = root
    var depth = 1
    while depth < names.count, let child = place.children.first(where: { $0.name == names[depth] }) {
      place = child
      depth += 1
    }
    guard depth == names.count else {
      guard let written else { return existing }
      return try adding(names[depth...], attribute, written, to: place, in: document)
    }
    if let attribute { return set(attribute, of: place, to: value, written, in: document) }
    return try set(place, path: names, to: value, written, in: document)
  }

  private static func split(_ path: [String]) -> (names: [String], attribute: String?) {
    guard let last = path.last, last.hasPrefix("@") else { return (path, nil) }
    return (Array(path.dropLast()), String(last.dropFirst()))
  }

  private static func find(_ names: [String], in document: XMLDocument) -> XMLDocument.Element? {
    guard var place = document.root, place.name == names.first else { return nil }
    for name in names.dropFirst() {
      guard let child = place.children.first(where: { $0.name == name }) else { return nil }
      place = child
    }
    return place
  }

  private static func content(of element: XMLDocument.Element, in document: XMLDocument) throws -> String {
    if let child = element.children.first {
      throw Unreadable(
        line: document.text.line(at: child.opening.lowerBound),
        problem: "'<\(element.name)>' has elements in it where a text is expected")
    }
    return try element.content.map { try XMLText.content(document.text, $0) } ?? ""
  }

  // MARK: What is there

  /// Sets or takes out an element; later ones of its name go.
  private static func set(
    _ element: XMLDocument.Element, path: [String], to value: Value?, _ written: String?, in document: XMLDocument
  ) throws -> String {
    let text = document.text
    let content = try content(of: element, in: document)
    let parent = path.count > 1 ? find(Array(path.dropLast()), in: document) : nil
    let others = (parent?.children ?? []).filter { $0.name == element.name && $0.opening != element.opening }
    for other in others { _ = try self.content(of: other, in: document) }
    var edits = others.map { (range: text.wholeLines($0.whole), text: "") }
    if let value, let written {
      if !value.isSaid(by: content) {
        let isEmpty = element.content == nil
        edits.append(
          isEmpty ? opened(element, in: text, content: written) : (element.content ?? element.whole, written))
      }
    } else if parent != nil {
      edits.append((text.wholeLines(element.whole), ""))
    } else {
      throw Refused(reason: "the root element has to have a text")
    }
    return text.replacing(edits)
  }

  /// `<name/>` with something in it.
  private static func opened(
    _ element: XMLDocument.Element, in text: ByteText, content: String
  ) -> (range: Range<Int>, text: String) {
    var end = element.opening.upperBound - 2
    while ByteText.isSpace(text.bytes[end - 1]) { end -= 1 }
    return (end..<element.opening.upperBound, ">\(content)</\(element.name)>")
  }

  private static func set(
    _ name: String, of element: XMLDocument.Element, to value: Value?, _ written: String?, in document: XMLDocument
  ) -> String {
    let text = document.text
    guard let attribute = element.attributes.first(where: { $0.name == name }) else {
      guard let written else { return text.text(0..<text.end) }
      let place = element.attributes.last?.whole.upperBound ?? element.opening.lowerBound + 1 + element.name.utf8.count
      return text.replacing(place..<place, with: " \(name)=\"\(written)\"")
    }
    guard let value, let written else { return text.replacing(attribute.whole, with: "") }
    let isSaid = (try? XMLText.decoded(text, attribute.value)).map(value.isSaid) == true
    return isSaid ? text.text(0..<text.end) : text.replacing(attribute.value, with: written)
  }

  // MARK: What is new

  private static func adding(
    _ names: ArraySlice<String>, _ attribute: String?, _ written: String, to parent: XMLDocument.Element,
    in document: XMLDocument
  ) throws -> String {
    let text = document.text
    let indent = text.indentation(at: parent.opening.lowerBound)
    let unit = unit(of: document)
    guard let content = parent.content else {
      let inner = framed(names, attribute, written, in: text, indent: indent, unit: unit)
      let edit = opened(parent, in: text, content: inner)
      return text.replacing(edit.range, with: edit.text)
    }
    guard let last = parent.children.last else {
      guard try XMLText.content(text, content).utf8.allSatisfy(ByteText.isSpace) else {
        throw Unreadable(
          line: text.line(at: content.lowerBound), problem: "'<\(parent.name)>' has a text where elements are expected")
      }
      guard text.text(content).utf8.allSatisfy(ByteText.isSpace) else {
        // A comment or an instruction stays where it is.
        let element = element(names, attribute, written, indent: indent ?? "", unit: unit, ending: text.ending)
        return text.replacing(content.upperBound..<content.upperBound, with: element)
      }
      let inner = framed(names, attribute, written, in: text, indent: indent, unit: unit)
      return text.replacing(content, with: inner)
    }
    // Before the line of the closing tag, so that a remark behind the last element stays its own.
    if let inner = text.indentation(at: last.opening.lowerBound),
      text.indentation(at: content.upperBound) != nil, text.lineStart(content.upperBound) >= last.end
    {
      let element = element(names, attribute, written, indent: inner, unit: unit, ending: text.ending)
      let place = text.lineStart(content.upperBound)
      return text.replacing(place..<place, with: inner + element + text.ending)
    }
    let element = element(names, attribute, written, indent: nil, unit: unit, ending: text.ending)
    return text.replacing(content.upperBound..<content.upperBound, with: element)
  }

  /// One level, as the first child of the root shows it; two spaces where none does.
  private static func unit(of document: XMLDocument) -> String {
    guard let child = document.root?.children.first,
      let indent = document.text.indentation(at: child.opening.lowerBound), !indent.isEmpty
    else { return "  " }
    return indent
  }

  /// An element on lines of its own between the tags of another one.
  private static func framed(
    _ names: ArraySlice<String>, _ attribute: String?, _ written: String, in text: ByteText, indent: String?,
    unit: String
  ) -> String {
    guard let indent else {
      return element(names, attribute, written, indent: nil, unit: unit, ending: text.ending)
    }
    let inner = element(names, attribute, written, indent: indent + unit, unit: unit, ending: text.ending)
    return text.ending + indent + unit + inner + text.ending + indent
  }

  /// - Parameter indent: that of the element's line; nil to put it on one line as a whole.
  private static func element(
    _ names: ArraySlice<String>, _ attribute: String?, _ written: String, indent: String?, unit: String, ending: String
  ) -> String {
    let name = names.first ?? ""
    if names.count <= 1 {
      return attribute.map { "<\(name) \($0)=\"\(written)\"/>" } ?? "<\(name)>\(written)</\(name)>"
    }
    let below = element(
      names.dropFirst(), attribute, written, indent: indent.map { $0 + unit }, unit: unit, ending: ending)
    guard let indent else { return "<\(name)>\(below)</\(name)>" }
    return "<\(name)>\(ending)\(indent)\(unit)\(below)\(ending)\(indent)</\(name)>"
  }
}
