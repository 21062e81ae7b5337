import BerthKit

/// What an app's console is told from within a unit.
///
/// The unit has the service's own rights, and no way to the registry: what the console wants to know first comes from the
/// instance's environment file.
extension UnitRenderer {
  /// The name of the password in the environment of a unit that speaks.
  static let passwordName = UnitText.environmentName("console.password")

  /// The command line of an action, on the host or inside a container.
  func actionLine(_ action: Action, of service: Service) throws -> String {
    guard let line = action.console else { return try programLine(action.exec, of: service) }
    guard let console = manifest.console, let port = manifest.port(console.role) else {
      throw BerthError.badManifest("the app has no 'console'", at: manifest.id, key: "console")
    }
    let fixed = [
      context.berth, "speak", console.kind.rawValue, "--address", port.reachableAddress, "--timeout",
      "\(action.timeout)", "--port",
    ].map(UnitText.word)
    return (fixed + [try argument(Self.number(of: console)), "\"--\"", try argument(line)]).joined(separator: " ")
  }

  /// The number of the console's port.
  static func number(of console: Console) -> Template {
    Template(segments: [.variable("ports.\(console.role)")])
  }
}

extension Service {
  /// Whether Berth is called when it stops.
  var speaksBeforeStop: Bool { stop.first?.console != nil }

  /// What a console is told by it and by the units of these sets.
  func consoleLines(_ sets: [BackupSet]) -> [Template] {
    let actions = [stop.first].compactMap { $0 } + sets.flatMap { $0.before + $0.after }
    return actions.compactMap(\.console)
  }
}
