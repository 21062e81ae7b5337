import ArgumentParser
import BerthEngine
import BerthKit

struct HostCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "host", abstract: "The service manager behind the instances.",
    discussion: """
      In the system and user scopes the manager is the host's own, and only 'status' has something to say. A sandbox has \
      one of its own, which 'up' starts together with every enabled instance, and 'down' ends.
      """,
    subcommands: [HostStatus.self, HostUp.self, HostDown.self], defaultSubcommand: HostStatus.self)
}

struct HostStatus: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status", abstract: "Say which scope is used and whether its manager answers; exits with 1 if not.")

  @OptionGroup var options: GlobalOptions

  func run() async throws {
    let report = try await options.open(need: .plugins).hostReport()
    if options.json { try Output.json(report) } else { for line in report.lines { Output.line(line) } }
    if !report.isUp { throw ExitCode(1) }
  }
}

struct HostUp: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "up", abstract: "Start a sandbox's service manager.")

  @OptionGroup var options: GlobalOptions

  func run() async throws {
    let berth = try options.open(need: .plugins)
    let sandbox = try berth.requireSandbox("up")
    try Signals.begin()
    try await sandbox.up(wait: options.wait)
    await berth.recoverAtStart()
    let report = try await berth.hostReport()
    if options.json { try Output.json(report) } else { for line in report.lines { Output.line(line) } }
  }
}

struct HostDown: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "down", abstract: "Stop a sandbox's service manager with all its services.")

  @OptionGroup var options: GlobalOptions

  func run() async throws {
    let berth = try options.open(need: .plugins)
    let sandbox = try berth.requireSandbox("down")
    try Signals.begin()
    try await sandbox.down(wait: options.wait)
    let report = try await berth.hostReport()
    if options.json { try Output.json(report) } else { for line in report.lines { Output.line(line) } }
  }
}
