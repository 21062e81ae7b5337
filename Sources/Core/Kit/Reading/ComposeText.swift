/// A text of a file for Docker Compose, with the variables in it (compose-spec, "Interpolation").
struct ComposeText {
  private enum Operator {
    /// `:-` and `-`: what stands behind it where the variable has no value.
    case standard
    /// `:?` and `?`: no value is an error.
    case required
    /// `:+` and `+`: what stands behind it where the variable has a value.
    case replacement
  }

  private indirect enum Piece {
    case literal(String)
    case variable(String, Operator?, [Piece])
  }

  /// What keeps a text from being one.
  struct Problem: Error { let text: String }

  private let pieces: [Piece]

  /// - Throws: ``Problem`` for what Compose would not take either.
  init(_ text: String) throws(Problem) {
    var rest = text[...]
    pieces = try Self.pieces(&rest, isInside: false)
  }

  // MARK: Reading

  private static func pieces(_ rest: inout Substring, isInside: Bool) throws(Problem) -> [Piece] {
    var pieces: [Piece] = []
    var literal = ""
    while let character = rest.first, !(isInside && character == "}") {
      rest.removeFirst()
      guard character == "$" else {
        literal.append(character)
        continue
      }
      if rest.first == "$" {
        rest.removeFirst()
        literal.append("$")
        continue
      }
      if !literal.isEmpty { pieces.append(.literal(literal)) }
      literal = ""
      pieces.append(try variable(&rest))
    }
    if !literal.isEmpty { pieces.append(.literal(literal)) }
    return pieces
  }

  /// A variable behind its `$`.
  private static func variable(_ rest: inout Substring) throws(Problem) -> Piece {
    let isBraced = rest.first == "{"
    if isBraced { rest.removeFirst() }
    let name = rest.prefix { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
    guard let first = name.first, !first.isNumber else {
      throw Problem(text: "'$' begins no variable here; a '$' of the text's own is written '$$'")
    }
    rest.removeFirst(name.count)
    guard isBraced else { return .variable(String(name), nil, []) }
    var kind: Operator?
    let operators: [(String, Operator)] = [
      (":-", .standard), ("-", .standard), (":?", .required), ("?", .required), (":+", .replacement),
      ("+", .replacement),
    ]
    if let (word, found) = operators.first(where: { rest.hasPrefix($0.0) }) {
      rest.removeFirst(word.count)
      kind = found
    }
    let inner = kind == nil ? [] : try pieces(&rest, isInside: true)
    guard rest.first == "}" else { throw Problem(text: "'${\(name)' has no end that Docker Compose knows") }
    rest.removeFirst()
    return .variable(String(name), kind, inner)
  }

  // MARK: Asking

  /// Every variable in it.
  var names: Set<String> { Self.names(pieces) }

  private static func names(_ pieces: [Piece]) -> Set<String> {
    pieces.reduce(into: []) { names, piece in
      guard case .variable(let name, _, let inner) = piece else { return }
      names.insert(name)
      names.formUnion(Self.names(inner))
    }
  }

  /// The first variable that would have no value, which Compose would make nothing of in silence.
  func undeclared(_ declared: Set<String>) -> String? { Self.undeclared(pieces, declared) }

  private static func undeclared(_ pieces: [Piece], _ declared: Set<String>) -> String? {
    for case .variable(let name, let kind, let inner) in pieces {
      let isDeclared = declared.contains(name)
      switch kind {
      case nil, .required: if !isDeclared { return name }
      case .standard: if let found = undeclared(inner, declared) { return found }
      case .replacement: if isDeclared, let found = undeclared(inner, declared) { return found }
      }
    }
    return nil
  }

  /// The variable, where the text is nothing but one.
  var onlyVariable: String? {
    guard pieces.count == 1, case .variable(let name, let kind, _) = pieces[0], kind != .replacement else { return nil }
    return name
  }

  /// The text with the templates that stand for its variables; nil where one has none.
  func template(_ values: [String: Template]) -> Template? {
    Self.segments(pieces, values).map(Template.init(joining:))
  }

  private static func segments(_ pieces: [Piece], _ values: [String: Template]) -> [Template.Segment]? {
    var segments: [Template.Segment] = []
    for piece in pieces {
      switch piece {
      case .literal(let text): segments.append(.literal(text))
      case .variable(let name, let kind, let inner):
        switch (values[name], kind) {
        case (nil, nil), (nil, .required): return nil
        case (nil, .replacement): break
        case (_?, .replacement), (nil, .standard):
          guard let found = Self.segments(inner, values) else { return nil }
          segments += found
        case (let value?, .standard) where value.segments.isEmpty:
          guard let found = Self.segments(inner, values) else { return nil }
          segments += found
        case (let value?, _): segments += value.segments
        }
      }
    }
    return segments
  }
}

extension Template {
  /// Segments in order, of which several neighbours may be literal.
  init(joining parts: [Segment]) {
    var segments: [Segment] = []
    for part in parts {
      if case .literal(let text) = part, case .literal(let before)? = segments.last {
        segments[segments.count - 1] = .literal(before + text)
      } else {
        segments.append(part)
      }
    }
    self.init(segments: segments)
  }
}
