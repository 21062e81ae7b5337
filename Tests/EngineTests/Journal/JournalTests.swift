import BerthKit
import GRDB
import Synchronization
import Testing

@testable import BerthEngine
@testable import BerthPlanning
@testable import BerthStore

@Suite("The journal")
struct JournalTests {
  private static let secret = "TopSecretValue77"

  private func draft(_ number: Int, items: [OperationRecord.Item] = []) -> OperationDraft {
    OperationDraft(
      token: "1-\(number)", verb: "install", command: "berth install demo",
      person: OperationRecord.Person(id: 0, name: "root", sudoUser: "mara"), startedAt: "2026-11-21T09:00:00Z",
      steps: 3, items: items, plan: nil)
  }

  /// Everything that the journal's tables hold, as text.
  private func texts(_ registry: InstanceRegistry) throws -> [String] {
    try registry.database.read { db in
      try ["operation", "operation_instance", "receipt"].flatMap { table in
        try Row.fetchAll(db, sql: "SELECT * FROM \(table)").map { "\(table) \($0)" }
      }
    }
  }

  @Test("knows how each call is taken back before the call changes anything")
  func intentFirst() async throws {
    let host = try TestHost(.system)
    let unknown = Mutex<[String]>([])
    host.fault.arm()
    host.fault.watch { [registry = host.registry] call in
      let words = call.split(separator: " ")
      let noted = (try? registry.journal.receipts(of: 1).joined()) ?? ""
      let isKnown =
        words.dropFirst().contains { noted.contains($0) } || call == "reload all" && noted.contains("reloadManager")
      if !isKnown { unknown.withLock { $0.append(call) } }
    }
    let berth = host.berth(options: .init(command: "berth install demo"))
    _ = try await berth.install(InstallRequest(app: "demo", settings: ["token": Self.secret]))
    // Failures that are forgotten before a start need no undo.
    #expect(unknown.withLock { $0 }.filter { !$0.hasPrefix("reset") } == [])
  }

  @Test("has the operation, who gave it, and how far it has come")
  func operation() async throws {
    let host = try TestHost()
    let seen = Mutex<[OperationRecord]>([])
    host.fault.arm()
    host.fault.watch { [registry = host.registry] call in
      if call.hasPrefix("start "), let open = try? registry.journal.open() { seen.withLock { $0 = open } }
    }
    let berth = host.berth(options: .init(command: "berth install demo --instance-name PvP"))
    _ = try await berth.install(InstallRequest(app: "demo", name: "PvP"))
    let open = try #require(seen.withLock { $0 }.first)
    #expect(open.state == .begun)
    #expect(open.begun == open.steps - 1)
    #expect(open.endedAt == nil)
    let ended = try berth.operation(1).operation
    #expect(ended.state == .done)
    #expect(ended.title == "install demo/PvP")
    #expect(ended.command == "berth install demo --instance-name PvP")
    #expect(ended.person.id == 1000)
    #expect(ended.begun == ended.steps)
    #expect(ended.endedAt == "2026-11-21T09:00:00Z")
    #expect(ended.items.map(\.action) == ["make"])
    #expect(ended.items.map(\.outcome) == [.done])
    #expect(await refusal { try berth.operation(2) }?.code == "unknown-operation")
  }

  @Test("forgets plan and receipts at the end, and with them every secret", arguments: [false, true])
  func forgets(_ fails: Bool) async throws {
    let host = try TestHost(.system)
    let berth = host.berth(
      [HarbourPlugin(version: "2", migrates: true), DemoPlugin()], options: .init(command: "berth update"))
    _ = try await host.berth().install(InstallRequest(app: "harbour", settings: ["key": Self.secret]))
    let during = Mutex("")
    let faults = Mutex(fails ? 1 : 0)
    host.fault.arm { _, call in
      guard call.hasPrefix("reload") else { return false }
      return faults.withLock { left in
        left -= 1
        return left >= 0
      }
    }
    host.fault.watch { [registry = host.registry] call in
      let texts = (try? self.texts(registry).joined()) ?? ""
      during.withLock { $0 += texts }
    }
    _ = try? await berth.change(host.record(app: "harbour"), ChangeWish(settings: ["key": "OtherSecret88"]))
    _ = try? await berth.remove(InstanceKey(app: "harbour", id: .default), keepsData: false)
    // It has to be there meanwhile, or nothing could be taken back.
    #expect(during.withLock { $0.contains(Self.secret) })
    let left = try texts(host.registry)
    #expect(left.count >= 6)
    #expect(left.filter { $0.contains(Self.secret) || $0.contains("OtherSecret88") || $0.hasPrefix("receipt") } == [])
    for operation in try host.registry.journal.newest(9) {
      #expect(try host.registry.journal.plan(of: operation.id) == nil)
    }
  }

  @Test("remembers a thousand operations that have ended, and every one that has not")
  func retention() throws {
    let registry = try InstanceRegistry.inMemory()
    let journal = registry.journal
    for number in 1...1005 {
      let id = try journal.begin(draft(number))
      if number != 2 { try journal.end(id, .done, at: "2026-11-21T09:00:01Z") }
    }
    let all = try journal.newest(2000)
    #expect(all.count == 1001)
    #expect(all.first?.id == 1005)
    #expect(all.last?.id == 2)
    #expect(try journal.open().map(\.id) == [2])
    #expect(try journal.newest(3).map(\.id) == [1005, 1004, 1003])
    #expect(try journal.operation(1) == nil)
  }

  @Test("keeps receipts in order, and how many steps are begun")
  func receipts() throws {
    let journal = try InstanceRegistry.inMemory().journal
    let id = try journal.begin(draft(1))
    try journal.note("first", of: id, begun: 1)
    try journal.note(nil, of: id, begun: 2)
    try journal.note("second", of: id, begun: 3)
    #expect(try journal.receipts(of: id) == ["first", "second"])
    #expect(try journal.operation(id)?.begun == 3)
  }

  @Test("lists open operations oldest first, with their items, outcomes and errors")
  func items() throws {
    let journal = try InstanceRegistry.inMemory().journal
    let items = (1...3).map {
      OperationRecord.Item(
        uid: "uid-\($0)", key: InstanceKey(app: "demo", id: InstanceID(unchecked: Sample.id($0))),
        name: InstanceName(unchecked: "name-\($0)"), action: "make")
    }
    let first = try journal.begin(draft(1, items: items))
    let second = try journal.begin(draft(2))
    #expect(try journal.open().map(\.id) == [first, second])
    #expect(try journal.operation(first)?.openItems.count == 3)
    try journal.end(first, .done, at: "later", failures: ["uid-2": "no map"])
    let ended = try #require(try journal.operation(first))
    #expect(ended.items.map(\.outcome) == [.done, .undone, .done])
    #expect(ended.items.map(\.error) == [nil, "no map", nil])
    #expect(ended.items.map(\.key) == items.map(\.key))
    #expect(ended.title == "install 3 instances")
    #expect(try journal.open().map(\.id) == [second])
  }
}
