import BerthKit
import Foundation
import TestSupport
import Testing

@testable import BerthHost

/// A stand-in for `systemctl` before a manager that answers no question: an order takes its time. A manager that is
/// busy for a certain time cannot be had; `SilentManagerTests` stops a real one.
private struct Unanswered: ProcessRunner {
  let order: Duration

  func run(_ command: Command) async throws -> CommandResult {
    try await Task.sleep(for: command.arguments.contains("stop") ? order : .seconds(600))
    return CommandResult(status: 0, output: "", errorOutput: "")
  }

  func pieces(_ command: Command, each: @Sendable @escaping ([UInt8]) async throws -> Void) async throws -> Int32 {
    try await run(command).status
  }
}

@Suite("A service manager that answers nobody for a while")
struct BusyManagerTests {
  /// Runs a process that listens where a manager does, and then works or sleeps.
  private func stopping(for order: Duration, while deed: String) async throws {
    let folder = try Folder()
    try FileManager.default.createDirectory(atPath: "\(folder.path)/systemd", withIntermediateDirectories: false)
    let socket = "\(folder.path)/systemd/private"
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/perl")
    process.arguments = [
      "-MIO::Socket::UNIX", "-e",
      // It ends by itself where the tests were killed.
      "alarm 600; my $s = IO::Socket::UNIX->new(Local => $ARGV[0], Listen => 1) or die; \(deed) while 1",
      socket,
    ]
    try process.run()
    // Swift's threads may hold back other signals, and hand that on.
    defer { kill(process.processIdentifier, SIGKILL) }
    for _ in 0..<400 where !FileManager.default.fileExists(atPath: socket) {
      try await Task.sleep(for: .milliseconds(50))
    }
    let manager = SystemctlManager(
      runner: Unanswered(order: order), files: LinuxFileTree(),
      paths: .user(configHome: "/c", stateHome: "/s", dataHome: "/d", runtime: folder.path),
      environment: ["XDG_RUNTIME_DIR": folder.path],
      patience: .init(order: .milliseconds(400), answer: .milliseconds(100)))
    try await manager.stop(["a@1.service"])
  }

  @Test("is waited for as long as it works")
  func busy() async throws { try await stopping(for: .seconds(2), while: "1") }

  @Test("control: is given up when it does nothing")
  func idle() async throws {
    let error = await #expect(throws: BerthError.self) { try await stopping(for: .seconds(600), while: "sleep 1") }
    #expect(error?.code == "no-manager" && error?.kind.exitStatus == 69)
  }
}
