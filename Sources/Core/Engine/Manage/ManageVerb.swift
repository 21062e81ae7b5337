import BerthKit

/// What can be asked of a manage script. As a flag (`--get-services`) it is the first generation's word, as a subcommand
/// (`get-services`) the second one's.
///
/// Source: the scripts that the panel Warlock drives, and its specification of several instances on one host.
public enum ManageVerb: String, Sendable, CaseIterable {
  case start, stop, restart
  case delayedStop = "delayed-stop"
  case delayedRestart = "delayed-restart"
  case isRunning = "is-running"
  case hasPlayers = "has-players"
  case command = "cmd"
  case getCommands = "get-commands"
  case consoleAttach = "console-attach"
  case backup, restore
  case checkUpdate = "check-update"
  case update
  case delayedUpdate = "delayed-update"
  case getServices = "get-services"
  case createService = "create-service"
  case removeService = "remove-service"
  case getConfigs = "get-configs"
  case setConfig = "set-config"
  case getPorts = "get-ports"
  case getMetrics = "get-metrics"
  case logs
  case firstRun = "first-run"
  case preStop = "pre-stop"
  case postStart = "post-start"
  case remove

  /// - Parameter word: with or without the dashes of a flag.
  init?(word: String) {
    let name = word.hasPrefix("--") ? String(word.dropFirst(2)) : word
    guard let verb = Self.allCases.first(where: { $0.words.contains(name) }) else { return nil }
    self = verb
  }

  /// Its names: a fork of the panel calls some otherwise.
  var words: [String] { self == .command ? [rawValue, "rcon"] : [rawValue] }

  /// The words that follow it.
  public var operands: [String] {
    switch self {
    case .command: ["COMMAND"]
    case .restore: ["FILE"]
    case .setConfig: ["OPTION", "VALUE"]
    default: []
    }
  }

  /// Whether an app can do it.
  public func isAvailable(_ manifest: Manifest) -> Bool {
    switch self {
    case .hasPlayers: manifest.query?.kind.tellsCount == true
    case .delayedStop, .delayedRestart, .delayedUpdate: manifest.canWaitForPlayers
    case .command, .consoleAttach: manifest.console != nil
    case .getCommands: manifest.console?.commands.isEmpty == false
    case .backup, .restore: !manifest.backup.isEmpty
    default: true
    }
  }

  /// Whether it is answered before it is over, where it takes longer than a panel's patience.
  ///
  /// A restore and an update are not: panels show what these write as it comes, wait without limit, and take their exit
  /// status for the verdict.
  public var goesOn: Bool {
    switch self {
    case .start, .stop, .restart, .delayedStop, .delayedRestart, .delayedUpdate, .backup, .createService,
      .removeService,
      .setConfig:
      true
    case .restore, .update, .remove, .isRunning, .hasPlayers, .command, .getCommands, .consoleAttach, .checkUpdate,
      .getServices, .getConfigs, .getPorts, .getMetrics, .logs, .firstRun, .preStop, .postStart:
      false
    }
  }

  /// What it does, in a line of the help.
  public var help: String {
    switch self {
    case .start: "start the service and wait until it is ready, as long as --patience lasts"
    case .stop: "stop the service"
    case .restart: "restart the service"
    case .delayedStop: "stop it when nobody plays, within an hour; players are warned"
    case .delayedRestart: "restart it when nobody plays, within an hour; players are warned"
    case .isRunning: "say whether it runs, and exit with 0 when it does, else with 1"
    case .hasPlayers: "say whether somebody plays, and exit with 0 when somebody does, else with 1"
    case .command: "give a command to the server and print what it says"
    case .consoleAttach: "show what the server writes, and give it each line of the input as a command"
    case .getCommands: "print some commands that the server takes as JSON"
    case .backup: "make a backup and print its path"
    case .restore: "bring a backup back, by its path or its file's name"
    case .checkUpdate: "say whether there is an update, and exit with 0 when there is, else with 1"
    case .update: "update, and go back when that fails"
    case .delayedUpdate: "update it when nobody plays, within an hour; players are warned"
    case .createService: "make another instance, called as --service says, and print its service"
    case .removeService: "remove the instance that --service is of; its backups stay"
    case .getServices: "print the services as JSON"
    case .getConfigs: "print the settings as JSON"
    case .setConfig: "change a setting"
    case .getPorts: "print the ports as JSON"
    case .getMetrics: "print status, memory, processor time and players as JSON"
    case .logs: "print the newest lines of the log"
    case .firstRun: "nothing: an installation has done it"
    case .preStop: "nothing: the unit does it by itself"
    case .postStart: "exit with 0 once it is ready, which a start waits for by itself"
    case .remove: "remove what this script manages, with --confirm; its backups stay"
    }
  }
}
