import BerthHost
import BerthKit
import Foundation
import TestSupport
import Testing

@Suite("Lines in another instance's name")
struct ForgedLogTests {
  @Test("are the forger's, and not the victim's, in a sandbox")
  func sandbox() async throws {
    try await SandboxFixture.with { box in
      try Forger.addPlugin(in: box.plugins)
      let (victim, forger) = try await Forger.logs { try await box.berth($0) }
      #expect(victim.contains("here I am") && !victim.contains(Forger.line), "\(victim)")
      let lines = try forger.split(separator: "\n").map { try JSON(parsing: String($0)) }
      let forged = lines.first { $0["message"].text == Forger.line }
      #expect(forged != nil, "\(forger)")
      #expect(forged?["unit"].text == lines.first { $0["message"].text == "here I am" }?["unit"].text)
      // By its name alone it would have been the victim's.
      let named = try await SubprocessRunner().run(
        Command("journalctl", ["--directory=\(box.root)/state/journal", "--identifier=mouth@default"]))
      #expect(named.output.contains(Forger.line))
    }
  }
}
