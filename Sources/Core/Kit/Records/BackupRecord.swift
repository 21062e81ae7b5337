/// Why a backup was made.
public enum BackupReason: String, Sendable, Codable, CaseIterable {
  /// Somebody asked for it.
  case asked
  /// A game panel asked for it, which renames and removes archives itself.
  case panel
  /// It was time.
  case schedule
  /// The instance was about to be updated.
  case update
  /// Another instance was made from it.
  case clone
  /// The instance was about to be made of what somebody ran by hand.
  case adopt
  /// It was made elsewhere and brought in.
  case imported
}

/// Where a backup comes from, and so what it is believed.
public enum BackupOrigin: String, Sendable, Codable {
  /// This registry noted it when it was made.
  case made
  /// Somebody brought it in. It counts for nothing until it is named.
  case imported
}

/// One backup as the registry keeps it. It outlives its instance.
public struct BackupRecord: Sendable, Hashable, Codable {
  /// Grows with every backup that enters the registry, which a clock that is set back does not; 0 until then.
  public var number: Int64
  /// A UUID.
  public let id: String
  /// The uid of its instance.
  public let instance: String
  public let key: InstanceKey
  /// The name that the instance had.
  public let instanceName: InstanceName
  public let kind: BackupHead.Kind
  /// The id of the backup before it in its chain; nil for a full one.
  public let base: String?
  /// Where its archive is.
  public var path: String
  /// ISO 8601 in UTC.
  public let createdAt: String
  /// Bytes of the archive itself.
  public var size: Int64
  /// Files of the instance at that moment, those in older archives of the chain included.
  public let files: Int
  /// Their bytes.
  public let bytes: Int64
  /// Bytes that this very archive holds, before they were compressed.
  public let stored: Int64
  /// Seconds for which services were stopped.
  public let pause: Double
  /// The version of the app; nil when nobody knew.
  public let version: String?
  public let pluginVersion: String?
  public let reason: BackupReason
  public var labels: [String: String]
  public var note: String?
  /// Whether it stays until a person says otherwise.
  public var isKept: Bool
  /// When it was last verified, ISO 8601 in UTC; nil for never.
  public var verifiedAt: String?
  /// What its last verification found; nil when it was fine.
  public var checked: String?
  /// What was not as it should be when it was made, such as files that changed while they were read.
  public let warnings: [String]
  /// The same, counted.
  public let remarks: ArchiveRemarks
  /// What its archive was when it was made, or brought in; nil when nobody noted it.
  public let seal: ArchiveSeal?
  /// The digest of its archive's end (``ArchiveEnd``); nil when nobody noted it.
  public var end: String?

  public init(
    number: Int64 = 0, id: String, instance: String, key: InstanceKey, instanceName: InstanceName,
    kind: BackupHead.Kind, base: String?, path: String, createdAt: String, size: Int64, files: Int, bytes: Int64,
    stored: Int64, pause: Double = 0, version: String?, pluginVersion: String?, reason: BackupReason,
    labels: [String: String] = [:], note: String? = nil, isKept: Bool = false, verifiedAt: String? = nil,
    checked: String? = nil, warnings: [String] = [], remarks: ArchiveRemarks = ArchiveRemarks(),
    seal: ArchiveSeal? = nil, end: String? = nil
  ) {
    self.seal = seal
    self.end = end
    self.number = number
    self.id = id
    self.instance = instance
    self.key = key
    self.instanceName = instanceName
    self.kind = kind
    self.base = base
    self.path = path
    self.createdAt = createdAt
    self.size = size
    self.files = files
    self.bytes = bytes
    self.stored = stored
    self.pause = pause
    self.version = version
    self.pluginVersion = pluginVersion
    self.reason = reason
    self.labels = labels
    self.note = note
    self.isKept = isKept
    self.verifiedAt = verifiedAt
    self.checked = checked
    self.warnings = warnings
    self.remarks = remarks
  }

  public var origin: BackupOrigin { reason == .imported ? .imported : .made }

  /// How messages call it, such as `luanti/world 2026-11-21T10:00:00Z`.
  public var title: String { "\(key.app)/\(instanceName) \(createdAt)" }
  /// The name of its archive's file.
  public var file: String { path.lastIndex(of: "/").map { String(path[path.index(after: $0)...]) } ?? path }
}
