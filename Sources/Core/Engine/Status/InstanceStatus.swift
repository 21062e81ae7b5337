import BerthKit
import BerthStore

/// The one word for how an instance or a service is.
public enum Status: String, Sendable, Codable {
  case running, starting, stopping, stopped, failed
  /// It cannot be used until a command was run.
  case blocked
  /// An operation broke off.
  case incomplete

  /// What the manager's words mean. A unit that it has not loaded is stopped.
  public init(_ state: UnitState?) {
    switch state?.active {
    case "active", "reloading", "refreshing": self = .running
    case "activating": self = .starting
    case "deactivating": self = .stopping
    case "failed": self = .failed
    default: self = .stopped
    }
  }

  /// The word for several services together: the worst of them, and running only when all are.
  public init(all services: [Status]) {
    let order: [Status] = [.failed, .stopping, .starting]
    if let worst = order.first(where: services.contains) {
      self = worst
    } else if services.allSatisfy({ $0 == .running }), !services.isEmpty {
      self = .running
    } else {
      self = services.contains(.running) ? .starting : .stopped
    }
  }
}

/// One instance as the JSON contract shows it.
public struct InstanceReport: Sendable, Encodable {
  public struct ServiceReport: Sendable, Encodable {
    public let name: String
    public let unit: String
    public let status: Status
    /// Null in a list, which asks the manager once for all.
    public let mainPID: Int?

    private enum CodingKeys: String, CodingKey {
      case name, unit, status
      case mainPID = "main_pid"
    }

    public func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(name, forKey: .name)
      try container.encode(unit, forKey: .unit)
      try container.encode(status, forKey: .status)
      try container.encode(mainPID, forKey: .mainPID)
    }
  }

  public struct PortReport: Sendable, Encodable {
    public let role: String
    public let `protocol`: TransportProtocol
    public let address: String
    public let port: Int
  }

  public let record: InstanceRecord
  public let status: Status
  public let isEnabled: Bool
  public let services: [ServiceReport]
  public let directory: String
  /// The command that helps an incomplete instance.
  public let remedy: Remedy?
  /// What keeps it from running: somebody else on one of its ports; nil for nothing, and in a list.
  public let problem: String?
  /// How its last backup went, and when; nil when there was none.
  public let lastBackup: LastBackup?

  /// The last run of its backups.
  public struct LastBackup: Sendable, Encodable {
    /// ISO 8601 in UTC.
    public let at: String
    public let succeeded: Bool
    public let error: String?
  }

  init(
    _ record: InstanceRecord, states: [String: UnitState], enabled: Set<String>, processes: [String: Int],
    paths: ScopePaths, brokenOff operation: Int64? = nil, lastRun: BackupRun? = nil, problem: String? = nil
  ) {
    self.problem = problem
    self.record = record
    services = zip(record.services, record.units).map { name, unit in
      ServiceReport(name: name, unit: unit, status: Status(states[unit]), mainPID: processes[unit])
    }
    isEnabled = enabled.contains(record.target)
    directory = record.directory ?? paths.instance(record.key)
    // While an operation is at work on it, it is on its way.
    let isWhole = operation == nil
    let isSound = record.problem == nil
    status = !isWhole ? .incomplete : isSound ? Status(all: services.map(\.status)) : .blocked
    remedy = isWhole && isSound ? nil : Self.remedy(for: record, operation: operation)
    lastBackup = lastRun.map { LastBackup(at: $0.endedAt, succeeded: $0.isSuccess, error: $0.error) }
  }

  /// The command that helps an instance on which an operation broke off.
  static func remedy(for record: InstanceRecord, operation: Int64?) -> Remedy {
    operation.map { Remedy.berth("operations", "recover", "\($0)") }
      ?? .berth("remove", record.key.app, "--instance", "\(record.key.id)", "--yes")
  }

  private enum CodingKeys: String, CodingKey {
    case app, slug, status, enabled, services, ports, dir, labels, version, images, builds, pool, routes, remedy,
      problem
    case instanceID = "instance_id"
    case instanceName = "instance_name"
    case createdAt = "created_at"
    case lastBackup = "last_backup"
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(record.key.app, forKey: .app)
    try container.encode(record.key.id, forKey: .instanceID)
    try container.encode(record.name, forKey: .instanceName)
    try container.encode(record.slug, forKey: .slug)
    try container.encode(status, forKey: .status)
    try container.encode(isEnabled, forKey: .enabled)
    try container.encode(services, forKey: .services)
    try container.encode(ports, forKey: .ports)
    try container.encode(directory, forKey: .dir)
    try container.encode(record.labels, forKey: .labels)
    try container.encode(record.version, forKey: .version)
    if !record.images.isEmpty { try container.encode(record.images, forKey: .images) }
    if !record.builds.isEmpty { try container.encode(record.builds, forKey: .builds) }
    try container.encodeIfPresent(record.pool, forKey: .pool)
    if !record.routes.isEmpty { try container.encode(record.routes, forKey: .routes) }
    try container.encode(record.createdAt, forKey: .createdAt)
    try container.encodeIfPresent(remedy, forKey: .remedy)
    try container.encodeIfPresent(problem, forKey: .problem)
    try container.encode(lastBackup, forKey: .lastBackup)
  }

  /// The ports in order of declaration, one per role and protocol.
  public var ports: [PortReport] {
    record.ports.map {
      PortReport(role: $0.role, protocol: $0.port.transport, address: $0.address, port: $0.port.number)
    }
  }
}
