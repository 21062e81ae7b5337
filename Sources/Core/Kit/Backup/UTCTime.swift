/// A moment as Berth writes it, `2026-11-21T10:00:00Z`, and the periods that it lies in.
public struct UTCTime: Sendable, Hashable, Comparable {
  /// Days since 1970-01-01.
  public let day: Int
  /// Seconds since midnight.
  public let second: Int
  /// Months since January of the year 0.
  public let month: Int

  /// - Returns: nil for everything but four, two and two digits of a date that exists and a time with seconds, in UTC.
  public init?(_ text: String) {
    let bytes = Array(text.utf8)
    let shape = Array("0000-00-00T00:00:00Z".utf8)
    let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
    guard bytes.count == shape.count,
      zip(bytes, shape).allSatisfy({ byte, form in form == digits.lowerBound ? digits.contains(byte) : byte == form })
    else { return nil }
    func number(_ range: Range<Int>) -> Int { bytes[range].reduce(0) { $0 * 10 + Int($1 - digits.lowerBound) } }
    let (year, month, dayOfMonth) = (number(0..<4), number(5..<7), number(8..<10))
    let (hours, minutes, seconds) = (number(11..<13), number(14..<16), number(17..<19))
    guard (1...12).contains(month), hours < 24, minutes < 60, seconds < 60,
      dayOfMonth >= 1, dayOfMonth <= Self.length(ofMonth: month, year)
    else { return nil }
    day = Self.days(year, month, dayOfMonth)
    second = hours * 3600 + minutes * 60 + seconds
    self.month = year * 12 + month - 1
  }

  /// A moment in words, from seconds since 1970-01-01.
  public static func text(seconds: Int) -> String {
    let day = seconds >= 0 ? seconds / 86400 : (seconds - 86399) / 86400
    let second = seconds - day * 86400
    // Years of 365.2425 days bring near enough, and never beyond by more than one.
    var year = 1970 + Int((Double(day) / 365.2425).rounded(.down))
    while days(year + 1, 1, 1) <= day { year += 1 }
    while days(year, 1, 1) > day { year -= 1 }
    var rest = day - days(year, 1, 1)
    var month = 1
    while rest >= length(ofMonth: month, year) {
      rest -= length(ofMonth: month, year)
      month += 1
    }
    func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
    let clock = [second / 3600, second / 60 % 60, second % 60].map(two).joined(separator: ":")
    return "\(year)-\(two(month))-\(two(rest + 1))T\(clock)Z"
  }

  /// Weeks since 1970 as ISO 8601 counts them: from Monday to Sunday, whatever year that is in.
  public var week: Int {
    // 1970-01-01 was a Thursday.
    let sinceMonday = day + 3
    return sinceMonday >= 0 ? sinceMonday / 7 : (sinceMonday - 6) / 7
  }

  public static func < (left: UTCTime, right: UTCTime) -> Bool {
    (left.day, left.second) < (right.day, right.second)
  }

  static func length(ofMonth month: Int, _ year: Int) -> Int {
    switch month {
    case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }

  /// Counts from March on, so that the leap day is the last of a year.
  static func days(_ year: Int, _ month: Int, _ dayOfMonth: Int) -> Int {
    let years = month > 2 ? year : year - 1
    let monthsSinceMarch = (month + 9) % 12
    let leapDays = years >= 0 ? years / 4 - years / 100 + years / 400 : -1
    // Days from 0000-03-01 to 1970-01-01.
    return years * 365 + leapDays + (153 * monthsSinceMarch + 2) / 5 + dayOfMonth - 1 - 719_468
  }
}
