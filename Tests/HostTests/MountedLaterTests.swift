import BerthHost
import BerthKit
import Foundation
import TestSupport
import Testing

@Suite("A disk that is mounted while a sandbox runs")
struct MountedLaterTests {
  @Test("is seen in the sandbox, and what the sandbox mounts is not seen on the host")
  func seen() async throws {
    try await SandboxFixture.with { box in
      let runner = SubprocessRunner()
      let place = "\(box.plugins)/place"
      try FileManager.default.createDirectory(atPath: "\(place)/disk", withIntermediateDirectories: true)
      // As the root folder is on a host that systemd booted.
      try await runner.succeed(Command("mount", ["--bind", place, place]))
      do {
        try await runner.succeed(Command("mount", ["--make-shared", place]))
        try await box.succeed("host", "up")
        // With the root that the manager has, which may be another one than the namespace's.
        let inside = ["--target", "\(try box.manager())", "--mount", "--root"]
        let before = try await runner.run(Command("nsenter", inside + ["ls", "\(place)/disk"])).output
        #expect(before == "")
        try await runner.succeed(Command("mount", ["-t", "tmpfs", "berth-test", "\(place)/disk"]))
        #expect(FileManager.default.createFile(atPath: "\(place)/disk/world", contents: nil))
        #expect(try await runner.run(Command("nsenter", inside + ["ls", "\(place)/disk"])).output == "world\n")
        let inner = Command("nsenter", inside + ["mount", "-t", "tmpfs", "berth-test", place])
        try await runner.succeed(inner)
        #expect(FileManager.default.fileExists(atPath: "\(place)/disk/world"))
        try await box.succeed("host", "down")
      } catch {
        _ = try? await runner.run(Command("umount", ["--recursive", "--lazy", place]))
        throw error
      }
      try await runner.succeed(Command("umount", ["--recursive", place]))
    }
  }
}
