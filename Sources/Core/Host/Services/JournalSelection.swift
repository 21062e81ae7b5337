import BerthKit

/// Which lines of a journal are a unit's own.
///
/// Whoever may log can write any field whose name does not begin with `_`, `SYSLOG_IDENTIFIER` and `USER_UNIT` among them;
/// the others are the journal's own knowledge of the writer (systemd.journal-fields(7), "Trusted Journal Fields").
struct JournalSelection {
  let scope: Scope
  /// The number of the user whose manager runs the units; of no account in the system scope.
  let user: Int
  /// Where the manager of a sandbox is in the hierarchy of control groups.
  let managerGroups: [String]

  /// The words of `journalctl` that select them.
  func words(_ units: [String]) -> [String] {
    switch scope {
    // `--unit=` also matches `COREDUMP_UNIT=` in a message with the id of a crash report, and every process can send one.
    case .system: alternatives(units.flatMap { [["_SYSTEMD_UNIT=\($0)"], ["UNIT=\($0)", "_PID=1"]] })
    // `--user-unit=` would believe `USER_UNIT=` of every process of the person's.
    case .user:
      alternatives(
        units.flatMap { unit in
          [
            ["_SYSTEMD_USER_UNIT=\(unit)", "_UID=\(user)"],
            ["USER_UNIT=\(unit)", "_UID=\(user)", "_SYSTEMD_USER_UNIT=init.scope"],
          ]
        })
    // A private journald knows no units of a person's manager, but the control group of whoever writes.
    case .sandbox:
      alternatives(
        units.flatMap { unit in
          managerGroups.map { ["_SYSTEMD_CGROUP=\($0)/\(UnitGroup.path(of: unit, isSystem: false))"] }
        })
    }
  }

  /// Matches of which one has to hold, each with conditions that all have to. No match at all would mean everything, and so
  /// there is one that nothing meets.
  private func alternatives(_ matches: [[String]]) -> [String] {
    matches.isEmpty ? ["_UID=none"] : Array(matches.joined(separator: ["+"]))
  }

  /// The groups of a sandbox's manager among those of whoever has written to its journal.
  ///
  /// - Parameter name: the sandbox's own group.
  static func managerGroups(in groups: [String], named name: String) -> [String] {
    let mark = "/\(name)/\(SandboxLayout.managerGroup)"
    let found = groups.compactMap { group -> String? in
      guard let range = group.firstRange(of: mark), group[range.upperBound...].hasPrefix("/") else { return nil }
      return String(group[..<range.upperBound])
    }
    return Array(Set(found)).sorted()
  }
}
