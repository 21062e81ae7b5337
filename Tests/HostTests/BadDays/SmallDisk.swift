import BerthHost
import BerthKit
import Foundation
import Synchronization
import TestSupport
import Testing

/// A sandbox on a file system of its own that is soon full.
enum SmallDisk {
  /// Runs a test's part with the sandbox on 64 MiB.
  static func with(_ box: SandboxFixture, _ body: () async throws -> Void) async throws {
    let runner = SubprocessRunner()
    try FileManager.default.createDirectory(atPath: box.root, withIntermediateDirectories: true)
    try await runner.succeed(Command("mount", ["-t", "tmpfs", "-o", "size=64m,mode=0755", "berth-test", box.root]))
    do { try await body() } catch {
      _ = try? await box.berth("host", "down")
      _ = try? await runner.run(Command("umount", ["--lazy", box.root]))
      throw error
    }
    try await runner.succeed(Command("umount", [box.root]))
  }

  /// Runs a command that stops at one of its points (`BERTH_FAULT`), and does something while it stands still.
  ///
  /// - Returns: how it ended, and whether it came to that point.
  static func holding(
    _ box: SandboxFixture, _ words: [String], at point: Int, _ body: () async throws -> Void
  ) async throws -> (run: BerthRun, isHeld: Bool) {
    let isOver = Atomic(false)
    let command = Task {
      defer { isOver.store(true, ordering: .relaxed) }
      return try await box.berth(words, environment: ["BERTH_FAULT": "hold:\(point)"])
    }
    while !isOver.load(ordering: .relaxed) {
      guard let process = stopped(in: box.root) else {
        try await Task.sleep(for: .milliseconds(20))
        continue
      }
      defer { kill(process, SIGCONT) }
      try await body()
      kill(process, SIGCONT)
      return (try await command.value, true)
    }
    return (try await command.value, false)
  }

  /// The program of a sandbox that has stopped itself.
  private static func stopped(in root: String) -> pid_t? {
    func text(_ number: pid_t, _ file: String) -> String {
      FileManager.default.contents(atPath: "/proc/\(number)/\(file)").map { String(decoding: $0, as: UTF8.self) } ?? ""
    }
    let numbers = ((try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []).compactMap { pid_t($0) }
    return numbers.first { number in
      text(number, "cmdline").contains(root) && text(number, "environ").contains("BERTH_FAULT=hold")
        && text(number, "stat").split(separator: ")").last?.hasPrefix(" T") == true
    }
  }

  /// Takes all room but so many KiB.
  static func fill(_ path: String, leaving room: Int, in folder: String) async throws {
    var status = statvfs()
    try #require(statvfs(folder, &status) == 0)
    let free = Int(status.f_bavail) * Int(status.f_frsize) - room * 1024
    try await SubprocessRunner().succeed(Command("fallocate", ["--length", "\(free)", path]))
  }
}
