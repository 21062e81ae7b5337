import BerthKit
import Foundation

/// Users that exist only inside a sandbox that runs as root: lines in a private `passwd` and `group`, which the
/// supervisor puts over the host's in its own mount namespace.
public struct SandboxUsers: SystemUsers {
  private let layout: SandboxLayout

  public init(paths: ScopePaths) { layout = SandboxLayout(paths: paths) }

  public func exists(_ name: String) -> Bool { missing([name]).isEmpty }

  public func missing(_ names: [String]) -> [String] {
    let known = Set(lines(layout.passwd).map(Self.name))
    return names.filter { !known.contains($0[...]) }
  }

  public func make(_ names: [String]) async throws {
    let numbered = try names.map { name in
      guard let numbers = identity(name) else { throw BerthError.unknownUser(name) }
      return (name: name, numbers: numbers)
    }
    try alone {
      try add(
        numbered.map { "\($0.name):x:\($0.numbers.user):\($0.numbers.group)::/nonexistent:/usr/sbin/nologin" },
        to: layout.passwd)
      try add(numbered.map { "\($0.name):x:\($0.numbers.group):" }, to: layout.group)
    }
  }

  public func remove(_ names: [String]) async throws {
    let names = Set(names.map { $0[...] })
    try alone {
      for file in [layout.passwd, layout.group] {
        try replace(file) { lines in lines.filter { !names.contains(Self.name($0)) } }
      }
    }
  }

  /// The numbers follow from the name alone, so that they need no table.
  public func identity(_ name: String) -> (user: uid_t, group: gid_t)? {
    UserNumber.derived(from: name).map { ($0, $0) }
  }

  public func numbers(of name: String?) -> (user: Int, group: Int) {
    guard let numbers = name.flatMap(identity) else { return (Int(geteuid()), Int(getegid())) }
    return (Int(numbers.user), Int(numbers.group))
  }

  public func group(_ name: String) -> Int? { getgrnam(name).map { Int($0.pointee.gr_gid) } }

  /// Makes the private files from the host's, with the users that the sandbox already has.
  func renew() throws {
    try alone {
      for (file, host) in [(layout.passwd, "/etc/passwd"), (layout.group, "/etc/group")] {
        let own = lines(file).filter { $0.hasPrefix("berth-") }
        let foreign = lines(host).filter { !$0.hasPrefix("berth-") }
        try replace(file) { _ in foreign + own }
      }
    }
  }

  /// Adds the lines whose names the file does not have yet.
  private func add(_ new: [String], to file: String) throws {
    try replace(file) { lines in
      var known = Set(lines.map(Self.name))
      return lines + new.filter { known.insert(Self.name($0)).inserted }
    }
  }

  /// Reads and writes the files with no other Berth in between, which could lose lines of either.
  private func alone(_ change: () throws -> Void) throws {
    let lock = open(layout.passwd, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0o644)
    guard lock >= 0, flock(lock, LOCK_EX) == 0 else { throw BerthError.fileSystem("cannot lock", layout.passwd) }
    defer { close(lock) }
    try change()
  }

  private static func name(_ line: String) -> Substring { line.prefix { $0 != ":" } }

  private func lines(_ file: String) -> [String] {
    SocketTable.contents(file).split(separator: "\n").map(String.init)
  }

  /// Writes in place: the file is bound over another, and a new one beside it would not be seen there.
  private func replace(_ file: String, _ change: ([String]) -> [String]) throws {
    let text = change(lines(file)).map { $0 + "\n" }.joined()
    let descriptor = open(file, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw BerthError.fileSystem("cannot write", file) }
    defer { close(descriptor) }
    let bytes = Array(text.utf8)
    guard pwrite(descriptor, bytes, bytes.count, 0) == bytes.count, ftruncate(descriptor, bytes.count) == 0 else {
      throw BerthError.fileSystem("cannot write", file)
    }
  }
}
