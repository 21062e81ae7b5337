/// One instance as the registry keeps it.
public struct InstanceRecord: Sendable, Hashable, Codable {
  /// How far the instance has come.
  public enum State: String, Sendable, Codable {
    /// An operation has begun and not ended.
    case installing, removing
    /// In use.
    case ready
    /// Removed, but its folder and settings are kept under its id.
    case kept
  }

  /// One port of an instance: a role has one per protocol.
  public struct Port: Sendable, Hashable, Codable {
    public let role: String
    public let port: PortNumber
    public let address: String

    public init(role: String, port: PortNumber, address: String) {
      self.role = role
      self.port = port
      self.address = address
    }
  }

  /// Berth's own identifier, a UUID that is never used again, unlike the id.
  public let uid: String
  public let key: InstanceKey
  public var name: InstanceName
  public var slug: String
  public var state: State
  /// The system user of its services; nil for the scope's own user.
  public let user: String?
  /// The version of the app that is installed; nil when nobody knows.
  public var version: String?
  /// The version of the plugin that it was last made or updated from.
  public var pluginVersion: String?
  /// Where `--dir` put its folders; nil for the standard place.
  public let directory: String?
  public var labels: [String: String]
  public var limits: InstanceLimits
  /// Its own schedule and retention, which stand before those of its plugin; nil for none.
  public var backup: BackupPolicy?
  /// The name of the fleet whose file made it, which may be empty; nil when no fleet file did.
  public var fleet: String?
  /// SHA-256 of the app's unit files that its services were last started with; nil when nobody knows.
  public var unitsChecksum: String?
  /// The names of its services, those left out by a condition not among them.
  public var services: [String]
  /// The images of those services that run in containers.
  public var images: [String: ImagePin]
  /// Which programs it runs of those that are in no package, in the folder of that name; nil for none.
  public var release: String?
  /// The builds of Steam's that its programs are.
  public var builds: [SteamBuild]
  public var ports: [Port]
  /// The instances of its app that it serves together with, behind one name; nil for none.
  public var pool: String?
  /// What the host's web proxy passes on to it.
  public var routes: [RouteClaim]
  /// Folders of the host's beside its own that came with it and go with it.
  public var folders: [String]
  /// The addresses of its networks of Docker Compose, by the network; nothing where Docker chooses them.
  public var subnets: [String: Subnet]
  /// The file by which game panels find it; nil for none.
  public var registration: String?
  /// The folder in which its plugin was found, where only `--plugins` led there; nil for the folders that every command reads.
  public var pluginFolder: String?
  /// ISO 8601 in UTC.
  public let createdAt: String
  /// What of its row cannot be read, so that nothing may be derived from the rest; nil for a sound one.
  public var problem: String?

  public init(
    uid: String, key: InstanceKey, name: InstanceName, slug: String, state: State, user: String?, version: String?,
    pluginVersion: String? = nil, directory: String?, labels: [String: String],
    limits: InstanceLimits = InstanceLimits(), backup: BackupPolicy? = nil, fleet: String? = nil,
    unitsChecksum: String? = nil, services: [String], images: [String: ImagePin] = [:], release: String? = nil,
    builds: [SteamBuild] = [], ports: [Port], pool: String? = nil, routes: [RouteClaim] = [], folders: [String] = [],
    subnets: [String: Subnet] = [:], registration: String? = nil, pluginFolder: String? = nil,
    createdAt: String, problem: String? = nil
  ) {
    self.uid = uid
    self.key = key
    self.name = name
    self.slug = slug
    self.state = state
    self.user = user
    self.version = version
    self.pluginVersion = pluginVersion
    self.directory = directory
    self.labels = labels
    self.limits = limits
    self.backup = backup
    self.fleet = fleet
    self.unitsChecksum = unitsChecksum
    self.services = services
    self.images = images
    self.release = release
    self.builds = builds
    self.ports = ports
    self.pool = pool
    self.routes = routes
    self.folders = folders
    self.subnets = subnets
    self.registration = registration
    self.pluginFolder = pluginFolder
    self.createdAt = createdAt
    self.problem = problem
  }

