import BerthKit

/// Which scope is used and how its manager is.
public struct HostReport: Report {
  public let scope: Scope
  public let isUp: Bool
  public let config: String
  public let state: String
  public let backups: String
  /// Where the manager's sockets are: `XDG_RUNTIME_DIR` for calling `systemctl --user` by hand.
  public let runtime: String
  public let instances: Int
  /// Whether memory and task limits are enforced; null where Berth does not know.
  public let enforcesLimits: Bool?
  /// Whether services see a disk that is mounted while they run; null where Berth does not know.
  public let seesLaterMounts: Bool?

  public var fields: ReportFields {
    [
      "scope": scope, "up": isUp, "config": config, "state": state, "backups": backups, "runtime": runtime,
      "instances": instances, "enforces_limits": enforcesLimits,
      "sees_later_mounts": seesLaterMounts,
    ]
  }

  /// The report for people.
  public var lines: [String] {
    [
      "scope      \(scope.rawValue)", "manager    \(isUp ? "up" : "down")", "instances  \(instances)",
      "config     \(config)", "state      \(state)", "backups    \(backups)",
      "runtime    \(runtime)",
    ]
      + (enforcesLimits == false
        ? ["limits     not enforced: this host's cgroups have no memory and pids controllers to give"] : [])
      + (seesLaterMounts == false
        ? ["mounts     later ones are not seen until the sandbox is started anew, as '/' is private on this host"] : [])
  }
}
