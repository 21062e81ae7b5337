/// Text with `{{name}}` placeholders, as it stands in a manifest.
///
/// The language is closed on purpose: a placeholder is one dotted name, with at most one filter behind it. There are no
/// expressions.
public struct Template: Sendable, Hashable {
  /// A run of literal text, or one placeholder.
  public enum Segment: Sendable, Hashable {
    case literal(String)
    case variable(String)
    case filtered(String, TemplateFilter)
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
    var rest = text[...]
    while let open = rest.firstRange(of: "{{") {
      guard let close = rest[open.upperBound...].firstRange(of: "}}") else {
        throw Malformed(problem: "'{{' without '}}'")
      }
      let inside = rest[open.upperBound..<close.lowerBound].split(
        separator: "|", maxSplits: 1, omittingEmptySubsequences: false)
      let name = inside[0].trimming(" ")
      guard !name.isEmpty, name.utf8.allSatisfy(Self.isNameByte) else {
        throw Malformed(problem: "'{{\(name)}}' is not a variable: a variable is a dotted name such as settings.port")
      }
      if open.lowerBound > rest.startIndex { segments.append(.literal(String(rest[..<open.lowerBound]))) }
      segments.append(inside.count == 1 ? .variable(name) : .filtered(name, try Self.filter(inside[1].trimming(" "))))
      rest = rest[close.upperBound...]
    }
    if !rest.isEmpty { segments.append(.literal(String(rest))) }
    self.segments = segments
  }

  /// Why a text is no template.
  public struct Malformed: Error { public let problem: String }

  /// The names in the text, in order of appearance.
  public var variables: [String] {
    segments.compactMap {
      switch $0 {
      case .literal: nil
      case .variable(let name), .filtered(let name, _): name
      }
    }
  }

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
      case .literal(let text): text
      case .variable(let name): "{{\(name)}}"
      case .filtered(let name, let filter): "{{\(name) | \(filter.rawValue)}}"
      }
    }.joined()
  }

  private static func filter(_ word: String) throws -> TemplateFilter {
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

/// What a placeholder may do to the value that it stands for; a closed set.
public enum TemplateFilter: String, Sendable, Hashable, CaseIterable {
  /// Every other character than ASCII letters and digits becomes `_`, so that the value is a part of a name.
  case ident

  /// The value as it is put in.
  public func apply(to text: String) -> String {
    switch self {
    case .ident:
      text.unicodeScalars.map { scalar in
        scalar.isASCII && (scalar.properties.isAlphabetic || scalar.properties.numericType != nil)
          ? String(scalar) : "_"
      }.joined()
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
