import Foundation
import TestSupport
import Testing

@Suite("A thousand instances")
struct ScaleTests {
  @Test("are applied, found as they should be, listed and removed", .timeLimit(.minutes(30)))
  func thousand() async throws {
    try await SandboxFixture.with { box in
      try box.addPlugin("nap", NapPlugin.first(port: FreePorts.block(1100)))
      let file = try box.write("fleet.yaml", "schema: 1\ninstances:\n  - { app: nap, name: n, count: 1000 }\n")
      var seconds: [String] = []
      func timed(_ what: String, _ words: String...) async throws -> BerthRun {
        let start = ContinuousClock.now
        let run = try await box.berth(words)
        let passed = (ContinuousClock.now - start).formatted(
          .units(allowed: [.seconds], fractionalPart: .show(length: 1)))
        seconds.append("\(what) \(passed)")
        #expect(run.status == 0, "\(what): \(run.errors)")
        return run
      }
      _ = try await timed("apply", "apply", "-f", file)
      let list = try await timed("list", "list", "--json").json().list
      #expect(list.count == 1000 && list.allSatisfy { $0["status"].text == "running" })
      #expect(Set(list.compactMap { $0["ports"][0]["port"].integer }).count == 1000)
      let operations = try await box.succeed("operations", "list", "--json").json()
      #expect(try await timed("again", "apply", "-f", file).output == "nothing to do\n")
      #expect(try await timed("plan", "plan", "-f", file).output == "nothing to do\n")
      #expect(try await box.succeed("operations", "list", "--json").json() == operations)
      #expect(try await timed("doctor", "doctor", "--json").json() == .list([]))
      let empty = try box.write("empty.yaml", "schema: 1\ninstances: []\n")
      _ = try await timed("prune", "apply", "-f", empty, "--prune", "--yes")
      #expect(try await box.succeed("list", "--json").json() == .list([]))
      let after = try await HostSnapshot(box)
      #expect(after.users.isEmpty && after.units.isEmpty && !after.files.keys.contains { $0.contains("nap") })
      print("1000 instances: \(seconds.joined(separator: ", "))")
    }
  }
}
