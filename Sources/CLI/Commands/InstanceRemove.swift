import ArgumentParser
import BerthEngine
import BerthKit

struct InstanceRemove: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "remove", abstract: "Remove an instance with everything that is its own.",
    discussion: """
      Asks first, unless --yes. With --keep-data its folder, settings and id stay, its ports are freed, and \
      'berth install APP --instance-id ID' takes it up again.
      """)

  @OptionGroup var instances: InstancesOptions

  @Flag(help: "Keep its folder, settings and id.")
  var keepData = false

  @OptionGroup var carrying: PlanOptions
  @OptionGroup var options: GlobalOptions

  func run() async throws {
    let berth = try options.open(carrying)
    let records = try instances.records(berth)
    if carrying.dryRun {
      return try PlanOutput.print(
        try await berth.planRemove(records, keepsData: keepData), isMany: instances.isMany, json: options.json)
    }
    let titles = records.map(\.title).joined(separator: ", ")
    try options.confirm("remove \(titles)\(keepData ? "" : " with all data")")
    let failures = try await berth.remove(records, keepsData: keepData)
    let reports = records.filter { failures[$0.uid] == nil }.map { RemovalReport($0, isKept: keepData) }
    if options.json {
      if instances.isMany { try Output.json(reports) } else if let report = reports.first { try Output.json(report) }
    } else {
      for report in reports { Output.line("\(report.record.title) is \(report.status)") }
    }
    try BatchStatus.finish(
      records.compactMap { record in failures[record.uid]?.of(record.title) }, isMany: instances.isMany,
      json: options.json)
  }
}
