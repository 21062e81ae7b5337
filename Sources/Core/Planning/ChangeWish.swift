import BerthKit

/// What shall be otherwise with an instance. What is not named stays as it is.
public struct ChangeWish: Sendable, Equatable {
  /// New values, as text.
  public var settings: [String: String]
  /// Settings that go back to their default.
  public var unset: Set<String>
  /// By role; the empty role is the app's first.
  public var ports: [String: Int]
  public var name: String?
  /// Added to those it has, or replacing them.
  public var labels: [String: String]
  public var limits: InstanceLimits?
  /// A schedule and retention of its own, in place of those that it has; an empty one for those of the plugin.
  public var backup: BackupPolicy?
  /// The pool that it joins; empty for none from now on.
  public var pool: String?
  /// The fleet whose file lists it.
  public var fleet: String?
  /// Whether it starts with the host.
  public var isEnabled: Bool?
  /// Whether it is started when it is stopped.
  public var startsStopped: Bool
  /// Whether it runs what there is by now: the images that the host has under their names, and Steam's builds.
  public var refreshes: Bool
  /// Whether all of its files have to be its user's, which is looked at file by file.
  public var checksOwners = false
  /// What comes back from a backup.
  package var restore: RestoreWork?

  public init(
    settings: [String: String] = [:], unset: Set<String> = [], ports: [String: Int] = [:], name: String? = nil,
    labels: [String: String] = [:], limits: InstanceLimits? = nil, backup: BackupPolicy? = nil, pool: String? = nil,
    fleet: String? = nil,
    isEnabled: Bool? = nil, startsStopped: Bool = false, refreshes: Bool = false
  ) {
    self.settings = settings
    self.unset = unset
    self.ports = ports
    self.name = name
    self.labels = labels
    self.limits = limits
    self.backup = backup
    self.pool = pool
    self.fleet = fleet
    self.isEnabled = isEnabled
    self.startsStopped = startsStopped
    self.refreshes = refreshes
  }
}

extension ChangeWish {
  /// What `berth update` brings an instance to: the plugin and the programs that there are by now, and files of its user's.
  public static var update: ChangeWish {
    var wish = ChangeWish(refreshes: true)
    wish.checksOwners = true
    return wish
  }
}
