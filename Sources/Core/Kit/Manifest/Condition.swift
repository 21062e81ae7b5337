/// When a service or a job exists: only in instances whose settings have one of the named values.
///
/// There is no expression language. All clauses must hold, and a clause holds for any of its values.
public struct Condition: Sendable, Equatable, Codable {
  /// One setting and the values that it may have.
  public struct Clause: Sendable, Equatable, Codable {
    public var setting: String
    /// As ``Value/plain`` writes them, which the validator makes sure of: `true`, never `on`.
    public var values: [String]

    public init(_ setting: String, _ values: [String]) {
      self.setting = setting
      self.values = values
    }
  }

  /// In document order.
  public var settings: [Clause]

  public init(_ settings: [Clause]) { self.settings = settings }

  /// Whether an instance with these values fulfils it. An optional setting without a value fulfils nothing.
  public func holds(_ values: [String: Value]) -> Bool {
    settings.allSatisfy { clause in
      guard let value = values[clause.setting] else { return false }
      return clause.values.contains(value.plain)
    }
  }
}
