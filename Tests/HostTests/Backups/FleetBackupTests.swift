import Foundation
import TestSupport
import Testing

@Suite("A fleet file that says when its instances are backed up")
struct FleetBackupTests {
  @Test("its policy is applied, is nothing to do the second time, is exported, changes without a restart, and goes")
  func policy() async throws {
    try await SandboxFixture.with { box in
      try box.addPlugin("chest", ChestPlugin.yaml(port: FreePorts.block(6), data: ", hot: true"))
      func fleet(_ policy: String) throws -> String {
        try box.write(
          "fleet.yaml",
          """
          schema: 1
          defaults: { backup: { keep: { last: 2 } } }
          instances:
            - { app: chest, name: a, count: 2\(policy) }
            - { app: chest, name: other }
          """)
      }
      func calendar(_ name: String) async throws -> String? {
        let id = try await box.succeed("status", "chest", "--instance", name, "--json").json()["instance_id"].text ?? ""
        let path = "\(box.root)/config/systemd/user/chest-backup@\(id).timer.d/berth.conf"
        return FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) }
      }
      func processes() async throws -> [Int?] {
        var found: [Int?] = []
        for name in ["a-1", "a-2", "other"] {
          found.append(
            try await box.succeed("status", "chest", "--instance", name, "--json").json()["services"][0]["main_pid"]
              .integer)
        }
        return found
      }
      let daily = try fleet(", backup: { schedule: \"*-*-* 03:00\", keep: { daily: 7 } }")
      try await box.succeed("apply", "-f", daily, "--accept", "chest.schedule")
      #expect(try await calendar("a-1")?.contains("OnCalendar=*-*-* 03:00\n") == true)
      #expect(try await calendar("a-2") != nil)
      #expect(try await calendar("other") == nil)
      let timers = try await box.systemctl("list-timers", "--all", "--no-legend")
      #expect(timers.split(separator: "\n").count { $0.contains("chest-backup@") } == 2, "\(timers)")
      let before = try await processes()
      #expect(try await box.berth("plan", "-f", daily).status == 0)
      try await box.succeed("apply", "-f", daily)
      #expect(try await processes() == before)

      // What is exported is the same fleet.
      let exported = try await box.succeed("export").output
      #expect(exported.contains("*-*-* 03:00"), "\(exported)")
      #expect(try await box.berth("plan", "-f", box.write("exported.yaml", exported)).status == 0, "\(exported)")

      // Retention by the fleet's own words.
      for _ in 0..<3 { try await box.succeed("backup", "chest", "--instance", "other", "--full") }
      let kept = try await box.succeed("backups", "list", "chest", "--instance", "other", "--json").json().list
      #expect(kept.count == 2)

      let weekly = try fleet(", backup: { schedule: \"Sun *-*-* 03:00\" }")
      #expect(try await box.berth("plan", "-f", weekly).status == 1)
      try await box.succeed("apply", "-f", weekly, "--accept", "chest.schedule")
      #expect(try await calendar("a-1")?.contains("OnCalendar=Sun *-*-* 03:00\n") == true)
      let none = try fleet(", backup: { schedule: off }")
      try await box.succeed("apply", "-f", none, "--accept", "chest.schedule")
      #expect(try await calendar("a-1") == nil)
      #expect(try await box.systemctl("list-timers", "--all", "--no-legend").contains("chest-backup") == false)
      #expect(try await processes() == before)
      #expect(try await box.berth("plan", "-f", none).status == 0)
      #expect(try await box.berth("doctor").status == 0)
      try await box.succeed("remove", "chest", "--all", "--yes")
      let after = try await HostSnapshot(box)
      #expect(after.units.isEmpty && after.users.isEmpty)
    }
  }
}
