/// A regular expression for whole texts. Matching takes time linear in the text, for every pattern.
///
/// It has what needs no backtracking: characters, `.`, classes, groups, `|`, `* + ?`, `{n}`, `{n,}`, `{n,m}`, and `\d \w \s`
/// with their opposites, of ASCII. All ways through the expression are followed side by side (Thompson, "Regular Expression
/// Search Algorithm", 1968).
public struct LinearPattern: Sendable {
  /// Why a text is no pattern.
  public struct Problem: Error, Equatable {
    public let text: String
  }

  /// The most bytes of a pattern, and the most steps that it may be made of: a repetition counts as often as it repeats.
  static let (longest, most) = (500, 4000)

  private let program: [Instruction]

  /// - Throws: ``Problem`` for what is no regular expression, needs backtracking or is too large.
  public init(_ text: String) throws(Problem) {
    guard text.utf8.count <= Self.longest else { throw Problem(text: "it is longer than \(Self.longest) bytes") }
    var parser = PatternParser(text)
    var program: [Instruction] = []
    try Self.append(parser.whole(), to: &program)
    program.append(.end)
    self.program = program
  }

  enum Instruction: Sendable {
    case one(CharacterClass)
    /// Two ways to go on.
    case fork(Int, Int)
    case jump(Int)
    case end
  }

  private static func append(_ node: PatternNode, to program: inout [Instruction]) throws(Problem) {
    switch node {
    case .one(let characters): program.append(.one(characters))
    case .sequence(let nodes): for node in nodes { try append(node, to: &program) }
    case .either(let nodes): try append(either: nodes, to: &program)
    case .repeated(let node, let least, let most):
      for _ in 0..<least { try append(node, to: &program) }
      if let most {
        var forks: [Int] = []
        for _ in least..<most {
          forks.append(program.count)
          program.append(.end)
          try append(node, to: &program)
        }
        for fork in forks { program[fork] = .fork(fork + 1, program.count) }
      } else {
        let start = program.count
        program.append(.end)
        try append(node, to: &program)
        program.append(.jump(start))
        program[start] = .fork(start + 1, program.count)
      }
    }
    guard program.count <= Self.most else { throw Problem(text: "it repeats too much") }
  }

  private static func append(either nodes: [PatternNode], to program: inout [Instruction]) throws(Problem) {
    var ends: [Int] = []
    for (index, node) in nodes.enumerated() {
      let fork = program.count
      if index < nodes.count - 1 { program.append(.end) }
      try append(node, to: &program)
      guard index < nodes.count - 1 else { break }
      ends.append(program.count)
      program.append(.end)
      program[fork] = .fork(fork + 1, program.count)
    }
    for end in ends { program[end] = .jump(program.count) }
  }

  /// Whether all of a text is what the pattern says.
  public func matches(_ text: String) -> Bool {
    var threads = ThreadSet(program.count)
    threads.add(0, program)
    for scalar in text.unicodeScalars {
      var next = ThreadSet(program.count)
      for place in threads.places {
        if case .one(let characters) = program[place], characters.contains(scalar) { next.add(place + 1, program) }
      }
      guard !next.places.isEmpty else { return false }
      threads = next
    }
    return threads.places.contains { if case .end = program[$0] { true } else { false } }
  }
}

/// Where the ways through a pattern have come to: each place once.
private struct ThreadSet {
  private(set) var places: [Int] = []
  private var isIn: [Bool]

  init(_ count: Int) { isIn = Array(repeating: false, count: count) }

  mutating func add(_ place: Int, _ program: [LinearPattern.Instruction]) {
    var left = [place]
    while let place = left.popLast() {
      guard !isIn[place] else { continue }
      isIn[place] = true
      switch program[place] {
      case .fork(let first, let second): left += [second, first]
      case .jump(let target): left.append(target)
      case .one, .end: places.append(place)
      }
    }
  }
}
