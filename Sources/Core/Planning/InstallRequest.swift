import BerthKit

/// What a person or a script asks of an installation, as typed.
public struct InstallRequest: Sendable, Equatable {
  public var app: String
  public var id: String?
  public var name: String?
  public var settings: [String: String]
  /// By role; the empty role is the app's first.
  public var ports: [String: Int]
  public var directory: String?
  public var labels: [String: String]
  /// Bounds over those of the plugin.
  public var limits = InstanceLimits()
  /// A schedule and retention over those of the plugin.
  public var backup: BackupPolicy?
  /// The name of the fleet whose file asks for it; nil when no fleet file does.
  public var fleet: String?
  /// The instances of its app that it serves together with, behind one name; nil for none.
  public var pool: String?
  /// What it is made from, where it is made from a backup.
  package var restore: RestoreWork?
  /// Where it comes from, where it was a project that somebody ran by hand.
  package var adoption: Adoption?
  /// Who it was before; nil for a new identity.
  package var uid: String?
  /// The name that it has had or was given already, which may be one that nobody may type; before any other.
  package var knownName: InstanceName?
  /// Numbers that are taken when they are free, by role.
  package var preferredPorts: [String: Int] = [:]
  /// Whether it never becomes `default` by itself.
  public var needsOwnID = false
  /// Whether to start and enable it.
  public var isStarted: Bool

  public init(
    app: String, id: String? = nil, name: String? = nil, settings: [String: String] = [:], ports: [String: Int] = [:],
    directory: String? = nil, labels: [String: String] = [:], isStarted: Bool = true
  ) {
    self.app = app
    self.id = id
    self.name = name
    self.settings = settings
    self.ports = ports
    self.directory = directory
    self.labels = labels
    self.isStarted = isStarted
  }

  /// The instance as far as it is known before it is planned.
  package func wished(_ uid: @autoclosure () -> String) -> InstanceRecord {
    InstanceRecord(wished: app, id: id, name: knownName?.text ?? name, uid: self.uid ?? uid())
  }
}
