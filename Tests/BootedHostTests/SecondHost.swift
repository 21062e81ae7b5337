import BerthHost
import BerthKit
import Foundation
import TestSupport

/// A second host, booted inside the one that the tests run in, with a bridge between the two. It has a manager, engines,
/// users and files of its own; the checkout and the toolchain's libraries are the first one's.
struct SecondHost: Sendable {
  /// Where the first host is for the second one.
  static let firstAddress = "10.9.8.1"
  /// Where the second host is for the first one.
  static let address = "10.9.8.2"
  private static let bridge = "berth-hosts"

  /// Its process 1 and the process to end, by their numbers in the first host.
  private let leader: String
  private let keeper: String

  /// Boots it for one test and leaves nothing of it.
  static func with(_ body: (SecondHost) async throws -> Void) async throws {
    try await BootedHost.run("ip", "link", "add", bridge, "type", "bridge")
    do {
      try await BootedHost.run("ip", "address", "add", "\(firstAddress)/24", "dev", bridge)
      try await BootedHost.run("ip", "link", "set", bridge, "up")
      let host = try await boot()
      do { try await body(host) } catch {
        try? await host.end()
        throw error
      }
      try await host.end()
    } catch {
      try? await BootedHost.run("ip", "link", "delete", bridge)
      throw error
    }
    try await BootedHost.run("ip", "link", "delete", bridge)
  }

  private static func boot() async throws -> SecondHost {
    let checkout = FileManager.default.currentDirectoryPath
    var words = ["--bridge", "\(bridge):\(address)/24", "--bind", "\(checkout):\(checkout)"]
    let maps = try await BootedHost.output("cat", "/proc/\(getpid())/maps").split(separator: "\n")
    if let library = maps.first(where: { $0.hasSuffix("/libswiftCore.so") }), let path = library.firstIndex(of: "/") {
      let folder = URL(fileURLWithPath: String(library[path...])).deletingLastPathComponent().path
      words += ["--bind", "\(folder):\(folder)"]
    }
    let output = try await SubprocessRunner()
      .succeed(Command("\(checkout)/scripts/test-host", words + ["--keep", "--", "true"]))
    let numbers = output.split(whereSeparator: \.isWhitespace).map(String.init)
    guard numbers.count == 2 else { throw NotBooted(output: output) }
    return SecondHost(leader: numbers[0], keeper: numbers[1])
  }

  struct NotBooted: Error {
    let output: String
  }

  private func end() async throws {
    try await BootedHost.run("kill", keeper)
    while FileManager.default.fileExists(atPath: "/proc/\(keeper)") { try await Task.sleep(for: .milliseconds(50)) }
  }

  /// What runs a command as root in it, in a folder and a cgroup that it can name.
  var wrapper: [String] {
    let enter = "cd / && echo 0 > /sys/fs/cgroup/command/cgroup.procs && exec \"$@\""
    return ["nsenter", "--target", leader, "--all", "--root", "sh", "-c", enter, "sh"]
  }

  /// Runs a program in it, which must succeed, and gives its words.
  @discardableResult
  func run(_ words: String...) async throws -> String { try await run(words) }

  @discardableResult
  func run(_ words: [String]) async throws -> String {
    let line = wrapper + words
    return try await SubprocessRunner().succeed(Command(line[0], Array(line.dropFirst())))
      .trimmingCharacters(in: .whitespacesAndNewlines)
  }

  /// Runs Berth in it as root.
  @discardableResult
  func berth(_ words: String...) async throws -> BerthRun { try await berth(words) }

  @discardableResult
  func berth(_ words: [String]) async throws -> BerthRun { try await BerthProgram.run(words, through: wrapper) }
}
