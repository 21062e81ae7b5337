/// Characters of which one is meant.
struct CharacterClass: Sendable {
  var ranges: [ClosedRange<UInt32>] = []
  var isNegated = false

  func contains(_ scalar: Unicode.Scalar) -> Bool { ranges.contains { $0.contains(scalar.value) } != isNegated }

  mutating func add(_ first: Unicode.Scalar, _ last: Unicode.Scalar) { ranges.append(first.value...last.value) }

  /// All but the ranges, in the place of them.
  mutating func add(allBut ranges: [ClosedRange<UInt32>]) {
    var next: UInt32 = 0
    for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
      if range.lowerBound > next { self.ranges.append(next...range.lowerBound - 1) }
      next = range.upperBound + 1
    }
    self.ranges.append(next...0x10FFFF)
  }

  /// What `\d`, `\w` and `\s` stand for.
  static let shorthands: [Unicode.Scalar: [ClosedRange<UInt32>]] = [
    "d": [0x30...0x39], "w": [0x30...0x39, 0x41...0x5A, 0x5F...0x5F, 0x61...0x7A], "s": [0x09...0x0D, 0x20...0x20],
  ]
}

/// A part of a ``LinearPattern``.
indirect enum PatternNode {
  case one(CharacterClass)
  case sequence([PatternNode])
  case either([PatternNode])
  /// No upper bound where it is nil.
  case repeated(PatternNode, Int, Int?)
}

/// Reads a ``LinearPattern``.
struct PatternParser {
  typealias Problem = LinearPattern.Problem

  /// How many groups may lie in each other.
  private static let deepest = 20

  private let scalars: [Unicode.Scalar]
  private var position = 0
  private var depth = 0

  init(_ text: String) { scalars = Array(text.unicodeScalars) }

  private var next: Unicode.Scalar? { position < scalars.count ? scalars[position] : nil }

  private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
    guard next == scalar else { return false }
    position += 1
    return true
  }

  mutating func whole() throws(Problem) -> PatternNode {
    // The whole text is meant anyway.
    _ = take("^")
    let node = try alternatives()
    guard next == nil else { throw Problem(text: "a ')' closes nothing") }
    return node
  }

  private mutating func alternatives() throws(Problem) -> PatternNode {
    var nodes = [try sequence()]
    while take("|") { nodes.append(try sequence()) }
    return nodes.count == 1 ? nodes[0] : .either(nodes)
  }

  private mutating func sequence() throws(Problem) -> PatternNode {
    var nodes: [PatternNode] = []
    while let scalar = next, scalar != "|", scalar != ")" {
      if scalar == "$", position == scalars.count - 1, depth == 0 {
        position += 1
      } else {
        nodes.append(try repeated(try piece()))
      }
    }
    return nodes.count == 1 ? nodes[0] : .sequence(nodes)
  }

  private mutating func piece() throws(Problem) -> PatternNode {
    let scalar = scalars[position]
    position += 1
    switch scalar {
    case "(": return try group()
    case "[": return .one(try characterClass())
    case ".":
      var any = CharacterClass()
      any.add(allBut: [0x0A...0x0A])
      return .one(any)
    case "\\": return .one(try escaped())
    case "*", "+", "?", "{": throw Problem(text: "nothing stands before '\(scalar)'")
    case "^", "$": throw Problem(text: "'\(scalar)' stands in the middle")
    default:
      var one = CharacterClass()
      one.add(scalar, scalar)
      return .one(one)
    }
  }

  private mutating func group() throws(Problem) -> PatternNode {
    if take("?"), !take(":") {
      throw Problem(text: "'(?' is not followed by ':'; nothing that looks around can be used")
    }
    depth += 1
    defer { depth -= 1 }
    guard depth <= Self.deepest else { throw Problem(text: "more than \(Self.deepest) groups lie in each other") }
    let node = try alternatives()
    guard take(")") else { throw Problem(text: "a '(' is not closed") }
    return node
  }

  private mutating func repeated(_ node: PatternNode) throws(Problem) -> PatternNode {
    let bounds: (Int, Int?)
    switch next {
    case "*": bounds = (0, nil)
    case "+": bounds = (1, nil)
    case "?": bounds = (0, 1)
    case "{":
      position += 1
      bounds = try counts()
      return try lazily(.repeated(node, bounds.0, bounds.1))
    default: return node
    }
    position += 1
    return try lazily(.repeated(node, bounds.0, bounds.1))
  }

  /// What follows a repetition: a `?` changes which way is tried first, and so nothing here.
  private mutating func lazily(_ node: PatternNode) throws(Problem) -> PatternNode {
    _ = take("?")
    if let next, ["*", "+", "{"].contains(next) { throw Problem(text: "'\(next)' follows a repetition") }
    return node
  }

  /// `n}`, `n,}` or `n,m}`.
  private mutating func counts() throws(Problem) -> (Int, Int?) {
    let least = try number()
    if take("}") { return (least, least) }
    guard take(",") else { throw Problem(text: "a '{' is not followed by {n}, {n,} or {n,m}") }
    if take("}") { return (least, nil) }
    let most = try number()
    guard take("}"), least <= most else { throw Problem(text: "a '{' is not followed by {n}, {n,} or {n,m}") }
    return (least, most)
  }

  private mutating func number() throws(Problem) -> Int {
    var text = ""
    while let scalar = next, ("0"..."9").contains(scalar) {
      text.unicodeScalars.append(scalar)
      position += 1
    }
    guard let number = Int(text) else { throw Problem(text: "a '{' is not followed by {n}, {n,} or {n,m}") }
    guard number <= LinearPattern.most else { throw Problem(text: "it repeats too much") }
    return number
  }

  /// What stands behind a backslash.
  private mutating func escaped() throws(Problem) -> CharacterClass {
    guard let scalar = next else { throw Problem(text: "it ends with a '\\'") }
    position += 1
    var one = CharacterClass()
    let lower = Unicode.Scalar(scalar.value | 0x20) ?? scalar
    if scalar.properties.isAlphabetic, let ranges = CharacterClass.shorthands[lower] {
      if lower == scalar { one.ranges = ranges } else { one.add(allBut: ranges) }
    } else if scalar.isASCII, !scalar.properties.isAlphabetic, scalar.properties.numericType == nil {
      one.add(scalar, scalar)
    } else {
      throw Problem(text: "'\\\(scalar)' means nothing here")
    }
    return one
  }

  /// `abc]`, `^a-z]`.
  private mutating func characterClass() throws(Problem) -> CharacterClass {
    var characters = CharacterClass()
    characters.isNegated = take("^")
    while !take("]") {
      guard let first = next else { throw Problem(text: "a '[' is not closed") }
      guard first != "[" else { throw Problem(text: "a '[' stands in a class; write '\\['") }
      position += 1
      var start = first
      if first == "\\" {
        let escaped = try escaped()
        guard escaped.ranges.count == 1, let only = escaped.ranges.first, only.count == 1,
          let scalar = Unicode.Scalar(only.lowerBound)
        else {
          characters.ranges += escaped.ranges
          continue
        }
        start = scalar
      }
      guard next == "-", position + 1 < scalars.count, scalars[position + 1] != "]" else {
        characters.add(start, start)
        continue
      }
      position += 1
      guard let last = next, last != "\\", last != "[", last.value >= start.value else {
        throw Problem(text: "a range in a class ends before it begins, or in a sign that has to stand alone")
      }
      position += 1
      characters.add(start, last)
    }
    guard !characters.ranges.isEmpty else { throw Problem(text: "a class is empty") }
    return characters
  }
}
