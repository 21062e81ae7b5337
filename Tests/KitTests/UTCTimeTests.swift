import BerthKit
import Foundation
import Testing

@Suite("A moment in UTC")
struct UTCTimeTests {
  @Test(
    "has a day, a week from Monday to Sunday, and a month",
    arguments: [
      ("1970-01-01T00:00:00Z", 0, 0, 1970 * 12), ("1970-01-04T23:59:59Z", 3, 0, 1970 * 12),
      ("1970-01-05T00:00:00Z", 4, 1, 1970 * 12), ("1969-12-29T00:00:00Z", -3, 0, 1969 * 12 + 11),
      ("1969-12-28T23:59:59Z", -4, -1, 1969 * 12 + 11), ("1969-12-22T00:00:00Z", -10, -1, 1969 * 12 + 11),
      ("1969-12-21T00:00:00Z", -11, -2, 1969 * 12 + 11), ("2000-02-29T12:00:00Z", 11_016, 1574, 2000 * 12 + 1),
      ("2000-03-01T00:00:00Z", 11_017, 1574, 2000 * 12 + 2), ("0000-01-01T00:00:00Z", -719_528, -102_790, 0),
    ])
  func parts(_ text: String, _ day: Int, _ week: Int, _ month: Int) throws {
    let time = try #require(UTCTime(text))
    #expect(time.day == day)
    #expect(time.week == week)
    #expect(time.month == month)
  }

  @Test("is written as every calendar has it")
  func words() {
    for seconds in [0, 1, -1, 86_399, 951_782_400, 951_868_799, 1_709_164_800, 4_107_542_399, 1_795_960_000] {
      #expect(UTCTime.text(seconds: seconds) == Date(timeIntervalSince1970: Double(seconds)).formatted(.iso8601))
    }
    for _ in 0..<2000 {
      let seconds = Int.random(in: 0...7_258_118_400)
      #expect(UTCTime.text(seconds: seconds) == Date(timeIntervalSince1970: Double(seconds)).formatted(.iso8601))
    }
  }

  @Test("has the ISO week that Foundation counts, and its day and second, all over four hundred years")
  func agrees() throws {
    var calendar = Calendar(identifier: .iso8601)
    calendar.timeZone = try #require(TimeZone(identifier: "UTC"))
    var weeks: [Int: [Int]] = [:]
    // Every 11th day or so meets all days of the week, and all ends of years over time.
    for seconds in stride(from: -6_300_000_000, through: 6_400_000_000, by: 11 * 86_400 + 7919) {
      let date = Date(timeIntervalSince1970: TimeInterval(seconds))
      let text = date.formatted(.iso8601)
      let time = try #require(UTCTime(text), "\(text)")
      #expect(time.day * 86_400 + time.second == seconds, "\(text)")
      let parts = calendar.dateComponents([.yearForWeekOfYear, .weekOfYear, .year, .month], from: date)
      let (year, month) = (try #require(parts.year), try #require(parts.month))
      #expect(time.month == year * 12 + month - 1, "\(text)")
      let week = [try #require(parts.yearForWeekOfYear), try #require(parts.weekOfYear)]
      #expect(weeks[time.week] == nil || weeks[time.week] == week, "\(text)")
      weeks[time.week] = week
    }
    #expect(Set(weeks.values).count == weeks.count)
  }

  @Test("is ordered in time")
  func order() throws {
    let texts = ["1999-12-31T23:59:59Z", "2000-01-01T00:00:00Z", "2000-01-01T00:00:01Z", "2000-01-01T01:00:00Z"]
    let times = texts.compactMap(UTCTime.init)
    #expect(times.count == 4)
    #expect(times.shuffled().sorted() == times)
  }

  @Test(
    "is refused in any other form, and when there is no such moment",
    arguments: [
      "", "2026-11-21", "2026-11-21T10:00:00", "2026-11-21T10:00:00z", "2026-11-21t10:00:00Z", "2026-11-21 10:00:00Z",
      "2026-11-21T10:00:00+00:00", "2026-11-21T10:00:00.5Z", "2026-11-21T10:00Z", " 2026-11-21T10:00:00Z",
      "2026-11-21T10:00:00Z\n", "2026-11-21T10:00:0٣Z", "+026-11-21T10:00:00Z", "-026-11-21T10:00:00Z",
      "2026-00-21T10:00:00Z", "2026-13-21T10:00:00Z", "2026-11-00T10:00:00Z", "2026-11-31T10:00:00Z",
      "2026-02-29T10:00:00Z", "1900-02-29T10:00:00Z", "2026-12-32T10:00:00Z", "2026-11-21T24:00:00Z",
      "2026-11-21T10:60:00Z", "2026-11-21T10:00:60Z", "2026:11:21T10-00-00Z",
    ])
  func refuses(_ text: String) { #expect(UTCTime(text) == nil) }
}
