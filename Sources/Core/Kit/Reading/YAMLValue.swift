import Yams

/// A place in a YAML document: its node, its key path and its file, so that every error can name all three.
///
/// Scalars are read as text; the reader converts them by the declared type, so that YAML's own idea of `on`, `no` or
/// `1.10` never matters.
struct YAMLValue {
  let node: Node
  let path: String
  let file: YAMLFile

  /// The line, from 1; the document's first line when the parser gives none.
  var line: Int { node.mark?.line ?? 1 }

  /// An error at this place.
  func error(_ problem: String, cause: String? = nil) -> BerthError {
    file.error(problem, line: line, key: path.isEmpty ? nil : path, cause: cause)
  }

  /// The scalar's text.
  func text() throws -> String {
    guard case .scalar(let scalar) = node else { throw error("expected text, found \(kind)") }
    guard !(scalar.string.isEmpty && scalar.style == .plain) else { throw error("expected text, found nothing") }
    return scalar.string
  }

  /// A whole number.
  func integer() throws -> Int {
    let text = try text()
    guard let number = Int(text) else { throw error("expected a whole number, found '\(text)'") }
    return number
  }

  /// A number, with a decimal point or without.
  func number() throws -> Double {
    let text = try text()
    guard let number = Double(text), number.isFinite else { throw error("expected a number, found '\(text)'") }
    return number
  }

  /// `true` or `false`, the only two words for it in a manifest.
  func boolean() throws -> Bool {
    switch try text() {
    case "true": true
    case "false": false
    case let other: throw error("expected true or false, found '\(other)'")
    }
  }

  /// Seconds from `90s`, `5m`, `1h`.
  func duration() throws -> Int {
    let text = try text()
    guard let seconds = TimeSpan.seconds(of: text) else {
      throw error("expected a time such as 30s, 5m or 1h, found '\(text)'")
    }
    return seconds
  }

  /// Text with placeholders.
  func template() throws -> Template {
    do {
      return try Template(parsing: text())
    } catch let malformed as Template.Malformed {
      throw error(malformed.problem)
    }
  }

  /// One word of a closed set.
  func word<Word: RawRepresentable & CaseIterable>(_ type: Word.Type) throws -> Word where Word.RawValue == String {
    let text = try text()
    guard let word = Word(rawValue: text) else {
      let known = Word.allCases.map(\.rawValue)
      throw error(
        "expected one of \(known.joined(separator: ", ")), found '\(text)'" + BerthError.nearestPhrase(text, known))
    }
    return word
  }

  /// The elements of a sequence.
  func list() throws -> [YAMLValue] {
    guard case .sequence(let sequence) = node else { throw error("expected a list, found \(kind)") }
    return sequence.enumerated().map { YAMLValue(node: $0.element, path: "\(path)[\($0.offset)]", file: file) }
  }

  /// The elements of a sequence, or the one scalar that stands instead of it.
  func listOrOne() throws -> [YAMLValue] {
    if case .scalar = node { return [self] }
    return try list()
  }

  /// The pairs of a mapping whose keys the author chooses, in document order.
  func entries() throws -> [(key: String, value: YAMLValue)] {
    guard case .mapping(let mapping) = node else { throw error("expected a mapping, found \(kind)") }
    var seen: Set<String> = []
    var merged: [(key: String, value: YAMLValue)] = []
    let own: [(key: String, value: YAMLValue)] = try mapping.compactMap { key, value in
      guard case .scalar(let scalar) = key, !scalar.string.isEmpty else {
        throw YAMLValue(node: key, path: path, file: file).error("expected a plain key")
      }
      let below = path.isEmpty ? scalar.string : "\(path).\(scalar.string)"
      let place = YAMLValue(node: key, path: below, file: file)
      // To the parser, keys with different tags differ; here they are the same key.
      guard seen.insert(scalar.string).inserted else { throw place.error("the key stands here twice") }
      guard scalar.string == "<<" else { return (scalar.string, YAMLValue(node: value, path: below, file: file)) }
      // In quotes it is a key like any other to some programs.
      guard file.mergesKeys, scalar.style == .plain || scalar.style == .any else {
        throw place.error("merge keys are not allowed; write the keys out")
      }
      merged = try YAMLValue(node: value, path: path, file: file).mappings().flatMap { try $0.entries() }
      return nil
    }
    // What stands in the mapping itself counts first, and then the earlier of those that are put into it.
    return own + merged.filter { seen.insert($0.key).inserted }
  }

  /// One mapping or a list of them.
  private func mappings() throws -> [YAMLValue] {
    guard case .sequence(let sequence) = node else { return [self] }
    return sequence.map { YAMLValue(node: $0, path: path, file: file) }
  }

  /// The pairs of a mapping whose keys the contract fixes; any other key is an error with the nearest known one.
  func fields(_ known: [String]) throws -> [String: YAMLValue] {
    let entries = try entries()
    guard case .mapping(let mapping) = node else { throw error("expected a mapping, found \(kind)") }
    let keys = Dictionary(
      mapping.map { key, _ in (key.scalar?.string ?? "?", key) }, uniquingKeysWith: { first, _ in first })
    for (word, value) in entries where !known.contains(word) {
      let place = YAMLValue(node: keys[word] ?? value.node, path: value.path, file: file)
      let offer = BerthError.nearestPhrase(word, known)
      _ = try file.attempt {
        throw place.error(
          "unknown key\(offer.isEmpty ? ";" : offer) expected one of \(known.joined(separator: ", "))")
      }
    }
    return Dictionary(uniqueKeysWithValues: entries.map { ($0.key, $0.value) })
  }

  /// A field that must be there.
  func required(_ key: String, in fields: [String: YAMLValue]) throws -> YAMLValue {
    guard let value = fields[key] else { throw error("the key '\(key)' is missing") }
    return value
  }

  private var kind: String {
    switch node {
    case .scalar(let scalar) where scalar.string.isEmpty: "nothing"
    case .scalar(let scalar): "'\(BerthError.printable(scalar.string))'"
    case .mapping: "a mapping"
    case .sequence: "a list"
    case .alias: "an alias"
    }
  }
}
