import BerthHost
import BerthKit
import Foundation
import TestSupport
import Testing

@Suite("Backups that are made by themselves")
struct ScheduleTests {
  private static let timer = "chest-backup@default.timer"

  /// The backups, newest first, once they are as many as they should be or a while has passed.
  private static func wait(_ chest: Chest, until isEnough: ([JSON]) -> Bool) async throws -> [JSON] {
    var backups: [JSON] = []
    for _ in 0..<100 {
      backups = try await chest.backups()
      if isEnough(backups) { break }
      try await Task.sleep(for: .milliseconds(200))
    }
    return backups
  }

  /// One that the timer began in the last moment waits for whoever is at work, and has its turn then.
  private static func waitForLast(_ box: SandboxFixture) async throws {
    for _ in 0..<100 where try await box.systemctl("is-active", "chest-backup@default.service") == "activating\n" {
      try await Task.sleep(for: .milliseconds(100))
    }
  }

  private static func stamps(_ box: SandboxFixture) -> [String] {
    let folder = "\(box.root)/state/private/home/.local/share/systemd/timers"
    return ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).filter { $0.contains("chest") }
  }

  @Test("one that is killed while the service is stopped for it starts the service again by itself")
  func killed() async throws {
    try await SandboxFixture.with { box in
      // It takes its time to stop, so that there is a moment at which to kill.
      let slow = FixturePlugins.idle(extra: "backup: { data: { files: [\"{{paths.data}}\"] } }")
        .replacing("$| = 1; print", with: "$| = 1; $SIG{TERM} = sub { sleep 3; exit 0 }; print")
        .replacing("signal: SIGTERM, grace: 5s", with: "signal: SIGTERM, grace: 20s")
      try box.addPlugin("idle", slow)
      try await box.succeed("install", "idle")
      _ = try await box.systemctl("start", "--no-block", "idle-backup@default.service")
      func isStopping() async throws -> Bool {
        try await box.systemctl("is-active", "idle@default.service") == "deactivating\n"
      }
      // Its process has the lowest priority.
      var patience = 3000
      while patience > 0, try await !isStopping() {
        patience -= 1
        try await Task.sleep(for: .milliseconds(50))
      }
      #expect(patience > 0)
      _ = try await box.systemctl("kill", "--signal=SIGKILL", "idle-backup@default.service")
      while patience > 0, try await box.berth("status", "idle", "--json").json()["status"].text != "running" {
        patience -= 1
        try await Task.sleep(for: .milliseconds(100))
      }
      let status = try await box.berth("status", "idle", "--json").json()
      #expect(status["status"].text == "running" && !status["last_backup"]["succeeded"].isTrue, "\(status)")
      #expect(try await box.berth("operations", "recover", "--json").json().list.isEmpty)
    }
  }

  @Test(
    "a timer backs up, retention prunes, and it comes and goes with the instance and its schedule",
    .timeLimit(.minutes(30)))
  func life() async throws {
    try await SandboxFixture.with { box in
      try box.addPlugin("chest", ChestPlugin.yaml(port: FreePorts.block(3), data: ", hot: true"))
      let chest = try await Chest.install(box)
      try chest.put("data/map", "a map")
      for _ in 0..<4 { try await chest.backup("--full") }
      let process = try await chest.process()
      #expect(try await box.systemctl("is-active", Self.timer) == "inactive\n")

      try await box.succeed("backup", "chest", "--schedule", "*:*:0/2", "--keep-last", "2")
      #expect(try await chest.process() == process)
      #expect(try await box.systemctl("is-active", Self.timer) == "active\n")
      let made = try await Self.wait(chest) { $0.first?["reason"].text == "schedule" && $0.count == 2 }
      #expect(made.first?["reason"].text == "schedule" && made.count == 2, "\(made)")
      #expect(try await chest.process() == process)
      #expect(try await chest.status()["last_backup"]["succeeded"].isTrue)
      #expect(try await box.berth("logs", "chest", "--lines", "200").status == 0)

      // It goes with the instance: nothing is backed up by itself any more.
      try await box.succeed("stop", "chest", "--wait", "60")
      #expect(try await box.systemctl("is-active", Self.timer) == "inactive\n")
      try await Self.waitForLast(box)
      let still = try await chest.backups().map { $0["id"] }
      try await Task.sleep(for: .seconds(3))
      #expect(try await chest.backups().map { $0["id"] } == still)
      try await box.succeed("start", "chest")
      #expect(try await box.systemctl("is-active", Self.timer) == "active\n")
      let more = try await Self.wait(chest) { !still.contains($0.first?["id"] ?? .null) }
      #expect(!still.contains(more.first?["id"] ?? .null))

      try await box.succeed("backup", "chest", "--schedule", "off", "--wait", "60")
      #expect(try await box.systemctl("is-active", Self.timer) == "inactive\n")
      #expect(!box.tree().contains { $0.contains("\(Self.timer).d") })
      try await chest.expectSound()
      try await box.succeed("backup", "chest", "--schedule", "*:*:0/2")
      _ = try await Self.wait(chest) { !more.map { $0["id"] }.contains($0.first?["id"] ?? .null) }
      try await box.succeed("remove", "chest", "--yes", "--wait", "60")
      try await Self.waitForLast(box)
      let after = try await HostSnapshot(box)
      #expect(after.units.isEmpty && after.users.isEmpty, "\(after.units)")
      #expect(!box.tree().contains { $0.contains("chest") && !$0.hasPrefix("backups/") })
      #expect(Self.stamps(box).isEmpty)
      #expect(try await box.systemctl("list-timers", "--all", "--no-legend").contains("chest") == false)
      #expect(try await !chest.backups().isEmpty)
    }
  }

  @Test("one that fails is shown until one succeeds")
  func failing() async throws {
    try await SandboxFixture.with { box in
      let yaml = ChestPlugin.yaml(
        port: FreePorts.block(3),
        data: #", hot: true, before: [{ exec: [/usr/bin/test, "!", -e, "{{paths.cache}}/broken"] }]"#)
      try box.addPlugin("chest", yaml)
      let chest = try await Chest.install(box)
      try chest.put("cache/broken", "")
      try await box.succeed("backup", "chest", "--schedule", "*:*:0/2")
      func wait(succeeded: Bool) async throws -> JSON {
        var last = JSON.null
        for _ in 0..<100 {
          last = try await chest.status()["last_backup"]
          if last["succeeded"] == .boolean(succeeded) { break }
          try await Task.sleep(for: .milliseconds(200))
        }
        return last
      }
      let failed = try await wait(succeeded: false)
      #expect(
        failed["succeeded"] == .boolean(false) && failed["error"].text?.contains("data-before") == true, "\(failed)")
      #expect(try await box.succeed("status", "chest").output.contains("failed: "))
      #expect(try await chest.status()["status"].text == "running")
      #expect(try await chest.backups().isEmpty)
      try chest.remove("cache/broken")
      #expect(try await wait(succeeded: true)["succeeded"].isTrue)
      try await box.succeed("backup", "chest", "--schedule", "off", "--wait", "60")
      try await chest.expectSound()
    }
  }
}
