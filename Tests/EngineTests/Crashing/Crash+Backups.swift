import BerthKit
import BerthStore
import Testing

@testable import BerthEngine
@testable import BerthPlanning

/// Backups and restores in which Berth dies.
extension Crash {
  /// Makes a vault, and backs it up so many times, each time in another state.
  private static func vault(
    _ plugin: VaultPlugin = VaultPlugin(), backups count: Int = 0, isStopped: Bool = false, directory: String? = nil
  ) -> @Sendable (TestHost) async throws -> Void {
    { host in
      let record = try await host.makeVault(plugin, InstallRequest(app: "vault", directory: directory))
      let berth = host.berth([plugin])
      for number in 0..<count {
        _ = try await berth.backup(record, BackupWish())
        for path in ["db/base", "index.db", "world/map", "notes/todo", "stray"] {
          try host.put("changed \(number)", at: "data/\(path)", of: record)
        }
        try host.put("new", at: "data/world/new \(number)", of: record)
        let config = host.text("config/vault.conf", of: record) ?? ""
        try host.put("\(config)# edit \(number)\n", at: "config/vault.conf", of: record)
      }
      if isStopped { _ = try await berth.control(.stop, [record]) }
    }
  }

  private static func backup(_ berth: Berth) async throws {
    _ = try await berth.backup(berth.find(nil, app: "vault"), BackupWish())
  }

  private static func restore(_ request: RestoreRequest) -> @Sendable (Berth) async throws -> Void {
    { berth in _ = try await berth.restore(request).result.get() }
  }

  private static let plugins: [any AppPlugin] = [VaultPlugin()]

  static let backups = [
    Crash("back up all kinds of sets", .system, plugins: plugins, prepare: vault(), act: backup),
    Crash(
      "back up what is new of a stopped one", plugins: plugins, prepare: vault(backups: 1, isStopped: true), act: backup
    ),
  ]

  static let restores = [
    Crash(
      "restore everything, from a difference", .system, plugins: plugins, prepare: vault(backups: 2),
      act: restore(RestoreRequest(app: "vault"))),
    Crash(
      "restore one set of one that lies elsewhere", .system, plugins: plugins,
      prepare: vault(backups: 1, directory: "/srv/vault"), act: restore(RestoreRequest(app: "vault", sets: ["world"]))),
    Crash(
      "restore into a new one", .system, stride: 2, plugins: plugins, prepare: vault(backups: 1),
      act: restore(RestoreRequest(app: "vault", newName: "Copy", directory: "/srv/copy"))),
    Crash(
      "restore one that is gone", .system, stride: 3, plugins: plugins,
      prepare: { host in
        try await vault(backups: 1)(host)
        try await host.berth(plugins).remove(host.record(app: "vault").key, keepsData: false)
      }, act: restore(RestoreRequest(app: "vault"))),
    Crash(
      "restore one whose data was kept", stride: 3, plugins: plugins,
      prepare: { host in
        try await vault(backups: 1)(host)
        try await host.berth(plugins).remove(host.record(app: "vault").key, keepsData: true)
      }, act: restore(RestoreRequest(app: "vault"))),
    Crash(
      "clone", .system, isSeveral: true, stride: 3, plugins: plugins, prepare: vault(backups: 1),
      act: { berth in
        _ = try await berth.clone(berth.find(nil, app: "vault"), RestoreRequest(app: "vault", newName: "Copy")).result
          .get()
      }),
  ]

  static let guarded = [
    Crash(
      "update with a copy of the data", .system, keepsBackups: true,
      plugins: [VaultPlugin(version: "2", flag: "--two")], prepare: vault(),
      act: { berth in _ = try await berth.change("update", berth.host.registry.instances(), ChangeWish()) })
  ]

  /// What is no operation.
  static let repeated = [
    Crash(
      "prune", .system, least: 6, plugins: plugins,
      prepare: { host in
        try await vault(backups: 3)(host)
        _ = try await host.berth(plugins).backup(host.record(app: "vault"), BackupWish(isFull: true))
      },
      act: { berth in _ = try await berth.prune([berth.find(nil, app: "vault")], Retention(last: 1)) }),
    Crash(
      "import", .system, least: 6, plugins: plugins,
      prepare: { host in
        try await vault(backups: 2)(host)
        let berth = host.berth(plugins)
        let all = try host.registry.backups.all()
        _ = try await berth.exportBackup(all[1].id, to: "/mnt")
        for backup in all.reversed() { _ = try await berth.removeBackup(backup.id) }
      },
      act: { berth in
        let file = try #require(try berth.host.files.list("/mnt").first { $0.contains("diff") })
        _ = try await berth.importBackup("/mnt/\(file)")
      }),
  ]

  static let withBackups = backups + restores + guarded
}
