import ArgumentParser
import BerthEngine
import BerthHost
import BerthKit
import Glibc

/// The program: finds the command, runs it, and turns whatever went wrong into one error and one exit status.
@main
struct BerthProgram {
  static func main() async {
    OpenFiles.raiseLimit()
    let typed = Array(CommandLine.arguments.dropFirst())
    let wantsJSON = typed.contains("--json")
    do {
      try await Signals.run { try await run(typed) }
    } catch let error as BerthError {
      Output.failure(error, json: wantsJSON)
      exit(Signals.exitStatus ?? error.kind.exitStatus)
    } catch let error where error is CancellationError {
      exit(Signals.exitStatus ?? 130)
    } catch {
      let status = BerthCommand.exitCode(for: error)
      guard wantsJSON, status == .validationFailure else { BerthCommand.exit(withError: error) }
      Output.failure(
        BerthError("usage", .usage, BerthCommand.message(for: error), remedy: .berth("--help")), json: true)
      exit(status.rawValue)
    }
  }

  private static func run(_ words: [String]) async throws {
    var command = try command(words)
    guard var command = command as? any AsyncParsableCommand else { return try command.run() }
    // systemd takes the death of a probe by a signal for what it is, but not an exit status of its own.
    if !(command is ServiceProbe || command is ServiceEnd) {
      Signals.listen(changesNothing: command is any ReadingCommand)
    }
    try await command.run()
  }

  /// The command that is meant.
  private static func command(_ words: [String]) throws -> any ParsableCommand {
    // Each start of each service calls it twice; to make the parser of all commands would take longer than its answer.
    if words.first == ServiceProbe.configuration.commandName { return try ServiceProbe.parse(Array(words.dropFirst())) }
    // What a manage script is told is read by `ManageOrder`; to make this parser would take longer than most of the answers.
    guard words.count > 1, words[0] == InstanceManage.configuration.commandName, !words[1].hasPrefix("-") else {
      return try BerthCommand.parseAsRoot(words)
    }
    var command = InstanceManage()
    command.app = words[1]
    command.words = Array(words.dropFirst(2))
    return command
  }
}

/// The root of all commands.
struct BerthCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "berth",
    abstract: "Install and run many isolated copies of an application on one host.",
    discussion: """
      EXAMPLES
        berth app list                              what can be installed
        berth install luanti                        the first instance, called 'default'
        berth install luanti --instance-name PvP    a second one, beside it
        berth list                                  how they all are
        berth logs luanti --instance PvP --follow
        berth players teeworlds                     who plays
        berth remove luanti --instance PvP
        berth apply -f fleet.yaml                   whole fleets from one file
        berth backup luanti --instance PvP          a backup now; berth restore brings it back
        berth operations recover                    after a power cut

      EXIT STATUS
        0 done · 1 answered "no" · 64 wrong usage · 65 bad input file · 69 something needed is missing
        70 failed · 73 conflict · 75 busy, try again · 77 not allowed
        129, 130, 143 ended by SIGHUP, SIGINT or SIGTERM, with everything taken back

      ENVIRONMENT
        BERTH_ROOT      a sandbox's folder, as --root
        NO_COLOR        no colours, also on a terminal
      """,
    version: BerthVersion.current,
    subcommands: [
      AppCommand.self, InstanceInstall.self, InstanceList.self, InstanceStatus.self, InstanceStart.self,
      InstanceStop.self, InstanceRestart.self, InstanceEnable.self, InstanceDisable.self, InstanceLogs.self,
      InstancePlayers.self, InstanceConsole.self, InstanceMetricsCommand.self, InstanceManage.self,
      CapabilitiesCommand.self,
      InstanceUpdate.self, ConfigCommand.self, InstanceRemove.self, InstanceBackup.self, InstanceRestore.self,
      InstanceClone.self, InstanceAdopt.self, BackupsCommand.self, PortList.self, FleetPlan.self, FleetApply.self,
      FleetExport.self, OperationsCommand.self, DoctorCommand.self, HostCommand.self, ServiceProbe.self,
      ConsoleSpeak.self, ServiceEnd.self, SQLiteSnapshotCommand.self, MountSourcesCheck.self, PinSources.self,
      UnpinSources.self,
      SandboxSupervise.self, SandboxEnter.self,
    ])
}

/// The version of this Berth.
enum BerthVersion {
  static let current = "0.2.0"
}
