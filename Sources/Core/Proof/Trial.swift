import BerthEngine
import BerthHost
import BerthKit
import Foundation

/// Where a plugin is tried: a sandbox that is thrown away, or a scope of the host's that has no instance of the app. What
/// was made is gone afterwards, whatever came of it.
struct Trial: Sendable {
  /// The folder that holds everything of it.
  let root: String
  /// The scope of the host's; nil for a sandbox.
  let scope: Scope?
  let plugin: any AppPlugin
  /// The backups of the app that the scope had before.
  let kept: Set<String>

  init(root: String, scope: Scope? = nil, plugin: any AppPlugin, kept: Set<String> = []) {
    (self.root, self.scope, self.plugin, self.kept) = (root, scope, plugin, kept)
  }

  private static let prefix = "berth-proof-"

  /// Makes the folder of a trial, and clears away those of trials that were killed.
  ///
  /// - Parameter scope: a scope of the host's; nil for a sandbox in `$TMPDIR`, else in `/var/tmp`.
  /// - Throws: `no-trial` where it cannot be tried there.
  static func make(_ plugin: any AppPlugin, onHost scope: Scope?) async throws -> Trial {
    let app = plugin.manifest.id
    if let scope {
      let trial = Trial(root: "", scope: scope, plugin: plugin)
      guard try trial.open().instances(of: app).isEmpty else {
        throw BerthError(
          "no-trial", .usage, "there are instances of \(app), whose units a trial would change", at: app,
          remedy: "try it on a host without any")
      }
      let kept = try trial.open().backups(app: app).map(\.backup.id)
      return Trial(root: "", scope: scope, plugin: plugin, kept: Set(kept))
    }
    if plugin.manifest.services.contains(where: { $0.container != nil }) {
      throw BerthError(
        "no-trial", .unavailable, "containers need a scope of the host's, and a sandbox has none", at: app,
        remedy: .again("--scope", "system"))
    }
    let environment = HostEnvironment()
    let temporary = environment.variables["TMPDIR"] ?? "/var/tmp"
    let files = LinuxFileTree()
    for name in (try? files.list(temporary)) ?? [] where isLeft(name, in: temporary) {
      await Trial(root: "\(temporary)/\(name)", plugin: plugin).end()
    }
    let root =
      "\(files.realPath(temporary))/\(prefix)\(environment.processID)-\(UUID().uuidString.prefix(8).lowercased())"
    // The users of instances have to get to their own folders.
    try files.makeFolder(root, mode: 0o755, owner: nil)
    return Trial(root: root, plugin: plugin)
  }

  /// Whether a folder is one of a process of this user's that has ended. Others may have made one of that name, where all may.
  private static func isLeft(_ name: String, in folder: String) -> Bool {
    guard name.hasPrefix(prefix), LinuxFileTree().isOwn("\(folder)/\(name)"),
      let number = name.dropFirst(prefix.count).split(separator: "-").first,
      let process = Int(number)
    else { return false }
    return !LinuxFileTree().exists("/proc/\(process)")
  }

  /// The same trial's second sandbox, as another host would be.
  ///
  /// - Throws: ``Skipped`` on a host.
  func elsewhere() throws -> Trial {
    try requireSandbox("a second host is tried in a sandbox only")
    return other
  }

  private var other: Trial { Trial(root: "\(root)/elsewhere", plugin: plugin) }

  /// - Throws: ``Skipped`` on a host.
  func requireSandbox(_ reason: String) throws { if scope != nil { throw Skipped(reason) } }

  /// Berth with the plugin, and no other.
  ///
  /// - Parameters:
  ///   - change: what is otherwise with the plugin.
  ///   - drops: whether values of settings may go.
  func open(with plugin: (any AppPlugin)? = nil, drops: Bool = false, _ change: (inout Manifest) -> Void = { _ in })
    throws -> Berth
  {
    let request = scope.map { ScopeRequest(scope: $0) } ?? ScopeRequest(scope: .sandbox, root: root)
    var options = Berth.Options(scope: request, command: "app test")
    options.need = .making
    options.searchesPlugins = false
    options.drops = drops
    options.recovers = true
    return try Berth.open(options, builtIn: [ChangedPlugin(trying: plugin ?? self.plugin, change)])
  }

  /// Stops all of it, and removes what was made.
  func end() async {
    guard scope == nil else { return await clear() }
    try? await (try? open())?.sandbox?.down(wait: 10)
    if LinuxFileTree().isFolder(other.root) { try? await (try? other.open())?.sandbox?.down(wait: 10) }
    try? LinuxFileTree().remove(root)
  }

  /// Removes what the trial has made in a host's scope. Backups of instances that were removed before it are a person's.
  private func clear() async {
    guard let berth = try? open(), let records = try? berth.instances(of: plugin.manifest.id) else { return }
    let own = records.filter { Proof.names.contains($0.name.text) }
    if !own.isEmpty { _ = try? await berth.remove(own, keepsData: false) }
    for report in (try? berth.backups(app: plugin.manifest.id)) ?? [] where !kept.contains(report.backup.id) {
      guard Proof.names.contains(report.backup.instanceName.text) else { continue }
      _ = try? await berth.removeBackup(report.backup.id)
    }
  }
}

/// Why something that was tried has not passed.
struct NotPassed: Error {
  let reason: String

  init(_ reason: String) { self.reason = reason }
}

/// Why something cannot be tried.
struct Skipped: Error {
  let reason: String

  init(_ reason: String) { self.reason = reason }
}

/// - Throws: ``NotPassed`` with the reason, unless something holds.
func require(_ holds: Bool, _ reason: @autoclosure () -> String) throws {
  guard holds else { throw NotPassed(reason()) }
}

/// Asks again until something holds.
///
/// - Parameter problem: nil once it holds, else what is still wrong.
/// - Throws: ``NotPassed`` with what is wrong after that many seconds.
func eventually(within seconds: Double, _ problem: () async throws -> String?) async throws {
  let deadline = ContinuousClock.now + .seconds(seconds)
  while let text = try await problem() {
    guard ContinuousClock.now < deadline else { throw NotPassed(text) }
    try await Task.sleep(for: .milliseconds(100))
  }
}
