/// A plugin's file for Docker Compose: its text, and what Berth has to know of it.
///
/// What would be the same for every instance is refused when it is read; what differs stands in an override that Berth
/// makes (`ComposeRenderer`).
public struct ComposeFile: Sendable, Equatable, Codable {
  /// A service of the file.
  public struct Service: Sendable, Equatable, Codable {
    /// Its name in the plugin.
    public var id: String
    /// Its name in the file, which may have capitals, `_` and `.`.
    public var name: String
    /// Its image: fixed, or with what stands for variables of the services' environment.
    public var image: Template
    /// The user that its programs run as; nil for the image's own.
    public var user: Template?
    /// Its named volumes.
    public var volumes: [Mount]
    /// The paths that lie in memory.
    public var places: [String]
    /// The variables that its programs have by the file.
    public var variables: [String]
    /// What these are, with what the variables of the file stand for.
    public var values: [BerthKit.Service.EnvironmentVariable]
    /// The service in whose network it is, by its name in the plugin; nil for one of its own.
    public var network: String?
    /// How it is told to stop, where the file says so: a signal and seconds.
    public var stopSignal: String?
    public var stopGrace: Int?
    /// Whether it starts again after a failure.
    public var restarts: Bool
    /// Whether the file says how much Docker keeps of what it writes.
    public var hasLogging: Bool

    public init(
      _ id: String, name: String? = nil, image: Template, user: Template? = nil, volumes: [Mount] = [],
      places: [String] = [], variables: [String] = [], values: [BerthKit.Service.EnvironmentVariable] = [],
      network: String? = nil, stopSignal: String? = nil,
      stopGrace: Int? = nil, restarts: Bool = true, hasLogging: Bool = false
    ) {
      self.id = id
      self.name = name ?? id
      self.image = image
      self.user = user
      self.volumes = volumes
      self.places = places
      self.variables = variables
      self.values = values
      self.network = network
      self.stopSignal = stopSignal
      self.stopGrace = stopGrace
      self.restarts = restarts
      self.hasLogging = hasLogging
    }

    /// What an archive of an older Berth says has no words that came later.
    public init(from decoder: any Decoder) throws {
      let values = try decoder.container(keyedBy: CodingKeys.self)
      self.init(
        try values.decode(String.self, forKey: .id), name: try values.decodeIfPresent(String.self, forKey: .name),
        image: try values.decode(Template.self, forKey: .image),
        user: try values.decodeIfPresent(Template.self, forKey: .user),
        volumes: try values.decode([Mount].self, forKey: .volumes),
        places: try values.decode([String].self, forKey: .places),
        variables: try values.decodeIfPresent([String].self, forKey: .variables) ?? [],
        values: try values.decodeIfPresent([BerthKit.Service.EnvironmentVariable].self, forKey: .values) ?? [],
        network: try values.decodeIfPresent(String.self, forKey: .network),
        stopSignal: try values.decodeIfPresent(String.self, forKey: .stopSignal),
        stopGrace: try values.decodeIfPresent(Int.self, forKey: .stopGrace),
        restarts: try values.decodeIfPresent(Bool.self, forKey: .restarts) ?? true,
        hasLogging: try values.decodeIfPresent(Bool.self, forKey: .hasLogging) ?? false)
    }

    /// The name by which a plugin knows a service of the file: `immich_server` is `immich-server`.
    package static func id(ofName name: String) -> String {
      name.lowercased().replacing("_", with: "-").replacing(".", with: "-")
    }
  }

  /// Its name in the plugin's `files/` folder.
  public var name: String
  public var text: String
  public var services: [Service]
  /// The names of its volumes.
  public var volumes: [String]
  /// The names of its networks beside the one that every service is in by itself.
  public var networks: [String]
  /// The variables in it that no service declares, so that they have the value which stands beside them.
  public var defaulted: [String]

  public init(
    name: String, text: String, services: [Service], volumes: [String] = [], networks: [String] = [],
    defaulted: [String] = []
  ) {
    self.name = name
    self.text = text
    self.services = services
    self.volumes = volumes
    self.networks = networks
    self.defaulted = defaulted
  }

  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      name: try values.decode(String.self, forKey: .name), text: try values.decode(String.self, forKey: .text),
      services: try values.decode([Service].self, forKey: .services),
      volumes: try values.decode([String].self, forKey: .volumes),
      networks: try values.decode([String].self, forKey: .networks),
      defaulted: try values.decodeIfPresent([String].self, forKey: .defaulted) ?? [])
  }

  /// What a service is called in the file.
  package func name(of service: BerthKit.Service) -> String {
    services.first { $0.id == service.id }?.name ?? service.id
  }
}

extension Manifest {
  /// The networks of an instance's project of Docker Compose.
  public var composeNetworks: [String] { compose.map { [Container.Network.shared] + $0.networks } ?? [] }

  /// What a file for Docker Compose says of a service.
  public func compose(_ service: Service) -> ComposeFile.Service? { compose?.services.first { $0.id == service.id } }

  /// The user that a container's programs run as; nil for the image's own.
  public func user(of service: Service) -> Template? {
    guard let container = service.container else { return nil }
    guard container.engine == .podman else { return compose(service)?.user }
    guard let user = container.user, let group = container.group else { return container.user }
    return Template(joining: user.segments + [.literal(":\(group)")])
  }

  /// The service that opens a port to the host: the one in whose network its own service is.
  public func publisher(of port: PortRole) -> Service? { service(of: port).map(networkOwner) }

  /// Where a program of the same host reaches a port, whose address may stand for all of them.
  ///
  /// What an engine publishes on every address is reachable by IPv4, too. The kernel does not forward what comes to `::1`, and
  /// so Podman does not open it (github.com/containers/podman/issues/14491).
  public func reachableAddress(of port: PortRole) -> String {
    let every = publisher(of: port)?.container == nil ? "::1" : "127.0.0.1"
    return ["0.0.0.0": "127.0.0.1", "::": every][port.bind] ?? port.bind
  }

  /// The service in whose network another one is; itself for most.
  public func networkOwner(of service: Service) -> Service {
    let owner = service.engine == .docker ? compose(service)?.network : service.container?.network
    return owner.flatMap(self.service) ?? service
  }
}
