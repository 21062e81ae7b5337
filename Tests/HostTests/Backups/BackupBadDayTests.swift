import BerthHost
import BerthKit
import Foundation
import TestSupport
import Testing

@Suite("Bad days of backups")
struct BackupBadDayTests {
  private static func random(_ bytes: Int) -> Data {
    var data = Data(count: bytes)
    data.withUnsafeMutableBytes { arc4(into: $0) }
    return data
  }

  private static func arc4(into buffer: UnsafeMutableRawBufferPointer) {
    var generator = SystemRandomNumberGenerator()
    var at = 0
    while at + 8 <= buffer.count {
      buffer.storeBytes(of: generator.next(), toByteOffset: at, as: UInt64.self)
      at += 8
    }
  }

  @Test(
    "a disk that is full half-way: the backup leaves nothing, and goes when there is room", .timeLimit(.minutes(30)))
  func fullDisk() async throws {
    try await SandboxFixture.with { box in
      try await SmallDisk.with(box) {
        try box.addPlugin("chest", ChestPlugin.yaml(port: FreePorts.block(3)))
        let chest = try await Chest.install(box)
        // So many bytes cannot be made smaller.
        for name in ["a", "b"] {
          try Self.random(6_000_000).write(to: URL(fileURLWithPath: chest.path("data/\(name)")))
          try chest.own("data/\(name)")
        }
        try await chest.backup("--full")
        let filler = "\(box.root)/filler"
        /// With so many KiB of room the command fails, and leaves everything as it is.
        func expectRefusal(_ words: [String], leaving room: Int, as before: HostSnapshot) async throws {
          try await SmallDisk.fill(filler, leaving: room, in: box.root)
          let run = try await box.berth(words + ["--json"])
          #expect(run.status == 70, "\(room) KiB: \(run.output)\(run.errors)")
          if room > 64 { #expect(try run.failure()["code"].text == "no-space", "\(room) KiB: \(run.errors)") }
          try FileManager.default.removeItem(atPath: filler)
          try await box.succeed("operations", "recover")
          let now = try await HostSnapshot(box)
          #expect(
            now == before,
            "\(room) KiB: \(now.differences(from: before).map { $0.prefix(300) }.joined(separator: "\n"))")
        }
        let before = try await HostSnapshot(box)
        for room in [64, 1000, 4000, 9000, 11500] {
          try await expectRefusal(["backup", "chest", "--full"], leaving: room, as: before)
        }
        let doctor = try await box.berth("doctor", "--json")
        #expect(try doctor.json().list.map { $0["code"].text } == ["backup-failed"], "\(doctor.output)")
        try await chest.backup("--full", "--verify")
        try await chest.expectSound()

        // There is no room for a second copy beside the first.
        try chest.put("data/a", "spoilt")
        let spoilt = try await HostSnapshot(box)
        for room in [64, 1000, 7000, 11500] {
          try await expectRefusal(["restore", "chest", "--yes"], leaving: room, as: spoilt)
        }
        try await chest.restore()
        #expect(chest.text("data/a")?.utf8.count ?? 0 > 1000)
        try await chest.expectSound()
        try await box.succeed("host", "down")
      }
    }
  }

