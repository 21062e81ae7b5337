/// A build of a server of Steam's, as it was found when an instance was last installed or updated.
public struct SteamBuild: Sendable, Hashable, Codable {
  /// Steam's number for the server.
  public let app: Int
  /// A branch other than the public one; nil for that.
  public let branch: String?
  /// Steam's number for what the branch had then.
  public let build: Int

  public init(_ app: Int, branch: String? = nil, build: Int) {
    self.app = app
    self.branch = branch
    self.build = build
  }

  /// Such as `4711 (beta)`.
  public var title: String { "\(app)\(branch.map { " (\($0))" } ?? "")" }

  /// Whether it is what a plugin may have asked Steam for.
  var isPlain: Bool { app > 0 && build > 0 && branch.map(SteamServer.isBranch) ?? true }

  /// Whether both are of one branch.
  public func isLike(_ other: SteamBuild) -> Bool { app == other.app && branch == other.branch }
}
