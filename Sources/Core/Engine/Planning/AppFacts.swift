import BerthKit
import BerthRender
import BerthStore

/// What planning needs to know of the host for an app, found out once for all its instances, so that planning itself
/// only computes.
struct AppFacts {
  let plugin: any AppPlugin
  let context: RenderContext
  /// Package lists of which nothing is installed.
  let missingPackages: [[String]]
  /// The installed version of the app.
  let version: String?
  /// The units that all instances of the app share, as they should be.
  let shared: [FileWrite]
  /// Those that differ from what is there.
  let changedUnits: [FileWrite]
  let unitsChecksum: String
  /// What the units that are there amount to.
  let unitsChecksumNow: String

  let manifest: Manifest

  init(
    plugin: any AppPlugin, context: RenderContext, missingPackages: [[String]], version: String?, shared: [FileWrite],
    sharedNow: [String: String]
  ) {
    self.plugin = plugin
    self.context = context
    self.missingPackages = missingPackages
    self.version = version
    self.shared = shared
    manifest = plugin.manifest
    changedUnits = shared.filter { sharedNow[$0.path] != $0.text }
    unitsChecksum = Checksum.text(shared.map(\.text).joined())
    unitsChecksumNow = Checksum.text(shared.map { sharedNow[$0.path] ?? "" }.joined())
  }
}

/// How the host is now, as far as planning has to ask: files, units, time and chance.
struct HostView {
  /// The text of a file; nil when it is not there.
  let text: (String) throws -> String?
  let exists: (String) -> Bool
  /// Whether a folder exists and has something in it.
  let isOccupied: (String) throws -> Bool
  /// Who listens on a port.
  let listener: (PortNumber) -> String?
  /// Takes a port against other runs of Berth.
  let claim: PortAllocator.Claim
  let states: [String: UnitState]
  let enabled: Set<String>
  /// The backups of an instance by its uid, in the order in which they were made.
  let backups: (String) throws -> [BackupRecord]
  /// What a backup says of itself.
  let head: (BackupRecord) throws -> BackupHead
  let timestamp: String
  let uuid: () -> String
  let secret: (Int) -> String
}
