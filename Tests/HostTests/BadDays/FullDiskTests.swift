import Foundation
import TestSupport
import Testing

@Suite("A disk that is full")
struct FullDiskTests {
  @Test(
    "before or in the middle of a batch: everything is as before, at once or after room was made",
    .timeLimit(.minutes(30)))
  func batch() async throws {
    try await SandboxFixture.with { box in
      try await SmallDisk.with(box) {
        try box.addPlugin("nap", NapPlugin.first(port: FreePorts.block(300)))
        try await box.succeed("install", "nap", "--instance-name", "old")
        let filler = "\(box.root)/filler"
        let before = try await HostSnapshot(box)
        var endings: [String] = []
        let words = ["install", "nap", "--count", "200", "--instance-name", "new", "--json"]
        // From so little that not even the intent could be written down, to so much that most of the batch would fit.
        for room in [0, 64, 256, 768, 1500, 2500] {
          try await SmallDisk.fill(filler, leaving: room, in: box.root)
          let run = try await box.berth(words)
          #expect(run.status == 70, "\(room) KiB: \(run.errors.suffix(2000))")
          let failure = try run.failure()
          #expect(failure["code"].text == "disk-full", "\(room) KiB: \(run.errors.suffix(2000))")
          #expect(failure["remedy"].text?.hasPrefix("df -h ") == true, "\(run.errors.suffix(2000))")
          try FileManager.default.removeItem(atPath: filler)
          let now = try await HostSnapshot(box)
          #expect(now == before, "\(room) KiB: \(now.differences(from: before).joined(separator: "\n").prefix(3000))")
          // Nothing was begun.
          #expect(try await box.berth("operations", "recover", "--json").json().list.isEmpty, "\(room) KiB")
        }
        // Somebody else fills the disk once it has begun: before a first file, among the files, and late.
        for (point, room) in [(2, 0), (20, 64), (600, 0), (1500, 256), (3000, 0)] {
          let (run, isHeld) = try await SmallDisk.holding(box, words, at: point) {
            try await SmallDisk.fill(filler, leaving: room, in: box.root)
          }
          try #require(isHeld, "the command has no point \(point)")
          #expect(run.status == 70, "\(point): \(run.errors.suffix(2000))")
          let list = try await box.berth("list", "--json")
          #expect(list.status == 0, "\(point): \(list.errors)")
          try FileManager.default.removeItem(atPath: filler)
          let recovered = try await box.berth("operations", "recover", "--json")
          #expect(recovered.status == 0, "\(point): \(recovered.output)\(recovered.errors)")
          endings.append(try recovered.json()[0]["ending"].text ?? "at once")
          let now = try await HostSnapshot(box)
          #expect(now == before, "\(point): \(now.differences(from: before).joined(separator: "\n").prefix(3000))")
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

  @Test(
    "files of an instance are all as they were, or all as they shall be, however much room there is and whenever it goes",
    .timeLimit(.minutes(60)))
  func files() async throws {
    try await SandboxFixture.with { box in
      try await SmallDisk.with(box) {
        try box.addPlugin("tome", Self.tome)
        try await box.succeed("install", "tome", "--set", "note=old")
        let filler = "\(box.root)/filler"
        func notes() throws -> Set<String> {
          try Set(
            (1...4).map { number in
              let path = "\(box.root)/state/instances/tome/default/config/\(number).conf"
              let text = try String(contentsOfFile: path, encoding: .utf8)
              #expect(text.utf8.count > 60_000, "\(path)")
              return text.split(separator: "\n").first { $0.hasPrefix("note") }.map(String.init) ?? "nothing"
            })
        }
        let old = try notes()
        try await box.succeed("config", "set", "tome", "note=new")
        let new = try notes()
        try #require(old.count == 1 && new.count == 1 && old != new)
        let change = ["config", "set", "tome", "note=new", "--json"]
        func expectWhole(_ run: BerthRun, _ what: String) throws {
          #expect([0, 70].contains(run.status), "\(what): \(run.errors)")
          #expect(try notes() == (run.status == 0 ? new : old), "\(what): \(run.errors)")
        }
        func putBack() async throws {
          try? FileManager.default.removeItem(atPath: filler)
          try await box.succeed("operations", "recover")
          try await box.succeed("config", "set", "tome", "note=old")
          #expect(try notes() == old)
          #expect(try await box.berth("doctor").status == 0)
        }
        try await putBack()
        var refused: [Int] = []
        for room in EveryPoint.isTried ? [16, 70, 100, 130, 200, 400, 700, 1000, 4000] : [16, 130, 4000] {
          try await SmallDisk.fill(filler, leaving: room, in: box.root)
          let run = try await box.berth(change)
          try expectWhole(run, "\(room) KiB")
          if run.status != 0 {
            refused.append(room)
            #expect(try run.failure()["code"].text == "disk-full", "\(room) KiB: \(run.errors)")
          }
          try await putBack()
        }
        #expect(refused.contains(130) && !refused.contains(4000), "\(refused)")
        // Somebody else takes all that is left, at each point of it in turn.
        let step = EveryPoint.isTried ? 1 : 7
        var (point, failed) = (1, 0)
        while true {
          let (run, isHeld) = try await SmallDisk.holding(box, change, at: point) {
            try await SmallDisk.fill(filler, leaving: 0, in: box.root)
          }
          try expectWhole(run, "point \(point)")
          try await putBack()
          guard isHeld else { break }
          if run.status != 0 { failed += 1 }
          point += step
        }
        // Each of four files has a point before it and one behind it.
        #expect(failed >= max(1, 8 / step), "of \(point) points")
        try await box.succeed("host", "down")
      }
    }
  }

  /// A program with large config files, and a setting that stands in all of them.
  private static let tome: String = {
    let page = String(repeating: "all-work-and-no-play-makes-Jack-a-dull-boy-", count: 1400)
    let files = (1...4).map {
      "  \($0).conf: { format: properties, values: { note: \"{{settings.note}}\", page: \"\(page)\" } }"
    }
    return """
      schema: 1
      id: tome
      name: Tome
      summary: Has much to read
      category: other
      version: "1"
      programs: { sleep: [/usr/bin/sleep] }
      settings:
        note: { type: string, default: none }
      services:
        main:
          exec: ["{{programs.sleep}}", infinity]
          stop: { grace: 1s }
      config:
      \(files.joined(separator: "\n"))
      """
  }()
}
