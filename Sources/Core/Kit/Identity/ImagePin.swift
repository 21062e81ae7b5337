/// The image that a service of an instance runs, as it was found when it was last installed or updated.
public struct ImagePin: Sendable, Hashable, Codable {
  /// The name that the plugin or a person gave.
  public let reference: String
  /// What runs, 64 hex digits; nil as long as there is no image of that name.
  ///
  /// A digest would not do: an engine no longer knows it once a newer image has taken the name.
  public let id: String?
  /// What the registry calls it, as `name@sha256:…`; nil when it came from none.
  public let digest: String?

  /// What runs it; nil for Podman.
  public let engine: Container.Engine?

  public init(reference: String, id: String?, digest: String? = nil, engine: Container.Engine = .podman) {
    self.reference = reference
    self.id = id
    self.digest = digest
    self.engine = engine == .podman ? nil : engine
  }

  /// The image under a name.
  ///
  /// - Parameter image: nil when the engine has none of that name.
  public init(_ reference: String, _ image: ContainerImage?, engine: Container.Engine = .podman) {
    let bare = ImageReference.repository(reference)
    // What was made on the host has a digest too, which no registry knows.
    let digest = bare.hasPrefix("localhost/") ? nil : image?.digests.first { $0.hasPrefix("\(bare)@") }
    self.init(reference: reference, id: image?.id, digest: digest, engine: engine)
  }
}
