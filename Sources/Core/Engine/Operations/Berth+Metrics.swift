import BerthKit
import BerthQuery

/// What an instance takes now. What nobody knows is null.
public struct InstanceMetrics: Sendable, Encodable {
  /// A service of it.
  public struct ServiceMetrics: Sendable, Encodable {
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

    private enum Key: String, CodingKey {
      case name, unit, status, tasks
      case mainPID = "main_pid"
      case memory = "memory_bytes"
      case processors = "cpu_fraction"
      case processorTime = "cpu_seconds"
    }

    public func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: Key.self)
      try container.encode(name, forKey: .name)
      try container.encode(unit, forKey: .unit)
      try container.encode(status, forKey: .status)
      try container.encode(mainPID, forKey: .mainPID)
      try container.encode(memory, forKey: .memory)
      try container.encode(processors, forKey: .processors)
      try container.encode(processorTime, forKey: .processorTime)
      try container.encode(tasks, forKey: .tasks)
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

  private enum Key: String, CodingKey {
    case app, status, services, players, tasks
    case instanceID = "instance_id"
    case instanceName = "instance_name"
    case memory = "memory_bytes"
    case processors = "cpu_fraction"
    case disk = "disk_bytes"
    case limit = "max_players"
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(record.key.app, forKey: .app)
    try container.encode(record.key.id, forKey: .instanceID)
    try container.encode(record.name, forKey: .instanceName)
    try container.encode(status, forKey: .status)
    try container.encode(memory, forKey: .memory)
    try container.encode(processors, forKey: .processors)
    try container.encode(tasks, forKey: .tasks)
    try container.encode(disk, forKey: .disk)
    try container.encode(server?.count, forKey: .players)
    try container.encode(server?.limit, forKey: .limit)
    try container.encode(services, forKey: .services)
  }
}

extension Berth {
  /// Between two looks at the processor time.
  private static let moment = Duration.milliseconds(250)

  /// What instances take now: two questions to the manager, however many they are, and a third for the processes of one.
  ///
  /// The server of a single instance that runs is asked for its players; one that does not answer leaves them unknown.
  public func metrics(of records: [InstanceRecord]) async throws -> [InstanceMetrics] {
    guard !records.isEmpty else { return [] }
    let reports = try await reports(records, withProcesses: records.count == 1)
    let units = reports.flatMap { $0.services.filter { $0.status == .running }.map(\.unit) }
    let meter = units.isEmpty ? { [:] } : try await host.manager.meter(of: units)
    let before = meter()
    let start = ContinuousClock.now
    async let disks = disks(records)
    let server = records.count == 1 && reports[0].status == .running ? try? await players(of: records[0]).server : nil
    var passed = ContinuousClock.now - start
    if passed < Self.moment, !units.isEmpty {
      try await Task.sleep(for: Self.moment - passed)
      passed = ContinuousClock.now - start
    }
    let now = meter()
    let seconds = (passed / .seconds(1)) * Double(environment.processorCount)
    let used = await disks
    return reports.map { report in
      InstanceMetrics(
        record: report.record, status: report.status,
        services: report.services.map { service in
          let usage = now[service.unit]
          let spent = usage?.processor.flatMap { now in before[service.unit]?.processor.map { now - $0 } }
          return InstanceMetrics.ServiceMetrics(
            name: service.name, unit: service.unit, status: service.status, mainPID: service.mainPID,
            memory: usage?.memory, processors: spent.map { min(1, max(0, $0 / seconds)) },
            processorTime: usage?.processor, tasks: usage?.tasks)
        }, disk: used[report.record.uid], server: server)
    }
  }

  /// What the folders of instances take, by uid; those that cannot be read are left out.
  private func disks(_ records: [InstanceRecord]) async -> [String: Int64] {
    await withTaskGroup(of: [(String, Int64?)].self) { group in
      // A few at once: what a disk has to look for takes its time.
      for lane in 0..<4 {
        group.addTask {
          stride(from: lane, to: records.count, by: 4).map { number in
            let own = paths.own(records[number])
            let folders = ScopePaths.ownFolders.map { host.files.usedBytes("\(own)/\($0)") }
            return (records[number].uid, folders.contains(nil) ? nil : folders.compactMap { $0 }.reduce(0, +))
          }
        }
      }
      var found: [String: Int64] = [:]
      for await part in group { for (uid, bytes) in part { found[uid] = bytes } }
      return found
    }
  }
}
