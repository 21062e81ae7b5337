import BerthHost
import BerthKit
import Foundation
import TestSupport
import Testing

extension BootedHostTests {
  @Suite("what a service in a person's sandbox may not do")
  struct HardeningPersonTests {
    init() throws { try BootedHost.require() }

    @Test("every line of the unit refuses the act that it is for")
    func everyLine() async throws {
      try await HardeningWitness.with { witness in
        try await SandboxPerson.with { user in
          try ForbiddenActs.addPlugin(in: user.plugins)
          let outcome = try await ForbiddenActs.outcome(witness) { try await user.berth($0) }
          let unit = try String(contentsOfFile: "\(user.root)/config/systemd/user/acts@.service", encoding: .utf8)
          let exceptions = ForbiddenActs.exceptionsOfPerson
          #expect(ForbiddenActs.problems(with: outcome, unit: unit, exceptions: exceptions) == [])
        }
      }
    }
  }
}

/// A user of every Debian's as whom nothing runs, with control groups and a folder for a sandbox, for one test.
///
/// A user made for the test would change the machine's user database, which other tests on it would notice.
struct SandboxPerson {
  let name = "games"
  let folder = "/var/tmp/berth-test-\(UUID().uuidString.prefix(8).lowercased())"

  /// What is still there afterwards.
  struct Leftovers: Error, CustomStringConvertible { let description: String }

  var root: String { "\(folder)/sandbox" }
  var plugins: String { "\(folder)/plugins" }

  static func with(_ body: (SandboxPerson) async throws -> Void) async throws {
    let user = SandboxPerson()
    do {
      try await user.make()
      try await body(user)
    } catch {
      try? await user.remove()
      throw error
    }
    try await user.remove()
  }

  /// Runs the program as this user, in control groups that are the user's.
  func berth(_ words: [String]) async throws -> BerthRun {
    let checkout = URL(fileURLWithPath: #filePath).deletingLastPathComponent().path + "/../.."
    // The process that becomes the program enters the groups itself.
    let enter =
      "\(checkout)/scripts/delegate-cgroup \"$0\" $$ && exec setpriv --reuid=\"$0\" --regid=\"$0\" --clear-groups \"$@\""
    return try await BerthProgram.run(
      words + ["--root", root, "--plugins", plugins], environment: ["HOME": folder],
      through: ["bash", "-c", enter, name])
  }

  private func make() async throws {
    try FileManager.default.createDirectory(atPath: plugins, withIntermediateDirectories: true)
    try await run("chown", "--recursive", "\(name):", folder)
  }

  /// Everything goes, whatever the test has left running.
  private func remove() async throws {
    let down = try? await berth(["host", "down"])
    for hierarchy in ["/sys/fs/cgroup", "/sys/fs/cgroup/systemd", "/sys/fs/cgroup/unified"] {
      let top = "\(hierarchy)/berth-delegated-\(name)"
      guard FileManager.default.fileExists(atPath: top) else { continue }
      _ = try? await SubprocessRunner().run(
        Command("find", [top, "-depth", "-type", "d", "-exec", "rmdir", "{}", ";"]))
    }
    try? FileManager.default.removeItem(atPath: folder)
    guard down?.status == 0 else { throw SandboxPerson.Leftovers(description: "host down: \(down?.errors ?? "")") }
    let left = try await SubprocessRunner().run(Command("pgrep", ["--full", folder])).output
    guard left.isEmpty else { throw SandboxPerson.Leftovers(description: "processes in \(folder): \(left)") }
  }

  private func run(_ program: String, _ arguments: String...) async throws {
    try await SubprocessRunner().succeed(Command(program, arguments))
  }
}
