import BerthHost
import BerthKit
import BerthRender
import Foundation
import TestSupport
import Testing

@testable import BerthEngine

/// What the resolver knows of the host is a folder instead of `/run`, so that every kind of host can be made up.
@Suite("The scope")
struct ScopeResolverTests {
  /// A host as far as the choice depends on it.
  struct Situation: Sendable, CustomTestStringConvertible {
    var isRoot = false
    var isBooted = false
    var hasUserManager = false
    /// Whose registries have instances.
    var instances: Set<Scope> = []
    var request: Scope?
    /// The scope, or the code of the error.
    var outcome: String

    var testDescription: String {
      "\(isRoot ? "root" : "person")\(isBooted ? ", booted" : "")\(hasUserManager ? ", user manager" : "")"
        + " \(instances.map(\.rawValue).sorted()) asks for \(request?.rawValue ?? "auto"): \(outcome)"
    }
  }

  private let run: Folder

  init() throws { run = try Folder() }

  private func resolver(_ situation: Situation, variables: [String: String] = [:]) throws -> ScopeResolver {
    let number = situation.isRoot ? 0 : 1000
    if situation.isBooted { try make("systemd/system") }
    if situation.hasUserManager { try make("user/\(number)/systemd/private") }
    let environment = HostEnvironment(
      userID: number, variables: ["HOME": "/home/mara"].merging(variables) { $1 }, run: run.path)
    let registries: [Scope: String] = [
      .system: ScopePaths.system.registry, .user: "/home/mara/.local/state/berth/registry.sqlite",
      .sandbox: "/home/mara/.local/state/berth/sandbox/state/registry.sqlite",
    ]
    let filled = Set(situation.instances.compactMap { registries[$0] })
    return ScopeResolver(environment: environment) { filled.contains($0) }
  }

  private func make(_ folder: String) throws {
    try FileManager.default.createDirectory(atPath: "\(run.path)/\(folder)", withIntermediateDirectories: true)
  }

  static let situations: [Situation] = [
    // Left to itself.
    Situation(isRoot: true, isBooted: true, outcome: "system"),
    Situation(isRoot: true, isBooted: true, hasUserManager: true, outcome: "system"),
    Situation(isRoot: true, outcome: "sandbox"), Situation(isRoot: true, hasUserManager: true, outcome: "sandbox"),
    Situation(hasUserManager: true, outcome: "user"), Situation(isBooted: true, hasUserManager: true, outcome: "user"),
    Situation(outcome: "sandbox"), Situation(isBooted: true, outcome: "sandbox"),
    // A registry with instances is never passed over, and what it needs is said.
    Situation(isRoot: true, instances: [.system], outcome: "manager-down"),
    Situation(isRoot: true, instances: [.system, .sandbox], outcome: "manager-down"),
    Situation(instances: [.user], outcome: "manager-down"),
    Situation(instances: [.user, .sandbox], outcome: "manager-down"),
    Situation(instances: [.sandbox], outcome: "sandbox"),
    Situation(isRoot: true, instances: [.sandbox], outcome: "sandbox"),
    // Root's registries are no matter of a person's, nor the other way round.
    Situation(instances: [.system], outcome: "sandbox"),
    Situation(isRoot: true, instances: [.user], outcome: "sandbox"),
    // As told.
    Situation(isRoot: true, isBooted: true, request: .system, outcome: "system"),
    Situation(isRoot: true, request: .system, outcome: "no-manager"),
    Situation(isRoot: true, instances: [.system], request: .system, outcome: "manager-down"),
    Situation(isBooted: true, request: .system, outcome: "needs-root"),
    Situation(hasUserManager: true, request: .user, outcome: "user"),
    Situation(request: .user, outcome: "no-manager"),
    Situation(instances: [.user], request: .user, outcome: "manager-down"),
    Situation(isRoot: true, isBooted: true, request: .user, outcome: "no-manager"),
    Situation(request: .sandbox, outcome: "sandbox"),
    Situation(isRoot: true, isBooted: true, request: .sandbox, outcome: "sandbox"),
    Situation(hasUserManager: true, instances: [.user], request: .sandbox, outcome: "sandbox"),
  ]

  @Test("follows from who asks, what runs and what has instances", arguments: situations)
  func resolves(_ situation: Situation) throws {
    let outcome: String
    do {
      outcome = try resolver(situation).resolve(ScopeRequest(scope: situation.request)).paths.scope.rawValue
    } catch let error as BerthError {
      outcome = error.code
      #expect(error.kind == (error.code == "needs-root" ? .notAllowed : .unavailable))
      #expect(error.remedy != nil)
    }
    #expect(outcome == situation.outcome)
  }

  @Test("a sandbox that nobody asked for is announced once", arguments: [false, true])
  func notice(_ isRoot: Bool) throws {
    let first = try resolver(Situation(isRoot: isRoot, outcome: "")).resolve(ScopeRequest())
    #expect(
      first.notice == "no service manager answers here: using the sandbox in /home/mara/.local/state/berth/sandbox")
    #expect(
      try resolver(Situation(isRoot: isRoot, instances: [.sandbox], outcome: "")).resolve(ScopeRequest()).notice == nil)
    #expect(try resolver(Situation(isRoot: isRoot, outcome: "")).resolve(ScopeRequest(scope: .sandbox)).notice == nil)
  }

  @Test("a manager may do what its owner may")
  func rights() throws {
    #expect(try resolver(Situation(isRoot: true, isBooted: true, outcome: "")).resolve(ScopeRequest()).rights == .root)
    #expect(try resolver(Situation(isRoot: true, outcome: "")).resolve(ScopeRequest(scope: .sandbox)).rights == .root)
    #expect(try resolver(Situation(outcome: "")).resolve(ScopeRequest(scope: .sandbox)).rights == .ownNamespace)
    #expect(try resolver(Situation(hasUserManager: true, outcome: "")).resolve(ScopeRequest()).rights == .person)
  }

  @Test("a person's paths follow the XDG variables, and relative ones count as unset")
  func xdg() throws {
    let set = ["XDG_CONFIG_HOME": "/c", "XDG_STATE_HOME": "/s", "XDG_DATA_HOME": "relative"]
    let paths = try resolver(Situation(hasUserManager: true, outcome: ""), variables: set).resolve(ScopeRequest()).paths
    #expect(paths.config == "/c/berth")
    #expect(paths.units == "/c/systemd/user")
    #expect(paths.state == "/s/berth")
    #expect(paths.backups == "/home/mara/.local/share/berth/backups")
    #expect(paths.runtime == "\(run.path)/user/1000/berth")
  }

  @Test("a person's manager is found by its variable first, and without it too")
  func userRuntime() throws {
    try make("elsewhere/systemd/private")
    let variables = ["XDG_RUNTIME_DIR": "\(run.path)/elsewhere"]
    let named = try resolver(Situation(hasUserManager: true, outcome: ""), variables: variables)
    #expect(try named.resolve(ScopeRequest()).paths.runtime == "\(run.path)/elsewhere/berth")
    let stale = try resolver(
      Situation(hasUserManager: true, outcome: ""), variables: ["XDG_RUNTIME_DIR": "\(run.path)/gone"])
    #expect(try stale.resolve(ScopeRequest()).paths.runtime == "\(run.path)/user/1000/berth")
  }
}
