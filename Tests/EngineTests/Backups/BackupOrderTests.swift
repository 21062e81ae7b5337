import BerthKit
import BerthStore
import Foundation
import Glibc
import Testing

@testable import BerthEngine
@testable import BerthPlanning

@Suite("A backup", .serialized)
struct BackupOrderTests {
  /// What is asked of programs and archives, in order, without the names of units and files that all have.
  static func acts(_ host: TestHost) -> [String] {
    host.fault.calls.compactMap { call in
      let words = call.split(separator: " ").map(String.init)
      switch words[0] {
      case "begin", "finish": return words[0]
      case "add": return call.components(separatedBy: " to /")[0]
      case "start", "stop":
        let names = words.dropFirst().map { String($0.split(separator: "@")[0]).replacing("vault-", with: "") }
        return ([words[0]] + Set(names).sorted()).joined(separator: " ")
      default: return nil
      }
    }
  }

  @Test("copies what is hot while the service runs, and stops it only for what must stand still")
  func order() async throws {
    let host = try TestHost(.system)
    let record = try await host.makeVault()
    host.fault.arm()
    _ = try await host.berth([VaultPlugin()]).backup(record, BackupWish())
    #expect(
      Self.acts(host) == [
        "start world-before", "start db-dump", "start index-dump", "begin", "add db index world config",
        "start world-after", "stop vault", "add notes", "start vault", "finish",
      ])
    #expect(try await host.berth([VaultPlugin()]).status(of: record.key).status == .running)
  }

  @Test("never stops an instance of which all is hot, and waits for nothing")
  func hot() async throws {
    let host = try TestHost(.system)
    let record = try await host.makeVault(.hot)
    host.fault.arm()
    let backup = try await host.berth([VaultPlugin.hot]).backup(record, BackupWish())
    #expect(
      Self.acts(host) == [
        "start world-before", "start index-dump", "begin", "add index world config", "finish", "start world-after",
      ])
    #expect(backup.pause == 0)
  }

  @Test("says how long the instance was stopped, which is less than the backup took")
  func pause() async throws {
    let host = try TestHost()
    let record = try await host.makeVault()
    host.fault.arm()
    host.fault.watch { call in if call.hasPrefix("add notes") { usleep(30_000) } }
    let berth = host.berth([VaultPlugin()])
    let backup = try await berth.backup(record, BackupWish())
    #expect(backup.pause >= 0.03)
    let run = try #require(try berth.backupRuns(of: record, newest: 1).first)
    #expect(run.pause == backup.pause)
    #expect(run.duration > run.pause)
  }

  @Test("leaves a stopped instance stopped, and starts it only for a program that has to dump it")
  func stopped() async throws {
    for plugin in [VaultPlugin(), VaultPlugin(without: ["db"])] {
      let host = try TestHost(.system)
      let record = try await host.makeVault(plugin)
      let berth = host.berth([plugin])
      _ = try await berth.control(.stop, [record])
      let before = try Snapshot(host)
      host.fault.arm()
      let backup = try await berth.backup(record, BackupWish())
      let wanted =
        plugin.without.isEmpty
        ? [
          "start vault", "start db-dump", "start index-dump", "begin", "add db index world config", "stop vault",
          "add notes", "finish",
        ] : ["start index-dump", "begin", "add index world config", "add notes", "finish"]
      #expect(Self.acts(host) == wanted)
      #expect(backup.pause == 0)
      #expect(try await berth.status(of: record.key).status == .stopped)
      let changes = try Snapshot(host).changes(since: before).filter { !$0.contains("backup") }
      #expect(changes == [])
    }
  }

  @Test("leaves nothing but the archive and its list of files, and nothing that it copied is touched")
  func leavesNothing() async throws {
    let host = try TestHost(.system)
    let record = try await host.makeVault()
    let before = try Snapshot(host)
    let texts = host.texts(of: record)
    let backup = try await host.berth([VaultPlugin()]).backup(record, BackupWish())
    #expect(host.texts(of: record) == texts)
    #expect(host.archives == [backup.path, host.paths.backupIndex(backup.id)].sorted())
    let changes = try Snapshot(host).changes(since: before).filter { !$0.contains("backup") }
    #expect(changes == [])
    #expect(host.locks.held.isEmpty)
  }

  /// Where a backup fails.
  static let failures = [
    "start vault-world-before", "start vault-db-dump", "start vault-index-dump", "begin", "add db", "stop vault@",
    "add notes", "start vault@", "finish",
  ]

  @Test("that fails is undone, and what was done before it is followed by what comes after", arguments: failures)
  func fails(_ failing: String) async throws {
    let host = try TestHost(.system)
    let record = try await host.makeVault()
    let before = try Snapshot(host)
    for moment in Fault.Moment.allCases {
      let runs = host.manager.known.runs.count
      let isFirst = Flag()
      host.fault.arm(moment) { _, call in call.hasPrefix(failing) && isFirst.raise() }
      await #expect(throws: (any Error).self) {
        try await host.berth([VaultPlugin()]).backup(record, BackupWish())
      }
      #expect(host.fault.fired?.call.hasPrefix(failing) == true)
      let changes = try Snapshot(host).changes(since: before)
      #expect(changes == [], "\(failing) \(moment)")
      #expect(host.manager.known.runs.dropFirst(runs).contains("vault-world-after@default.service"))
    }
  }

  @Test("whose dump fails says so with its last words, and keeps no half of it")
  func failedDump() async throws {
    let host = try TestHost()
    let record = try await host.makeVault()
    let before = try Snapshot(host)
    host.manager.set {
      $0.outcomes["vault-db-dump@.service"] = UnitState(active: "failed", sub: "failed")
    }
    host.logs.set("vault-db-dump@default.service", ["no space left"])
    let error = await refusal { try await host.berth([VaultPlugin()]).backup(record, BackupWish()) }
    #expect(error?.code == "job-failed")
    #expect(error?.cause == "no space left")
    #expect(try Snapshot(host).changes(since: before) == [])
  }

  @Test("that is killed is followed by what comes after, once the next Berth recovers")
  func killed() async throws {
    let host = try TestHost(mortal: .system)
    let record = try await host.makeVault()
    let before = try Snapshot(host)
    host.fault.arm(dies: true) { _, call in call.hasPrefix("add db") }
    _ = try? await host.berth([VaultPlugin()]).backup(record, BackupWish())
    #expect(host.fault.isDead)
    let next = try host.reborn()
    #expect(host.manager.known.runs.last == "vault-index-dump@default.service")
    #expect(try await next.berth([VaultPlugin()]).recover().map(\.ending) == [.undone])
    #expect(host.manager.known.runs.last == "vault-world-after@default.service")
    let changes = try Snapshot(next).changes(since: before)
    #expect(changes == [])
  }

  @Test("of an app that declares nothing is refused")
  func noSets() async throws {
    let host = try TestHost()
    let record = try await host.berth().install(InstallRequest(app: "demo")).record
    #expect(await refusal { try await host.berth().backup(record, BackupWish()) }?.code == "no-backup-sets")
  }

  @Test("that is only planned changes nothing, and says what would stand still")
  func dryRun() async throws {
    let host = try TestHost()
    let record = try await host.makeVault()
    let before = try Snapshot(host)
    host.fault.arm { _, _ in true }
    let plan = try await host.berth([VaultPlugin()]).planBackup([record], BackupWish())
    #expect(host.fault.calls == [])
    #expect(
      plan.changes.flatMap(\.reasons) == [
        "a full backup, since there is none yet", "it is stopped while notes is copied",
      ])
    #expect(try Snapshot(host).changes(since: before) == [])
  }
}
