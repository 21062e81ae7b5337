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
    let capabilities = Capabilities(try options.open().plugin(app).manifest)
    if options.json { return try Output.json(capabilities) }
    for line in Self.lines(capabilities) { Output.line(line) }
  }

  private static func lines(_ app: Capabilities) -> [String] {
    func list(_ words: [String]) -> String { words.isEmpty ? "-" : words.joined(separator: ", ") }
    return [
      "services  \(list(app.services))", "ports     \(list(app.ports.map(\.role)))", "backup    \(list(app.backup))",
      "players   \(app.query ?? "-")", "console   \(app.console ?? "-")", "routes    \(list(app.routes))",
      "manage    \(list(app.manage))",
    ]
      + app.settings.map { setting in
        let rest = [
          setting.required ? "required" : nil, setting.secret ? "secret" : nil,
          setting.choices.isEmpty ? nil : "one of \(list(setting.choices))",
          setting.default.map { "'\($0)' by itself" },
        ].compactMap { $0 }
        return (["setting   \(setting.key): \(setting.type)"] + rest).joined(separator: ", ")
      }
  }
}
