import BerthKit
import Foundation

/// System users by systemd-sysusers(8), all of them in one call.
public struct SysusersUsers: SystemUsers {
  private let runner: any ProcessRunner

  public init(runner: any ProcessRunner) { self.runner = runner }

  public func exists(_ name: String) -> Bool { Self.identity(name) != nil }

  public func make(_ names: [String]) async throws {
    let lines = names.map { "u \($0) - \"Berth instance\"" }
    try await runner.succeed(Command("systemd-sysusers", ["--inline"] + lines))
  }

  public func remove(_ names: [String]) async throws {
    for name in names where exists(name) { try await runner.succeed(Command("userdel", [name])) }
  }

  /// The numbers of a user of the host.
  public static func identity(_ name: String) -> (user: uid_t, group: gid_t)? {
    guard let entry = getpwnam(name) else { return nil }
    return (entry.pointee.pw_uid, entry.pointee.pw_gid)
  }
}

/// No users at all: in a person's scope every service runs as that person.
public struct OwnUserOnly: SystemUsers {
  public init() {}

  public func exists(_ name: String) -> Bool { false }
  public func make(_ names: [String]) async throws {}
  public func remove(_ names: [String]) async throws {}
}
