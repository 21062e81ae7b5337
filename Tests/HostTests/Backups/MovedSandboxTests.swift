import Foundation
import TestSupport
import Testing

@Suite("A sandbox that was moved to another path")
struct MovedSandboxTests {
  @Test("lists its backups where they are now, checks them, and restores one")
  func moved() async throws {
    try await SandboxFixture.with { box in
      try box.addPlugin("chest", ChestPlugin.yaml(port: FreePorts.block(3)))
      let chest = try await Chest.install(box)
      try chest.put("data/world", "first")
      let first = try await chest.backup()
      try chest.put("data/world", "second")
      try await chest.backup()
      try await box.succeed("host", "down")
      let place = "\(box.plugins)/moved"
      try FileManager.default.moveItem(atPath: box.root, toPath: place)
      func berth(_ words: String...) async throws -> BerthRun {
        try await BerthProgram.run(["--root", place, "--plugins", box.plugins] + words)
      }
      do {
        let list = try await berth("backups", "list", "chest", "--json").json().list
        #expect(list.count == 2)
        for backup in list {
          #expect(backup["path"].text?.hasPrefix("\(place)/backups/chest/") == true, "\(backup)")
          #expect(FileManager.default.fileExists(atPath: backup["path"].text ?? ""))
        }
        let verified = try await berth("backups", "verify", first["id"].text ?? "")
        #expect(verified.status == 0, "\(verified.errors)")
        #expect(try await berth("host", "up").status == 0)
        let restored = try await berth("restore", "chest", "--backup", first["id"].text ?? "", "--yes", "--json")
        #expect(restored.status == 0, "\(restored.errors)")
        #expect(SandboxFixture.text("\(place)/state/instances/chest/default/data/world") == "first")
        let doctor = try await berth("doctor", "--json")
        #expect(try !doctor.json().list.contains { $0["code"].text?.hasPrefix("backup") == true }, "\(doctor.output)")
      } catch {
        _ = try? await berth("host", "down")
        try? FileManager.default.moveItem(atPath: place, toPath: box.root)
        throw error
      }
      #expect(try await berth("host", "down").status == 0)
      try FileManager.default.moveItem(atPath: place, toPath: box.root)
    }
  }
}
