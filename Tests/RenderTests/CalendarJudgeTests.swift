import BerthKit
import Foundation
import Testing

/// What we accept as a calendar, systemd accepts as well.
@Suite("systemd reads the calendars") struct CalendarJudgeTests {
  static let accepted = [
    "minutely", "hourly", "daily", "weekly", "monthly", "quarterly", "semiannually", "yearly", "04:00", "4:5",
    "4:05:09",
    "Mon", "Mon..Fri 04:00", "Mon,Wed..Fri,sunday *-*-1..7 4:00", "Monday..friday 1:00", "MON 10:00", "Mon..Mon 10:00",
    "*-*-*", "*-*-* *:*:*", "2026-1-1", "2199-12-31 23:59:59", "1970-01-01 00:00:00", "1-1", "02-30 00:00", "*:0/15",
    "*:30", "0..10/2:00", "5/2:00", "10:00/5", "10:00..30/5:00", "01..05:00,30", "*-1,7-1 00:00", "*-*-01..07",
    "1..3,5:00", "2026..2030/2-*-* 1:2:*", "Mon *-*-*", "0/23:0", "10:58/1", "1..2/5:00",
  ]

  /// Pieces of every field put together, so that no corner of one of them is missed.
  static let generated: [String] = {
    func entries(_ low: Int, _ high: Int) -> [String] {
      [
        "*", "\(low)", "\(high)", "\(low)..\(high)", "\(low)/\(high - low)", "\(low)..\(high)/1",
        "\(low),\(high)", "\(low)/1,\(high)", "\(high - 1)/1", "\(high - 1)..\(high)",
        "\(low)..\(low + 1)/\(high - low)",
      ]
    }
    return entries(1970, 2199).map { "\($0)-*-*" } + entries(1, 12).map { "*-\($0)-1" }
      + entries(1, 31).map { "\($0)" }
      .map { "1-\($0) 00:00" } + entries(0, 23).map { "\($0):00" }
      + entries(0, 59).flatMap { ["0:\($0)", "0:0:\($0)"] }
  }()

  @Test("every calendar that we accept", arguments: accepted + generated)
  func accepts(_ text: String) throws {
    #expect(CalendarText.problem(in: text) == nil)
    #expect(try isAccepted(text), "'\(text)'")
  }

  @Test(
    "the judge refuses what we refuse as wrong, where it is not only stricter than ours",
    arguments: [
      "dayly", "10", "24:00", "10:60", "10:00:60", "*-13-1", "*-*-32", "1969-1-1", "Fri..Mon 10:00", "10..5:00",
      "10:0/0",
      "*/2:00", "22/2:00", "Mon.Fri", "+1:00", "Mon, Tue 10:00",
    ])
  func refuses(_ text: String) throws {
    #expect(CalendarText.problem(in: text) != nil)
    #expect(try !isAccepted(text), "'\(text)'")
  }

  private func isAccepted(_ text: String) throws -> Bool {
    try Judge.withFolder { try Judge.run(["systemd-analyze", "calendar", text], in: $0) }.status == 0
  }
}
