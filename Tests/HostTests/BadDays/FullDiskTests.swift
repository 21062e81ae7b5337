import Foundation
import TestSupport
import Testing

@Suite("A disk that is full")
struct FullDiskTests {
  @Test("in the middle of a batch: everything is as before, at once or after room was made", .timeLimit(.minutes(30)))
  func batch() async throws {
    try await SandboxFixture.with { box in
      try await SmallDisk.with(box) {
        try box.addPlugin("nap", NapPlugin.first(port: FreePorts.block(300)))
        try await box.succeed("install", "nap", "--instance-name", "old")
        let filler = "\(box.root)/filler"
        let before = try await HostSnapshot(box)
        var endings: [String] = []
        // From so little that not even the intent can be written down, to so much that most of the batch fits.
        for room in [0, 64, 256, 768, 1500, 2500] {
          try await SmallDisk.fill(filler, leaving: room, in: box.root)
          let run = try await box.berth("install", "nap", "--count", "200", "--instance-name", "new", "--json")
          #expect(run.status == 70, "\(room) KiB: \(run.errors.suffix(2000))")
          if room == 0 { #expect(try run.failure()["remedy"].text?.hasPrefix("df -h ") == true, "\(run.errors)") }
          let list = try await box.berth("list", "--json")
          #expect(list.status == 0, "\(room) KiB: \(list.errors)")
          try FileManager.default.removeItem(atPath: filler)
          let recovered = try await box.berth("operations", "recover", "--json")
          #expect(recovered.status == 0, "\(room) KiB: \(recovered.output)\(recovered.errors)")
          endings.append(try recovered.json()[0]["ending"].text ?? "at once")
          let now = try await HostSnapshot(box)
          #expect(now == before, "\(room) KiB: \(now.differences(from: before).joined(separator: "\n").prefix(3000))")
          #expect(try await box.berth("doctor").status == 0)
        }
        #expect(!endings.contains("finished"), "\(endings)")
        // With room all of it goes.
        try await box.succeed("install", "nap", "--count", "20", "--instance-name", "new")
        try await box.succeed("host", "down")
      }
    }
  }

  @Test(
    "a service is seen, stopped and started all the same, also when a change has broken off", arguments: [false, true])
  func control(hasBroken: Bool) async throws {
    try await SandboxFixture.with { box in
      try await SmallDisk.with(box) {
        try box.addPlugin("idle", FixturePlugins.idle())
        try await box.succeed("install", "idle")
        let filler = "\(box.root)/filler"
        if hasBroken {
          // Everything is written down, and nothing was done yet.
          let run = try await box.berth(
            "config", "set", "idle", "greeting=lost", environment: ["BERTH_FAULT": "kill:3"])
          #expect(run.status == 137, "\(run.errors)")
        }
        try await SmallDisk.fill(filler, leaving: 0, in: box.root)
        func status() async throws -> String? {
          let run = try await box.berth("status", "idle", "--json")
          #expect(run.status == 0, "\(run.errors)")
          return try run.json()["services"][0]["status"].text
        }
        #expect(try await status() == "running")
        var heard = ""
        for (word, expected) in [
          ("stop", "stopped"), ("start", "running"), ("restart", "running"), ("stop", "stopped"),
        ] {
          let run = try await box.berth(word, "idle")
          #expect(run.status == 0, "\(word): \(run.errors)")
          #expect(run.errors.contains("disk is full") || hasBroken, "\(word): \(run.errors)")
          heard += run.errors
          #expect(try await status() == expected, "\(word)")
        }
        // A little room is left where the registry's own log had some, and then the change is taken back.
        if hasBroken { #expect(heard.contains("broken off") || heard.contains("broke off"), "\(heard)") }
        #expect(try await box.berth("logs", "idle").status == 0)
        #expect(try await box.berth("list").status == 0)
        // What changes files is refused, and says why.
        let change = try await box.berth("config", "set", "idle", "greeting=full", "--json")
        #expect(change.status != 0, "\(change.output)")
        try FileManager.default.removeItem(atPath: filler)
        try await box.succeed("start", "idle")
        #expect(try await status() == "running")
        #expect(try await box.berth("doctor").status == 0)
        try await box.succeed("config", "set", "idle", "greeting=room")
        try await box.succeed("host", "down")
      }
    }
  }
}
