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

  /// Whether a reference means it. A tag beside a digest says nothing.
  public func isNamed(_ reference: String) -> Bool {
    guard let at = reference.firstIndex(of: "@") else { return names.contains(reference) }
    return digests.contains(ImageReference.repository(reference) + reference[at...])
  }
}

/// A container that an engine has, and how it is now.
public struct EngineContainer: Sendable, Equatable {
  public enum Condition: String, Sendable {
    case well, unhealthy, paused, ended
  }

  public let name: String
  public let condition: Condition
  /// What made it, as its labels say: the unit that runs it for Podman, the folder of its project for Docker Compose; nil
  /// for one that a person made.
  public let owner: String?

  public init(name: String, condition: Condition, owner: String? = nil) {
    (self.name, self.condition, self.owner) = (name, condition, owner)
  }

  /// - Parameters:
  ///   - state: the engine's word, such as `running`.
  ///   - status: its text, in which a health check stands in brackets.
  public init(names: [String], state: String, status: String, owner: String?) {
    let condition: Condition =
      switch state {
      case "paused": .paused
      case "running": status.hasSuffix("(unhealthy)") ? .unhealthy : .well
      default: .ended
      }
    self.init(name: names.first ?? "", condition: condition, owner: owner)
  }
}

/// Podman or Docker, as far as Berth has to ask it: the service manager starts and stops the containers.
public protocol ContainerEngine: Sendable {
  /// Makes sure that containers can be run by the service manager.
  ///
  /// - Throws: `no-podman`, `no-quadlet`, `no-docker`, `no-compose`, or `docker-silent`.
  func require() async throws
  /// All images that the host has.
  func images() async throws -> [ContainerImage]
  /// All containers that the engine has, those that have ended too: one question, however many there are.
  func containers() async throws -> [EngineContainer]
  /// The names of all volumes that the engine keeps.
  func volumes() async throws -> [String]
  /// The addresses of all networks that the engine keeps; nothing where there is no such engine.
  func subnets() async throws -> [Subnet]
  /// Whose numbers the programs of an image have.
  ///
  /// - Parameter user: a name or a number; nil for the image's own user.
  /// - Throws: `no-image-user` when the image knows nobody of that name.
  func user(of image: String, as user: String?) async throws -> FileNumbers
  /// Fetches an image, or a newer one of that name.
  ///
  /// - Throws: `no-image` when there is none or its registry cannot be reached.
  func pull(_ reference: String) async throws
  /// Has the engine read files before they are put in their place: Podman's generator the unit files of containers, and
  /// Compose those of one project.
  ///
  /// - Parameter files: file names and their texts.
  /// - Throws: `bad-quadlet` or `bad-compose` with what they say of it.
  func check(_ files: [(name: String, text: String)]) async throws
}

/// The engines of a host.
public struct ContainerEngines: Sendable {
  public var podman: any ContainerEngine
  public var docker: any ContainerEngine

  public init(podman: any ContainerEngine, docker: any ContainerEngine) {
    self.podman = podman
    self.docker = docker
  }

  public subscript(engine: Container.Engine) -> any ContainerEngine {
    switch engine {
    case .podman: podman
    case .docker: docker
    }
  }
}
