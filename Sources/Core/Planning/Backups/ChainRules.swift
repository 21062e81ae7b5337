import BerthKit

/// Decides whether the next backup of an instance is a full one or a difference.
public enum ChainRules {
  /// How many archives a chain has at most.
  public static let longest = 10

  /// What the next backup is.
  public enum Next: Sendable, Hashable {
    case full(Reason)
    /// - Parameter chain: what it is a difference from, oldest first; the last one is its base.
    case difference(chain: [BackupRecord])
  }

  /// Why it is a full one.
  public enum Reason: String, Sendable, Codable, CaseIterable {
    case asked
    /// There is none that a difference could be made from.
    case first
    /// One that the newest one needs is not in the registry.
    case linkMissing = "link-missing"
    /// The last verification of one that it would need failed.
    case damaged
    /// The chain is as long as it may be.
    case longest
    /// The differences together hold more than the full backup.
    case grown
    /// An archive, or the newest one's list of files, is not where it was, or is another.
    case gone
    /// The plugin declares other sets than it did.
    case setsChanged = "sets-changed"

    /// As the end of a sentence that begins with "a full backup, since".
    public var text: String {
      switch self {
      case .asked: "it was asked for"
      case .first: "there is none yet"
      case .linkMissing: "one that the newest needs is missing"
      case .damaged: "the last verification of the newest or of one that it needs failed"
      case .longest: "the chain is as long as it may be"
      case .grown: "the differences hold more than the full one"
      case .gone: "an archive or its list of files is gone, cannot be read or was changed"
      case .setsChanged: "the plugin's backup sets have changed"
      }
    }
  }

  /// - Parameters:
  ///   - backups: those of the instance, in any order. What was imported is no base: anybody may have made it.
  ///   - isFullAsked: whether somebody wants a full one.
  ///   - hasArchive: whether a backup's archive is there, and the one that was made.
  ///   - hasIndex: whether a backup's list of files is there; asked of the base only.
  ///   - hasSameSets: whether a backup has the sets that the next one will have; asked of the base, and last of all.
  public static func next(
    after backups: [BackupRecord], isFullAsked: Bool = false, longest: Int = longest,
    hasArchive: (BackupRecord) throws -> Bool, hasIndex: (BackupRecord) throws -> Bool,
    hasSameSets: (BackupRecord) throws -> Bool
  ) rethrows -> Next {
    guard !isFullAsked else { return .full(.asked) }
    guard let base = backups.filter({ $0.origin == .made }).max(by: { $0.number < $1.number }) else {
      return .full(.first)
    }
    let chain = BackupChains(backups).links(of: base)
    guard BackupChains.isWhole(chain) else { return .full(.linkMissing) }
    guard chain.allSatisfy({ $0.checked == nil }) else { return .full(.damaged) }
    guard chain.count < longest else { return .full(.longest) }
    guard !hasGrown(chain) else { return .full(.grown) }
    guard try chain.allSatisfy(hasArchive), try hasIndex(base) else { return .full(.gone) }
    guard try hasSameSets(base) else { return .full(.setsChanged) }
    return .difference(chain: chain)
  }

  /// Whether a full backup would have taken less space than the differences.
  private static func hasGrown(_ chain: [BackupRecord]) -> Bool {
    chain.dropFirst().reduce(0) { $0 + $1.stored } > chain[0].stored
  }
}
