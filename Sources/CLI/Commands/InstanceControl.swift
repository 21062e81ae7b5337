import ArgumentParser
import BerthEngine
import BerthKit

/// What the five control commands have in common: which instances, and one line or object for each.
protocol ControlCommand: AsyncParsableCommand {
  static var verb: Control { get }
  var instances: InstancesOptions { get }
  var options: GlobalOptions { get }
}

extension ControlCommand {
  func run() async throws {
    let berth = try options.open()
    let outcomes = try await berth.control(Self.verb, try instances.records(berth))
    var reports: [InstanceReport] = []
    var failures: [BerthError] = []
    for outcome in outcomes {
      switch outcome.result {
      case .success(let report): reports.append(report)
      case .failure(let error): failures.append(error.at(outcome.record.title))
      }
    }
    if options.json {
      if instances.all { try Output.json(reports) } else if let report = reports.first { try Output.json(report) }
    } else if !reports.isEmpty {
      for line in InstanceTable.lines(reports) { Output.line(line) }
    }
    guard let worst = BatchStatus.worst(of: failures) else { return }
    for failure in failures { Output.failure(failure, json: options.json) }
    throw ExitCode(worst.exitStatus)
  }
}

/// The one exit status of a batch.
enum BatchStatus {
  /// What counts most comes first, whatever item had it.
  static let order: [BerthError.Kind] = [.failure, .notAllowed, .unavailable, .busy, .conflict, .badInput, .usage]

  static func worst(of failures: [BerthError]) -> BerthError.Kind? {
    order.first { kind in failures.contains { $0.kind == kind } }
  }
}

struct InstanceStart: ControlCommand {
  static let configuration = CommandConfiguration(
    commandName: "start", abstract: "Start instances and wait until they are ready.")
  static let verb = Control.start
  @OptionGroup var instances: InstancesOptions
  @OptionGroup var options: GlobalOptions
}

struct InstanceStop: ControlCommand {
  static let configuration = CommandConfiguration(
    commandName: "stop", abstract: "Stop instances; their ports stay theirs.")
  static let verb = Control.stop
  @OptionGroup var instances: InstancesOptions
  @OptionGroup var options: GlobalOptions
}

struct InstanceRestart: ControlCommand {
  static let configuration = CommandConfiguration(
    commandName: "restart", abstract: "Restart instances and wait until they are ready.")
  static let verb = Control.restart
  @OptionGroup var instances: InstancesOptions
  @OptionGroup var options: GlobalOptions
}

struct InstanceEnable: ControlCommand {
  static let configuration = CommandConfiguration(
    commandName: "enable", abstract: "Let instances start with the host.")
  static let verb = Control.enable
  @OptionGroup var instances: InstancesOptions
  @OptionGroup var options: GlobalOptions
}

struct InstanceDisable: ControlCommand {
  static let configuration = CommandConfiguration(
    commandName: "disable", abstract: "Let instances no longer start with the host.")
  static let verb = Control.disable
  @OptionGroup var instances: InstancesOptions
  @OptionGroup var options: GlobalOptions
}
