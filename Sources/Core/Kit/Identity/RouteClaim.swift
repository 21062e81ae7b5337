/// An address of the host's web proxy that an instance has taken.
public struct RouteClaim: Sendable, Hashable, Codable {
  /// The route's name in the plugin.
  public let route: String
  /// The host name, in lower case.
  public let host: String
  public let path: String

  public init(route: String, host: String, path: String) {
    self.route = route
    self.host = host
    self.path = path
  }
}

/// The name of a pool: one word, since files are called by it.
public enum PoolName {
  /// - Throws: `bad-pool`.
  public static func checked(_ text: String) throws -> String {
    guard ManifestValidator.isIdentifier(text) else { throw BerthError.badPool(text) }
    return text
  }
}
