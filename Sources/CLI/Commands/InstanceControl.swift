import ArgumentParser
import BerthEngine
import BerthKit

/// What the five control commands have in common: which instances, and one line or object for each.
protocol ControlCommand: AsyncParsableCommand {
  static var verb: Control { get }
  var instances: InstancesOptions { get }
  /// The one service that is meant; nil for all, and where a verb is about the instance as a whole.
  var service: String? { get }
  /// Whether it waits until nobody plays; nil for a verb that never waits.
  var patience: PatienceOptions? { get }
  var carrying: PlanOptions { get }
  var options: GlobalOptions { get }
}

extension ControlCommand {
  var service: String? { nil }
  var patience: PatienceOptions? { nil }

  func run() async throws {
    let berth = try options.open(carrying)
    let records = try instances.records(berth)
    if carrying.dryRun {
      return try PlanOutput.print(
        try await berth.plan(Self.verb, records, service: service), isMany: instances.isMany, json: options.json)
    }
    func act(_ records: [InstanceRecord]) async throws -> [ControlOutcome] {
      try await berth.control(Self.verb, records, service: service)
    }
    let outcomes =
      if let patience { try await patience.perform("\(Self.verb.rawValue)s", records, berth, act: act) } else {
        try await act(records)
      }
    try outcomes.print(as: Self.verb.rawValue, isMany: instances.isMany, json: options.json)
  }
}

extension [ControlOutcome] {
  /// A line or an object for each instance, and the exit status of all.
  func print(as verb: String, isMany: Bool, json: Bool) throws {
    let reports = compactMap { try? $0.result.get() }
    if json {
      if isMany { try Output.json(reports) } else if let report = reports.first { try Output.json(report) }
    } else if !reports.isEmpty {
      for line in InstanceTable.lines(reports) { Output.line(line) }
    }
    if isMany, !json { BatchStatus.summarize(verb, self) }
    try BatchStatus.finish(failures, isMany: isMany, json: json)
  }

  /// What went wrong, each with its instance.
  var failures: [BerthError] {
    compactMap { outcome in
      if case .failure(let error) = outcome.result { error.of(outcome.record.title) } else { nil }
    }
  }
}

extension BerthError {
  /// The same error as one instance's among others: its place begins with that instance.
  func of(_ title: String) -> BerthError {
    var copy = self
    if let location, !location.hasPrefix(title) { copy.location = "\(title), \(location)" }
    return copy.at(title)
  }
}

/// The one exit status of a batch.
enum BatchStatus {
  /// How it went, in one line on stderr.
  static func summarize(_ verb: String, _ outcomes: [ControlOutcome]) {
    let failed = outcomes.failures
    let untried = failed.count { $0.code == "untried" }
    Output.notice(
      "\(verb): \(outcomes.count - failed.count) done, \(failed.count - untried) failed"
        + (untried > 0 ? ", \(untried) not tried" : ""))
  }

  /// One error for each failed instance, and the exit status of the worst.
  ///
  /// - Parameter isMany: whether there are others, so that each gets one line only.
  static func finish(_ failures: [BerthError], isMany: Bool, json: Bool) throws {
    guard !failures.isEmpty else { return }
    for failure in failures {
      if isMany, !json { Output.failureLine(failure) } else { Output.failure(failure, json: json) }
    }
    let worst = BerthError.Kind.bySeverity.first { kind in failures.contains { $0.kind == kind } } ?? .failure
    throw ExitCode(worst.exitStatus)
  }
}

struct InstanceStart: ControlCommand {
  static let configuration = CommandConfiguration(
    commandName: "start", abstract: "Start instances and wait until they are ready.")
  static let verb = Control.start
  @OptionGroup var instances: InstancesOptions
  @OptionGroup var part: ServiceOption
  @OptionGroup var carrying: PlanOptions
  @OptionGroup var options: GlobalOptions

  var service: String? { part.service }
}

struct InstanceStop: ControlCommand {
  static let configuration = CommandConfiguration(
    commandName: "stop", abstract: "Stop instances; their ports stay theirs.",
    discussion: """
      EXAMPLES
        berth stop teeworlds --instance PvP
        berth stop teeworlds --all --when-empty --within 30m
      """)
  static let verb = Control.stop
  @OptionGroup var instances: InstancesOptions
  @OptionGroup var part: ServiceOption
  @OptionGroup var waiting: PatienceOptions
  @OptionGroup var carrying: PlanOptions
  @OptionGroup var options: GlobalOptions

  var service: String? { part.service }
  var patience: PatienceOptions? { waiting }
}

struct InstanceRestart: ControlCommand {
  static let configuration = CommandConfiguration(
    commandName: "restart", abstract: "Restart instances and wait until they are ready.",
    discussion: """
      EXAMPLES
        berth restart luanti --instance PvP
        berth restart teeworlds --all --when-empty --within 2h
      """)
  static let verb = Control.restart
  @OptionGroup var instances: InstancesOptions
  @OptionGroup var part: ServiceOption
  @OptionGroup var waiting: PatienceOptions
  @OptionGroup var carrying: PlanOptions
  @OptionGroup var options: GlobalOptions

  var service: String? { part.service }
  var patience: PatienceOptions? { waiting }
}

struct InstanceEnable: ControlCommand {
  static let configuration = CommandConfiguration(
    commandName: "enable", abstract: "Let instances start with the host.")
  static let verb = Control.enable
  @OptionGroup var instances: InstancesOptions
  @OptionGroup var carrying: PlanOptions
  @OptionGroup var options: GlobalOptions
}

struct InstanceDisable: ControlCommand {
  static let configuration = CommandConfiguration(
    commandName: "disable", abstract: "Let instances no longer start with the host.")
  static let verb = Control.disable
  @OptionGroup var instances: InstancesOptions
  @OptionGroup var carrying: PlanOptions
  @OptionGroup var options: GlobalOptions
}
