import BerthKit

/// Decides which of an instance's backups stay.
///
/// Periods are counted as far as they have a backup: `daily: 7` keeps the newest of each of the last seven days that
/// have one, however long ago they are. Which of two is newer is told by their numbers, as clocks are set back.
public enum RetentionRules {
  /// Why a backup stays.
  public enum Reason: Sendable, Hashable {
    /// Nobody said that any should go.
    case noRule
    /// It is the newest one of all, or the newest that can be relied on.
    case newest
    /// A person locked it.
    case kept
    /// It was brought in, and stays until a person removes it. It counts for no period.
    case imported
    /// A clone is being made from it, and it goes with that. It is nobody's backup otherwise.
    case clone
    /// It was made in what is still the future, since the clock was set back: it has no age yet.
    case future
    case last, daily, weekly, monthly
    /// Another that stays is nothing without it.
    case neededBy(id: String)

    /// In a word or two, for a table.
    public var text: String {
      switch self {
      case .noRule: "no rule"
      case .newest: "newest"
      case .kept: "locked"
      case .imported: "imported"
      case .clone: "for a clone"
      case .future: "from the future"
      case .last: "last"
      case .daily: "daily"
      case .weekly: "weekly"
      case .monthly: "monthly"
      case .neededBy(let id): "needed by \(id.prefix(8))"
      }
    }
  }

  /// A backup that stays.
  public struct Stay: Sendable, Hashable {
    public let backup: BackupRecord
    /// All that speaks for it, in the order of ``Reason``.
    public let reasons: [Reason]
  }

  /// What becomes of the backups of an instance.
  public struct Verdict: Sendable, Hashable {
    /// What stays, the newest first.
    public let stays: [Stay]
    /// What goes, in an order in which nothing goes before what needs it.
    public let goes: [BackupRecord]
  }

  /// - Parameters:
  ///   - backups: those of one instance, in any order.
  ///   - retention: nil, or one without a number, for everything.
  ///   - isGood: whether a backup can be relied on. One that cannot is judged like the others, but takes nobody's place.
  public static func judge(
    _ backups: [BackupRecord], by retention: Retention?, at moment: UTCTime,
    isGood: (BackupRecord) -> Bool = { $0.checked == nil }
  ) -> Verdict {
    let newestFirst = backups.sorted { $0.number > $1.number }
    guard let retention, retention != Retention() else {
      return Verdict(stays: newestFirst.map { Stay(backup: $0, reasons: [.noRule]) }, goes: [])
    }
    let chains = BackupChains(backups)
    let counted = newestFirst.filter { $0.reason != .clone && $0.origin == .made }
    let good = counted.filter { backup in
      let links = chains.links(of: backup)
      return BackupChains.isWhole(links) && links.allSatisfy(isGood)
    }

    var reasons: [String: [Reason]] = [:]
    func keep(_ kept: some Sequence<BackupRecord>, _ reason: Reason) {
      for backup in kept where reasons[backup.id]?.contains(reason) != true {
        reasons[backup.id, default: []].append(reason)
      }
    }
    let pools = good.count == counted.count ? [good] : [counted, good]
    func keepNewest(inEach period: (UTCTime) -> Int, _ count: Int?, _ reason: Reason) {
      for pool in pools { keep(newest(of: pool, inEach: period, count, moment), reason) }
    }
    keep(pools.flatMap { $0.prefix(1) }, .newest)
    keep(newestFirst.filter(\.isKept), .kept)
    keep(newestFirst.filter { $0.origin == .imported }, .imported)
    keep(newestFirst.filter { $0.reason == .clone }, .clone)
    keep(newestFirst.filter { isFuture($0, moment) }, .future)
    keep(pools.flatMap { $0.prefix(max(0, retention.last ?? 0)) }, .last)
    keepNewest(inEach: \.day, retention.daily, .daily)
    keepNewest(inEach: \.week, retention.weekly, .weekly)
    keepNewest(inEach: \.month, retention.monthly, .monthly)
    for backup in newestFirst where reasons[backup.id] != nil {
      for link in chains.links(of: backup).dropLast() where reasons[link.id] == nil {
        keep([link], .neededBy(id: backup.id))
      }
    }
    return Verdict(
      stays: newestFirst.compactMap { backup in reasons[backup.id].map { Stay(backup: backup, reasons: $0) } },
      goes: newestFirst.filter { reasons[$0.id] == nil }.map { ($0, chains.links(of: $0).count) }
        .sorted { ($0.1, $0.0.number) > ($1.1, $1.0.number) }.map(\.0))
  }

  /// The newest backup of each of the last so many periods that have one.
  ///
  /// - Parameter backups: newest first.
  private static func newest(
    of backups: [BackupRecord], inEach period: (UTCTime) -> Int, _ count: Int?, _ moment: UTCTime
  ) -> [BackupRecord] {
    guard let count, count > 0 else { return [] }
    let periods = Dictionary(grouping: backups) { period(time(of: $0, moment)) }
    return periods.sorted { $0.key > $1.key }.prefix(count).compactMap(\.value.first)
  }

  /// When a backup was made; now where that is still to come, or not to be read.
  private static func time(of backup: BackupRecord, _ moment: UTCTime) -> UTCTime {
    UTCTime(backup.createdAt).map { min($0, moment) } ?? moment
  }

  private static func isFuture(_ backup: BackupRecord, _ moment: UTCTime) -> Bool {
    UTCTime(backup.createdAt).map { $0 > moment } ?? true
  }
}
