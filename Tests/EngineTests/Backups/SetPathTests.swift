import BerthKit
import BerthStore
import Testing

@testable import BerthEngine
@testable import BerthPlanning

@Suite("A setting in the path of a backup set", .serialized)
struct SetPathTests: Forging {
  /// An app of which nothing but a backup set reads a setting.
  private struct Globe: AppPlugin {
    var manifest: Manifest {
      Manifest(
        id: "globe", name: "Globe", summary: "Worlds in folders", category: .game, version: "1",
        programs: [Program("server", [DemoPlugin.program])],
        settings: [Setting("world", .string, default: "main")],
        services: [Service(exec: ["{{programs.server}}"])],
        backup: [
          BackupSet(
            "world",
            .files(
              paths: [Template(segments: [.variable("paths.data"), .literal("/"), .variable("settings.world")])],
              exclude: [], isHot: true))
        ])
    }
  }

  private static let bad = ["../..", "..", "a/../..", "/etc", "*", ".", "a/b"]

  /// Expects an error that names the setting.
  private func refused(_ value: String, _ body: () async throws -> Void) async {
    let error = await refusal { try await body() }
    #expect(error?.code == "bad-backup-path" && error?.kind == .usage, "\(value)")
    #expect(error?.summary.contains("{{settings.world}}") == true)
    #expect(error?.remedy?.text == "add --set world=VALUE")
  }

  @Test("is refused wherever it comes from, when it would lead the set out of its place")
  func everywhere() async throws {
    let host = try host()
    let berth = host.berth([Globe()])
    let record = try await berth.install(InstallRequest(app: "globe", name: "Good")).record
    try host.put("ours", at: "data/main/map", of: record)
    for value in Self.bad {
      await refused(value) { _ = try await berth.install(InstallRequest(app: "globe", settings: ["world": value])) }
      await refused(value) { _ = try await berth.change(record, ChangeWish(settings: ["world": value])) }
      let (path, _) = try forge(on: host) {
        $0.instance = InstanceRecord(
          uid: $0.instance.uid, key: InstanceKey(app: "globe", id: .default), name: InstanceName(unchecked: "Guest"),
          slug: "guest", state: .ready, user: nil, version: "1", directory: nil, labels: [:], services: ["main"],
          ports: [], createdAt: "2026-11-21T09:00:00Z")
        $0.manifest = Globe().manifest
        $0.settings = settings(["world": value])
      }
      for name in [nil, "New"] {
        await refused(value) {
          _ = try await berth.restore(
            RestoreRequest(app: "globe", instance: name == nil ? "Good" : nil, archive: path, newName: name)
          ).result.get()
        }
      }
      let fleet = FleetFile(instances: [
        FleetInstance(app: "globe", name: try InstanceName("Good"), settings: ["world": value])
      ])
      await refused(value) { _ = try await berth.apply(fleet, prunes: false) }
    }
    #expect(try host.registry.instances() == [record])
    // What is fine still is.
    _ = try await berth.change(record, ChangeWish(settings: ["world": "other"]))
    try host.put("theirs", at: "data/other/map", of: record)
    let backup = try await berth.backup(record, BackupWish())
    #expect(
      try host.services.archives.head(of: backup.path).sets.first?.source
        == .files(paths: ["data/other"], exclude: ["cache/.berth-backup"]))
  }
}
