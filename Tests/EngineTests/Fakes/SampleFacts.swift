import BerthKit
import BerthRender
import Synchronization

@testable import BerthEngine
@testable import BerthPlan
@testable import BerthPlanning

/// What a planner has to know of a host, made up.
struct SampleHost {
  let facts: AppFacts
  let view: HostView
  let neighbours: Neighbours
  let stored: [StoredSetting]

  /// The UUIDs that are given out, one after the other.
  static let uuids = ["aaaaaaaa-0000-4000-8000-000000000000", "bbbbbbbb-1111-4000-8000-000000000000"]

  /// A host of the system scope, unless a test says otherwise.
  static func sample(
    _ kind: TestHost.Kind = .system, plugin: any AppPlugin = DemoPlugin(), instances: [InstanceRecord] = [],
    stored: [StoredSetting] = [], missingPackages: [[String]] = [], isDirectoryOccupied: Bool = false,
    groups: [String: Int] = [:], ownership: @escaping (String) -> FolderAccess? = { _ in nil }
  ) throws -> SampleHost {
    let context = RenderContext(
      paths: kind.paths, rights: kind.rights, berth: "/usr/bin/berth", programs: ["server": DemoPlugin.program],
      hostName: "harbour", timeZone: "UTC")
    let shared = try UnitRenderer(manifest: plugin.manifest, context: context).templates().map {
      FileWrite(path: $0.path, text: $0.text, mode: 0o644)
    }
    let left = LeftUUIDs()
    return SampleHost(
      facts: AppFacts(
        plugin: plugin, context: context, missingPackages: missingPackages, version: "1.2.3", shared: shared,
        sharedNow: [:], numbers: { ($0 == nil ? 1000 : 1_900_000_001, $0 == nil ? 1000 : 1_900_000_001) },
        group: { groups[$0] }),
      view: HostView(
        text: { _ in nil }, exists: { _ in false }, isOwners: { _ in true },
        foreignFiles: { _, _ in ForeignFiles() }, isFolder: { _ in false },
        isFile: { _ in false }, ownership: ownership,
        realPath: { $0 }, origin: { $0 }, shown: { [] }, isOccupied: { _ in isDirectoryOccupied },
        changeable: { _ in nil },
        isTaken: { _ in false }, listener: { _ in nil },
        isClaimed: { _ in false }, states: [:], enabled: [], backups: { _ in [] },
        head: { throw BerthError("bad-backup", .badInput, "there is no \($0.path)") }, isSealed: { _ in false },
        keeps: { _, _ in false },
        timestamp: "2026-11-21T09:00:00Z", uuid: left.next, newID: { _ in left.next() },
        secret: { String(repeating: "s", count: $0) }),
      neighbours: Neighbours(instances), stored: stored)
  }
}

private final class LeftUUIDs: Sendable {
  private let left = Mutex(SampleHost.uuids[...])

  func next() -> String { left.withLock { $0.popFirst() ?? "none" } }
}
