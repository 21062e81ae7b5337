/// One long-running part of an app: a program of the host's, or a container.
public struct Service: Sendable, Equatable, Codable {
  /// What runs.
  public enum Form: Sendable, Equatable, Codable {
    /// The argument vector. Its first element is a program, the others may hold placeholders.
    case exec([Argument])
    case container(Container)
  }

  /// An environment variable of the service.
  public struct EnvironmentVariable: Sendable, Equatable, Codable {
    public var name: String
    public var value: Template

    public init(_ name: String, _ value: Template) {
      self.name = name
      self.value = value
    }
  }

  /// A hardening line that the app cannot live with, and why.
  public struct Loosened: Sendable, Equatable, Codable {
    /// The systemd key, such as `MemoryDenyWriteExecute`; for a container a word of ``ContainerLine`` or a key of its file
    /// for Docker Compose; among capabilities the name of one.
    public var key: String
    public var reason: String

    public init(_ key: String, _ reason: String) {
      self.key = key
      self.reason = reason
    }
  }

  /// How the service is told to stop.
  public struct Stop: Sendable, Equatable, Codable {
    /// The signal's name, `SIGTERM` unless said otherwise.
    public var signal: String
    /// Seconds until it is killed, 30 unless said otherwise.
    public var grace: Int
    /// What is done before the signal is sent, while the service still runs. Its failure does not hold up the stop.
    public var first: Action?
    /// Whether ``first`` makes the service end, which is then waited for, up to ``grace``, before the signal is sent.
    public var firstEnds: Bool

    /// Seconds that ``first`` may take unless it says otherwise.
    public static let defaultTimeout = 30

    public init(signal: String = "SIGTERM", grace: Int = 30, first: Action? = nil, firstEnds: Bool = false) {
      self.signal = signal
      self.grace = grace
      self.first = first
      self.firstEnds = firstEnds
    }
  }

  /// Upper bounds, enforced by the service manager.
  public struct Limits: Sendable, Equatable, Codable {
    /// Memory as a size; may be a setting.
    public var memory: Template?
    /// Processes and threads.
    public var tasks: Int?
    /// Processors: 1.5 is the time of one and a half.
    public var cpus: Double?
    /// Files and sockets that each process may have open; the manager's own default when nil.
    public var files: Int?

    public init(memory: Template? = nil, tasks: Int? = nil, cpus: Double? = nil, files: Int? = nil) {
      self.memory = memory
      self.tasks = tasks
      self.cpus = cpus
      self.files = files
    }
  }

  /// `main` when the app has one service.
  public var id: String
  public var form: Form
  public var environment: [EnvironmentVariable]
  /// The folder it starts in; the instance's data folder unless said otherwise.
  public var workdir: Template?
  public var stop: Stop
  /// What must pass, in order, before it counts as running.
  public var ready: [ReadyProbe]
  public var limits: Limits
  public var loosen: [Loosened]
  /// The capabilities that a container's programs may have; all others are taken away.
  public var capabilities: [Loosened]
  /// The services that must have been started and be ready before this one starts.
  public var dependsOn: [String]
  /// What of the host it sees in another place.
  public var mounts: [Mount]
  /// The instances that have this service; nil for all.
  public var condition: Condition?

  public init(
    _ id: String = "main", _ form: Form, environment: [EnvironmentVariable] = [], workdir: Template? = nil,
    stop: Stop = Stop(), ready: [ReadyProbe] = [], limits: Limits = Limits(), loosen: [Loosened] = [],
    capabilities: [Loosened] = [], dependsOn: [String] = [], mounts: [Mount] = [], when condition: Condition? = nil
  ) {
    self.id = id
    self.form = form
    self.environment = environment
    self.workdir = workdir
    self.stop = stop
    self.ready = ready
    self.limits = limits
    self.loosen = loosen
    self.capabilities = capabilities
    self.dependsOn = dependsOn
    self.mounts = mounts
    self.condition = condition
  }

  /// A program of the host's.
  public init(
    _ id: String = "main", exec: [Template], environment: [EnvironmentVariable] = [], workdir: Template? = nil,
    stop: Stop = Stop(), ready: [ReadyProbe] = [], limits: Limits = Limits(), loosen: [Loosened] = [],
    dependsOn: [String] = [], mounts: [Mount] = [], when condition: Condition? = nil
  ) {
    self.init(
      id, .exec(exec.map { Argument($0) }), environment: environment, workdir: workdir, stop: stop, ready: ready,
      limits: limits,
      loosen: loosen, dependsOn: dependsOn, mounts: mounts, when: condition)
  }

  /// The argument vector of a program; empty for a container.
  public var arguments: [Argument] {
    get { if case .exec(let arguments) = form { arguments } else { [] } }
    set { form = .exec(newValue) }
  }

  /// The arguments that every instance has; empty for a container.
  public var exec: [Template] { arguments.filter { $0.condition == nil }.flatMap(\.words) }

  /// Nil for a program of the host's.
  public var container: Container? {
    get { if case .container(let container) = form { container } else { nil } }
    set { if let newValue { form = .container(newValue) } }
  }
  /// What runs it; nil for a program of the host's.
  public var engine: Container.Engine? { container?.engine }
}
