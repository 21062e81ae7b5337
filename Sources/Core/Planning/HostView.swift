import BerthKit
import BerthPlan
import BerthRender

/// How the host is now, as far as planning has to ask: files, units, time and chance.
package struct HostView {
  /// The text of a file; nil when it is not there.
  package var text: (String) throws -> String?
  package let exists: (String) -> Bool
  /// Whether a file is its owner's, who may do with it what the file's mode says.
  package let isOwners: (FileWrite) -> Bool
  /// What belongs to others in folders of a user.
  package let foreignFiles: ([String], FileOwner) -> ForeignFiles
  /// Whether a path leads to a folder, by no link that others can have made.
  package let isFolder: (String) -> Bool
  /// Whether a path itself is a regular file.
  package let isFile: (String) -> Bool
  /// Whose a folder is; nil where nobody can tell by its mode.
  package let ownership: (String) -> FolderAccess?
  /// A path without links, as far as it exists.
  package let realPath: (String) -> String
  /// The same, and without bind mounts: one path for one folder.
  package let origin: (String) -> String
  /// What instances are shown of the host.
  package let shown: () throws -> [(record: InstanceRecord, folders: [String])]
  /// Whether a folder exists and has something in it.
  let isOccupied: (String) throws -> Bool
  /// The first folder on the way to a path that somebody else than root and the scope's owner can change.
  package let changeable: (String) -> String?
  /// Whether a port is somebody's.
  package let isTaken: (PortNumber) -> Bool
  /// Who listens on a port.
  package let listener: (PortNumber) -> String?
  /// The first number that the programs of instances may open; 0 where they may open any.
  package var firstPort = 0
  /// Takes a port against other runs of Berth.
  package let isClaimed: PortAllocator.Claimed
  package let states: [String: UnitState]
  package let enabled: Set<String>
  /// The backups of an instance by its uid, in the order in which they were made.
  package let backups: (String) throws -> [BackupRecord]
  /// What a backup says of itself.
  package let head: (BackupRecord) throws -> BackupHead
  /// Whether a backup's archive is there, and says of itself what it said when it was made.
  let isSealed: (BackupRecord) -> Bool
  /// Whether a file of an instance stays when one of its folders gives way to a backup's.
  package let keeps: (ReplaceOrder, String) -> Bool
  package let timestamp: String
  package let uuid: () -> String
  /// An id or a uid for a new instance, the same for the same words as long as no instance has been made since.
  package let newID: ([String]) -> String
  package let secret: (Int) -> String

  package init(
    text: @escaping (String) throws -> String?, exists: @escaping (String) -> Bool,
    isOwners: @escaping (FileWrite) -> Bool,
    foreignFiles: @escaping ([String], FileOwner) -> ForeignFiles, isFolder: @escaping (String) -> Bool,
    isFile: @escaping (String) -> Bool, ownership: @escaping (String) -> FolderAccess? = { _ in nil },
    realPath: @escaping (String) -> String,
    origin: @escaping (String) -> String,
    shown: @escaping () throws -> [(record: InstanceRecord, folders: [String])],
    isOccupied: @escaping (String) throws -> Bool, changeable: @escaping (String) -> String?,
    isTaken: @escaping (PortNumber) -> Bool, listener: @escaping (PortNumber) -> String?,
    isClaimed: @escaping PortAllocator.Claimed,
    states: [String: UnitState], enabled: Set<String>, backups: @escaping (String) throws -> [BackupRecord],
    head: @escaping (BackupRecord) throws -> BackupHead, isSealed: @escaping (BackupRecord) -> Bool,
    keeps: @escaping (ReplaceOrder, String) -> Bool, timestamp: String, uuid: @escaping () -> String,
    newID: @escaping ([String]) -> String, secret: @escaping (Int) -> String
  ) {
    self.text = text
    self.exists = exists
    self.isOwners = isOwners
    self.foreignFiles = foreignFiles
    self.isFolder = isFolder
    self.isFile = isFile
    self.ownership = ownership
    self.realPath = realPath
    self.origin = origin
    self.shown = shown
    self.isOccupied = isOccupied
    self.changeable = changeable
    self.isTaken = isTaken
    self.listener = listener
    self.isClaimed = isClaimed
    self.states = states
    self.enabled = enabled
    self.backups = backups
    self.head = head
    self.isSealed = isSealed
    self.keeps = keeps
    self.timestamp = timestamp
    self.uuid = uuid
    self.newID = newID
    self.secret = secret
  }
}

extension HostView {
  /// The same with other texts of files.
  package func with(text: @escaping (String) throws -> String?) -> HostView {
    var view = self
    view.text = text
    return view
  }

  /// Makes sure that folders which shall come are not there.
  ///
  /// - Throws: `folder-in-use`.
  package func requireFree(_ folders: [String], former: [String] = []) throws {
    if let taken = folders.first(where: { !former.contains($0) && exists($0) }) { throw BerthError.folderInUse(taken) }
  }

  /// Makes sure that what a service is shown is there, and that the manager can mount it: a service would not start without.
  ///
  /// - Throws: `mount-missing`, `mount-kind`.
  func requireThere(_ trees: [ShownTree], of record: InstanceRecord) throws {
    for tree in trees {
      let (path, target) = (realPath(tree.path), realPath(tree.target))
      guard exists(path) else { throw BerthError.treeMissing(tree.path, at: tree.target, record) }
      guard tree.isOnHost, exists(target), isFile(path) || isFolder(path), isFile(target) || isFolder(target),
        isFile(path) != isFile(target)
      else { continue }
      throw BerthError.otherKind(tree, isFile: isFile(path), record)
    }
  }

  /// The step that fetches a release which is not there.
  package func fetching(_ release: Release, _ paths: ScopePaths) -> [Phase: [Step]] {
    exists(paths.release(release.app, release.name)) ? [:] : [.fetch: [.makeRelease(release)]]
  }

  /// Makes sure that a unit file is Berth's or not there.
  ///
  /// - Throws: `unit-taken`.
  func requireOwn(_ path: String) throws {
    guard let text = try text(path), !text.hasPrefix(UnitRenderer.signature) else { return }
    throw BerthError.unitTaken(path, by: path)
  }
}
