import BerthKit

/// What a service manager may do to its services, which decides how they can be shut in.
public enum ManagerRights: String, Sendable, Equatable, CaseIterable {
  /// It runs as root: the system scope, and a sandbox of root's.
  case root
  /// It runs as a person, but owns the namespace it is in: a person's sandbox.
  case ownNamespace
  /// It runs as a person and nothing else: the user scope.
  case person
}

/// The lines that shut a native service in, per kind of manager.
///
/// A plain manager of a person's can take rights away only in a user namespace (`PrivateUsers=yes`) and without it would
/// fail on some lines and ignore others; see systemd.exec(5), "Sandboxing". `ProcSubset=pid` is not among the lines, as
/// it takes `/proc/net` away, which the readiness probe reads.
public enum Hardening {
  /// The lines for a service; a comment stands for those that its plugin loosens.
  public static func lines(_ rights: ManagerRights, in scope: Scope, loosen: [Service.Loosened]) -> [String] {
    let loosened = Dictionary(loosen.map { ($0.key, $0.reason) }, uniquingKeysWith: { first, _ in first })
    return HardeningKey.allCases.flatMap { key -> [String] in
      if let reason = loosened[key.rawValue] { return ["# \(key.rawValue) is loosened: \(reason)"] }
      return values(of: key, rights, in: scope).map { "\(key.rawValue)=\($0)" }
    } + ["SystemCallErrorNumber=EPERM"]
  }

  /// The values of a key in order; none where the manager has no use for it.
  static func values(of key: HardeningKey, _ rights: ManagerRights, in scope: Scope) -> [String] {
    switch key {
    case .noNewPrivileges, .protectClock, .protectHostname, .protectKernelModules,
      .protectKernelTunables, .protectControlGroups, .privateTmp, .privateDevices, .restrictNamespaces,
      .restrictRealtime, .restrictSUIDSGID, .lockPersonality, .memoryDenyWriteExecute:
      ["yes"]
    case .protectSystem: ["strict"]
    // An empty home rather than a forbidden one, so that an instance's own folders can be shown in it.
    case .protectHome: ["tmpfs"]
    case .protectProc: ["invisible"]
    case .devicePolicy: ["closed"]
    // In a container with a /proc/kmsg of its own a person's manager, a sandbox's too, fails on it; the kernel refuses its
    // log to a person anyway.
    case .protectKernelLogs: rights == .root ? ["yes"] : []
    // Newer managers for persons, which a sandbox's is too, put each process of a service into a user namespace of its
    // own, and so the probe could not join the service's message queues.
    case .privateIPC: scope == .system ? ["yes"] : []
    case .privateUsers: rights == .person ? ["yes"] : []
    case .restrictAddressFamilies: ["AF_UNIX AF_INET AF_INET6"]
    case .systemCallArchitectures: ["native"]
    case .systemCallFilter: ["@system-service", "~@privileged @resources"]
    case .capabilityBoundingSet, .ambientCapabilities: [""]
    case .keyringMode: ["private"]
    case .removeIPC: ["yes"]
    case .umask: ["0077"]
    }
  }
}
