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
    /// Its named volumes.
    public var volumes: [Mount]
    /// The paths that lie in memory.
    public var places: [String]

    public init(_ id: String, image: Template, volumes: [Mount] = [], places: [String] = []) {
      self.id = id
      self.image = image
      self.volumes = volumes
      self.places = places
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
