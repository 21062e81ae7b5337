import BerthKit
import BerthPlan

/// What a person or a script asks of a restore.
public struct RestoreRequest: Sendable {
  public var app: String
  /// The instance as it was typed; nil means the only one, or the one that was backed up.
  public var instance: String?
  /// The backup's id or name; nil means the newest one of the instance.
  public var backup: String?
  /// An archive that the registry does not know.
  public var archive: String?
  /// The name of a new instance that is made from it; nil to restore into the one that was backed up.
  public var newName: String?
  /// The id of that new instance.
  public var newID: String?
  /// Ports of a new instance, by role; the empty role is the app's first.
  public var ports: [String: Int]
  public var directory: String?
  /// Settings of a new instance, over those that were backed up.
  public var settings: [String: String] = [:]
  /// The pool that a new instance joins.
  public var pool: String?
  public var sets: [String]?
  /// One file or folder of the instance, such as `data/world/map.sqlite`.
  public var file: String?
  /// Whether a new instance is started and enabled.
  public var isStarted: Bool
  /// What an archive from elsewhere is granted, by the words of ``Grant``.
  public var accepted: Set<String> = []
  /// What of it is left out.
  public var declined: Set<String> = []

  public init(
    app: String, instance: String? = nil, backup: String? = nil, archive: String? = nil, newName: String? = nil,
    newID: String? = nil, ports: [String: Int] = [:], directory: String? = nil, sets: [String]? = nil,
    file: String? = nil, isStarted: Bool = true
  ) {
    self.app = app
    self.instance = instance
    self.backup = backup
    self.archive = archive
    self.newName = newName
    self.newID = newID
    self.ports = ports
    self.directory = directory
    self.sets = sets
    self.file = file
    self.isStarted = isStarted
  }

  /// What was asked for that only a new instance can have; nil for nothing.
  var optionOfNew: String? {
    if !ports.isEmpty { return "--port" }
    if directory != nil { return "--dir" }
    return isStarted ? nil : "--no-start"
  }

  /// Whether another instance is made than the one that was backed up.
  var makesCopy: Bool { newName != nil || newID != nil }
}

/// A backup with everything that is needed to restore it.
struct RestoreSource: Sendable {
  /// What is believed of what the backup says of itself.
  var head: BackupHead
  /// The archives of its chain, oldest first; the last one is its own.
  let archives: [String]
  let index: String?
  /// What the archive may ask for.
  var trust: ArchiveTrust
  /// What an archive from elsewhere asks for.
  var grants: [Grant] = []

  var ids: [String] { head.chain.map(\.id) + [head.id] }
}
