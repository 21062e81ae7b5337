import BerthKit
import GRDB
import Testing

@testable import BerthStore

@Suite("The registry's runs of backups")
struct BackupRunTests {
  private let registry: InstanceRegistry
  private var backups: BackupRegistry { registry.backups }

  init() throws { registry = try .inMemory() }

  @Test("come back as they were noted, the newest first and as many as asked for")
  func givesBack() throws {
    for run in [Sample.run(1), Sample.run(2, error: "no space", reason: .asked), Sample.run(3, of: 2)] {
      try backups.noteRun(run)
    }
    var expected = Sample.run(2, error: "no space", reason: .asked)
    expected.number = 2
    #expect(try backups.runs(of: "uid-1", newest: 1) == [expected])
    #expect(try backups.runs(of: "uid-1", newest: 9).map(\.number) == [2, 1])
    #expect(try backups.runs(of: "uid-1", newest: 9).map(\.isSuccess) == [false, true])
    #expect(expected.title == "demo/name-1")
  }

  @Test("are noted together with the backup that they made, or not at all")
  func together() async throws {
    try backups.add(Sample.backup(1, isNumbered: false), run: Sample.run(1))
    let again = Sample.backup(1, isNumbered: false)
    #expect(await refusal { try backups.add(again, run: Sample.run(2)) }?.code == "backup-exists")
    #expect(try backups.runs(of: "uid-1", newest: 9).map(\.backup) == [Sample.backupID(1)])
  }

  @Test("are forgotten but for the newest hundred of each instance")
  func trims() throws {
    try backups.noteRun(Sample.run(1, of: 2))
    for number in 1...103 { try backups.noteRun(Sample.run(number)) }
    let runs = try backups.runs(of: "uid-1", newest: 1000)
    #expect(runs.map { Int($0.duration) } == (4...103).reversed())
    #expect(try backups.runs(of: "uid-2", newest: 1000).count == 1)
  }

  @Test("have a last one for each instance, and none for one without any or no longer there")
  func last() throws {
    try registry.register([1, 2, 3].map { (Sample.record($0), []) })
    for (number, instance) in [(1, 1), (2, 2), (3, 1), (4, 4)] {
      try backups.noteRun(Sample.run(number, of: instance, error: number == 3 ? "torn" : nil))
    }
    let last = try backups.lastRuns()
    #expect(last.mapValues(\.number) == ["uid-1": 3, "uid-2": 2])
    #expect(last["uid-1"]?.error == "torn")
  }

  // Reading every run would take a list of a thousand instances longer than all else that it does.
  @Test("have their last ones looked up in the index, without a look at the others")
  func looksUp() throws {
    let plan = try registry.database.read { db in
      try Row.fetchAll(db, sql: "EXPLAIN QUERY PLAN \(BackupRegistry.lastRunsQuery)").map { $0["detail"] as String }
    }
    #expect(plan.contains { $0.contains("backup_run USING COVERING INDEX backup_run_instance (instance=?)") })
    #expect(plan.contains { $0.contains("backup_run USING INTEGER PRIMARY KEY (rowid=?)") })
    #expect(!plan.contains { $0.hasPrefix("SCAN backup_run") })
  }
}
