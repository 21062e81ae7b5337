/// The image that a service of an instance runs, as it was found when it was last installed or updated.
public struct ImagePin: Sendable, Hashable, Codable {
  /// The name that the plugin or a person gave.
  public let reference: String
  /// What runs: the name with its digest, or the id of an image that came from no registry; nil as long as it was not
  /// pulled.
  public let pinned: String?

  public init(reference: String, pinned: String?) {
    self.reference = reference
    self.pinned = pinned
  }
}
