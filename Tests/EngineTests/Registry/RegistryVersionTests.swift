import BerthKit
import Foundation
import GRDB
import TestSupport
import Testing

@testable import BerthStore

@Suite("A registry of another version")
struct RegistryVersionTests {
  private let folder: Folder

  init() throws { folder = try Folder() }

  private var path: String { "\(folder.path)/registry.sqlite" }

  /// Today's migrations and one more.
  private static var newer: DatabaseMigrator {
    var migrator = Migrations.all
    migrator.registerMigration("harbours") { db in
      try db.create(table: "harbour") { table in table.primaryKey("name", .text) }
    }
    return migrator
  }

  /// A registry of long ago.
  private static var first: DatabaseMigrator {
    var migrator = DatabaseMigrator()
    migrator.registerMigration("first") { db in try db.create(table: "instance") { $0.primaryKey("uid", .text) } }
    return migrator
  }

  private func names() throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() }

  @Test("is refused when a newer Berth made it, and not a byte of it changes, nor is anything put beside it")
  func refusesNewer() async throws {
    try InstanceRegistry(path: path, migrator: Self.newer).register(Sample.record(1), settings: [])
    let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
    let error = await refusal { try InstanceRegistry(path: path) }
    #expect(error?.code == "registry-newer")
    #expect(error?.kind.exitStatus == 70)
    #expect(error?.summary.contains(path) == true)
    #expect(error?.cause?.contains("harbours") == true)
    #expect(error?.remedy == "install the newer Berth")
    #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == bytes)
    #expect(try names() == ["registry.sqlite"])
    #expect(try InstanceRegistry(path: path, migrator: Self.newer).instances().count == 1)
  }

  @Test("is refused while the newer Berth has it open, too")
  func refusesOpenNewer() async throws {
    let newer = try InstanceRegistry(path: path, migrator: Self.newer)
    try newer.register(Sample.record(1), settings: [])
    let before = try names()
    #expect(before.contains("registry.sqlite-wal"))
    #expect(await refusal { try InstanceRegistry(path: path) }?.code == "registry-newer")
    #expect(try names() == before)
    #expect(try newer.instances().count == 1)
  }

  @Test("is copied beside before it is brought up to date, for its owner alone to read")
  func copiesOlder() throws {
    try InstanceRegistry(path: path).register(Sample.record(1), settings: [Sample.setting])
    let registry = try InstanceRegistry(path: path, migrator: Self.newer)
    #expect(try registry.instances() == [Sample.record(1)])
    let copy = "\(path).before-harbours"
    #expect(try FileManager.default.attributesOfItem(atPath: copy)[.posixPermissions] as? Int == 0o600)
    // The copy is a registry of the older Berth, which takes it as it stands.
    let former = try InstanceRegistry(path: copy)
    #expect(try former.instances() == [Sample.record(1)])
    #expect(try former.settings(of: "uid-1") == [Sample.setting])
    #expect(try !names().contains { $0.hasSuffix(".new") })
  }

  @Test("is left alone and named when it was made before there was a first version")
  func draft() async throws {
    var migrator = DatabaseMigrator()
    migrator.registerMigration("instances") { try $0.create(table: "instance") { $0.primaryKey("uid", .text) } }
    _ = try RegistryFile(path: path, migrator: migrator).open()
    let error = await refusal { try InstanceRegistry(path: path) }
    #expect(error?.summary.contains("from before 0.2.0") == true)
  }

  @Test("has no copy when it is new, nor when nothing has to be done")
  func copiesNothing() throws {
    for _ in 1...2 { try #expect(InstanceRegistry(path: path).instances().isEmpty) }
    #expect(FileManager.default.createFile(atPath: "\(folder.path)/empty", contents: nil))
    try #expect(InstanceRegistry(path: "\(folder.path)/empty", migrator: Self.newer).instances().isEmpty)
    #expect(try !names().contains { $0.contains("before") })
  }

  @Test("stays as it is when it cannot be copied")
  func needsACopy() async throws {
    _ = try RegistryFile(path: path, migrator: Self.first).open()
    try FileManager.default.createDirectory(
      atPath: "\(path).before-harbours/in-the-way", withIntermediateDirectories: true)
    var migrator = Self.first
    migrator.registerMigration("harbours") { try $0.create(table: "harbour") { $0.primaryKey("name", .text) } }
    let error = await refusal { try InstanceRegistry(path: path, migrator: migrator) }
    #expect(error?.code == "registry-unusable")
    let database = try RegistryFile(path: path, migrator: Self.first).open().database
    let isMigrated = try await database.read { try $0.tableExists("harbour") }
    #expect(!isMigrated)
  }

  @Test("is brought up to date once by many that open it at once")
  func manyAtOnce() async throws {
    try InstanceRegistry(path: path).register(Sample.record(1), settings: [])
    let path = path
    await withTaskGroup { group in
      for _ in 1...16 {
        group.addTask {
          do {
            #expect(try InstanceRegistry(path: path, migrator: Self.newer).instances().count == 1)
          } catch { Issue.record("\(error)") }
        }
      }
    }
    #expect(try InstanceRegistry(path: "\(path).before-harbours").instances().count == 1)
  }

  @Test("is made once by many that open it at once for the first time")
  func manyMakeIt() async throws {
    let path = path
    await withTaskGroup { group in
      for _ in 1...16 {
        group.addTask {
          do { _ = try InstanceRegistry(path: path).instances() } catch { Issue.record("\(error)") }
        }
      }
    }
    #expect(try !names().contains { $0.contains("before") })
  }

  @Test("lies below a folder whose name has a meaning in a URI")
  func strangeFolder() async throws {
    let strange = "\(folder.path)/50% of #1?mode=memory"
    try FileManager.default.createDirectory(atPath: strange, withIntermediateDirectories: true)
    try InstanceRegistry(path: "\(strange)/r.sqlite", migrator: Self.newer).register(Sample.record(1), settings: [])
    #expect(await refusal { try InstanceRegistry(path: "\(strange)/r.sqlite") }?.code == "registry-newer")
  }

  @Test("keeps what was committed when the power fails")
  func isDurable() throws {
    let database = try RegistryFile(path: path, migrator: Migrations.all).open().database
    let modes = try database.read { db in
      (try String.fetchOne(db, sql: "PRAGMA journal_mode"), try Int.fetchOne(db, sql: "PRAGMA synchronous"))
    }
    #expect(modes == ("wal", 2))
  }
}
