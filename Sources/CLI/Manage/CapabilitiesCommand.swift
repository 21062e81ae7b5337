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
    for line in capabilities.lines { Output.line(line) }
  }
}
