import BerthKit
import Testing

@testable import BerthEngine
@testable import BerthPlanning

@Suite("Locks of operations")
struct LockTests {
  private func hostWithTwo() async throws -> TestHost {
    let host = try TestHost()
    _ = try await host.berth().install([InstallRequest(app: "harbour"), InstallRequest(app: "harbour", name: "Two")])
    return host
  }

  /// What is done to an instance whose lock another has.
  static let deeds: [@Sendable (Berth, [InstanceRecord]) async throws -> Void] = [
    { berth, records in _ = try await berth.change("update", records, ChangeWish(settings: ["size": "9"])) },
    { berth, records in _ = try await berth.remove(records, keepsData: true) },
    { berth, records in _ = try await berth.control(.restart, records) },
  ]

  @Test("an instance that somebody is at work on is busy, and nothing is done to the others", arguments: deeds.indices)
  func busy(_ index: Int) async throws {
    let host = try await hostWithTwo()
    let before = try Snapshot(host)
    let records = try host.registry.instances()
    let lock = try await host.locks.take("/locks/harbour@default.lock", purpose: "a backup", wait: 0)
    let error = await refusal { try await Self.deeds[index](host.berth(), records) }
    #expect(error?.code == "busy")
    #expect(error?.kind.exitStatus == 75)
    #expect(error?.cause == "process 1, a backup")
    #expect(host.locks.held == ["harbour@default.lock"])
    lock.release()
    #expect(try Snapshot(host).changes(since: before) == [])
  }

  @Test("where the others go on, only the one that is busy is left out")
  func keepsGoing() async throws {
    let host = try await hostWithTwo()
    let records = try host.registry.instances()
    let lock = try await host.locks.take("/locks/harbour@default.lock", purpose: "a backup", wait: 0)
    let outcomes = try await host.berth(options: .keepingGoing)
      .change("update", records, ChangeWish(settings: ["size": "9"]))
    lock.release()
    let codes = outcomes.reduce(into: [:]) { $0[$1.record.key.id == .default ? "default" : "two"] = $1.code ?? "done" }
    #expect(codes == ["default": "busy", "two": "done"])
    for record in records {
      let size = try host.registry.settings(of: record.uid).first { $0.key == "size" }?.value
      #expect(size == (record.key.id == .default ? "4" : "9"))
    }
  }

  @Test("while an operation is at work it is neither incomplete nor recovered, and says who is at work")
  func running() async throws {
    let crash = Crash.installs[0]
    let calls = try await crash.undisturbed().calls
    let host = try await crash.die(at: calls.count - 4, .after)
    let open = try #require(try host.registry.journal.open().first)
    let lock = try await host.locks.take("/locks/operation-\(open.token).lock", purpose: "install demo/PvP", wait: 0)
    let berth = host.berth()
    #expect(try await berth.list().allSatisfy { $0.status != .incomplete })
    #expect(try berth.operation(open.id).holder == "process 1, install demo/PvP")
    #expect(try berth.operations(newest: 5).map(\.holder) == ["process 1, install demo/PvP"])
    let error = await refusal { try await berth.recover(open.id) }
    #expect(error?.code == "busy")
    #expect(error?.kind == .busy)
    #expect(error?.cause == "process 1, install demo/PvP")
    // Among all it is passed over.
    #expect(try await berth.recover().isEmpty)
    lock.release()
    #expect(try await berth.list().map(\.status) == [.incomplete])
    #expect(try berth.operation(open.id).holder == nil)
    #expect(try await berth.recover(open.id).count == 1)
    #expect(host.locks.held.isEmpty)
  }

  @Test("what broke off is refused by every other operation, with the command that helps", arguments: deeds.indices)
  func brokenOff(_ index: Int) async throws {
    let crash = Crash.changes[0]
    let host = try await crash.die(at: 3, .after)
    let record = try host.record(app: "harbour")
    #expect(try await host.berth().list().map(\.status) == [.incomplete])
    let error = await refusal { try await Self.deeds[index](host.berth(), [record]) }
    #expect(error?.code == "incomplete")
    #expect(error?.remedy == "berth operations recover 2")
    #expect(host.locks.held.isEmpty)
    _ = try await host.berth().recover()
    try await Self.deeds[index](host.berth(), [record])
  }

  @Test("a manager that is down keeps a recovery from beginning, and nothing stays locked")
  func managerDown() async throws {
    let crash = Crash.installs[0]
    let (before, after, calls) = try await crash.undisturbed()
    let host = try await crash.die(at: calls.count - 2, .after)
    host.manager.set { $0.isUp = false }
    #expect(await refusal { try await host.berth().recover() }?.code == "manager-down")
    #expect(host.locks.held.isEmpty)
    host.manager.set { $0.isUp = true }
    try crash.expectWhole(host, try await host.berth().recover(), before, after, "with the manager up again")
  }
}
