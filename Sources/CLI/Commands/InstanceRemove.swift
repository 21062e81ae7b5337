import ArgumentParser
import BerthEngine
import BerthKit

struct InstanceRemove: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "remove", abstract: "Remove an instance with everything that is its own.",
    discussion: """
      Asks first, unless --yes. With --keep-data its folder, settings and id stay, its ports are freed, and
      'berth install APP --instance-id ID' takes it up again.
      """)

  @OptionGroup var instances: InstancesOptions

  @Flag(help: "Keep its folder, settings and id.")
  var keepData = false

  @Flag(help: "Print what would be done, and do nothing.")
  var dryRun = false

  @OptionGroup var options: GlobalOptions

  private struct Report: Encodable {
    let app: String
    let instance_id: InstanceID
    let instance_name: InstanceName
    /// `removed` or `kept`.
    let status: String
  }

  func run() async throws {
    let berth = try options.open()
    let records = try instances.records(berth)
    if dryRun {
      for record in records {
        try PlanOutput.print(try berth.planRemove(record.key, keepsData: keepData), json: options.json)
      }
      return
    }
    try confirm(records)
    var reports: [Report] = []
    var failures: [BerthError] = []
    for record in records {
      do {
        _ = try await berth.remove(record.key, keepsData: keepData)
        reports.append(
          Report(
            app: record.key.app, instance_id: record.key.id, instance_name: record.name,
            status: keepData ? "kept" : "removed"))
      } catch let error as BerthError { failures.append(error.at(record.title)) }
    }
    if options.json {
      if instances.all { try Output.json(reports) } else if let report = reports.first { try Output.json(report) }
    } else {
      for report in reports { Output.line("\(report.app)/\(report.instance_name) is \(report.status)") }
    }
    guard let worst = BatchStatus.worst(of: failures) else { return }
    for failure in failures { Output.failure(failure, json: options.json) }
    throw ExitCode(worst.exitStatus)
  }

  private func confirm(_ records: [InstanceRecord]) throws {
    guard !options.yes else { return }
    let titles = records.map(\.title).joined(separator: ", ")
    guard Output.isInteractive else {
      throw BerthError("not-confirmed", .usage, "removing \(titles) has to be confirmed", remedy: "add --yes")
    }
    let answer = Output.ask("Remove \(titles)\(keepData ? "" : " with all data")? [y/N]")
    guard ["y", "yes"].contains(answer?.lowercased()) else { throw ExitCode(1) }
  }
}
