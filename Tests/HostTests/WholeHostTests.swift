import Foundation
import TestSupport
import Testing

@Suite("A service that is shown the whole host")
struct WholeHostTests {
  /// A program that is shown what a setting names.
  private static func watch(_ id: String) -> String {
    FixturePlugins.idle(id, extra: "    mounts: { /mnt: { from: \"{{settings.more}}\", mode: ro } }").replacing(
      "settings:\n", with: "settings:\n  more: { type: path, default: /usr/share }\n")
  }

  @Test("keeps no other service from starting, stopping and being removed")
  func others() async throws {
    try await SandboxFixture.with { box in
      for id in ["watch", "other"] { try box.addPlugin(id, Self.watch(id)) }
      try await box.succeed("install", "other")
      // What it sees are the mounts of the other one, too.
      try await box.succeed("install", "watch", "--set", "more=/", "--yes")
      try await box.succeed("restart", "other")
      try await box.succeed("restart", "watch")
      for _ in 0..<2 { try await box.succeed("restart", "other") }
      try await box.succeed("remove", "other", "--yes")
      try await box.succeed("install", "other")
      #expect(try await box.berth("list", "--json").json().list.map { $0["status"].text } == ["running", "running"])
    }
  }

  @Test("is no place for a file where the host has a folder: that is refused, and what runs goes on")
  func kinds() async throws {
    try await SandboxFixture.with { box in
      try box.addPlugin("watch", Self.watch("watch"))
      try await box.succeed("install", "watch")
      for words in [
        ["config", "set", "watch", "more=/etc/hostname"], ["install", "watch", "--set", "more=/etc/hostname"],
      ] {
        let run = try await box.berth(words + ["--yes", "--json"])
        #expect(try run.status == 65 && (run.failure()["code"].text) == "mount-kind", "\(run.output)\(run.errors)")
      }
      #expect(try await box.berth("status", "watch", "--json").json()["status"].text == "running")
    }
  }

  @Test("is not started or changed once what it was shown has become a file, and that is said")
  func exchanged() async throws {
    try await SandboxFixture.with { box in
      try box.addPlugin("watch", Self.watch("watch"))
      let place = "\(box.root)/place"
      try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
      try await box.succeed("install", "watch", "--set", "more=\(place)", "--yes")
      try FileManager.default.removeItem(atPath: place)
      try "".write(toFile: place, atomically: true, encoding: .utf8)
      for words in [["restart", "watch"], ["config", "set", "watch", "greeting=new"]] {
        let run = try await box.berth(words + ["--yes", "--json"])
        #expect(run.status == 65 && run.errors.contains("mount-kind"), "\(run.output)\(run.errors)")
      }
      #expect(try await box.berth("status", "watch", "--json").json()["status"].text == "running")
    }
  }
}
