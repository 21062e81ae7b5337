import BerthKit

/// A backup that is being made: its archive, and what the registry will say of it.
public struct BackupDraft: Sendable, Equatable, Codable {
  public let order: ArchiveOrder
  /// The id of the backup that it is a difference to.
  public let base: String?
  public let reason: BackupReason
  public let labels: [String: String]
  public let note: String?
  public let isKept: Bool
  /// Whether the finished archive is read again and checked before anything relies on it.
  public let isVerified: Bool
  /// Whether a finished backup stays when what follows it is taken back.
  public let stays: Bool
  /// Why it is a full one, or what it is a difference to.
  public let kindReason: String

  package init(
    order: ArchiveOrder, base: String?, reason: BackupReason, labels: [String: String], note: String?, isKept: Bool,
    isVerified: Bool, stays: Bool, kindReason: String
  ) {
    self.order = order
    self.base = base
    self.reason = reason
    self.labels = labels
    self.note = note
    self.isKept = isKept
    self.isVerified = isVerified
    self.stays = stays
    self.kindReason = kindReason
  }

  package var head: BackupHead { order.head }
}

/// A part of the work on one archive, done in one go.
public struct ArchiveWork: Sendable, Codable {
  public let draft: BackupDraft
  public let parts: [ArchivePart]
  /// Whether it is the first part.
  public let opens: Bool
  /// Whether it is the last part.
  public let closes: Bool

  package init(draft: BackupDraft, parts: [ArchivePart], opens: Bool, closes: Bool) {
    self.draft = draft
    self.parts = parts
    self.opens = opens
    self.closes = closes
  }

  package var record: InstanceRecord { draft.head.instance }

  package var summary: String {
    let sets = parts.map(\.set).joined(separator: ", ")
    let copy = sets.isEmpty ? "" : "copy \(sets) into \(opens && closes ? draft.order.path : "the archive")"
    guard closes, !(opens && !sets.isEmpty) else { return copy.isEmpty ? "begin the archive" : copy }
    return copy.isEmpty ? "finish the archive \(draft.order.path)" : "\(copy) and finish it"
  }

  /// Whatever it has written goes; a finished backup only where it does not stay.
  package var undo: Undo {
    var undos: [Undo] = [.removePath(draft.order.unfinished)]
    if closes {
      undos.append(
        .dropBackup(draft.head.id, paths: [draft.order.path, draft.order.index], spares: draft.stays))
    }
    return .several(undos)
  }
}

extension ArchiveWork: Hashable {
  public static func == (left: ArchiveWork, right: ArchiveWork) -> Bool {
    (left.draft, left.parts, left.opens, left.closes) == (right.draft, right.parts, right.opens, right.closes)
  }

  /// A draft is told from others by the id of its backup.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(draft.head.id)
    hasher.combine(parts)
    hasher.combine(closes)
  }
}

extension Plan {
  /// What the backups that it makes say of themselves.
  package var backups: [BackupHead] {
    steps.compactMap { if case .archive(let work) = $0.step, work.closes { work.draft.head } else { nil } }
  }
}

/// A backup that an instance's data can come back from.
public struct RestorePoint: Sendable, Hashable, Codable {
  public let unpack: UnpackOrder
  public let replacements: [ReplaceOrder]

  package init(unpack: UnpackOrder, replacements: [ReplaceOrder]) {
    self.unpack = unpack
    self.replacements = replacements
  }

  /// What is there once the data has come back, so that it does not come back a second time.
  package var done: String { "\(unpack.target)-done" }
}
