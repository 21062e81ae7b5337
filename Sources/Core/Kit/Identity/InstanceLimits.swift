/// Upper bounds of one instance, which go before those that its plugin declares.
public struct InstanceLimits: Sendable, Hashable, Codable {
  /// Memory as a size such as `2G`, as it was written.
  public var memory: String?
  /// Processors; 1.5 is one and a half.
  public var cpus: Double?
  /// Processes and threads.
  public var tasks: Int?

  public init(memory: String? = nil, cpus: Double? = nil, tasks: Int? = nil) {
    self.memory = memory
    self.cpus = cpus
    self.tasks = tasks
  }

  /// Whether nothing is bounded.
  public var isEmpty: Bool { self == InstanceLimits() }

  /// These bounds, and where one is missing that of the defaults.
  public func filled(from defaults: InstanceLimits) -> InstanceLimits {
    InstanceLimits(
      memory: memory ?? defaults.memory, cpus: cpus ?? defaults.cpus, tasks: tasks ?? defaults.tasks)
  }
}
