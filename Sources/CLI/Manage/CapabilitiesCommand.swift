import ArgumentParser
import BerthEngine
import BerthKit

struct CapabilitiesCommand: AsyncParsableCommand, ReadingCommand {
  static let configuration = CommandConfiguration(
    commandName: "capabilities", abstract: "What an app can do and be told, for programs.",
    discussion: """
      Everything that a panel has to know to offer an app's settings, ports, backups, players and console, without reading \
      any help text.

      EXAMPLES
        berth capabilities teeworlds --json
      """)

  @Argument(help: "The app.")
  var app: String

  @OptionGroup var options: GlobalOptions

  func run() async throws {
    let capabilities = Capabilities(try options.open(need: .plugins).plugin(app).manifest)
    if options.json { return try Output.json(capabilities) }
    for line in Self.lines(capabilities) { Output.line(line) }
  }

  private static func lines(_ app: Capabilities) -> [String] {
    func list(_ words: [String]) -> String { words.isEmpty ? "-" : words.joined(separator: ", ") }
    let manifest = app.manifest
    return [
      "services  \(list(manifest.services.map(\.id)))", "ports     \(list(manifest.ports.map(\.role)))",
      "backup    \(list(manifest.backup.map(\.id)))", "players   \(manifest.query?.kind.rawValue ?? "-")",
      "console   \(manifest.console?.kind.rawValue ?? "-")", "routes    \(list(manifest.routes.map(\.id)))",
      "manage    \(list(app.verbs))",
    ]
      + manifest.settings.map { setting in
        let rest = [
          setting.isRequired ? "required" : nil, setting.isSecret ? "secret" : nil,
          setting.choices.isEmpty ? nil : "one of \(list(setting.choices))",
          setting.defaultValue.map { "'\($0.source)' by itself" },
        ].compactMap { $0 }
        return (["setting   \(setting.id): \(setting.kind.rawValue)"] + rest).joined(separator: ", ")
      }
  }
}
