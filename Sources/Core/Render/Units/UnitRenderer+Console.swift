import BerthKit

/// What an app's console is told from within a unit.
///
/// The unit has no way to the registry: what the console wants to know first comes from the instance's environment file.
/// Before that is told, the port is shown to be the service's. In the system scope the service's own rights are enough to
/// see it; a sandbox's manager may part the processes of a unit by user namespaces, so that it takes the manager's (`+`).
extension UnitRenderer {
  /// The name of the password in the environment of a unit that speaks.
  static let passwordName = UnitText.environmentName("console.password")

  /// The command line of an action, on the host or inside a container.
  func actionLine(_ action: Action, of service: Service) throws -> String {
    guard let line = action.console else { return try programLine(action.exec, of: service) }
    guard let console = manifest.console else {
      throw BerthError.badManifest("the app has no 'console'", at: manifest.id, key: "console")
    }
    let program = [context.berth, "speak", console.kind.rawValue].map(UnitText.word)
    let rest = ["--timeout", "\(action.timeout)"].map(UnitText.word)
    guard let number = Self.number(of: console), let port = console.role.flatMap(manifest.port) else {
      let place = rest + [UnitText.word("--fifo"), "\"\(consoleInput)\""]
      return (program + place + ["\"--\"", try argument(line)]).joined(separator: " ")
    }
    let place = ["--address", manifest.reachableAddress(of: port)].map(UnitText.word) + rest
    let listener = UnitName.service(manifest.id, manifest.service(of: port)?.id ?? service.id, "%i")
    // The server that runs has the number that it was started with, whatever the settings say by now.
    let names = number.variables.map { UnitText.word(UnitText.environmentName($0)) }
    let words =
      [UnitText.word("--unit"), "\"\(listener)\"", UnitText.word("--port"), try argument(number)]
      + names.flatMap { [UnitText.word("--port-name"), $0] }
    return (context.paths.scope == .system ? "" : seeing)
      + (program + place + words + ["\"--\"", try argument(line)]).joined(separator: " ")
  }

  /// The number of the console's port; nil where it has none.
  static func number(of console: Console) -> Template? {
    console.role.map { Template(segments: [.variable("ports.\($0)")]) }
  }

  /// Where a service reads its commands from, with `%i`.
  var consoleInput: String { literal(context.paths.consoleInput(manifest.id, "\0")) }

  /// How a service gets its standard input.
  ///
  /// The manager holds the pipe open, so that the service never reads its end. Stopped with the service, it does not
  /// start it again for what was left unread. Source: systemd.socket(5), `ListenFIFO=`; systemd.exec(5), `StandardInput=`.
  func standardInput(of service: Service) -> [String] {
    guard manifest.consoleService?.id == service.id else { return [] }
    return [
      "Sockets=\(UnitName.socket(manifest.id, service.id, "%i"))", "StandardInput=socket", "StandardOutput=journal",
      "StandardError=journal",
    ]
  }

  /// The unit that makes the pipe.
  func socket(of service: Service) -> String {
    text([
      (
        "Unit",
        [
          "Description=\(UnitText.literal(manifest.name)) (console), instance %i",
          "PartOf=\(UnitName.service(manifest.id, service.id, "%i"))",
        ] + Self.unlimitedStarts
      ),
      ("Socket", ["ListenFIFO=\(consoleInput)", "SocketMode=0600", "RemoveOnStop=yes"]),
    ])
  }
}

extension Service {
  /// What a console is told by it and by the units of these sets.
  func consoleLines(_ sets: [BackupSet]) -> [Template] {
    let actions = [stop.first].compactMap { $0 } + sets.flatMap { $0.before + $0.after }
    return actions.compactMap(\.console)
  }
}
