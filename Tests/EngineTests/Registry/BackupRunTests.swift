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

  @Test("have a last one for each instance, and none for one without any")
  func last() throws {
    try registry.register([1, 2, 3].map { (Sample.record($0), []) })
    for (number, instance) in [(1, 1), (2, 2), (3, 1), (4, 2)] {
      try backups.noteRun(Sample.run(number, of: instance, error: number == 3 ? "torn" : nil))
    }
    let last = try backups.lastRuns()
    #expect(last.mapValues(\.number) == ["uid-1": 3, "uid-2": 4])
    #expect(last["uid-1"]?.error == "torn")
  }

  @Test("count as failures when the last one failed, and no more once one has succeeded")
  func failures() throws {
    try registry.register([1, 2, 3].map { (Sample.record($0), []) })
    for (number, instance) in [(1, 1), (2, 2), (3, 3)] {
      try backups.noteRun(Sample.run(number, of: instance, error: "torn"))
    }
    try backups.add(Sample.backup(4, of: 2, isNumbered: false), run: Sample.run(4, of: 2))
    try registry.forget(["uid-3"])
    #expect(try backups.lastFailures().mapValues(\.error) == ["uid-1": "torn"])
    #expect(try backups.lastRuns().keys.sorted() == ["uid-1", "uid-2"])
  }

  // Reading every run would take a list of a thousand instances longer than all else that it does.
  @Test("have their last ones looked up without a look at the others")
  func looksUp() throws {
    for condition in ["is_last", "is_last AND error IS NOT NULL"] {
      let plan = try registry.database.read { db in
        try Row.fetchAll(db, sql: "EXPLAIN QUERY PLAN SELECT * FROM backup_run WHERE \(condition)")
          .map { $0["detail"] as String }
      }
      #expect(plan == ["SCAN backup_run USING INDEX backup_run_last"])
    }
  }
}
