/// A key of a config file and what it shall say.
public struct ConfigAssignment: Sendable, Hashable, Codable {
  /// The keys on the way from the top of the file.
  public let path: [String]
  /// nil where the key must not stand there.
  public let value: Value?
  /// Whether it is set only where the file does not have the key.
  public let isInitial: Bool

  public init(_ path: [String], _ value: Value?, isInitial: Bool = false) {
    self.path = path
    self.value = value
    self.isInitial = isInitial
  }

  /// The path as errors name it.
  public var key: String { path.joined(separator: ".") }
}

/// What Berth sets in a config file that the app writes too, whatever else the file says by then.
public struct ConfigEdits: Sendable, Hashable, Codable {
  /// What the manifest calls the file.
  public let id: String
  public let format: ConfigFile.Format
  public let encoding: ConfigFile.Encoding?
  public var assignments: [ConfigAssignment]

  public init(
    id: String, format: ConfigFile.Format, encoding: ConfigFile.Encoding?, assignments: [ConfigAssignment]
  ) {
    self.id = id
    self.format = format
    self.encoding = encoding
    self.assignments = assignments
  }
}
