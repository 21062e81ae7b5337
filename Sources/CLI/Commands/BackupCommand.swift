import ArgumentParser
import BerthEngine
import BerthKit
import BerthPlanning

struct InstanceBackup: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "backup", abstract: "Back instances up, or say when that is done by itself.",
    discussion: """
      The plugin declares what belongs to an instance's state and how it is copied. Databases are copied by their own \
      means while they are in use; what cannot be copied in use is copied with the instance stopped, and how long that was \
      is said. A backup is one standard tar, which holds secrets and is readable by its owner alone. The first one is full, \
      later ones hold what is new since the one before, until a chain has ten links.

      With --schedule or a --keep option nothing is copied now: the instance's own schedule and retention are set, instead \
      of those of its plugin. A schedule is a time of systemd.time(7), such as daily or "Mon..Fri 03:30", or off.

      EXAMPLES
        berth backup luanti --instance PvP --note "before the event" --keep
        berth backup --all --keep-going
        berth backup postgres --schedule daily --keep-daily 7 --keep-weekly 4
      """)

  @OptionGroup var instances: InstancesOptions

  @Flag(help: "Copy everything, also where a difference would do.")
  var full = false

  @Flag(help: "Read the finished archive again and check it.")
  var verify = false

  @Option(help: ArgumentHelp("A word about it, shown in lists.", valueName: "text"))
  var note: String?

  @Option(
    name: .customLong("backup-label"), parsing: .singleValue,
    help: ArgumentHelp("A label for the backup; may be repeated.", valueName: "key=value"))
  var backupLabels: [String] = []

  @Flag(help: "Lock it: retention never removes it.")
  var keep = false

  @Option(help: "How it is compressed: zstd or gzip.")
  var compression: ArchiveOrder.Compression = .zstd

  @OptionGroup(title: "Policy") var policy: PolicyOptions

  @Flag(help: .hidden)
  var scheduled = false

  @OptionGroup var carrying: PlanOptions
  @OptionGroup var options: GlobalOptions

  /// Seconds that a scheduled backup waits for another operation on its instance.
  private static let patience = 3600

  func run() async throws {
    do { try await backUp() } catch {
      // Whatever it stumbled over while its instance was removed, there is nothing to back up any more.
      guard scheduled, isGone() else { throw error }
    }
  }

  /// Whether there is no such instance by now.
  private func isGone() -> Bool {
    do { _ = try instances.records(try options.open(carrying)) } catch let error as BerthError {
      return isOver(error)
    } catch {
      return false
    }
    return false
  }

  /// Whether the instance was removed while the timer's run waited for its turn, so that there is nothing to do.
  private func isOver(_ error: BerthError) -> Bool {
    scheduled && ["unknown-instance", "no-instance"].contains(error.code)
  }

  private func backUp() async throws {
    var options = options
    if scheduled { options.wait = max(options.wait, Self.patience) }
    let berth = try options.open(carrying)
    // Among many those that have nothing to back up are passed over; one that is named is an error.
    let chosen = try instances.records(berth)
    let records = instances.isMany ? berth.withBackupSets(chosen) : chosen
    if policy.isGiven { return try await setPolicy(records, berth) }
    let wish = BackupWish(
      reason: scheduled ? .schedule : .asked, isFull: full, compression: compression,
      labels: try Pairs.labels(backupLabels, option: "--backup-label"), note: note, isKept: keep, isVerified: verify)
    if carrying.dryRun {
      return try PlanOutput.print(
        try await berth.planBackup(records, wish), isMany: instances.isMany, json: options.json)
    }
    let outcomes = try await berth.backup(records, wish)
    let made = outcomes.compactMap { try? $0.result.get() }
    if options.json {
      let reports = made.map { BackupReport(backup: $0, isThere: true) }
      if instances.isMany { try Output.json(reports) } else if let report = reports.first { try Output.json(report) }
    } else {
      for backup in made { Output.line(BackupOutput.line(backup)) }
    }
    for backup in made { for warning in backup.warnings { Output.notice("\(backup.title): \(warning)") } }
    let failures = outcomes.compactMap { outcome -> BerthError? in
      if case .failure(let error) = outcome.result, !isOver(error) { error.of(outcome.record.title) } else { nil }
    }
    try BatchStatus.finish(failures, isMany: instances.isMany, json: options.json)
  }

  private func setPolicy(_ records: [InstanceRecord], _ berth: Berth) async throws {
    var outcomes: [ControlOutcome] = []
    for record in records {
      var own = record.backup ?? BackupPolicy()
      if let schedule = policy.schedule { own.schedule = schedule }
      if policy.retention.isGiven { own.keep = policy.retention.value }
      let wish = ChangeWish(backup: own)
      do {
        if carrying.dryRun {
          try PlanOutput.print(try await berth.planChange("backup", [record], wish), json: options.json)
        } else {
          outcomes += try await berth.change("backup", [record], wish)
        }
      } catch let error as BerthError {
        // Each has a wish of its own, and so an operation of its own.
        guard instances.isMany, carrying.dryRun || carrying.keepGoing else { throw error }
        outcomes.append(ControlOutcome(record, failed: error))
      }
    }
    guard !carrying.dryRun else {
      return try BatchStatus.finish(outcomes.failures, isMany: instances.isMany, json: options.json)
    }
    try await ChangeOutput.print(records, outcomes, berth, isOne: !instances.isMany, json: options.json)
  }
}

/// When an instance is backed up by itself, and what stays.
struct PolicyOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Back it up at these times by itself; off for never.", valueName: "calendar"))
  var schedule: String?

  @OptionGroup var retention: RetentionOptions

  var isGiven: Bool { schedule != nil || retention.isGiven }

  func validate() throws {
    guard let schedule, let fault = BackupPolicy.fault(inSchedule: schedule) else { return }
    throw ValidationError("--schedule '\(schedule)': \(fault)")
  }
}

/// Which backups stay.
struct RetentionOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Keep the newest so many.", valueName: "count"))
  var keepLast: Int?

  @Option(help: ArgumentHelp("Keep the newest of each of so many days.", valueName: "count"))
  var keepDaily: Int?

  @Option(help: ArgumentHelp("Keep the newest of each of so many weeks.", valueName: "count"))
  var keepWeekly: Int?

  @Option(help: ArgumentHelp("Keep the newest of each of so many months.", valueName: "count"))
  var keepMonthly: Int?

  var isGiven: Bool { value != Retention() }
  var value: Retention { Retention(last: keepLast, daily: keepDaily, weekly: keepWeekly, monthly: keepMonthly) }

  func validate() throws {
    for count in [keepLast, keepDaily, keepWeekly, keepMonthly].compactMap({ $0 }) where !(0...10000).contains(count) {
      throw ValidationError("the --keep options take 0 to 10000")
    }
    guard !isGiven || [keepLast, keepDaily, keepWeekly, keepMonthly].contains(where: { $0 ?? 0 > 0 }) else {
      throw ValidationError("one of the --keep options has to be above 0")
    }
  }
}

extension ArchiveOrder.Compression: ExpressibleByArgument {}
