/// A plugin's file for Docker Compose: its text, and what Berth has to know of it.
///
/// What would be the same for every instance is refused when it is read; what differs stands in an override that Berth
/// makes (`ComposeRenderer`).
public struct ComposeFile: Sendable, Equatable, Codable {
  /// A service of the file.
  public struct Service: Sendable, Equatable, Codable {
    public var id: String
    /// Its image: fixed, or the value of one variable of the service's environment.
    public var image: Template
    public var volumes: [Volume]

    public init(_ id: String, image: Template, volumes: [Volume] = []) {
      self.id = id
      self.image = image
      self.volumes = volumes
    }
  }

  /// A named volume in a service.
  public struct Volume: Sendable, Equatable, Codable {
    /// The key below `volumes` at the top of the file.
    public var name: String
    /// The absolute path that the service sees.
    public var target: String
    public var isReadOnly: Bool

    public init(_ name: String, at target: String, readOnly isReadOnly: Bool = false) {
      self.name = name
      self.target = target
      self.isReadOnly = isReadOnly
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

  public init(
    name: String, text: String, services: [Service], volumes: [String] = [], networks: [String] = []
  ) {
    self.name = name
    self.text = text
    self.services = services
    self.volumes = volumes
    self.networks = networks
  }
}
