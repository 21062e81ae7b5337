import Foundation
import TestSupport
import Testing

@Suite("What a service in a sandbox may not do", .serialized)
struct HardeningTests {
  @Test("root's sandbox: every line of the unit refuses the act that it is for")
  func rootSandbox() async throws {
    try await HardeningWitness.with { witness in
      try await SandboxFixture.with { box in
        try ForbiddenActs.addPlugin(in: box.plugins)
        let outcome = try await ForbiddenActs.outcome(witness) { try await box.berth($0) }
        let unit = try String(contentsOfFile: "\(box.root)/config/systemd/user/acts@.service", encoding: .utf8)
        for line in outcome.sorted(by: { $0.key < $1.key }) { print(line.key, line.value) }
        #expect(ForbiddenActs.problems(with: outcome, unit: unit, exceptions: [:]) == [])
      }
    }
  }

  @Test("control: the same acts succeed for root with nothing to hold it")
  func control() async throws {
    try await HardeningWitness.with { witness in
      let outcome = try await ForbiddenActs.control(witness)
        for line in outcome.sorted(by: { $0.key < $1.key }) { print(line.key, line.value) }
      #expect(outcome.count > 40)
      #expect(outcome.filter { $0.value != "allowed" } == [:])
    }
  }
}
