import BerthEngine
import BerthKit
import BerthPlanning
import BerthStore
import Testing

@Suite("Retention")
struct RetentionRulesTests {
  /// Numbers of those that stay with their reasons, and numbers of those that go in order.
  private struct Seen: Equatable {
    var stays: [Int64: [RetentionRules.Reason]]
    var goes: [Int64]
  }

  private func judge(
    _ backups: [BackupRecord], _ retention: Retention?, at moment: String = "2026-11-21T12:00:00Z"
  ) throws -> Seen {
    let verdict = RetentionRules.judge(backups, by: retention, at: try #require(UTCTime(moment)))
    #expect(verdict.stays.map(\.backup.number) == verdict.stays.map(\.backup.number).sorted(by: >))
    return Seen(
      stays: Dictionary(uniqueKeysWithValues: verdict.stays.map { ($0.backup.number, $0.reasons) }),
      goes: verdict.goes.map(\.number))
  }

  /// Full backups numbered from 1 on, at noon of these days unless a time is given.
  private func fulls(_ times: [String]) -> [BackupRecord] {
    times.enumerated().map { position, time in
      Sample.backup(position + 1, at: time.contains("T") ? time : "\(time)T12:00:00Z")
    }
  }

  @Test("keeps everything where nobody says otherwise", arguments: [nil, Retention()])
  func noRule(_ retention: Retention?) throws {
    let seen = try judge(fulls(["2020-01-01", "2026-11-20"]), retention)
    #expect(seen == Seen(stays: [1: [.noRule], 2: [.noRule]], goes: []))
    #expect(try judge([], Retention(last: 1)) == Seen(stays: [:], goes: []))
  }

  @Test("keeps the newest so many, in whatever order they are given")
  func last() throws {
    let backups = fulls(["2026-11-17", "2026-11-18", "2026-11-19", "2026-11-20"])
    let expected = Seen(stays: [4: [.newest, .last], 3: [.last]], goes: [2, 1])
    #expect(try judge(backups, Retention(last: 2)) == expected)
    #expect(try judge(backups.reversed(), Retention(last: 2)) == expected)
    #expect(try judge(backups, Retention(last: 9)).goes == [])
  }

  @Test(
    "keeps the newest one even where all counts are nothing",
    arguments: [Retention(last: 0), Retention(last: -3, daily: 0, weekly: -1, monthly: .min)])
  func newest(_ retention: Retention) throws {
    #expect(try judge(fulls(["2020-01-01", "2020-01-02"]), retention) == Seen(stays: [2: [.newest]], goes: [1]))
  }

  @Test("keeps the newest of each day that has one, however long ago that is, days ending at midnight in UTC")
  func daily() throws {
    let backups = fulls([
      "2020-05-01", "2026-11-01T00:00:00Z", "2026-11-01T23:59:59Z", "2026-11-02T00:00:00Z", "2026-11-20", "2026-11-20",
    ])
    let seen = try judge(backups, Retention(daily: 4))
    #expect(seen == Seen(stays: [6: [.newest, .daily], 4: [.daily], 3: [.daily], 1: [.daily]], goes: [5, 2]))
    #expect(try judge(backups, Retention(daily: 3)).goes == [5, 2, 1])
  }

  @Test("keeps the newest of each week, from Monday to Sunday also where the year changes")
  func weekly() throws {
    // 2025-12-29 is a Monday, 2026-01-04 a Sunday, both of the first week of 2026.
    let backups = fulls(["2025-12-28", "2025-12-29", "2025-12-31", "2026-01-01", "2026-01-04", "2026-01-05"])
    let seen = try judge(backups, Retention(weekly: 3))
    #expect(seen == Seen(stays: [6: [.newest, .weekly], 5: [.weekly], 1: [.weekly]], goes: [4, 3, 2]))
  }

  @Test("keeps the newest of each month")
  func monthly() throws {
    let backups = fulls(["2024-11-30", "2025-11-01", "2025-11-30", "2025-12-01", "2026-02-28", "2026-03-01"])
    let seen = try judge(backups, Retention(monthly: 4))
    #expect(
      seen == Seen(stays: [6: [.newest, .monthly], 5: [.monthly], 4: [.monthly], 3: [.monthly]], goes: [2, 1]))
  }

