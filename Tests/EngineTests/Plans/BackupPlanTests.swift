import BerthKit
import BerthStore
import Foundation
import GRDB
import Testing

@testable import BerthEngine
@testable import BerthExecution
@testable import BerthPlan
@testable import BerthPlanning
@testable import BerthStore

/// What holds an instance's settings: a backup, and what is made from one.
@Suite("A plan of a backup or a restore as data", .serialized)
struct BackupPlanTests {
  private static let secrets = ["TopSecretToken77", "TopSecretSeal99"]
  private let plugin = VaultPlugin()

  private func host() async throws -> (host: TestHost, record: InstanceRecord) {
    let host = try TestHost(mortal: .system)
    let record = try await host.makeVault(
      plugin, InstallRequest(app: "vault", settings: ["token": Self.secrets[0], "seal": Self.secrets[1]]))
    _ = try await host.berth([plugin]).backup(record, BackupWish())
    return (host, record)
  }

  private func plans(_ host: TestHost, _ record: InstanceRecord) async throws -> [Plan] {
    let berth = host.berth([plugin])
    return [
      try await berth.planBackup([record], BackupWish(isVerified: true)),
      try await berth.planRestore(RestoreRequest(app: "vault")),
      try await berth.planRestore(RestoreRequest(app: "vault", newName: "Copy")),
      try await berth.planClone(record, RestoreRequest(app: "vault", newName: "Copy")),
      try await host.berth([VaultPlugin(version: "2")]).planChange("update", [record], ChangeWish()),
    ]
  }

  @Test("holds no secret when it is shown, in lines or as JSON")
  func hides() async throws {
    let (host, record) = try await host()
    for plan in try await plans(host, record) {
      let shown = try plan.json + plan.steps.map(\.step.summary).joined() + plan.changes.flatMap(\.reasons).joined()
      for secret in Self.secrets { #expect(!shown.contains(secret), "\(plan.verb)") }
      #expect(shown.contains("vault"))
    }
  }

  @Test("comes back from the journal as it was, with its secrets")
  func roundTrip() async throws {
    let (host, record) = try await host()
    var kinds: Set<String> = []
    for plan in try await plans(host, record) {
      let text = try Executor.encoded(plan)
      let read = try JSONDecoder().decode(Plan.self, from: Data(text.utf8))
      #expect(read == plan)
      for case .archive(let work) in read.steps.map(\.step) {
        #expect(work.draft.head.settings.map(\.value).contains(Self.secrets[0]))
      }
      kinds.formUnion(plan.kinds)
    }
    #expect(kinds.isSuperset(of: ["archive", "unpack", "replace-folder", "guard-data", "run-job"]))
  }

  @Test("leaves no secret in the journal or among the backups, whether it succeeds, fails or is recovered")
  func journal() async throws {
    let (host, record) = try await host()
    let berth = host.berth([plugin])
    _ = try await berth.restore(RestoreRequest(app: "vault")).result.get()
    let copy = try await berth.clone(record, RestoreRequest(app: "vault", newName: "Copy")).result.get().record
    host.fault.arm { _, call in call.hasPrefix("add notes") || call.hasPrefix("start vault-reindex") }
    await #expect(throws: (any Error).self) { try await berth.backup(record, BackupWish()) }
    await #expect(throws: (any Error).self) { try await berth.restore(RestoreRequest(app: "vault")).result.get() }
    host.fault.arm(dies: true) { _, call in call.hasPrefix("start vault-reindex") }
    _ = try? await berth.restore(RestoreRequest(app: "vault", backup: host.registry.backups.all()[0].id))
    let next = try host.reborn()
    // What is open has to know how to write a former file.
    #expect(try rows(next, ["receipt"]).contains(Self.secrets[1]))
    _ = try await next.berth([plugin]).recover()
    let text = try rows(next, ["operation", "operation_instance", "receipt", "backup", "backup_run"])
    for secret in Self.secrets { #expect(!text.contains(secret)) }
    #expect(text.contains(copy.key.id.text))
  }

  /// Everything that tables hold, as text.
  private func rows(_ host: TestHost, _ tables: [String]) throws -> String {
    try host.registry.database.read { db in
      try tables.flatMap { try Row.fetchAll(db, sql: "SELECT * FROM \($0)") }.map { $0.description }.joined()
    }
  }
}