  /// What an older Berth wrote, such as the receipts of an operation that broke off, knows nothing of containers, routes,
  /// folders, addresses and builds.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      uid: try values.decode(String.self, forKey: .uid), key: try values.decode(InstanceKey.self, forKey: .key),
      name: try values.decode(InstanceName.self, forKey: .name), slug: try values.decode(String.self, forKey: .slug),
      state: try values.decode(State.self, forKey: .state),
      user: try values.decodeIfPresent(String.self, forKey: .user),
      version: try values.decodeIfPresent(String.self, forKey: .version),
      pluginVersion: try values.decodeIfPresent(String.self, forKey: .pluginVersion),
      directory: try values.decodeIfPresent(String.self, forKey: .directory),
      labels: try values.decode([String: String].self, forKey: .labels),
      limits: try values.decode(InstanceLimits.self, forKey: .limits),
      backup: try values.decodeIfPresent(BackupPolicy.self, forKey: .backup),
      fleet: try values.decodeIfPresent(String.self, forKey: .fleet),
      unitsChecksum: try values.decodeIfPresent(String.self, forKey: .unitsChecksum),
      services: try values.decode([String].self, forKey: .services),
      images: try values.decodeIfPresent([String: ImagePin].self, forKey: .images) ?? [:],
      release: try values.decodeIfPresent(String.self, forKey: .release),
      builds: try values.decodeIfPresent([SteamBuild].self, forKey: .builds) ?? [],
      ports: try values.decode([Port].self, forKey: .ports),
      pool: try values.decodeIfPresent(String.self, forKey: .pool),
      routes: try values.decodeIfPresent([RouteClaim].self, forKey: .routes) ?? [],
      folders: try values.decodeIfPresent([String].self, forKey: .folders) ?? [],
      subnets: try values.decodeIfPresent([String: Subnet].self, forKey: .subnets) ?? [:],
      registration: try values.decodeIfPresent(String.self, forKey: .registration),
      pluginFolder: try values.decodeIfPresent(String.self, forKey: .pluginFolder),
      createdAt: try values.decode(String.self, forKey: .createdAt),
      problem: try values.decodeIfPresent(String.self, forKey: .problem))
  }

  /// How log lines and messages call it.
  public var title: String { "\(key.app)/\(name)" }
  /// The unit that stands for the whole instance.
  public var target: String { UnitName.target(key.app, key.id.text) }
  /// The units of its services, in order.
  public var units: [String] { services.map { UnitName.service(key.app, $0, key.id.text) } }
}

/// A setting's value as the registry keeps it.
public struct StoredSetting: Sendable, Hashable {
  public let key: String
  public let value: String
  public let isSecret: Bool
  /// Whether it is the default that the plugin had when the value was stored, so that nobody chose it.
  public let isDefault: Bool

  public init(key: String, value: String, isSecret: Bool, isDefault: Bool = false) {
    self.key = key
    self.value = value
    self.isSecret = isSecret
    self.isDefault = isDefault
  }
}

extension CodingUserInfoKey {
  /// Whether secrets are written out. Only the journal sets it, which lies beside the registry that has them anyway,
  /// with the same mode.
  public static let includesSecrets: CodingUserInfoKey = {
    guard let key = CodingUserInfoKey(rawValue: "berth.includes-secrets") else { preconditionFailure("a plain word") }
    return key
  }()
}

extension Encoder {
  /// Whether secrets may be written with this encoder.
  public var includesSecrets: Bool { userInfo[.includesSecrets] as? Bool == true }
}

extension StoredSetting: Codable {
  private enum CodingKeys: String, CodingKey { case key, value, isSecret, isDefault }

  /// A secret's value stays out of whatever this is encoded for, but for the journal.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(key, forKey: .key)
    try container.encode(isSecret && !encoder.includesSecrets ? nil : value, forKey: .value)
    try container.encode(isSecret, forKey: .isSecret)
    if isDefault { try container.encode(true, forKey: .isDefault) }
  }

  /// A secret's value does not come back; it has to be read from the registry.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    key = try container.decode(String.self, forKey: .key)
    isSecret = try container.decode(Bool.self, forKey: .isSecret)
    isDefault = try container.decodeIfPresent(Bool.self, forKey: .isDefault) ?? false
    guard let value = try container.decode(String?.self, forKey: .value) else {
      throw DecodingError.valueNotFound(
        String.self, .init(codingPath: decoder.codingPath, debugDescription: "the value of \(key) is secret"))
    }
    self.value = value
  }
}
