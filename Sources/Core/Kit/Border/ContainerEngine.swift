/// An image that the host has.
public struct ContainerImage: Sendable, Equatable {
  /// Its id, 64 hex digits.
  public let id: String
  /// The names that it goes by, each with registry and tag.
  public let names: [String]
  /// The same with the digest that the registry gave, as `name@sha256:…`; nothing for one that came from no registry.
  public let digests: [String]

  public init(id: String, names: [String], digests: [String] = []) {
    self.id = id
    self.names = names
    self.digests = digests
  }
}

/// Podman, as far as Berth has to ask it: the service manager starts and stops the containers.
public protocol ContainerEngine: Sendable {
  /// Makes sure that containers can be run by the service manager.
  ///
  /// - Throws: `no-podman` or `no-quadlet`.
  func require() async throws
  /// All images that the host has.
  func images() async throws -> [ContainerImage]
  /// Fetches an image, or a newer one of that name.
  ///
  /// - Throws: `no-image` when there is none or its registry cannot be reached.
  func pull(_ reference: String) async throws
  /// Has the engine's generator read unit files of containers, and the manager what becomes of them.
  ///
  /// - Parameter files: file names and their texts.
  /// - Throws: `bad-quadlet` with what they say of it.
  func check(_ files: [(name: String, text: String)]) async throws
}
