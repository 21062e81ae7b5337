import BerthKit
import Testing

@testable import BerthEngine

@Suite("An instance whose change broke off and was not recovered")
struct BrokenOffTests {
  @Test("can be started where nothing of it has changed yet, or all has, and be stopped in any case")
  func orders() async throws {
    let crash = Crash.changes[0]
    let calls = try await crash.undisturbed().calls.count
    var (started, refused) = (0, 0)
    for number in 1..<calls {
      let host = try await crash.die(at: number, .after)
      let berth = crash.berth(host)
      guard let operation = try host.registry.journal.open().first,
        let record = try host.registry.instances().first(where: { $0.uid == operation.openItems.first?.uid })
      else { continue }
      let stopped = try await berth.control(.stop, [record])
      #expect(throws: Never.self, "call \(number)") { try stopped[0].result.get() }
      do {
        _ = try await berth.control(.start, [record])
        started += 1
      } catch let error as BerthError {
        #expect(error.code == "incomplete", "call \(number)")
        refused += 1
      }
      #expect(try await berth.recover().allSatisfy { $0.ending != .stuck }, "call \(number)")
      #expect(try host.registry.journal.open().isEmpty)
    }
    #expect(started > 0 && refused > 0, "\(started) \(refused)")
  }
}
