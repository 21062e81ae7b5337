import BerthKit
import BerthRender

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
  /// Their texts as they are, by path; what is not there is left out.
  let sharedNow: [String: String]

  /// Those that differ from what is there.
  var changedUnits: [FileWrite] { shared.filter { sharedNow[$0.path] != $0.text } }
  var unitsChecksum: String { Checksum.text(shared.map(\.text).joined()) }
  /// What the units that are there amount to.
  var unitsChecksumNow: String { Checksum.text(shared.map { sharedNow[$0.path] ?? "" }.joined()) }

  var manifest: Manifest { plugin.manifest }
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
  let timestamp: String
  let uuid: () -> String
  let secret: (Int) -> String
}
