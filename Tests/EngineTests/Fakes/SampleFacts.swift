import BerthKit
import BerthRender

@testable import BerthEngine

extension HostFacts {
  /// Facts of a host of the system scope, unless a test says otherwise.
  static func sample(
    _ kind: TestHost.Kind = .system, instances: [InstanceRecord] = [], stored: [StoredSetting] = [],
    missingPackages: [[String]] = [], newID: String = "aaaaaaaa-0000-4000-8000-000000000000",
    isDirectoryOccupied: Bool = false
  ) -> HostFacts {
    HostFacts(
      context: RenderContext(
        paths: kind.paths, rights: kind.rights, berth: "/usr/bin/berth", programs: ["server": DemoPlugin.program],
        hostName: "harbour", timeZone: "UTC"),
      instances: instances, storedSettings: stored, missingPackages: missingPackages, version: "1.2.3",
      isDirectoryOccupied: isDirectoryOccupied, timestamp: "2026-11-21T09:00:00Z", newUID: "new-uid", newID: newID)
  }
}
