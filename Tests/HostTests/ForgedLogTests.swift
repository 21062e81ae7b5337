import BerthHost
import BerthKit
import Foundation
import TestSupport
import Testing

@Suite("Lines in another instance's name")
struct ForgedLogTests {
  @Test("are not the victim's in a sandbox, whoever reaches its journal")
  func sandbox() async throws {
    try await SandboxFixture.with { box in
      try Forger.addPlugin(in: box.plugins)
      try await box.succeed("install", "mouth")
      let status = try await box.berth("status", "mouth", "--json").json()
      let process = try #require(status["services"][0]["main_pid"].integer)
      let parent = SandboxFixture.text("/proc/\(process)/status").split(separator: "\n").first { $0.hasPrefix("PPid:") }
      let manager = try #require(parent?.split(separator: "\t").last.map(String.init))
      // Shut in, a service does not see the private journal's sockets. This one has left its unit.
      let forged = try await SubprocessRunner().run(
        Command(
          "nsenter",
          ["--target", manager, "--mount", "--root", "setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
            + [Attack.doors, "log", "mouth@default", "mouth@default.service", Forger.line]))
      #expect(forged.output == "forged\n", "\(forged.output)\(forged.errorOutput)")
      let victim = try await box.berth("logs", "mouth", "--json").output
      #expect(victim.contains("here I am") && !victim.contains(Forger.line), "\(victim)")
      // By its name alone it would have been the victim's.
      let named = try await SubprocessRunner().run(
        Command("journalctl", ["--directory=\(box.root)/state/journal", "--identifier=mouth@default"]))
      #expect(named.output.contains(Forger.line))
    }
  }
}
