import BerthHost
import BerthKit

/// Which scope is used and how its manager is.
public struct HostReport: Sendable, Encodable {
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

  private enum CodingKeys: String, CodingKey {
    case scope, config, state, backups, runtime, instances
    case isUp = "up"
    case enforcesLimits = "enforces_limits"
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(scope, forKey: .scope)
    try container.encode(isUp, forKey: .isUp)
    try container.encode(config, forKey: .config)
    try container.encode(state, forKey: .state)
    try container.encode(backups, forKey: .backups)
    try container.encode(runtime, forKey: .runtime)
    try container.encode(instances, forKey: .instances)
    try container.encode(enforcesLimits, forKey: .enforcesLimits)
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
  }
}

extension Berth {
  /// How the scope's manager is.
  public func hostReport() async throws -> HostReport {
    await HostReport(
      scope: paths.scope, isUp: host.manager.isReachable(), config: paths.config, state: paths.state,
      backups: paths.backups, runtime: paths.runtime, instances: try host.registry.instances().count,
      enforcesLimits: sandbox?.state().enforcesLimits)
  }

  /// The sandbox's own manager.
  ///
  /// - Throws: `not-a-sandbox` in the other scopes, whose manager is not Berth's to start or stop.
  public func requireSandbox(_ verb: String) throws -> SandboxHost {
    guard let sandbox else {
      throw BerthError(
        "not-a-sandbox", .usage, "the manager of the \(paths.scope.rawValue) scope is the host's own",
        remedy: .berth("host", verb, "--scope", "sandbox"))
    }
    return sandbox
  }

  /// Settings that must be chosen and were not, for asking a person.
  public func missingSettings(_ request: InstallRequest) throws -> [Setting] {
    try plugin(request.app).manifest.settings.filter { $0.isRequired && request.settings[$0.id] == nil }
  }

  /// Checks a plugin by its folder, its file, or an app's name.
  public func check(_ path: String) throws -> any AppPlugin {
    let isPath = path.contains("/") || host.files.exists("\(path)/plugin.yaml") || path.hasSuffix(".yaml")
    if isPath { return try PluginLoader(files: host.files).plugin(at: path) }
    let entry = catalog().entries.first { $0.id == path }
    guard let entry else { throw BerthError.noPlugin(at: path) }
    return try entry.result.get()
  }
}
