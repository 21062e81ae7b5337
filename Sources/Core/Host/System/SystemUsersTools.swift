import BerthKit
import Foundation

/// System users by systemd-sysusers(8), all of them in one call.
public struct SysusersUsers: SystemUsers {
  private let runner: any ProcessRunner

  public init(runner: any ProcessRunner) { self.runner = runner }

  public func exists(_ name: String) -> Bool { Self.identity(name) != nil }

  /// Looked up in the file that systemd-sysusers writes: getpwnam(3) reads all of it for each name.
  public func missing(_ names: [String]) -> [String] {
    let lines = SocketTable.contents("/etc/passwd").split(separator: "\n")
    let known = Set(lines.compactMap { $0.split(separator: ":", maxSplits: 1).first })
    return names.filter { !known.contains($0[...]) }
  }

  public func make(_ names: [String]) async throws {
    guard !names.isEmpty else { return }
    let lines = names.map { "u \($0) \(UserNumber.first(for: $0)) \"Berth instance\"" }
    try await runner.succeedToItsEnd(Command("systemd-sysusers", ["--inline"] + lines))
  }

  /// One call for each: there is no tool that removes several.
  public func remove(_ names: [String]) async throws {
    let missing = Set(missing(names))
    for name in names where !missing.contains(name) { try await runner.succeedToItsEnd(Command("userdel", [name])) }
  }

  public func numbers(of name: String?) -> (user: Int, group: Int) {
    guard let name else { return (Int(geteuid()), Int(getegid())) }
    if let numbers = Self.identity(name) { return (Int(numbers.user), Int(numbers.group)) }
    let number = Int(UserNumber.first(for: name))
    return (number, number)
  }

  public func group(_ name: String) -> Int? { getgrnam(name).map { Int($0.pointee.gr_gid) } }

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
  public func missing(_ names: [String]) -> [String] { names }
  public func make(_ names: [String]) async throws {}
  public func remove(_ names: [String]) async throws {}
  public func numbers(of name: String?) -> (user: Int, group: Int) { (Int(geteuid()), Int(getegid())) }
  public func group(_ name: String) -> Int? { getgrnam(name).map { Int($0.pointee.gr_gid) } }
}

/// Numbers of instances' users. They follow from the names, so that a plan can say them before there is a user.
enum UserNumber {
  /// A number far above the host's own users and apart from the ranges of containers that systemd names (systemd.io,
  /// "Users, Groups, UIDs and GIDs").
  static func derived(from name: String) -> uid_t? {
    guard name.hasPrefix("berth-"), let digits = UInt64(name.dropFirst("berth-".count), radix: 16) else { return nil }
    return first + uid_t(digits % UInt64(last - first + 1))
  }

  /// That number, or the next one that no user and no group of the host has.
  static func first(for name: String) -> uid_t {
    var number = derived(from: name) ?? first
    while getpwuid(number) != nil || getgrgid(number) != nil { number += 1 }
    return number
  }

  /// Whether a number is that of an instance's user, or was before the instance was removed.
  static func isInstances(_ number: uid_t) -> Bool {
    guard number != 0 else { return false }
    for line in SocketTable.contents("/etc/passwd").split(separator: "\n") {
      let fields = line.split(separator: ":", maxSplits: 3, omittingEmptySubsequences: false)
      if fields.count == 4, fields[2] == "\(number)" { return derived(from: String(fields[0])) != nil }
    }
    return (first...last).contains(number) && getpwuid(number) == nil
  }

  private static let (first, last): (uid_t, uid_t) = (1_900_000_000, 2_099_999_999)
}
