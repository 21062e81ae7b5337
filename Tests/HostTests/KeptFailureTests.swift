import Foundation
import TestSupport
import Testing

@Suite("A failed installation that is kept for a look") struct KeptFailureTests {
  @Test("its files, unit and log stay until a recovery takes all of it back")
  func kept() async throws {
    try await SandboxFixture.with { box in
      try box.addPlugin("failing", FixturePlugins.failing)
      try await box.succeed("host", "up")
      let before = try await HostSnapshot(box)
      let run = try await box.berth("install", "failing", "--keep-failed", "--json")
      #expect(run.status == 70)
      let failure = try run.failure()
      #expect(failure["cause"].text?.contains("the map is missing") == true, "\(run.errors)")
      let remedy = try #require(failure["remedy"].text)
      #expect(remedy.hasPrefix("berth operations recover "), "\(remedy)")
      let home = "\(box.root)/state/instances/failing/default"
      #expect(SandboxFixture.text("\(home)/config/app.conf").contains("port = "))
      #expect(try await box.systemctl("cat", "failing@default.service").contains("ExecStart="))
      #expect(try await box.succeed("logs", "failing").output.contains("the map is missing"))
      #expect(try await box.berth("doctor").status == 1)
      let back = try await box.berth("operations", "recover")
      #expect(back.status == 0, "\(back.errors)")
      #expect(!FileManager.default.fileExists(atPath: home))
      let after = try await HostSnapshot(box)
      #expect(after.units == before.units && after.users == before.users)
      #expect(try await box.succeed("list", "--json").json().list.isEmpty)
      #expect(try await box.berth("doctor").status == 0)
    }
  }

  @Test("without it nothing is left but the log in the operation")
  func takenBack() async throws {
    try await SandboxFixture.with { box in
      try box.addPlugin("failing", FixturePlugins.failing)
      #expect(try await box.berth("install", "failing").status == 70)
      #expect(!box.tree().contains { $0.contains("failing") })
      let both = try await box.berth("install", "failing", "--keep-failed", "--keep-going")
      #expect(both.status == 64)
    }
  }
}
