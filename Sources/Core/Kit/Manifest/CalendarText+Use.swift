extension CalendarText {
  /// What is wrong with a text that shall be the times of something; nil when it is a calendar that comes, and not every second.
  public static func fault(in text: String) -> String? { problem(in: text) ?? misuse(of: text) }

  /// Nothing is planned for a year before the one in which Berth began.
  private static let years = 2026...2199

  private static func misuse(of text: String) -> String? {
    guard !shorthands.contains(text) else { return nil }
    var words = text.split(separator: " ")[...]
    let days = words.first?.first?.isLetter == true ? words.removeFirst() : nil
    let date = words.first.flatMap { $0.contains(":") ? nil : $0 }
    if date != nil { words.removeFirst() }
    if let second = words.first?.split(separator: ":").dropFirst(2).first, values(second, 0...59).count == 60 {
      return "it comes every second; '*:*' comes every minute"
    }
    return comes(on: date ?? "*-*-*", weekdays: days.map(weekdayNumbers) ?? Set(0...6))
      ? nil : "it never comes: there is no such day from \(years.lowerBound) on"
  }

  private static func comes(on date: Substring, weekdays: Set<Int>) -> Bool {
    let parts = date.split(separator: "-")
    let (months, days) = (values(parts[parts.count - 2], 1...12), values(parts[parts.count - 1], 1...31))
    let years = parts.count == 3 ? values(parts[0], Self.years).filter(Self.years.contains) : Set(Self.years)
    return years.contains { year in
      months.contains { month in
        days.contains { day in
          // 1970-01-01 was a Thursday.
          day <= UTCTime.length(ofMonth: month, year) && weekdays.contains((UTCTime.days(year, month, day) + 3) % 7)
        }
      }
    }
  }

  /// What a field stands for: `*`, or a list of `3`, `3..7`, `3/2` and `3..7/2`.
  private static func values(_ field: Substring, _ all: ClosedRange<Int>) -> Set<Int> {
    guard field != "*" else { return Set(all) }
    return field.split(separator: ",").reduce(into: []) { values, entry in
      let halves = entry.split(separator: "/")
      let ends = numbers(halves[0])
      let last = ends.count == 2 ? ends[1] : halves.count == 2 ? all.upperBound : ends[0]
      values.formUnion(stride(from: ends[0], through: last, by: halves.count == 2 ? numbers(halves[1])[0] : 1))
    }
  }

  private static func numbers(_ range: Substring) -> [Int] { range.split(separator: ".").compactMap { Int($0) } }

  /// Monday is 0.
  private static func weekdayNumbers(_ word: Substring) -> Set<Int> {
    word.lowercased().split(separator: ",").reduce(into: []) { numbers, entry in
      let ends = entry.split(separator: ".").compactMap { end in weekdays.firstIndex { end.hasPrefix($0) } }
      if let first = ends.first, let last = ends.last { numbers.formUnion(first...last) }
    }
  }
}
