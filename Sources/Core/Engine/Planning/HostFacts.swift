import BerthKit
import BerthRender

/// What planning an installation needs to know of the host, gathered beforehand, so that planning itself only computes.
struct HostFacts {
  let context: RenderContext
  /// All instances of the app, kept ones included.
  let instances: [InstanceRecord]
  /// Settings of the kept instance that is taken up.
  let storedSettings: [StoredSetting]
  /// Package lists of which nothing is installed.
  let missingPackages: [[String]]
  /// The installed version of the app.
  let version: String?
  /// Whether the chosen folder exists and has something in it.
  let isDirectoryOccupied: Bool
  let timestamp: String
  let newUID: String
  let newID: String
}
