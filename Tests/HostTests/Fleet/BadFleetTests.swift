import Foundation
import TestSupport
import Testing

@Suite("A fleet file that cannot be changes nothing")
struct BadFleetTests {
  private struct Case {
    let what: String
    /// What stands below `instances:`, which is line 2.
    let entries: String
    let line: Int
    let says: [String]

    init(_ what: String, _ entries: String, line: Int, says: [String]) {
      self.what = what
      self.entries = entries
      self.line = line
      self.says = says
    }
  }

  private static let cases = [
    Case("a YAML error", "  - { app: nap, name: [\n", line: 4, says: []),
    Case("an unknown app", "  - { app: nup, name: a }\n", line: 3, says: ["'nup'", "'nap'"]),
    Case("an unknown key", "  - app: nap\n    nmae: a\n", line: 4, says: ["nmae", "name"]),
    Case("an unknown setting", "  - app: nap\n    settings: { nota: x }\n", line: 4, says: ["nota", "note"]),
    Case(
      "two instances on one port",
      "  - { app: nap, name: a, ports: { game: 12001 } }\n  - { app: nap, name: b, ports: { game: 12001 } }\n",
      line: 4, says: ["12001", "instances[0]"]),
    Case("a name twice", "  - { app: nap, name: a }\n  - { app: nap, name: a }\n", line: 4, says: ["'a'", "'nap'"]),
    Case(
      "a number and a name that meet", "  - { app: nap, name: a, count: 2 }\n  - { app: nap, name: a-2 }\n", line: 4,
      says: ["a-2"]),
    Case(
      "a count with a fixed port", "  - { app: nap, name: a, count: 2, ports: { game: 12001 } }\n", line: 3,
      says: ["'ports'", "'count'"]),
  ]

  @Test("each is 65 with file and line, and the host stays as it was, with an instance that the file would prune")
  func refused() async throws {
    try await SandboxFixture.with { box in
      try box.addPlugin("nap", NapPlugin.first(port: FreePorts.block(3)))
      let good = try box.write("good.yaml", "schema: 1\ninstances:\n  - { app: nap, name: there }\n")
      try await box.succeed("apply", "-f", good)
      let before = try await HostSnapshot(box)
      let operations = try await box.succeed("operations", "list", "--json").output
      for item in Self.cases {
        let file = try box.write("bad.yaml", "schema: 1\ninstances:\n\(item.entries)")
        for command in [["plan"], ["apply", "--prune", "--yes"]] {
          let words = command + ["-f", file]
          let run = try await box.berth(words + ["--json"])
          #expect(run.status == 65 && run.output.isEmpty, "\(item.what): \(run.status) \(run.errors)")
          let failure = try run.failure()
          #expect(failure["code"].text == "bad-fleet" && failure["remedy"].text?.isEmpty == false, "\(item.what)")
          #expect(failure["where"].text == "\(file):\(item.line)", "\(item.what): \(run.errors)")
          for word in item.says {
            #expect(failure["summary"].text?.contains(word) == true, "\(item.what): \(run.errors)")
          }
        }
        let spoken = try await box.berth("plan", "-f", file)
        #expect(spoken.errors.contains("\(file):\(item.line)"), "\(item.what): \(spoken.errors)")
      }
      #expect(try await box.berth("plan", "-f", "\(box.plugins)/none.yaml").status == 65)
      #expect(try await HostSnapshot(box) == before)
      #expect(try await box.succeed("operations", "list", "--json").output == operations)
    }
  }
}
