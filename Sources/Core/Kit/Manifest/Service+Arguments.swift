extension Service {
  /// One element of a service's argument vector: a word, or several that only some instances have.
  public struct Argument: Sendable, Equatable, Codable, ExpressibleByStringLiteral {
    public var words: [Template]
    /// The instances that have them; nil for all.
    public var condition: Condition?

    public init(_ words: [Template], when condition: Condition? = nil) {
      self.words = words
      self.condition = condition
    }

    public init(_ word: Template) { self.init([word]) }

    public init(stringLiteral word: String) { self.init([Template(stringLiteral: word)]) }
  }

  /// The argument vector of an instance with these settings; empty for a container.
  public func exec(of settings: [String: Value]) -> [Template] {
    arguments.filter { $0.condition?.holds(settings) ?? true }.flatMap(\.words)
  }
}
