import BerthEngine
import BerthKit
import BerthPlanning
import BerthStore
import Testing

/// Random histories against the rules as one would say them, each backup asked by itself.
@Suite("Retention of random histories")
struct RetentionModelTests {
  @Test("is what the rules say of each backup by itself", arguments: 0..<200)
  func agrees(_ seed: Int) throws {
    var history = History(seed)
    let backups = history.backups()
    let retention = history.retention()
    let moment = history.moment
    let verdict = RetentionRules.judge(backups.shuffled(using: &history.generator), by: retention, at: moment)
    let stays = Set(verdict.stays.map(\.backup.number))
    let expected = Set(RetentionModel(backups: backups, retention: retention, moment: moment).stays().map(\.number))
    #expect(stays == expected, "\(retention) at \(moment): \(backups.map(History.line))")
    #expect(verdict.stays.allSatisfy { !$0.reasons.isEmpty })
    #expect(stays.union(verdict.goes.map(\.number)).count == backups.count)
    #expect(verdict.stays.count + verdict.goes.count == backups.count)
  }

  @Test("never breaks a chain, wherever the removal breaks off", arguments: 0..<200)
  func keepsChains(_ seed: Int) throws {
    var history = History(seed &+ 100_000)
    var left = history.backups()
    let whole = Set(left.filter { backup in Self.isWhole(backup, in: left) }.map(\.id))
    for removed in RetentionRules.judge(left, by: history.retention(), at: history.moment).goes {
      left.removeAll { $0.id == removed.id }
      for backup in left where whole.contains(backup.id) { #expect(Self.isWhole(backup, in: left)) }
    }
    #expect(!left.isEmpty)
  }

  /// What is broken from the start, or a circle, cannot be kept whole.
  private static func isWhole(_ backup: BackupRecord, in backups: [BackupRecord], depth: Int = 0) -> Bool {
    guard let base = backup.base else { return true }
    guard depth < backups.count, let found = backups.first(where: { $0.id == base }) else { return false }
    return isWhole(found, in: backups, depth: depth + 1)
  }

  @Test("takes no more away when asked again", arguments: 0..<60)
  func isStable(_ seed: Int) throws {
    var history = History(seed &+ 200_000)
    let backups = history.backups()
    let retention = history.retention()
    let first = RetentionRules.judge(backups, by: retention, at: history.moment)
    let again = RetentionRules.judge(first.stays.map(\.backup), by: retention, at: history.moment)
    #expect(again.goes.isEmpty)
  }
}

/// What stays, computed slowly.
private struct RetentionModel {
  let backups: [BackupRecord]
  let retention: Retention
  let moment: UTCTime

  func stays() -> [BackupRecord] {
    let kept = backups.filter { isWanted($0, among: backups) || isWanted($0, among: backups.filter(isGood)) }
    return backups.filter { backup in kept.contains { needs($0, backup) } }
  }

  private func isWanted(_ backup: BackupRecord, among others: [BackupRecord]) -> Bool {
    if retention == Retention() || backup.isKept || UTCTime(backup.createdAt).map({ $0 > moment }) ?? true {
      return true
    }
    guard others.contains(backup) else { return false }
    let newer = others.filter { $0.number > backup.number }
    return newer.isEmpty || newer.count < retention.last ?? 0
      || isNewest(backup, of: others, inEach: \.day, retention.daily)
      || isNewest(backup, of: others, inEach: \.week, retention.weekly)
      || isNewest(backup, of: others, inEach: \.month, retention.monthly)
  }

  /// Whether nothing newer is of the same period, and fewer periods than so many come after it.
  private func isNewest(
    _ backup: BackupRecord, of others: [BackupRecord], inEach period: KeyPath<UTCTime, Int>, _ count: Int?
  ) -> Bool {
    func number(_ backup: BackupRecord) -> Int {
      let time = UTCTime(backup.createdAt) ?? moment
      return (time > moment ? moment : time)[keyPath: period]
    }
    let own = number(backup)
    return !others.contains { $0.number > backup.number && number($0) == own }
      && Set(others.map(number).filter { $0 > own }).count < count ?? 0
  }

  /// Whether a backup is nothing without another, or is it.
  private func needs(_ backup: BackupRecord, _ other: BackupRecord, depth: Int = 0) -> Bool {
    if backup.id == other.id { return true }
    guard depth < backups.count, let base = backups.first(where: { $0.id == backup.base }) else { return false }
    return needs(base, other, depth: depth + 1)
  }

  private func isGood(_ backup: BackupRecord) -> Bool { isGood(backup, depth: 0) }

  private func isGood(_ backup: BackupRecord, depth: Int) -> Bool {
    guard depth < backups.count, backup.checked == nil else { return false }
    guard backup.base != nil else { return true }
    return backups.first { $0.id == backup.base }.map { isGood($0, depth: depth + 1) } ?? false
  }
}

/// Makes up what may become of an instance's backups: clocks that jump, missing links, damage, locks, and circles.
private struct History {
  var generator: Seeded
  let moment: UTCTime

  init(_ seed: Int) {
    generator = Seeded(state: UInt64(seed) &* 0x2545_F491_4F6C_DD1D)
    guard let moment = UTCTime("2026-03-02T10:00:00Z") else { preconditionFailure("a moment") }
    self.moment = moment
  }

  private mutating func chance(_ one: Int) -> Bool { Int.random(in: 0..<one, using: &generator) == 0 }

  mutating func retention() -> Retention {
    func count(_ history: inout History) -> Int? {
      history.chance(2) ? nil : Int.random(in: 0...4, using: &history.generator)
    }
    return Retention(last: count(&self), daily: count(&self), weekly: count(&self), monthly: count(&self))
  }

  mutating func backups() -> [BackupRecord] {
    let count = Int.random(in: 1...24, using: &generator)
    let isTroubled = chance(2)
    var hours = Int.random(in: -2000 ... -100, using: &generator)
    var backups: [BackupRecord] = []
    for number in 1...count {
      hours += Int.random(in: 0...[3, 40, 300][number % 3], using: &generator)
      if isTroubled, chance(8) { hours += Int.random(in: -1500...1500, using: &generator) }
      var base = number > 1 && !chance(4) ? number - 1 : nil
      if isTroubled, chance(10) { base = Int.random(in: 1...count + 2, using: &generator) }
      backups.append(
        Sample.backup(
          number, base: base, at: isTroubled && chance(30) ? "no time" : Self.time(hours), isKept: chance(12),
          checked: isTroubled && chance(10) ? "torn" : nil))
    }
    return backups.filter { _ in !isTroubled || !chance(15) } + (isTroubled ? [Sample.backup(40)] : [])
  }

  /// The moment so many hours before or after 2026-03-01, in a year of which every month is counted by hand.
  private static func time(_ hours: Int) -> String {
    var day = hours >= 0 ? hours / 24 : (hours - 23) / 24
    let hour = hours - day * 24
    var (year, month) = (2026, 3)
    while day < 0 {
      (year, month) = month == 1 ? (year - 1, 12) : (year, month - 1)
      day += lengths[month - 1]
    }
    while day >= lengths[month - 1] {
      day -= lengths[month - 1]
      (year, month) = month == 12 ? (year + 1, 1) : (year, month + 1)
    }
    func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
    return "\(year)-\(two(month))-\(two(day + 1))T\(two(hour)):30:00Z"
  }

  private static let lengths = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

  static func line(_ backup: BackupRecord) -> String {
    "\(backup.number) \(backup.createdAt) on \(backup.base ?? "-") \(backup.isKept) \(backup.checked ?? "")"
  }
}
