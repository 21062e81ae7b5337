/// The instances that a host should have, as one file lists them, with defaults and counts worked in.
public struct FleetFile: Sendable, Equatable {
  /// Which fleet it is; nil when the file does not say.
  public var name: String?
  /// In the order of the file.
  public var instances: [FleetInstance]
  /// Entries whose plugin is missing or broken, where the others go on.
  public var lost: [Lost] = []

  /// An entry that nothing can be known of, since its plugin cannot be used.
  public struct Lost: Sendable, Equatable {
    public let app: String
    /// Nil when the entry gives none.
    public let name: String?
    public let error: BerthError
  }

  public init(name: String? = nil, instances: [FleetInstance]) {
    self.name = name
    self.instances = instances
  }
}

/// One instance that a fleet file asks for.
public struct FleetInstance: Sendable, Equatable {
  public var app: String
  /// Nil when the file gives only a name. An entry with neither means the instance `default`.
  public var id: InstanceID?
  /// Nil when the file gives only an id, or nothing.
  public var name: InstanceName?
  /// The numbers that the file fixes, by role; other roles keep theirs or get one.
  public var ports: [String: Int]
  /// Values as they were written, by setting; each fits its setting's declaration.
  public var settings: [String: String]
  public var labels: [String: String]
  public var limits: InstanceLimits
  /// Its own schedule and retention; empty for those of its plugin.
  public var backup: BackupPolicy
  /// The pool that it serves in; nil when the file does not say.
  public var pool: String?
  /// Whether it is started, and starts with the host.
  public var enabled: Bool
  /// An absolute path for its folders; nil for the standard place.
  public var directory: String?
  /// Where it stands, as `file:line`.
  public var place: String
  /// Its key path, such as `instances[2]`; the same for all that one `count` stands for.
  public var key: String

  public init(
    app: String, id: InstanceID? = nil, name: InstanceName? = nil, ports: [String: Int] = [:],
    settings: [String: String] = [:], labels: [String: String] = [:], limits: InstanceLimits = InstanceLimits(),
    backup: BackupPolicy = BackupPolicy(), pool: String? = nil, enabled: Bool = true, directory: String? = nil,
    place: String = "",
    key: String = ""
  ) {
    self.app = app
    self.id = id
    self.name = name
    self.ports = ports
    self.settings = settings
    self.labels = labels
    self.limits = limits
    self.backup = backup
    self.pool = pool
    self.enabled = enabled
    self.directory = directory
    self.place = place
    self.key = key
  }
}
