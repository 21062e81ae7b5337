/// The users that instances run as.
public protocol SystemUsers: Sendable {
  func exists(_ name: String) -> Bool
  /// Those of the names that no user has, in their order; one look for all of them.
  func missing(_ names: [String]) -> [String]
  /// Makes system users without a password, shell or home, all in one call.
  func make(_ names: [String]) async throws
  func remove(_ names: [String]) async throws
  /// The numbers of a user and its group: those it has, or will have once it is made.
  ///
  /// - Parameter name: nil for the user that Berth itself runs as.
  func numbers(of name: String?) -> (user: Int, group: Int)
  /// The number of a group of the host's; nil where there is no such group.
  func group(_ name: String) -> Int?
}

/// The host's packages.
public protocol PackageManager: Sendable {
  /// The package lists of which no alternative is installed.
  func missing(_ alternatives: [[String]]) async throws -> [[String]]
  /// The version of the app as its own authors count, from the first list; nil when it is not installed.
  func version(of alternatives: [[String]]) async throws -> String?
  /// Installs, for each list, the first alternative that the host knows, and keeps the distribution's own services of
  /// these packages from starting.
  func install(_ alternatives: [[String]]) async throws
  /// The command that a person would type for it.
  func installLine(_ alternatives: [[String]]) async -> String
}
