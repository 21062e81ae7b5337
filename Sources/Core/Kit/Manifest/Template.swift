/// Text with `{{name}}` placeholders, as it stands in a manifest.
///
/// The language is closed on purpose: a placeholder is one dotted name, and there are no expressions.
public struct Template: Sendable, Hashable {
  /// A run of literal text, or one placeholder.
  public enum Segment: Sendable, Hashable {
    case literal(String)
    case variable(String)
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
      let name = rest[open.upperBound..<close.lowerBound].trimming(" ")
      guard !name.isEmpty, name.utf8.allSatisfy(Self.isNameByte) else {
        throw Malformed(problem: "'{{\(name)}}' is not a variable: a variable is a dotted name such as settings.port")
      }
      if open.lowerBound > rest.startIndex { segments.append(.literal(String(rest[..<open.lowerBound]))) }
      segments.append(.variable(name))
      rest = rest[close.upperBound...]
    }
    if !rest.isEmpty { segments.append(.literal(String(rest))) }
    self.segments = segments
  }

  /// Why a text is no template.
  public struct Malformed: Error { public let problem: String }

  /// The names in the text, in order of appearance.
  public var variables: [String] {
    segments.compactMap { if case .variable(let name) = $0 { name } else { nil } }
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
      }
    }.joined()
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
