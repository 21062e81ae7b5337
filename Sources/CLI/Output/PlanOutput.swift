import BerthEngine
import BerthKit
import BerthPlan

/// Prints a plan: what becomes of each instance and why for people, with every step and file for programs.
enum PlanOutput {
  /// - Parameter isMany: whether several instances were meant.
  /// - Throws: the exit status of the worst of what kept instances from being planned.
  static func print(_ plan: Plan, isMany: Bool = false, json: Bool) throws {
    if json {
      try Output.json(PlanReport(plan))
    } else {
      show(plan)
      // As they are told while the plan is carried out.
      for notice in plan.changes.flatMap(\.notices) { Output.notice(VisibleText.line("berth: \(notice)")) }
    }
    try finish(plan, isMany: isMany, json: json)
  }

  /// One error for each instance for which nothing could be planned, and the exit status of the worst.
  static func finish(_ plan: Plan, isMany: Bool, json: Bool) throws {
    try BatchStatus.finish(plan.refused.map { $0.error.of($0.record.title) }, isMany: isMany, json: json)
  }

  private static func show(_ plan: Plan) {
    guard !plan.isEmpty else {
      if plan.refused.isEmpty { Output.line("nothing to do") }
      return
    }
    for change in plan.changes { show(change) }
    // Of many instances the steps say nothing that the changes have not said.
    if plan.changes.count == 1 {
      Output.line("to \(plan.verb) \(plan.title), Berth would:")
      for (index, planned) in plan.steps.enumerated() { Output.line("\(index + 1). \(planned.step.summary)") }
    } else {
      for planned in plan.steps where planned.step.isPointOfNoReturn { Output.line("! \(planned.step.summary)") }
      for line in counts(plan, failed: plan.refused.count) { Output.line(line) }
    }
  }

  /// How many instances become what, in one line.
  static func counts(_ plan: Plan, failed: Int) -> [String] {
    let words: [(InstanceChange.Action, String)] = [
      (.make, "made"), (.change, "changed"), (.remove, "removed"), (.keep, "kept"),
    ]
    var parts = words.compactMap { action, word -> String? in
      let count = plan.changes.count { $0.action == action }
      return count == 0 ? nil : "\(count) \(word)"
    }
    let restarted = plan.changes.count { !$0.restarts.isEmpty }
    if restarted > 0 { parts.append("\(restarted) restarted") }
    if failed > 0 { parts.append("\(failed) failed") }
    return parts.isEmpty ? [] : [parts.joined(separator: ", ")]
  }

  private static func show(_ change: InstanceChange) {
    let sign =
      switch change.action {
      case .make: Style.stdout.green("+ make")
      case .remove, .keep: Style.stdout.red("- \(change.action.rawValue)")
      default: Style.stdout.yellow("~ \(change.action.rawValue)")
      }
    Output.line("\(sign) \(change.record.title) (\(change.record.key.id)): \(change.reasons.joined(separator: "; "))")
    if !change.restarts.isEmpty { Output.line("    restarts \(change.restarts.joined(separator: ", "))") }
    for weakening in change.weakenings {
      Output.line("    \(weakening.service) has \(weakening.line) loosened: \(weakening.reason)")
    }
    for grant in change.grants {
      let answer =
        switch grant.answer {
        case .accepted: "accepted"
        case .declined: "declined"
        case .open:
          grant.isOptional ? "only with --accept \(grant.item)" : "has to be confirmed: --accept \(grant.item)"
        }
      Output.line("    \(Style.stdout.yellow("!")) \(grant.source ?? "the archive") asks for \(grant.text): \(answer)")
    }
    printDiffs(change)
  }

  /// The files of an instance that differ, secrets masked.
  static func printDiffs(_ change: InstanceChange) {
    for file in change.diffs {
      for line in file.diff.lines where !line.isEmpty { Output.line("    \(painted(line))") }
    }
  }

  private static func painted(_ line: String) -> String {
    switch line.first {
    case "+": Style.stdout.green(line)
    case "-": Style.stdout.red(line)
    default: line
    }
  }
}
