/// Backups and what each of them needs: a difference is nothing without those before it.
///
/// A backup of another instance is none that it could need.
public struct BackupChains: Sendable {
  private let byID: [String: BackupRecord]

  public init(_ backups: [BackupRecord]) {
    byID = Dictionary(backups.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
  }

  /// The backup before one in its chain; nil for a full one, and where it is missing.
  public func base(of backup: BackupRecord) -> BackupRecord? {
    guard let found = backup.base.flatMap({ byID[$0] }), found.instance == backup.instance else { return nil }
    return found
  }

  /// What is there of the chain that ends in a backup, oldest first.
  public func links(of backup: BackupRecord) -> [BackupRecord] {
    var links = [backup]
    var seen: Set = [backup.id]
    // A circle cannot be made, but it can be imported.
    while let base = base(of: links[links.count - 1]), seen.insert(base.id).inserted { links.append(base) }
    return links.reversed()
  }

  /// Whether nothing is missing of a chain, given oldest first.
  public static func isWhole(_ links: [BackupRecord]) -> Bool { links.first.map { $0.kind == .full } ?? false }

  /// The chain that ends in a backup, oldest first.
  ///
  /// - Throws: `backup-link-missing`.
  public func chain(of backup: BackupRecord) throws(BerthError) -> [BackupRecord] {
    let links = links(of: backup)
    guard Self.isWhole(links) else { throw .backupLinkMissing(backup, after: links[0]) }
    return links
  }
}
