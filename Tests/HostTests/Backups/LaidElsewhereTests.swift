import BerthHost
import BerthKit
import Foundation
import TestSupport
import Testing

@Suite("A folder of an instance that the operator has put on another disk by a link")
struct LaidElsewhereTests {
  /// Runs a test with a disk of its own.
  private func withDisk(_ body: (_ box: SandboxFixture, _ disk: String) async throws -> Void) async throws {
    try await SandboxFixture.with { box in
      let runner = SubprocessRunner()
      let disk = "\(box.plugins)-disk"
      try FileManager.default.createDirectory(atPath: disk, withIntermediateDirectories: true)
      defer { try? FileManager.default.removeItem(atPath: disk) }
      try await runner.succeed(Command("mount", ["-t", "tmpfs", "-o", "mode=0755", "berth-test", disk]))
      do { try await body(box, disk) } catch {
        _ = try? await box.berth("host", "down")
        _ = try? await runner.run(Command("umount", ["--lazy", disk]))
        throw error
      }
      try await box.succeed("host", "down")
      try await runner.succeed(Command("umount", [disk]))
    }
  }

  /// Moves `data` to the disk, as an operator does.
  private func move(_ chest: Chest, to disk: String) async throws {
    try await chest.box.succeed("stop", chest.app)
    try await SubprocessRunner().succeed(Command("cp", ["-a", chest.path("data"), "\(disk)/data"]))
    try chest.remove("data")
    try FileManager.default.createSymbolicLink(atPath: chest.path("data"), withDestinationPath: "\(disk)/data")
    try await chest.box.succeed("start", chest.app)
  }

  @Test("is backed up and restored there, and the link stays")
  func restored() async throws {
    try await withDisk { box, disk in
      try box.addPlugin("chest", ChestPlugin.yaml(port: FreePorts.block(3)))
      let chest = try await Chest.install(box)
      try chest.put("data/world", "first")
      try await move(chest, to: disk)
      try await chest.backup()
      let owner = try FileManager.default.attributesOfItem(atPath: "\(disk)/data/world")[.ownerAccountID] as? Int
      try Data("second".utf8).write(to: URL(fileURLWithPath: "\(disk)/data/world"))
      try Data("kept".utf8).write(to: URL(fileURLWithPath: "\(disk)/data/notes.tmp"))
      #expect(chown("\(disk)/data/notes.tmp", uid_t(owner ?? 0), gid_t(owner ?? 0)) == 0)
      try await chest.restore()
      #expect(try FileManager.default.destinationOfSymbolicLink(atPath: chest.path("data")) == "\(disk)/data")
      #expect(SandboxFixture.text("\(disk)/data/world") == "first")
      #expect(SandboxFixture.text("\(disk)/data/notes.tmp") == "kept")
      #expect(try FileManager.default.attributesOfItem(atPath: "\(disk)/data/world")[.ownerAccountID] as? Int == owner)
      #expect(try FileManager.default.contentsOfDirectory(atPath: disk) == ["data"])
      #expect(try await chest.status()["status"].text == "running")
      try await chest.expectSound()
    }
  }

  @Test("comes back when a restore is killed after the exchange")
  func killed() async throws {
    try await withDisk { box, disk in
      try box.addPlugin("chest", ChestPlugin.yaml(port: FreePorts.block(3)))
      let chest = try await Chest.install(box)
      try chest.put("data/world", "first")
      try await move(chest, to: disk)
      try await chest.backup()
      try Data("second".utf8).write(to: URL(fileURLWithPath: "\(disk)/data/world"))
      var isExchanged = false
      for point in stride(from: 8, to: 40, by: 2) {
        let run = try await box.berth("restore", "chest", "--yes", environment: ["BERTH_FAULT": "kill:\(point)"])
        guard run.status == 137 else { break }
        isExchanged = isExchanged || SandboxFixture.text("\(disk)/data/world") == "first"
        let recovered = try await box.berth("operations", "recover", "--json")
        #expect(recovered.status == 0, "\(point): \(recovered.output)\(recovered.errors)")
        guard try recovered.json()[0]["ending"].text == "undone" else { break }
        #expect(SandboxFixture.text("\(disk)/data/world") == "second", "\(point)")
        #expect(try FileManager.default.contentsOfDirectory(atPath: disk) == ["data"], "\(point)")
      }
      #expect(isExchanged)
      try await chest.expectSound()
    }
  }

  @Test("is not passed over by a backup when its disk is not there, and neither does a restore work then")
  func missing() async throws {
    try await withDisk { box, disk in
      try box.addPlugin("chest", ChestPlugin.yaml(port: FreePorts.block(3)))
      let chest = try await Chest.install(box)
      try chest.put("data/world", "first")
      try await move(chest, to: disk)
      try await chest.backup()
      try FileManager.default.moveItem(atPath: "\(disk)/data", toPath: "\(disk)/away")
      for words in [["backup", "chest"], ["restore", "chest", "--yes"]] {
        let run = try await box.berth(words + ["--json"])
        #expect(run.status == 65, "\(words): \(run.errors)")
        #expect(try run.failure()["summary"].text?.contains("leads to no folder") == true)
        #expect(try run.failure()["remedy"].text?.hasPrefix("namei -l ") == true)
      }
      try FileManager.default.moveItem(atPath: "\(disk)/away", toPath: "\(disk)/data")
      try await box.succeed("restart", "chest")
      // The doctor tells of the last backup until one goes well.
      try await chest.backup()
      try await chest.expectSound()
    }
  }

  @Test("is refused before anything is done where the folder is the disk itself, which cannot be exchanged")
  func mountPoint() async throws {
    try await withDisk { box, disk in
      try box.addPlugin("chest", ChestPlugin.yaml(port: FreePorts.block(3)))
      let chest = try await Chest.install(box)
      try chest.put("data/world", "first")
      try await chest.backup()
      try await box.succeed("stop", "chest")
      try chest.remove("data")
      try FileManager.default.createSymbolicLink(atPath: chest.path("data"), withDestinationPath: disk)
      let run = try await box.berth("restore", "chest", "--yes", "--json")
      #expect(run.status == 73, "\(run.errors)")
      #expect(try run.failure()["code"].text == "is-mounted")
    }
  }
}
