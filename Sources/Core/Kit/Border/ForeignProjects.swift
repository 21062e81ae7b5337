/// A project of Docker Compose that Berth did not make, as its containers tell.
public struct ForeignProject: Sendable, Equatable {
  public var name: String
  /// In the order in which they are started: each after those that it waits for.
  public var containers: [ForeignContainer]

  public init(name: String, containers: [ForeignContainer]) {
    self.name = name
    self.containers = containers
  }
}

/// A container of such a project.
public struct ForeignContainer: Sendable, Equatable {
  /// What it sees of the host in another place.
  public struct Mount: Sendable, Equatable {
    /// The absolute path inside.
    public var target: String
    /// The folder or file on the host.
    public var path: String
    /// The name of the volume; nil for what somebody has chosen.
    public var volume: String?
    /// Whether the container cannot write there.
    public var isReadOnly: Bool
    /// Containers of others that have it too, by their names.
    public var sharers: [String]

    public init(
      target: String, path: String, volume: String?, readOnly isReadOnly: Bool = false, sharers: [String] = []
    ) {
      self.target = target
      self.path = path
      self.volume = volume
      self.isReadOnly = isReadOnly
      self.sharers = sharers
    }

    /// Whether it is a volume that nobody has named, which Docker drops with its container.
    public var isUnnamed: Bool { volume?.wholeMatch(of: /[0-9a-f]{64}/) != nil }
  }

  /// A port that is passed on from the host.
  public struct Port: Sendable, Equatable {
    public var published: PortNumber
    /// The host's address; `0.0.0.0` for all.
    public var address: String
    /// The port inside.
    public var target: Int

    public init(published: PortNumber, address: String, target: Int) {
      self.published = published
      self.address = address
      self.target = target
    }
  }

  public var handle: ContainerHandle
  /// The name of its service in the Compose file.
  public var service: String
  public var state: State
  /// Whether somebody ran a single command in it (`docker compose run`).
  public var isSingleCommand: Bool
  /// The image's name with its registry; nil for one that is known by its id alone.
  public var image: String?
  /// The numbers that its first process has by its own word or its image's; nil for root's where none says anything.
  public var user: FileNumbers?
  public var environment: [String: String]
  /// What of that its image says by itself.
  public var imageEnvironment: [String: String]
  public var mounts: [Mount]
  public var ports: [Port]
  /// The names of networks that are not its project's own.
  public var networks: [String]
  /// What its file and its image say of it beyond that; what Docker says by itself is left out.
  public var facts: [ContainerFact: String]
  /// What of that its image says by itself.
  public var imageFacts: [ContainerFact: String]
  /// The names of labels that neither Compose nor its image gives it, by which other programs find it.
  public var labels: [String]

  public init(
    handle: ContainerHandle, service: String, state: State = .running, singleCommand isSingleCommand: Bool = false,
    image: String?, user: FileNumbers? = nil,
    environment: [String: String] = [:], imageEnvironment: [String: String] = [:],
    mounts: [Mount] = [], ports: [Port] = [], networks: [String] = [], facts: [ContainerFact: String] = [:],
    imageFacts: [ContainerFact: String] = [:],
    labels: [String] = []
  ) {
    self.handle = handle
    self.service = service
    self.state = state
    self.isSingleCommand = isSingleCommand
    self.image = image
    self.user = user
    self.environment = environment
    self.imageEnvironment = imageEnvironment
    self.mounts = mounts
    self.ports = ports
    self.networks = networks
    self.facts = facts
    self.imageFacts = imageFacts
    self.labels = labels
  }
}

/// What it takes to stop a container, and to start it again as it was.
public struct ContainerHandle: Sendable, Hashable, Codable {
  /// 64 hex digits.
  public var id: String
  public var name: String
  /// When Docker starts it by itself, as `docker update --restart` takes it: `unless-stopped`, `on-failure:3`.
  public var restart: String
  /// Whether nothing is taken over from it, such as an admin's page beside an app.
  public var isAuxiliary: Bool
  public var comeback: Comeback

  public init(id: String, name: String, restart: String, isAuxiliary: Bool = false, comeback: Comeback = .well) {
    self.id = id
    self.name = name
    self.restart = restart
    self.isAuxiliary = isAuxiliary
    self.comeback = comeback
  }

  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    id = try values.decode(String.self, forKey: .id)
    name = try values.decode(String.self, forKey: .name)
    restart = try values.decode(String.self, forKey: .restart)
    // Earlier versions did not tell them apart.
    isAuxiliary = try values.decodeIfPresent(Bool.self, forKey: .isAuxiliary) ?? false
    // They knew none that was not running.
    comeback = try values.decodeIfPresent(Comeback.self, forKey: .comeback) ?? .well
  }
}

extension ForeignProject {
  /// Its containers as they come back, all but these marked as auxiliary.
  package func handles(needing containers: [ForeignContainer]) -> [ContainerHandle] {
    let needed = Set(containers.map(\.handle))
    return self.containers.map { container in
      var handle = container.handle
      handle.isAuxiliary = !needed.contains(handle)
      // A command that somebody gave once is not given again.
      handle.comeback = container.isSingleCommand ? .stopped : container.state.comeback
      return handle
    }
  }
}

/// Projects of Docker Compose that people run by hand.
public protocol ForeignProjects: Sendable {
  /// The project whose files lie in a folder, with all its containers, whether they run or not.
  ///
  /// - Throws: `no-project`, `several-projects`, `no-docker`, `docker-silent`.
  func project(in folder: String) async throws -> ForeignProject
  /// Those of the containers that are still there.
  func present(_ containers: [ContainerHandle]) async throws -> [ContainerHandle]
  /// Stops containers, the last one first, and keeps Docker from starting them. One that is gone is passed over.
  func stop(_ containers: [ContainerHandle]) async throws
  /// Brings containers back to what they were, the first one first, and has Docker start them as it did before. One that is
  /// gone is passed over.
  ///
  /// - Returns: the names of auxiliary ones that did not get well.
  /// - Throws: `container-failed`, for any other, with its last words.
  @discardableResult
  func start(_ containers: [ContainerHandle]) async throws -> [String]
}