  @Test("two backups at once: the second is busy, or waits; a stop waits for a backup too")
  func together() async throws {
    try await SandboxFixture.with { box in
      let yaml = ChestPlugin.yaml(
        port: FreePorts.block(3), data: #", before: [{ exec: ["{{programs.sleep}}", "3"] }]"#)
      try box.addPlugin("chest", yaml)
      let chest = try await Chest.install(box)
      try chest.put("data/a", "one")
      async let first = box.berth("backup", "chest", "--json")
      let holder = "\(box.root)/state/locks/chest@default.lock"
      for _ in 0..<200 where !SandboxFixture.text(holder).contains("backup") {
        try await Task.sleep(for: .milliseconds(20))
      }
      async let waiting = box.berth("backup", "chest", "--wait", "60", "--json")
      for words in [["backup", "chest"], ["stop", "chest"], ["config", "set", "chest", "note=later"]] {
        let busy = try await box.berth(words + ["--wait", "0", "--json"])
        #expect(busy.status == 75, "\(words): \(busy.status) \(busy.errors)")
        #expect(try busy.failure()["code"].text == "busy", "\(words): \(busy.errors)")
      }
      let made = try await [first, waiting]
      #expect(made.map(\.status) == [0, 0], "\(made.map(\.errors))")
      #expect(try made.map { try $0.json()["kind"].text }.sorted { $0 ?? "" < $1 ?? "" } == ["diff", "full"])
      #expect(try await chest.status()["status"].text == "running")

      async let third = box.berth("backup", "chest", "--json")
      for _ in 0..<200 where !SandboxFixture.text(holder).contains("backup") {
        try await Task.sleep(for: .milliseconds(20))
      }
      let stop = try await box.berth("stop", "chest", "--wait", "60", "--json")
      #expect(stop.status == 0, "\(stop.errors)")
      #expect(try await third.status == 0)
      #expect(try await chest.status()["status"].text == "stopped")
      #expect(try await chest.backups().map { $0["state"].text } == ["good", "good", "good"])
      // One that is stopped is backed up as it is, and stays so.
      let still = try await chest.backup()
      #expect(still["pause"] == .number(0))
      #expect(try await chest.status()["status"].text == "stopped")
      try await chest.restore()
      #expect(try await chest.status()["status"].text == "stopped")
      try await box.succeed("start", "chest")
      try await chest.expectSound()
    }
  }

  @Test("Ctrl-C while the instance is stopped for its copy: it runs again, nothing is left, exit status 130")
  func interrupted() async throws {
    try await SandboxFixture.with { box in
      try box.addPlugin("chest", ChestPlugin.yaml(port: FreePorts.block(3)))
      let chest = try await Chest.install(box)
      let block = Self.random(8_000_000)
      for number in 0..<40 {
        try block.write(to: URL(fileURLWithPath: chest.path("data/big\(number)")))
        try chest.own("data/big\(number)")
      }
      let before = try await HostSnapshot(box)
      let words = ["backup", "chest", "--root", box.root, "--plugins", box.plugins]
      async let backup = BerthProgram.run(words)
      let line = ([BerthProgram.path] + words).joined(separator: "\0") + "\0"
      var process: Int?
      for _ in 0..<1000 where process == nil {
        try await Task.sleep(for: .milliseconds(10))
        // The archive of the first set is hot and small: once it has grown, the copy of the others goes on.
        let folder = "\(box.root)/backups/chest/default"
        let parts = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        let size = parts.compactMap {
          try? FileManager.default.attributesOfItem(atPath: "\(folder)/\($0)")[.size] as? Int
        }.max()
        guard (size ?? 0) > 10_000_000 else { continue }
        process = SandboxFixture.processes().first { SandboxFixture.text("/proc/\($0)/cmdline") == line }
      }
      let isActive = try await box.systemctl("is-active", "chest@default.service")
      #expect(isActive != "active\n")
      #expect(kill(pid_t(try #require(process)), SIGINT) == 0)
      let run = try await backup
      #expect(run.status == 130, "\(run.status) \(run.errors)")
      #expect(run.errors.contains("taking back what was begun"), "\(run.errors)")
      let now = try await HostSnapshot(box)
      #expect(now.units == before.units && now.list == before.list)
      #expect(
        !now.files.keys.contains { $0.hasPrefix("backups/") && $0.contains("tar") },
        "\(now.files.keys.filter { $0.hasPrefix("backups") })")
      #expect(try await chest.backups().isEmpty)
      #expect(try await chest.status()["last_backup"]["succeeded"] == .boolean(false))
      try await box.succeed("operations", "recover")
      try await chest.backup()
      try await chest.expectSound()
    }
  }
}
