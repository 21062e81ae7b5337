import BerthKit
import BerthQuery

/// What an instance takes now. What nobody knows is null.
public struct InstanceMetrics: Report {
  /// A service of it.
  public struct ServiceMetrics: Report {
    public let name: String
    public let unit: String
    public let status: Status
    /// Nil where nobody has asked, as for many instances at once.
    public let mainPID: Int?
    /// Bytes.
    public let memory: Int64?
    /// The part of all the host's processors, 0…1, over the last moment.
    public let processors: Double?
    /// Seconds of processor time since it was started.
    public let processorTime: Double?
    /// Processes and threads.
    public let tasks: Int?

    public var fields: ReportFields {
      [
        "name": name, "unit": unit, "status": status, "main_pid": mainPID, "memory_bytes": memory,
        "cpu_fraction": processors, "cpu_seconds": processorTime, "tasks": tasks,
      ]
    }
  }

  public let record: InstanceRecord
  public let status: Status
  public let services: [ServiceMetrics]
  /// Bytes of its own folders on the disk.
  public let disk: Int64?
  /// Players that are on it, and that may be; only of a single instance with a `query`.
  public let server: ServerReport?

  /// All services together; nil when one of those that run is not known.
  public var memory: Int64? { sum(\.memory) }
  public var processors: Double? { sum(\.processors) }
  public var tasks: Int? { sum(\.tasks) }

  private func sum<Number: Numeric>(_ part: KeyPath<ServiceMetrics, Number?>) -> Number? {
    let running = services.filter { $0.status == .running || $0[keyPath: part] != nil }
    let known = running.compactMap { $0[keyPath: part] }
    return known.isEmpty || known.count < running.count ? nil : known.reduce(0, +)
  }

  public var fields: ReportFields {
    .instance(record) + [
      "status": status, "memory_bytes": memory, "cpu_fraction": processors, "tasks": tasks, "disk_bytes": disk,
      "players": server?.count, "max_players": server?.limit, "services": services,
    ]
  }
}
