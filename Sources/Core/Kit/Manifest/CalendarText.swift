/// The times of a timer, as systemd.time(7) writes them under "Calendar Events".
///
/// The common part of that grammar: a shorthand, or `[weekdays] [date] [time]` with `*`, lists, ranges and repetitions.
/// Everything that is accepted here systemd accepts as well; it knows more (time zones, fractions, `~`).
public enum CalendarText {
  static let shorthands = [
    "minutely", "hourly", "daily", "weekly", "monthly", "quarterly", "semiannually", "yearly",
  ]
  static let weekdays = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
  private static let longWeekdays = [
    "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday",
  ]

  /// One field of a date or a time.
  private struct Field {
    let name: String
    let range: ClosedRange<Int>
  }

  private static let year = Field(name: "year", range: 1970...2199)
  private static let month = Field(name: "month", range: 1...12)
  private static let day = Field(name: "day", range: 1...31)
  private static let hour = Field(name: "hour", range: 0...23)
  private static let minute = Field(name: "minute", range: 0...59)
  private static let second = Field(name: "second", range: 0...59)

  /// What is wrong with a text, naming what was expected; nil when it is a calendar.
  public static func problem(in text: String) -> String? {
    if shorthands.contains(text) { return nil }
    var words = text.split(separator: " ", omittingEmptySubsequences: false)[...]
    guard !words.isEmpty, words.allSatisfy({ !$0.isEmpty }) else {
      return "expected words with one space between them, such as 'Mon..Fri 04:00'"
    }
    if let first = words.first.map(String.init), words.count > 1, shorthands.contains(first) {
      return loneProblem(in: first, before: words.dropFirst().joined(separator: " "))
    }
    var parts = 0
    if let word = words.first, word.first?.isLetter == true {
      if let problem = weekdayProblem(in: word) { return problem }
      words.removeFirst()
      parts += 1
    }
    if let word = words.first, !word.contains(":") {
      if let problem = dateProblem(in: word) { return problem }
      words.removeFirst()
      parts += 1
    }
    if let word = words.first {
      if let problem = timeProblem(in: word) { return problem }
      words.removeFirst()
      parts += 1
    }
    if let rest = words.first { return "expected the end after the time, found '\(rest)'" }
    return parts > 0 ? nil : "expected a calendar such as 'daily' or '*-*-* 04:00'"
  }

  /// The days of a shorthand that comes at midnight, as a time of day may follow them.
  private static let midnights = [
    "daily": "*-*-*", "weekly": "Mon *-*-*", "monthly": "*-*-01", "quarterly": "*-01,04,07,10-01",
    "semiannually": "*-01,07-01", "yearly": "*-01-01",
  ]

  private static func loneProblem(in shorthand: String, before rest: String) -> String {
    let whole = midnights[shorthand].map { "\($0) \(rest)" }.flatMap { problem(in: $0) == nil ? $0 : nil }
    return "'\(shorthand)' stands alone"
      + (whole.map { "; with that time it is '\($0)'" } ?? ", found '\(rest)' behind it")
  }

  private static func weekdayProblem(in word: Substring) -> String? {
    for entry in word.split(separator: ",", omittingEmptySubsequences: false) {
      let ends = entry.components(separatedBy: "..")
      let numbers = ends.compactMap { end in
        weekdays.firstIndex(of: end.lowercased()) ?? longWeekdays.firstIndex(of: end.lowercased())
      }
      guard numbers.count == ends.count, ends.count <= 2 else {
        let offer = BerthError.nearestPhrase(String(word), shorthands)
        return
          "expected weekdays such as Mon,Wed..Fri, or one of \(shorthands.joined(separator: ", ")), found '\(word)'"
          + offer
      }
      if let first = numbers.first, let last = numbers.last, first > last {
        return "expected the earlier weekday first, from Mon to Sun, found '\(entry)'"
      }
    }
    return nil
  }

  private static func dateProblem(in word: Substring) -> String? {
    let parts = word.split(separator: "-", omittingEmptySubsequences: false)
    switch parts.count {
    case 2: return problem(in: zip(parts, [month, day]))
    case 3: return problem(in: zip(parts, [year, month, day]))
    default: return "expected a date as year-month-day or month-day, or a time as hour:minute, found '\(word)'"
    }
  }

  private static func timeProblem(in word: Substring) -> String? {
    let parts = word.split(separator: ":", omittingEmptySubsequences: false)
    guard (2...3).contains(parts.count) else {
      return "expected a time as hour:minute or hour:minute:second, found '\(word)'"
    }
    return problem(in: zip(parts, [hour, minute, second]))
  }

  private static func problem(in parts: Zip2Sequence<[Substring], [Field]>) -> String? {
    for (part, field) in parts where part != "*" {
      for entry in part.split(separator: ",", omittingEmptySubsequences: false) {
        if let problem = entryProblem(in: entry, field) { return problem }
      }
    }
    return nil
  }

  /// `3`, `3..7`, `3/2` or `3..7/2`. A lone `*` stands for all; it takes neither a range nor a repetition.
  private static func entryProblem(in entry: Substring, _ field: Field) -> String? {
    let halves = entry.split(separator: "/", omittingEmptySubsequences: false)
    let ends = (halves.first ?? "").components(separatedBy: "..")
    func refusal(_ expected: String) -> String { "expected \(expected), found '\(entry)'" }
    let numbers = ends.compactMap { number($0) }
    guard halves.count <= 2, ends.count <= 2, numbers.count == ends.count,
      numbers.allSatisfy(field.range.contains)
    else {
      return refusal(
        "\(field.name == "hour" ? "an" : "a") \(field.name) from \(field.range.lowerBound) to \(field.range.upperBound), or '*'"
      )
    }
    if numbers.count == 2, numbers[0] >= numbers[1] { return refusal("the earlier \(field.name) first") }
    if halves.count == 2 {
      guard let step = number(String(halves[1])), step > 0, numbers[0] + step <= field.range.upperBound else {
        return refusal("a repetition such as '/2' whose second \(field.name) is at most \(field.range.upperBound)")
      }
    }
    return nil
  }

  /// At most four ASCII digits: no sign, no fraction.
  private static func number(_ text: String) -> Int? {
    guard (1...4).contains(text.utf8.count),
      text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
    else { return nil }
    return Int(text)
  }
}

extension StringProtocol {
  /// The pieces between the occurrences of a text.
  fileprivate func components(separatedBy separator: String) -> [String] {
    var pieces: [String] = []
    var rest = self[...]
    while let range = rest.firstRange(of: separator) {
      pieces.append(String(rest[..<range.lowerBound]))
      rest = rest[range.upperBound...]
    }
    return pieces + [String(rest)]
  }
}