  @Test("names every reason that speaks for a backup")
  func reasons() throws {
    var backups = fulls(["2026-11-18", "2026-11-19"])
    backups[1].isKept = true
    let seen = try judge(backups, Retention(last: 1, daily: 2, weekly: 1, monthly: 1))
    #expect(
      seen == Seen(stays: [2: [.newest, .kept, .last, .daily, .weekly, .monthly], 1: [.daily]], goes: []))
  }

  @Test("keeps what is locked, which takes nobody's place")
  func locked() throws {
    var backups = fulls(["2020-01-01", "2026-11-19", "2026-11-20"])
    backups[0].isKept = true
    #expect(try judge(backups, Retention(last: 1)) == Seen(stays: [3: [.newest, .last], 1: [.kept]], goes: [2]))
  }

  @Test("keeps what another that stays is a difference from, and takes differences away before what they need")
  func chains() throws {
    let backups = [
      Sample.backup(1, at: "2026-11-01T12:00:00Z"), Sample.backup(2, base: 1, at: "2026-11-02T12:00:00Z"),
      Sample.backup(3, base: 2, at: "2026-11-03T12:00:00Z"), Sample.backup(4, base: 3, at: "2026-11-04T12:00:00Z"),
      Sample.backup(5, at: "2026-11-05T12:00:00Z"), Sample.backup(6, base: 5, at: "2026-11-06T12:00:00Z"),
    ]
    let needed = RetentionRules.Reason.neededBy(id: backups[5].id)
    #expect(
      try judge(backups, Retention(last: 1)) == Seen(stays: [6: [.newest, .last], 5: [needed]], goes: [4, 3, 2, 1]))
    var locked = backups
    locked[2].isKept = true
    let byLocked = RetentionRules.Reason.neededBy(id: backups[2].id)
    #expect(
      try judge(locked, Retention(last: 1))
        == Seen(stays: [6: [.newest, .last], 5: [needed], 3: [.kept], 2: [byLocked], 1: [byLocked]], goes: [4]))
  }

  @Test("takes differences away first also where numbers go against the chain, as after an import")
  func chainsAgainstNumbers() throws {
    let backups = [Sample.backup(1, base: 2), Sample.backup(2, base: 3), Sample.backup(3), Sample.backup(4)]
    #expect(try judge(backups, Retention(last: 1)).goes == [1, 2, 3])
  }

  @Test("goes by numbers where the clock was set back: the newest is not the one with the latest time")
  func clockSetBack() throws {
    let backups = fulls(["2026-11-19", "2026-11-20", "2020-01-01", "2020-01-02"])
    #expect(try judge(backups, Retention(last: 2)).goes == [2, 1])
    #expect(
      try judge(backups, Retention(daily: 2))
        == Seen(stays: [4: [.newest], 2: [.daily], 1: [.daily]], goes: [3]))
  }

  @Test("keeps what was made in the future until that has come, and counts it as of today")
  func future() throws {
    let backups = fulls(["2026-11-20", "2030-01-01", "2030-01-02", "2026-11-21T09:00:00Z"])
    let seen = try judge(backups, Retention(daily: 2))
    #expect(seen == Seen(stays: [4: [.newest, .daily], 3: [.future], 2: [.future], 1: [.daily]], goes: []))
    #expect(try judge(backups, Retention(daily: 1)).goes == [1])
    // By then they are as old as they say.
    #expect(
      try judge(backups, Retention(daily: 2), at: "2030-01-02T12:00:00Z")
        == Seen(stays: [4: [.newest], 3: [.daily], 2: [.daily]], goes: [1]))
  }

  @Test("keeps what has a time that cannot be read")
  func unreadable() throws {
    let backups = fulls(["2026-02-31", "2026-11-20"])
    #expect(try judge(backups, Retention(last: 1)) == Seen(stays: [2: [.newest, .last], 1: [.future]], goes: []))
  }

  @Test("lets no damaged or broken one take the place of a good one")
  func damaged() throws {
    var backups = fulls(["2026-11-15", "2026-11-16", "2026-11-17", "2026-11-18", "2026-11-19"])
    backups[3].checked = "torn"
    backups[4] = Sample.backup(5, base: 99, at: "2026-11-19T12:00:00Z")
    let seen = try judge(backups, Retention(last: 2))
    #expect(seen == Seen(stays: [5: [.newest, .last], 4: [.last], 3: [.newest, .last], 2: [.last]], goes: [1]))
    // Once there are good ones enough, they go like any other.
    backups += [6, 7].map { Sample.backup($0, at: "2026-11-20T12:00:00Z") }
    #expect(try judge(backups, Retention(last: 2)).goes == [5, 4, 3, 2, 1])
  }

  @Test("lets none take a good one's place that the caller knows to be gone")
  func gone() throws {
    let backups = fulls(["2026-11-18", "2026-11-19", "2026-11-20"])
    let moment = try #require(UTCTime("2026-11-21T12:00:00Z"))
    let verdict = RetentionRules.judge(backups, by: Retention(last: 1), at: moment) { $0.number < 2 }
    #expect(verdict.stays.map(\.backup.number) == [3, 1])
  }

  @Test("says its reasons in words")
  func words() {
    let reasons: [RetentionRules.Reason] = [.noRule, .newest, .kept, .future, .last, .neededBy(id: "0a1b2c3d-0000")]
    #expect(
      reasons.map(\.text) == ["no rule", "newest", "locked", "from the future", "last", "needed by 0a1b2c3d"])
  }
}
