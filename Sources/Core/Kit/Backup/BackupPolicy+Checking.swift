extension BackupPolicy {
  /// What is wrong with a schedule, naming what was expected; nil when it is one.
  public static func problem(inSchedule text: String) -> String? {
    guard text != off, let problem = CalendarText.problem(in: text) else { return nil }
    return "\(problem); or '\(off)' for none"
  }

  /// The same for a schedule that somebody wishes, which shall also come.
  public static func fault(inSchedule text: String) -> String? {
    guard text != off, let fault = CalendarText.fault(in: text) else { return nil }
    return "\(fault); or '\(off)' for none"
  }

  /// Whether the schedule is a word such as `daily`, which names no hour and may be moved a little.
  public var isShorthand: Bool { schedule.map(CalendarText.shorthands.contains) ?? false }
}

extension Retention {
  /// The most backups that any of its numbers may ask for.
  public static let largestCount = 10_000

  static let nothing = "at least one of 'last', 'daily', 'weekly' and 'monthly' must be above 0"

  /// Whether it would keep no backup at all.
  public var isNothing: Bool { [last, daily, weekly, monthly].allSatisfy { $0 ?? 0 <= 0 } }

  /// What is wrong with one of its numbers; nil when it is none.
  public static func problem(inCount count: Int) -> String? {
    (0...largestCount).contains(count) ? nil : "expected 0 to \(largestCount), found \(count)"
  }
}
