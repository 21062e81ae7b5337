import BerthKit
import BerthStore
import GRDB
import TestSupport
import Testing

@testable import BerthEngine
@testable import BerthPlanning

/// Failures that no fake of the border can make: a task that is cancelled, and a registry that refuses.
@Suite("An operation that is interrupted", .serialized)
struct InterruptedTests {
  @Test("leaves nothing when it is cancelled before any step", arguments: [TestHost.Kind.system, .user])
  func cancelledInstall(_ kind: TestHost.Kind) async throws {
    let count = try await TestHost(kind).berth().planInstall(InstallRequest(app: "demo")).steps.count
    for number in 1..<count {
      let host = try TestHost(kind)
      let before = try Snapshot(host)
      let berth = host.berth(options: .init(execution: .init(progress: { if $0.number == number { Self.cancel() } })))
      let result = await Task { try await berth.install(InstallRequest(app: "demo")) }.result
      #expect(throws: CancellationError.self) { try result.get() }
      let changes = try Snapshot(host).changes(since: before)
      #expect(changes == [], "cancelled in step \(number)")
    }
  }

  @Test("leaves everything when a removal is cancelled before any step", arguments: [true, false])
  func cancelledRemoval(_ keepsData: Bool) async throws {
    for number in 1..<9 {
      let host = try TestHost(.system)
      _ = try await host.berth().install(InstallRequest(app: "demo"))
      let before = try Snapshot(host)
      let berth = host.berth(options: .init(execution: .init(progress: { if $0.number == number { Self.cancel() } })))
      let key = try host.record().key
      let result = await Task { try await berth.remove(key, keepsData: keepsData) }.result
      #expect(throws: CancellationError.self) { _ = try result.get() }
      let changes = try Snapshot(host).changes(since: before)
      #expect(changes == [], "cancelled in step \(number)")
    }
  }

  /// What the registry refuses, as SQLite says it, and whether the data is kept.
  static let refusals: [(when: String, keepsData: Bool)] = [
    ("UPDATE OF state ON instance WHEN NEW.state = 'removing'", false), ("DELETE ON instance", false),
    ("UPDATE OF state ON instance WHEN NEW.state = 'kept'", true),
  ]

  @Test("leaves everything when the registry refuses a removal", arguments: refusals)
  func refusedRemoval(_ refused: (when: String, keepsData: Bool)) async throws {
    let folder = try Folder()
    let path = "\(folder.path)/registry.sqlite"
    let host = try TestHost(.system, registry: InstanceRegistry(path: path))
    _ = try await host.berth().install(InstallRequest(app: "demo"))
    let before = try Snapshot(host)
    try Self.refuse(refused.when, at: path)
    await #expect(throws: BerthError.self) {
      try await host.berth().remove(InstanceKey(app: "demo", id: .default), keepsData: refused.keepsData)
    }
    let changes = try Snapshot(host).changes(since: before)
    #expect(changes == [])
  }

  static let refusedInstalls = [
    "INSERT ON instance", "INSERT ON port", "INSERT ON setting", "INSERT ON file",
    "UPDATE OF state ON instance WHEN NEW.state = 'ready'",
  ]

  @Test("leaves nothing when the registry refuses an installation", arguments: refusedInstalls)
  func refusedInstall(_ when: String) async throws {
    let folder = try Folder()
    let path = "\(folder.path)/registry.sqlite"
    let host = try TestHost(.system, registry: InstanceRegistry(path: path))
    let before = try Snapshot(host)
    try Self.refuse(when, at: path)
    await #expect(throws: (any Error).self) { try await host.berth().install(InstallRequest(app: "demo")) }
    let changes = try Snapshot(host).changes(since: before)
    #expect(changes == [])
  }

  private static func cancel() { withUnsafeCurrentTask { $0?.cancel() } }

  /// Makes the database abort a kind of change.
  private static func refuse(_ change: String, at path: String) throws {
    try DatabaseQueue(path: path).write { db in
      try db.execute(sql: "CREATE TRIGGER refusal BEFORE \(change) BEGIN SELECT RAISE(ABORT, 'refused by a test'); END")
    }
  }
}
