/// What the manager says of a unit, in its own words (`ACTIVE` and `SUB` of `systemctl list-units`).
public struct UnitState: Sendable, Equatable {
  public var active: String
  public var sub: String

  public init(active: String, sub: String) {
    self.active = active
    self.sub = sub
  }

  /// Whether it has ended by itself and waits for its next start.
  public var waitsForRestart: Bool { ["auto-restart", "auto-restart-queued"].contains(sub) }
}

/// What a unit takes, by the manager's accounting. What it does not know is nil.
public struct UnitUsage: Sendable, Equatable {
  /// Bytes.
  public var memory: Int64?
  /// Seconds of processor time since it was started.
  public var processor: Double?
  /// Processes and threads.
  public var tasks: Int?

  public init(memory: Int64? = nil, processor: Double? = nil, tasks: Int? = nil) {
    self.memory = memory
    self.processor = processor
    self.tasks = tasks
  }
}

/// The last run of a job on a calendar, and its next.
public struct TimedRun: Sendable, Equatable {
  /// When the last run since the host booted began; ISO 8601 in UTC.
  public var last: String?
  /// Nil while it runs, and where it has not run since the host booted.
  public var succeeded: Bool?
  /// When it runs next; nil while its timer does not wait.
  public var next: String?

  public init(last: String? = nil, succeeded: Bool? = nil, next: String? = nil) {
    (self.last, self.succeeded, self.next) = (last, succeeded, next)
  }
}

/// What the manager can be told to do with nobody waiting for it.
public enum UnitOrder: String, Sendable {
  case start, restart
}

/// The service manager of a scope. Every question and every order is one call for all units.
public protocol ServiceManager: Sendable {
  /// Whether it answers.
  func isReachable() async -> Bool
  /// The loaded units that match any of the patterns; what is not loaded is not listed.
  func states(matching patterns: [String]) async throws -> [String: UnitState]
  /// Those of the units that match any of the patterns whose last run has failed.
  func failedUnits(matching patterns: [String]) async throws -> Set<String>
  /// The last and the next run of jobs with a timer of the same name, by the names of their service units.
  func runs(of jobs: [String]) async throws -> [String: TimedRun]
  /// Seconds for which units have been active; others are left out.
  func uptimes(of units: [String]) async throws -> [String: Int]
  /// The main process of each unit; a unit without one is left out.
  func mainProcesses(of units: [String]) async throws -> [String: Int]
  /// The control group of each unit that has processes, from the root of the hierarchy; others are left out.
  func controlGroups(of units: [String]) async throws -> [String: String]
  /// A meter that tells what units take now, as often as it is looked at.
  func meter(of units: [String]) async throws -> @Sendable () -> [String: UnitUsage]
  /// The units that start by themselves with the host.
  func enabledUnits() throws -> Set<String>
  func reload() async throws
  /// Starts and waits until every unit is active or has failed. A unit that fails is no error here.
  func start(_ units: [String]) async throws
  func stop(_ units: [String]) async throws
  func restart(_ units: [String]) async throws
  /// Gives an order and does not wait until it is carried out.
  func begin(_ order: UnitOrder, _ units: [String]) async throws
  func enable(_ units: [String]) async throws
  func disable(_ units: [String]) async throws
  /// Forgets failures, so that a later start is not refused for them.
  func resetFailed(_ units: [String]) async throws
  /// Whether a unit of that name comes from somewhere else than this scope's own unit folder.
  func foreignUnit(_ name: String) -> String?
}

/// One line that a service wrote.
public struct LogEntry: Sendable, Equatable, Codable {
  /// ISO 8601 in UTC.
  public var time: String
  /// "?" where nothing says it, or where units were not asked for.
  public var unit: String
  public var message: String

  public init(time: String, unit: String, message: String) {
    self.time = time
    self.unit = unit
    self.message = message
  }
}

/// Reads what services wrote.
public protocol LogReader: Sendable {
  /// Hands over the entries of the units, oldest first.
  ///
  /// - Parameters:
  ///   - since: a time as journalctl reads it; nil for no bound.
  ///   - last: how many of the newest lines at most; nil for all.
  ///   - follow: whether to go on with new lines until the task is cancelled.
  ///   - namesUnits: whether an entry says which unit wrote it. Reading a long log takes a fifth longer then.
  func entries(
    of units: [String], since: String?, last: Int?, follow: Bool, namesUnits: Bool,
    each: @Sendable @escaping (LogEntry) async throws -> Void
  ) async throws
}
