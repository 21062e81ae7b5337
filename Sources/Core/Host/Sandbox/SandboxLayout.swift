import BerthKit

/// Where a sandbox keeps what its manager needs, all of it below the scope's own paths.
struct SandboxLayout: Sendable {
  let paths: ScopePaths

  /// Files that stand in for the host's inside the sandbox only.
  var privateFolder: String { "\(paths.state)/private" }
  var passwd: String { "\(privateFolder)/passwd" }
  var group: String { "\(privateFolder)/group" }
  var machineID: String { "\(privateFolder)/machine-id" }
  var home: String { "\(privateFolder)/home" }
  /// Links to the few units of the distribution that a manager needs, so that none of its other units start.
  var baseUnits: String { "\(paths.runtime)/base-units" }
  var notifySocket: String { "\(paths.runtime)/notify" }
  /// Written by the supervisor once the manager is up: `ready`, or what went wrong.
  var outcome: String { "\(paths.runtime)/outcome" }
  /// The manager's cgroup in the sandbox's own.
  static let managerGroup = "manager"
  /// The name of its cgroups, the same as that of the runtime folder.
  var cgroup: String { paths.runtime.split(separator: "/").last.map(String.init) ?? "berth" }

  /// The order in which the manager looks for units.
  var unitPath: String {
    [paths.units, "\(paths.runtime)/systemd/transient", "\(paths.runtime)/systemd/generator", baseUnits]
      .joined(separator: ":")
  }
}
