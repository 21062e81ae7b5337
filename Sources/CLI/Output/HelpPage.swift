import ArgumentParser

/// A command with the words that lead to it.
struct HelpEntry {
  let words: [String]
  let type: any ParsableCommand.Type

  /// Itself and all commands below it that are shown.
  var all: [HelpEntry] {
    let below = type.configuration.subcommands.filter { $0.configuration.shouldDisplay }
    return [self] + below.flatMap { HelpEntry(words: words + [$0.configuration.commandName ?? ""], type: $0).all }
  }
}

/// The help of all commands as one page of Markdown, from which `docs/commands.md` and the manual come.
enum HelpPage {
  /// How wide the page is, whatever terminal it is made on.
  static let columns = 100

  /// The commands that a person types, in the order of the help.
  static var commands: [HelpEntry] { HelpEntry(words: ["berth"], type: BerthCommand.self).all }

  static var text: String {
    let pages = commands.map { entry in
      "\n## \(entry.words.joined(separator: " "))\n\n```text\n\(HelpText.of(entry.type, columns: columns))\n```\n"
    }
    return """
      # Commands

      What `berth --help` and `berth COMMAND --help` say; written by `make docs`.

      """ + pages.joined()
  }
}

/// `berth help-page`: what the documents are made of.
struct HelpPageCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "help-page")

  func run() { Output.content(String(HelpPage.text.dropLast())) }
}
