import BerthKit
import BerthStore
import Foundation
import Glibc
import Testing

@testable import BerthEngine
@testable import BerthPlanning

@Suite("A restore of an instance that was taken over", .serialized)
struct HostileRestoreTests {
  /// A vault whose config file the app writes too, so that it lies among its data.
  private struct Cellar: AppPlugin {
    var isCovered = true

    var manifest: Manifest {
      var manifest = VaultPlugin(without: ["db"]).manifest
      let folder = isCovered ? "world" : "own"
      manifest.config = [
        ConfigFile(
          "cellar.json", .json,
          path: Template(segments: [.variable("paths.data"), .literal("/\(folder)/sub/cellar.json")]),
          values: [.init("size", "{{settings.size}}")])
      ]
      return manifest
    }
  }

  /// What an instance can put in the place of its config file, or on the way to it.
  enum Trick: String, CaseIterable {
    case garbage, fifo, link, danglingLink, folder, large, parentLink, parentFile

    func play(_ path: String) throws {
      let parent = (path as NSString).deletingLastPathComponent
      unlink(path)
      switch self {
      case .garbage: try "{broken".write(toFile: path, atomically: false, encoding: .utf8)
      case .fifo: mkfifo(path, 0o600)
      case .link: symlink("/etc/passwd", path)
      case .danglingLink: symlink("/none", path)
      case .folder:
        mkdir(path, 0o700)
        mkdir("\(path)/inner", 0o700)
      case .large:
        close(open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600))
        truncate(path, 1 << 30)
      case .parentLink:
        rmdir(parent)
        symlink("/etc", parent)
      case .parentFile:
        rmdir(parent)
        try "x".write(toFile: parent, atomically: false, encoding: .utf8)
      }
    }
  }

  private func cellar(isCovered: Bool = true) async throws -> (
    host: TestHost, berth: Berth, record: InstanceRecord, config: String
  ) {
    let host = try TestHost(.system)
    host.teachVault()
    let berth = host.berth([Cellar(isCovered: isCovered)])
    let record = try await berth.install(InstallRequest(app: "vault")).record
    for (path, text) in TestHost.vaultFiles { try host.put(text, at: path, of: record) }
    return (host, berth, record, "data/\(isCovered ? "world" : "own")/sub/cellar.json")
  }

  private func place(_ path: String, _ host: TestHost, _ record: InstanceRecord) -> String {
    "\(host.folder.path)\(host.paths.own(record))/\(path)"
  }

  @Test("is kept by nothing that stands in the place of a config file that it brings", arguments: Trick.allCases)
  func covered(_ trick: Trick) async throws {
    let (host, berth, record, config) = try await cellar()
    try host.put(#"{"mine": 1, "size": 4}"#, at: config, of: record)
    _ = try await berth.backup(record, BackupWish())
    try trick.play(place(config, host, record))
    // What the trick is for: a change of the instance does not touch it, and says so.
    if trick != .danglingLink {
      let refused = await refusal { try await berth.change(record, ChangeWish(settings: ["size": "5"])) }
      #expect([.badInput, .failure].contains(refused?.kind))
    }
    #expect(try await berth.planRestore(RestoreRequest(app: "vault")).changes.count == 1)
    _ = try await berth.restore(RestoreRequest(app: "vault")).result.get()
    let text = try #require(host.text(config, of: record))
    #expect(text.contains(#""mine": 1"#) && text.contains(#""size": 4"#))
    #expect(host.text("data/world/map", of: record) == "map 1")
    #expect(try await berth.doctor() == [])
  }

  @Test(
    "brings back what was backed up while such a thing stood there, and renders the file anew",
    arguments: Trick.allCases)
  func inTheBackup(_ trick: Trick) async throws {
    let (host, berth, record, config) = try await cellar()
    try trick.play(place(config, host, record))
    _ = try await berth.backup(record, BackupWish())
    for request in [RestoreRequest(app: "vault"), RestoreRequest(app: "vault", newName: "Copy")] {
      let restored = try await berth.restore(request).result.get().record
      #expect(host.text(config, of: restored)?.contains(#""size": 4"#) == true, "\(request.newName ?? "in place")")
      #expect(host.text("data/world/map", of: restored) == "map 1")
    }
  }

  @Test(
    "moves aside what stands in the place of a config file that it does not bring, and loses nothing of it",
    arguments: [Trick.garbage, .fifo, .link, .folder, .large], [nil, ["world"]])
  func uncovered(_ trick: Trick, _ sets: [String]?) async throws {
    let (host, berth, record, config) = try await cellar(isCovered: false)
    _ = try await berth.backup(record, BackupWish())
    try trick.play(place(config, host, record))
    try host.put("later", at: "data/world/map", of: record)
    host.logs.set("vault-reindex@default.service", ["it cannot"])
    // When it fails, that thing is where it was.
    host.manager.set { $0.outcomes["vault-reindex@.service"] = UnitState(active: "failed", sub: "failed") }
    let failed = await refusal { try await berth.restore(RestoreRequest(app: "vault", sets: sets)).result.get() }
    #expect(failed != nil)
    host.manager.set { $0.outcomes = [:] }
    let folder = (place(config, host, record) as NSString).deletingLastPathComponent
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["cellar.json"])
    _ = try await berth.restore(RestoreRequest(app: "vault", sets: sets)).result.get()
    #expect(host.text(config, of: record)?.contains(#""size": 4"#) == true)
    #expect(host.text("data/world/map", of: record) == "map 1")
    let beside = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0 != "cellar.json" }
    #expect(beside.count == 1 && beside[0].hasPrefix("cellar.json.2"))
    if trick == .garbage { #expect(host.text("data/own/sub/\(beside[0])", of: record) == "{broken") }
  }

  @Test("is kept by no nested folders, however deep, and no backup is", arguments: [nil, ["world"], ["config"]])
  func nested(_ sets: [String]?) async throws {
    let (host, berth, record, _) = try await cellar()
    for place in ["data/world", "data", "config"] {
      var current = open(self.place(place, host, record), O_RDONLY | O_DIRECTORY | O_CLOEXEC)
      for _ in 0..<1000 {
        mkdirat(current, "deep", 0o700)
        let next = openat(current, "deep", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        close(current)
        current = next
      }
      close(current)
    }
    let backup = try await berth.backup(record, BackupWish())
    #expect(backup.remarks.count(.deep) == 2)
    #expect(backup.warnings.allSatisfy { $0.utf8.count < 1000 })
    try host.put("later", at: "data/world/map", of: record)
    _ = try await berth.restore(RestoreRequest(app: "vault", sets: sets)).result.get()
    #expect(host.text("data/world/map", of: record) == (sets == ["config"] ? "later" : "map 1"))
    #expect(try host.files.list(host.paths.own(record)).filter { $0.hasPrefix(".") } == [])
  }
}
