import ArgumentParser
import BerthEngine
import BerthKit

struct InstanceUpdate: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "update", abstract: "Bring instances to the plugin and the program as they are now.",
    discussion: """
      Only files that differ are written, and only services that read one of them are restarted; ports stay. What a person \
      wrote into a config file beside Berth's own keys is kept. When it fails, what ran before runs again.

      EXAMPLES
        berth update luanti --instance PvP
        berth update --all --keep-going
        berth update teeworlds --all --when-empty --within 2h
        berth update luanti --all --check       exits with 1 when there is something to update

      Of containers --check fetches the images that their names stand for by now, and changes nothing else; --dry-run goes \
      by those that are there. Both ask Steam for the newest builds of what comes from there.
      """)

  @OptionGroup var instances: InstancesOptions

  @Flag(help: "Print what would be done, and exit with 1 when that is anything.")
  var check = false

  @OptionGroup var waiting: PatienceOptions
  @OptionGroup var dropping: DropOptions
  @OptionGroup var carrying: PlanOptions
  @OptionGroup var options: GlobalOptions

  func run() async throws {
    let berth = try options.open(carrying, choose: dropping.choose)
    let records = try instances.records(berth)
    if carrying.dryRun || check {
      let plan = try await berth.planChange(
        "update", records, .update, fetches: !carrying.dryRun)
      try PlanOutput.print(plan, isMany: instances.isMany, json: options.json)
      if check, !plan.isEmpty { throw ExitCode(1) }
      return
    }
    let outcomes = try await update(records, berth)
    try await ChangeOutput.print(records, outcomes, berth, isOne: !instances.isMany, json: options.json)
  }

  private func update(_ records: [InstanceRecord], _ berth: Berth) async throws -> [ControlOutcome] {
    guard waiting.whenEmpty else { return try await berth.change("update", records, .update) }
    let plan = try await berth.planChange("update", records, .update, fetches: true)
    if !carrying.keepGoing { _ = try plan.whole() }
    // Nobody is waited for where nothing changes.
    let due = Set(plan.changes.map(\.record.uid))
    return try await plan.refused.map(ControlOutcome.init)
      + waiting.perform("is updated", records.filter { due.contains($0.uid) }, berth) {
        try await berth.change("update", $0, .update)
      }
  }
}

/// The outcome of a change: the reports of what was asked for, whether it changed or was right already.
enum ChangeOutput {
  static func print(
    _ records: [InstanceRecord], _ outcomes: [ControlOutcome], _ berth: Berth, isOne: Bool, json: Bool
  ) async throws {
    let failed = Set(outcomes.filter { (try? $0.result.get()) == nil }.map(\.record.uid))
    let reports = try await berth.reports(uids: records.map(\.uid).filter { !failed.contains($0) })
    if json {
      if isOne, let report = reports.first { try Output.json(report) } else { try Output.json(reports) }
    } else {
      if outcomes.isEmpty { Output.notice("nothing to change") }
      for line in InstanceTable.lines(reports) { Output.line(line) }
    }
    try BatchStatus.finish(outcomes.failures, isMany: !isOne, json: json)
  }
}
