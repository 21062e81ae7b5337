extension YAMLValue {
  /// When backups are made: a calendar, or `off`.
  func schedule() throws -> String {
    let text = try text()
    if let fault = BackupPolicy.fault(inSchedule: text) { throw error(fault) }
    return text
  }

  /// How many backups stay.
  func retention() throws -> Retention {
    let fields = try fields(["last", "daily", "weekly", "monthly"])
    for value in fields.values.sorted(by: { $0.line < $1.line }) {
      if let problem = Retention.problem(inCount: try value.integer()) { throw value.error(problem) }
    }
    let keep = Retention(
      last: try fields["last"]?.integer(), daily: try fields["daily"]?.integer(),
      weekly: try fields["weekly"]?.integer(), monthly: try fields["monthly"]?.integer())
    guard !keep.isNothing else { throw error(Retention.nothing) }
    return keep
  }
}
