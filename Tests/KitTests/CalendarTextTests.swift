import BerthKit
import Testing

@Suite("Calendars") struct CalendarTextTests {
  @Test(
    "what is no calendar is refused, saying what was expected",
    arguments: [
      ("", "expected words with one space"), (" daily", "expected words with one space"),
      ("*-*-*  10:00", "expected words with one space"), ("dayly", "did you mean 'daily'?"),
      ("Daily", "expected weekdays such as Mon,Wed..Fri, or one of minutely, hourly"), ("Mon,", "expected weekdays"),
      ("Mon.Fri", "expected weekdays"), ("Mon..Wed..Fri", "expected weekdays"),
      ("Fri..Mon 10:00", "expected the earlier weekday first, from Mon to Sun, found 'Fri..Mon'"),
      ("10", "expected a date as year-month-day or month-day, or a time as hour:minute, found '10'"),
      ("Mon 10", "expected a date as"), ("1-2-3-4", "expected a date as"),
      ("10:00 Mon", "expected the end after the time"),
      ("10:00:00:00", "expected a time as hour:minute or hour:minute:second"),
      ("Mon *-*-*", ""), ("*-*-32", "expected a day from 1 to 31, or '*', found '32'"),
      ("*-13-1", "expected a month from 1 to 12"), ("1969-1-1", "expected a year from 1970 to 2199"),
      ("26-1-1", "expected a year from 1970 to 2199"), ("24:00", "expected an hour from 0 to 23"),
      ("10:60", "expected a minute from 0 to 59"), ("10:00:60", "expected a second from 0 to 59"),
      ("10:00:00.5", "expected a second"), ("+1:00", "expected an hour"), ("*/2:00", "expected an hour"),
      ("10..5:00", "expected the earlier hour first, found '10..5'"), ("5..5:00", "expected the earlier hour first"),
      ("1..2..3:00", "expected an hour"),
      ("10:0/0", "expected a repetition such as '/2' whose second minute is at most 59"),
      ("22/2:00", "expected a repetition"), ("1/2/3:00", "expected an hour"), ("10:,5", "expected a minute"),
      ("10:00 UTC", "expected the end after the time, found 'UTC'"), ("*-2~1", "expected a day"),
      ("10:00\n", "expected a minute"), ("%i", "expected a date as"), ("１:00", "expected an hour"),
    ])
  func refused(_ text: String, _ problem: String) throws {
    guard !problem.isEmpty else {
      #expect(CalendarText.problem(in: text) == nil)
      return
    }
    let found = try #require(CalendarText.problem(in: text), "'\(text)' was accepted")
    #expect(found.contains(problem), "\(found)")
  }

  @Test(
    "a word with a time behind it is answered by the whole calendar, and never by itself",
    arguments: [
      ("daily 03:00", "'daily' stands alone; with that time it is '*-*-* 03:00'"),
      ("weekly 4:05", "with that time it is 'Mon *-*-* 4:05'"), ("yearly 00:00:01", "'*-01-01 00:00:01'"),
      ("hourly 30", "'hourly' stands alone, found '30' behind it"), ("daily noon", "found 'noon' behind it"),
    ])
  func lone(_ text: String, _ problem: String) {
    let found = CalendarText.problem(in: text) ?? ""
    #expect(found.contains(problem) && !found.contains("did you mean"), "\(found)")
    // What is offered is a calendar.
    if let offer = found.firstMatch(of: /it is '(.*)'/) {
      #expect(CalendarText.fault(in: String(offer.output.1)) == nil)
    }
  }

  @Test(
    "a calendar that never comes, or comes every second, is none that anybody wishes",
    arguments: [
      ("*-02-30 03:00", "never"), ("02-30", "never"), ("*-4,6-31", "never"), ("2027-02-29 00:00", "never"),
      ("Mon 2027-01-02", "never"), ("2020-01-01", "never"), ("1999..2010/3-*-* 04:00", "never"),
      ("Sat,Sun 2026-12-01..04", "never"),
      ("*:*:*", "every second"), ("*-*-* *:*:0..59", "every second"), ("Mon *:*:0/1", "every second"),
    ])
  func useless(_ text: String, _ reason: String) throws {
    // Each is one as far as systemd reads it.
    #expect(CalendarText.problem(in: text) == nil)
    let fault = try #require(CalendarText.fault(in: text))
    #expect(fault.contains(reason), "\(fault)")
    #expect(BackupPolicy.fault(inSchedule: text)?.contains(reason) == true)
  }

  @Test(
    "a calendar that comes is taken, however rare or frequent",
    arguments: [
      "daily", "minutely", "02-29", "*-02-29 03:00", "Mon 2027-01-04", "Fri *-*-13", "2199-12-31", "*:*:0/2", "*:*:30",
      "*:0/15",
      "Mon..Fri 04:00", "*-*-31", "sunday *-*-1..7 4:00", "2024..2028/4-02-29", "*-1,7-1 00:00",
    ])
  func useful(_ text: String) { #expect(CalendarText.fault(in: text) == nil) }
}
