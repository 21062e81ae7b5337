import BerthKit

/// How to take back a step: what a receipt holds.
///
/// Each says how something was, never what to change, so that it may be done again, or for a step that was never done.
public enum Undo: Sendable, Equatable, Codable {
  /// There is nothing to take back.
  case nothing
  case removeUsers([String])
  case makeUsers([String])
  /// Instances by their uid.
  case forget([String])
  case register([Registration])
  case settle(String, InstanceRecord.State)
  case removePath(String)
  /// A release that was not there before, unless an instance uses it by then.
  case removeRelease(app: String, release: String)
  /// Where a backup was unpacked, which goes when all has succeeded too.
  case removeUnpacked(String)
  /// Only as long as something is set aside there: what is back in its place is as it was.
  indirect case whileAside(String, Undo)
  /// The folder, with its contents unless it is shared, and what was made above it as far as that is empty.
  case removeFolder(path: String, topmost: String, isShared: Bool)
  case recordChecksum(String?, path: String, instance: String)
  /// The file's former text; and the SHA-256 of what the step wrote, where a person may edit the file.
  case rewrite(FileWrite, over: String? = nil)
  /// Move a tree back from where it was set aside.
  case putBack(from: String, to: String)
  /// Each former text, or a path for a file that was not there; and the instances that needed it, by uid.
  case restoreUnits(app: String, former: [FileWrite], added: [String], for: [String])
  case several([Undo])
  case reloadManager
  /// The site as it was; without a former text it goes, unless an instance is in the pool.
  case restorePool(PoolSite, hadText: Bool)
  /// Both are done after everything else, in their order with restarts.
  case leavePool(PoolPlace)
  case joinPool(PoolPlace)
  /// Done after everything else, when the files are again as they were.
  case reloadProxy(ProxyConfig.Kind)
  case enable([String])
  case disable([String])
  /// Units, of which those that wait for others are started by these.
  case start([String])
  case stop([String])
  /// Done after everything else, when files and units are again as they were.
  case restart([String])
  /// Units of jobs, which are run to their end.
  case runUnits([String])
  /// Jobs that tell the program its settings as they are again, one after the other, and the units that they need meanwhile.
  case tellSettings(InstanceRecord, jobs: [String], needs: [String])
  /// A backup's row and files; where it spares them, only files that no row knows.
  case dropBackup(String, paths: [String], spares: Bool)
  /// The former folder comes back, with what was moved out of it.
  case putFolderBack(ReplaceOrder, kept: [String])
  case restoreData(RestorePoint)
  case haltContainers([ContainerHandle])
  case releaseContainers([ContainerHandle])
  /// Where the folders are is looked at first.
  case moveFolders([FolderMove])
}

extension Undo {
  /// Whether the manager has to know the units as they are.
  package var needsManager: Bool {
    switch self {
    case .enable, .disable, .start, .stop, .restart, .runUnits, .tellSettings: true
    default: false
    }
  }

  /// Whether the manager must have read the units as they are by then.
  package var needsUnits: Bool {
    switch self {
    case .start, .tellSettings: true
    default: false
    }
  }

  /// Whether it only starts what ran before.
  package var isStart: Bool {
    switch self {
    case .start, .restart: true
    default: false
    }
  }

  /// Both in one call, for neighbours of one kind.
  package func merged(with other: Undo) -> Undo? {
    switch (self, other) {
    case (.removeUsers(let first), .removeUsers(let second)): .removeUsers(first + second)
    case (.makeUsers(let first), .makeUsers(let second)): .makeUsers(first + second)
    case (.forget(let first), .forget(let second)): .forget(first + second)
    case (.register(let first), .register(let second)): .register(first + second)
    case (.enable(let first), .enable(let second)): .enable(first + second)
    case (.disable(let first), .disable(let second)): .disable(first + second)
    case (.start(let first), .start(let second)): .start(first + second)
    case (.stop(let first), .stop(let second)): .stop(first + second)
    case (.restart(let first), .restart(let second)): .restart(first + second)
    default: nil
    }
  }

  /// What was set aside for it, which goes when the operation has succeeded, and where it was.
  package var setAside: [(aside: String, path: String)] {
    switch self {
    case .putBack(let aside, let path): [(aside, path)]
    case .putFolderBack(let order, _): [(order.aside, order.folder)]
    case .removeUnpacked(let path): [(path, path)]
    case .several(let undos): undos.flatMap(\.setAside)
    default: []
    }
  }

  /// The backups that data comes back from.
  package var restorePoints: [RestorePoint] {
    switch self {
    case .restoreData(let point): [point]
    case .several(let undos): undos.flatMap(\.restorePoints)
    default: []
    }
  }

  /// The folders whose entries change with it, done or taken back.
  package var touchedFolders: [String] {
    switch self {
    case .removePath(let path), .removeUnpacked(let path), .removeFolder(let path, _, _): [Self.folder(of: path), path]
    case .whileAside(_, let undo): undo.touchedFolders
    case .rewrite(let file, _): [Self.folder(of: file.path)]
    case .restorePool(let site, _): [Self.folder(of: site.file.path)]
    case .leavePool(let place), .joinPool(let place): place.files.map(Self.folder)
    case .putBack(let aside, let path): [Self.folder(of: aside), Self.folder(of: path)]
    case .restoreUnits(_, let former, let added, _): (former.map(\.path) + added).map(Self.folder)
    case .putFolderBack(let order, _): [order.folder, Self.folder(of: order.folder)]
    case .several(let undos): undos.flatMap(\.touchedFolders)
    default: []
    }
  }

  private static func folder(of path: String) -> String { ScopePaths.folder(of: path) }

  /// The folders in which a write that broke off may have left something.
  package var writtenPaths: [String] {
    switch self {
    case .removePath(let path): [path]
    case .rewrite(let file, _): [file.path]
    case .restorePool(let site, _): [site.file.path]
    case .leavePool(let place), .joinPool(let place): place.files
    case .whileAside(_, let undo): undo.writtenPaths
    case .restoreUnits(_, let former, let added, _): former.map(\.path) + added
    case .several(let undos): undos.flatMap(\.writtenPaths)
    default: []
    }
  }
}

/// A step that was begun, and how to take it back.
public struct Receipt: Sendable, Equatable, Codable {
  public let summary: String
  public let owner: PlannedStep.Owner
  public let undo: Undo

  package init(summary: String, owner: PlannedStep.Owner, undo: Undo) {
    self.summary = summary
    self.owner = owner
    self.undo = undo
  }
}
