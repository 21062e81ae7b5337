import BerthHost
import BerthKit
import BerthPlanning

extension Berth {
  /// How the scope's manager is.
  public func hostReport() async throws -> HostReport {
    let state = await sandbox?.state()
    return await HostReport(
      scope: paths.scope, isUp: host.manager.isReachable(), config: paths.config, state: paths.state,
      backups: paths.backups, runtime: paths.runtime, instances: try host.registry.instances().count,
      enforcesLimits: state?.enforcesLimits, seesLaterMounts: state?.seesLaterMounts)
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

  /// What a person at a terminal is asked before an installation: what is missing, and what the plugin has them asked.
  public func questions(_ request: InstallRequest) throws -> InstallQuestions {
    let manifest = try plugin(request.app).manifest
    let settings = manifest.settings.filter { ($0.isRequired || $0.isAsked) && request.settings[$0.id] == nil }
    let ports = request.ports[""] == nil ? manifest.ports.filter { $0.isAsked && request.ports[$0.role] == nil } : []
    let isAsking = manifest.settings.contains(where: \.isAsked) || manifest.ports.contains(where: \.isAsked)
    return InstallQuestions(
      asksName: isAsking && request.name == nil && request.id == nil, settings: settings, ports: ports)
  }

  /// Checks a plugin by its folder, its file, or an app's name.
  ///
  /// - Throws: `bad-plugin` with everything that is wrong, or `no-plugin`.
  public func check(_ path: String) throws -> PluginCheck {
    let loader = PluginLoader(files: host.files)
    let isPath = path.contains("/") || host.files.exists("\(path)/plugin.yaml") || path.hasSuffix(".yaml")
    if isPath { return try loader.check(at: path) }
    let entry = catalog().entries.first { $0.id == path }
    guard let entry else { throw BerthError.noPlugin(at: path, isPath: false) }
    let plugin = try entry.result.get()
    return entry.origin == PluginCatalog.builtIn ? loader.check(plugin) : try loader.check(at: entry.origin)
  }
}
