/// Upper bounds that a person sets for one instance, over those of its plugin.
public struct InstanceLimits: Sendable, Hashable, Codable {
  /// Memory as a size, such as `2G`.
  public var memory: String?
  /// Processors, such as 1.5.
  public var cpus: Double?
  /// Processes and threads.
  public var tasks: Int?

  public init(memory: String? = nil, cpus: Double? = nil, tasks: Int? = nil) {
    self.memory = memory
    self.cpus = cpus
    self.tasks = tasks
  }

  public var isEmpty: Bool { memory == nil && cpus == nil && tasks == nil }
}
