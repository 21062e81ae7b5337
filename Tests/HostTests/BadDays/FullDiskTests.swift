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
          // Looking needs no more room than the registry's index of what was written last.
          let list = try await box.berth("list", "--json")
          #expect(list.status == (room == 0 ? 70 : 0), "\(room) KiB: \(list.errors)")
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
}
