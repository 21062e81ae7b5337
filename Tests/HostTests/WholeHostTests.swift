import Foundation
import TestSupport
import Testing

@Suite("A service that is shown the whole host", .enabled(if: getuid() == 0, "only root's Berth pins"))
struct WholeHostTests {
  /// A program that is shown what a setting names.
  private static func watch(_ id: String) -> String {
    FixturePlugins.idle(id, extra: "    mounts: { /more: { from: \"{{settings.more}}\", mode: ro } }").replacing(
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
}
