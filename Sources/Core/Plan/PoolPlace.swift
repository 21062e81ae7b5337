import BerthKit

/// The files by which an instance is in its pool behind one proxy of the host.
public struct PoolPlace: Sendable, Hashable, Codable {
  public let app: String
  public let pool: String
  public let kind: ProxyConfig.Kind
  /// One for each of its routes.
  public let files: [String]
  /// Whether the instance shall serve again afterwards. Where one has not come back, no other one leaves.
  public let comesBack: Bool

  package init(app: String, pool: String, kind: ProxyConfig.Kind, files: [String], comesBack: Bool) {
    (self.app, self.pool, self.kind, self.files) = (app, pool, kind, files)
    self.comesBack = comesBack
  }

  /// Seconds that requests under way have to come to their end. What is open for longer, such as a connection that stays,
  /// ends with the instance.
  package static let patience = 30

  /// The places of an instance.
  ///
  /// - Parameter exists: whether a file is there.
  package static func all(of record: InstanceRecord, comesBack: Bool, exists: (String) -> Bool) -> [PoolPlace] {
    guard let pool = record.pool, !record.routes.isEmpty else { return [] }
    return ProxyConfig.Kind.allCases.compactMap { kind in
      let files = kind.files(of: record).filter(exists)
      guard !files.isEmpty else { return nil }
      return PoolPlace(app: record.key.app, pool: pool, kind: kind, files: files, comesBack: comesBack)
    }
  }
}
