import Foundation
import TestSupport
import Testing

extension BootedHostTests {
  @Suite("lines in another instance's name")
  struct ForgedLogTests {
    init() throws { try BootedHost.require() }

    @Test("are the forger's, and not the victim's, in the system scope and a person's", arguments: [nil, "operator"])
    func forged(_ user: String?) async throws {
      try await BootedHost.withPlugins { plugins in
        try Forger.addPlugin(in: plugins)
        chmod(plugins, 0o755)
        let person = (user == nil ? Person.root : .operator).with(plugins: plugins)
        let (victim, forger) = try await Forger.logs { try await person.berth($0) }
        #expect(victim.contains("here I am") && !victim.contains(Forger.line), "\(victim)")
        #expect(forger.contains(Forger.line))
        // By what the writer says of itself it would have been the victim's.
        let named =
          user == nil
          // `--unit=` shows a crash report in the unit's log, and every process can send one.
          ? ["--identifier=mouth@default", "--unit=mouth@default.service"] : ["--user-unit=mouth@default.service"]
        for word in named {
          let other = try await BootedHost.output(
            "runuser", "-u", user ?? "root", "--", "journalctl", "--no-pager", word)
          #expect(other.contains(Forger.line), "\(word): \(other)")
        }
        #expect(try await person.berth("remove", "mouth", "--all", "--yes").status == 0)
      }
    }
  }
}
