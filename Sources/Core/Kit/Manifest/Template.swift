/// Text with `{{name}}` placeholders, as it stands in a manifest.
///
/// The language is closed on purpose: a placeholder is one dotted name, with at most one filter behind it. There are no
/// expressions. `{{ "{{" }}` stands for two braces.
public struct Template: Sendable, Hashable {
  /// A run of literal text, or one placeholder.
  public enum Segment: Sendable, Hashable {
    case literal(String)
    case variable(String)
    case filtered(String, TemplateFilter)

    /// The dotted name; nil for literal text.
    public var name: String? {
      switch self {
      case .literal: nil
      case .variable(let name), .filtered(let name, _): name
      }
    }
  }

  /// The parts in order; neighbours are never both literal.
  public let segments: [Segment]

  public init(segments: [Segment]) { self.segments = segments }

  /// Text without placeholders.
  public init(literal: String) { segments = literal.isEmpty ? [] : [.literal(literal)] }

  /// Reads text with placeholders.
  ///
  /// - Throws: ``Malformed`` when a `{{` has no `}}` or holds no name.
  public init(parsing text: String) throws {
    var segments: [Segment] = []
    var literal = ""
    var rest = text[...]
    while let open = rest.firstRange(of: "{{") {
      guard let close = rest[open.upperBound...].firstRange(of: "}}") else {
        throw Malformed(problem: "'{{' without '}}'")
      }
      literal += rest[..<open.lowerBound]
      let placeholder = try Self.placeholder(rest[open.upperBound..<close.lowerBound])
      if case .literal(let braces) = placeholder {
        literal += braces
      } else {
        if !literal.isEmpty { segments.append(.literal(literal)) }
        segments.append(placeholder)
        literal = ""
      }
      rest = rest[close.upperBound...]
    }
    literal += rest
    if !literal.isEmpty { segments.append(.literal(literal)) }
    self.segments = segments
  }

  /// What stands between `{{` and `}}`; literal text for the two braces themselves.
  ///
  /// - Throws: ``Malformed`` when it is neither a name, nor a name and a filter.
  package static func placeholder(_ inside: Substring) throws(Malformed) -> Segment {
    if inside.trimming(" ") == "\"{{\"" { return .literal("{{") }
    let parts = inside.split(separator: "|", maxSplits: 1, omittingEmptySubsequences: false)
    let name = parts[0].trimming(" ")
    guard !name.isEmpty, name.utf8.allSatisfy(Self.isNameByte) else {
      throw Malformed(problem: "'{{\(name)}}' is not a variable: a variable is a dotted name such as settings.port")
    }
    return parts.count == 1 ? .variable(name) : .filtered(name, try filter(parts[1].trimming(" ")))
  }

  /// Why a text is no template.
  public struct Malformed: Error { public let problem: String }

  /// The names in the text, in order of appearance.
  public var variables: [String] { segments.compactMap(\.name) }

  /// The text when there is no placeholder in it.
  public var literalText: String? {
    switch segments.count {
    case 0: ""
    case 1: if case .literal(let text) = segments[0] { text } else { nil }
    default: nil
    }
  }

  /// The text as it was written.
  public var source: String {
    segments.map {
      switch $0 {
      case .literal(let text): text.replacing("{{", with: "{{ \"{{\" }}")
      case .variable(let name): "{{\(name)}}"
      case .filtered(let name, let filter): "{{\(name) | \(filter.rawValue)}}"
      }
    }.joined()
  }

  private static func filter(_ word: String) throws(Malformed) -> TemplateFilter {
    guard let filter = TemplateFilter(rawValue: word) else {
      let known = TemplateFilter.allCases.map(\.rawValue)
      throw Malformed(
        problem:
          "'\(word)' is no filter\(BerthError.nearestPhrase(word, known)); there is \(known.joined(separator: ", "))")
    }
    return filter
  }

  private static func isNameByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."),
      UInt8(ascii: "-"), UInt8(ascii: "_"):
      true
    default: false
    }
  }
}

extension Template: Codable {
  public init(from decoder: any Decoder) throws {
    let text = try decoder.singleValueContainer().decode(String.self)
    do {
      try self.init(parsing: text)
    } catch let error as Malformed {
      throw DecodingError.dataCorrupted(.init(codingPath: decoder.codingPath, debugDescription: error.problem))
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(source)
  }
}

extension Template: ExpressibleByStringLiteral {
  /// A template written in Swift source. A malformed one stays literal, and validation of the manifest then shows it.
  public init(stringLiteral text: String) {
    self = (try? Template(parsing: text)) ?? Template(literal: text)
  }
}

extension Substring {
  /// The text without the given characters at its ends.
  func trimming(_ characters: String) -> String {
    let tail = drop { characters.contains($0) }
    return String(tail.reversed().drop { characters.contains($0) }.reversed())
  }
}
