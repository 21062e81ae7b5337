import BerthHost
import BerthKit
import BerthRender
import Crypto
import Foundation

/// Which scope a person asked for.
public struct ScopeRequest: Sendable, Equatable {
  /// Nil lets Berth choose.
  public var scope: Scope?
  /// A sandbox's folder.
  public var root: String?

  public init(scope: Scope? = nil, root: String? = nil) {
    self.scope = scope
    self.root = root
  }
}

/// The scope that a run of Berth works in.
public struct ResolvedScope: Sendable, Equatable {
  public let paths: ScopePaths
  public let rights: ManagerRights
  /// What a person should hear once: that no manager was found and a sandbox is used.
  public let notice: String?
}

/// Chooses the scope. It never falls back to a second registry when one with instances cannot be reached.
public struct ScopeResolver: Sendable {
  private let environment: HostEnvironment
  /// Whether a registry at a path has instances.
  private let hasInstances: @Sendable (String) -> Bool

  public init(environment: HostEnvironment, hasInstances: @escaping @Sendable (String) -> Bool) {
    self.environment = environment
    self.hasInstances = hasInstances
  }

  /// - Throws: `no-manager`, `manager-down`, `needs-root` or `bad-directory`.
  public func resolve(_ request: ScopeRequest) throws -> ResolvedScope {
    if let root = request.root {
      guard request.scope == nil || request.scope == .sandbox else {
        throw BerthError(
          "bad-scope", .usage, "--root goes with the sandbox scope only", remedy: .again("--scope", "sandbox"))
      }
      return try sandbox(root: root, notice: nil)
    }
    switch request.scope {
    case .system: return try system()
    case .user: return try user()
    case .sandbox: return try sandbox(root: defaultRoot, notice: nil)
    case nil: return try automatic()
    }
  }

  /// The sandbox that is used when nobody names one.
  public var defaultRoot: String { "\(environment.xdg("XDG_STATE_HOME", default: ".local/state"))/berth/sandbox" }

  private func automatic() throws -> ResolvedScope {
    if environment.isRoot {
      if environment.isSystemdBooted { return try system() }
      guard !hasInstances(ScopePaths.system.registry) else { return try system() }
    } else {
      guard environment.userRuntime == nil, !hasInstances(userPaths(runtime: "/").registry) else { return try user() }
    }
    let root = defaultRoot
    let isNew = !hasInstances("\(root)/state/registry.sqlite")
    return try sandbox(
      root: root, notice: isNew ? "no service manager answers here: using the sandbox in \(root)" : nil)
  }

  private func system() throws -> ResolvedScope {
    guard environment.isRoot else { throw BerthError.needsRoot(.system) }
    guard environment.isSystemdBooted else {
      guard !hasInstances(ScopePaths.system.registry) else {
        throw BerthError.managerDown(
          .system, remedy: "boot the host with systemd")
      }
      throw BerthError.noManager(.system, "this host was not booted by systemd", remedy: .again("--scope", "sandbox"))
    }
    return ResolvedScope(paths: .system, rights: .root, notice: nil)
  }

  private func user() throws -> ResolvedScope {
    guard let runtime = environment.userRuntime else {
      let paths = userPaths(runtime: "/")
      let remedy: Remedy = "loginctl enable-linger"
      guard !hasInstances(paths.registry) else { throw BerthError.managerDown(paths, remedy: remedy) }
      throw BerthError.noManager(.user, "no 'systemd --user' answers", remedy: remedy)
    }
    return ResolvedScope(paths: userPaths(runtime: runtime), rights: .person, notice: nil)
  }

  private func userPaths(runtime: String) -> ScopePaths {
    let stateHome = environment.xdg("XDG_STATE_HOME", default: ".local/state")
    return .user(
      configHome: environment.xdg("XDG_CONFIG_HOME", default: ".config"),
      stateHome: stateHome,
      dataHome: environment.xdg("XDG_DATA_HOME", default: ".local/share"), runtime: runtime,
      claims: environment.claims(else: "\(stateHome)/berth"))
  }

  private func sandbox(root: String, notice: String?) throws -> ResolvedScope {
    let path = try PathRules.absolute(root, in: environment.workingFolder)
    // The same folder must give the same runtime folder, whatever links lead to it.
    let real = LinuxFileTree().realPath(path)
    let hash = SHA256.hash(data: Data(real.utf8)).prefix(6).map {
      String($0 >> 4, radix: 16) + String($0 & 15, radix: 16)
    }
    let runtime =
      environment.isRoot ? "/run/berth-\(hash.joined())" : "/tmp/berth-\(environment.userID)-\(hash.joined())"
    return ResolvedScope(
      paths: .sandbox(root: real, runtime: runtime, claims: environment.claims(else: "\(real)/state")),
      rights: environment.isRoot ? .root : .ownNamespace, notice: notice)
  }
}

/// What a path from a person may be.
enum PathRules {
  /// An absolute path without `..` and without the few characters that unit files give a meaning to.
  ///
  /// - Throws: `bad-directory`.
  static func absolute(_ text: String, in workingFolder: String) throws -> String {
    let joined = text.hasPrefix("/") ? text : "\(workingFolder)/\(text)"
    let forbidden = joined.first { ":\"'\\$".contains($0) }
    if let forbidden { throw BerthError.badDirectory(text, "'\(forbidden)' cannot stand in a path here") }
    guard !joined.hasControlCharacter else { throw BerthError.badDirectory(text, "it has a control character") }
    let standard = (joined as NSString).standardizingPath
    guard standard != "/" else { throw BerthError.badDirectory(text, "it is the root folder") }
    return standard
  }
}
