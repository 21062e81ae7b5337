import BerthHost
import BerthKit
import Foundation
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

  /// Takes all room but so many KiB.
  static func fill(_ path: String, leaving room: Int, in folder: String) async throws {
    var status = statvfs()
    try #require(statvfs(folder, &status) == 0)
    let free = Int(status.f_bavail) * Int(status.f_frsize) - room * 1024
    try await SubprocessRunner().succeed(Command("fallocate", ["--length", "\(free)", path]))
  }
}
