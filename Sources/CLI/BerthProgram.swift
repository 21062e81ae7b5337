import ArgumentParser
import BerthKit

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

      The options below stand before a command or behind it: 'berth --root DIR list' is 'berth list --root DIR'.

      EXIT STATUS
        0 done · 1 answered "no" · 64 wrong usage · 65 bad input file · 69 something needed is missing
        70 failed · 73 conflict · 75 busy, try again · 77 not allowed
        129, 130, 143 ended by SIGHUP, SIGINT or SIGTERM, with everything taken back

      ENVIRONMENT
        BERTH_ROOT      a sandbox's folder, as --root
        BERTH_PLUGINS   folders with plugins, with ':' between them, as --plugins
        COLUMNS         how wide help is, where it is not the terminal's width
        NO_COLOR        no colours, also on a terminal
      """,
    version: BerthRelease.current,
    subcommands: [
      AppCommand.self, InstanceInstall.self, InstanceList.self, InstanceStatus.self, InstanceStart.self,
      InstanceStop.self, InstanceRestart.self, InstanceEnable.self, InstanceDisable.self, InstanceLogs.self,
      InstancePlayers.self, InstanceConsole.self, InstanceMetricsCommand.self, InstanceManage.self,
      CapabilitiesCommand.self,
      InstanceUpdate.self, ConfigCommand.self, JobCommand.self, InstanceRemove.self, InstanceBackup.self,
      InstanceRestore.self,
      InstanceClone.self, InstanceAdopt.self, BackupsCommand.self, PortList.self, FleetPlan.self, FleetApply.self,
      FleetExport.self, OperationsCommand.self, DoctorCommand.self, HostCommand.self,
    ])

  // Commands that have them as well read the same ones: the parser hands on what it found first.
  @OptionGroup var options: GlobalOptions

  /// What units, scripts and Berth itself call. Each has a parser of its own, and options that mean something else than a person's.
  static let internalCommands: [any ParsableCommand.Type] = [
    ServiceProbe.self, ConsoleSpeak.self, ServiceEnd.self, SQLiteSnapshotCommand.self, MountSourcesCheck.self,
    PinSources.self, UnpinSources.self, SandboxSupervise.self, SandboxEnter.self, ProofFullDisk.self,
    HelpPageCommand.self,
  ]
}
