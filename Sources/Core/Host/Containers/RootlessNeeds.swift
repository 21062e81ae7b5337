import BerthKit
import Foundation

/// What Podman needs where it is not root: numbers for the users of containers, and a program that carries their packets.
///
/// Source: podman(1), "Rootless mode", and subuid(5).
struct RootlessNeeds {
  private static let numbers = ["/etc/subuid", "/etc/subgid"]

  let files: any FileTree

  /// - Throws: `no-rootless` with the command by which root helps.
  func require() throws {
    func isThere(_ program: String) -> Bool { files.isExecutable("/usr/bin/\(program)") }
    guard isThere("newuidmap") else { throw BerthError.noRootless("newuidmap", package: "uidmap") }
    guard isThere("pasta") || isThere("slirp4netns") else { throw BerthError.noRootless("pasta", package: "passt") }
    let person = NSUserName()
    for file in Self.numbers {
      let owners = try ranges(in: file).map(\.owner)
      guard owners.contains(person) || owners.contains("\(geteuid())") else {
        throw BerthError.noSubordinates(of: person, in: file, free: try firstFree())
      }
    }
  }

  /// A number from which on nobody has any.
  private func firstFree() throws -> Int {
    try Self.numbers.flatMap(ranges).map(\.end).max().map { max($0, 100_000) } ?? 100_000
  }

  /// The lines `OWNER:FIRST:COUNT` of a file.
  private func ranges(in file: String) throws -> [(owner: String, end: Int)] {
    guard files.exists(file) else { return [] }
    return try files.read(file).split(separator: "\n").compactMap { line in
      let parts = line.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
      guard parts.count == 3, let first = Int(parts[1]), let count = Int(parts[2]) else { return nil }
      return (parts[0], first + count)
    }
  }
}
