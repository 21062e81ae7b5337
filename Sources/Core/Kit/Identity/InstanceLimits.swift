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

extension InstanceLimits {
  /// Processors that a limit may name. The service manager counts in hundredths.
  public static let processors: ClosedRange<Double> = 0.01...10_000
  /// Processes and threads that a limit may name: as many as a kernel can number.
  public static let processes: ClosedRange<Int> = 1...4_194_304

  /// Bytes that a limit on memory names at least: what Docker takes (`docker run --memory`). Nothing starts with less.
  public static let leastMemory = 6 << 20

  /// Whether a text is an amount of memory that a limit may name.
  public static func isMemory(_ text: String) -> Bool { ByteSize.bytes(of: text).map { $0 >= leastMemory } ?? false }

  /// Whether a service manager can be told so, whoever wrote the numbers.
  public var isPlain: Bool {
    memory.map(Self.isMemory) ?? true && cpus.map(Self.processors.contains) ?? true
      && tasks.map(Self.processes.contains) ?? true
  }

  /// A number of processors as the percentage that units have. What is out of range becomes the nearest end of it.
  public static func percent(ofProcessors number: Double) -> Int {
    guard number > processors.lowerBound else { return 1 }
    return Int((min(number, processors.upperBound) * 100).rounded())
  }
}
