import ArgumentParser
import BerthEngine
import BerthKit
import Foundation

struct InstanceConsole: AsyncParsableCommand, ReadingCommand {
  static let configuration = CommandConfiguration(
    commandName: "console", abstract: "Give commands to a running instance.",
    discussion: """
      The command goes to the server as it stands, over the protocol that the plugin's 'console' names, and what the server \
      says is printed; secrets of the instance are masked in it. Without a command, commands are read from the terminal or from \
      stdin, one on each line, until it ends (Ctrl-D). A command is sent once, also when no answer comes.

      EXAMPLES
        berth console teeworlds --instance PvP status
        berth console teeworlds --instance PvP say good night
        berth console openarena --instance Den -- kick -1       words that begin with a dash
        berth console openarena --instance Den                  a prompt
      """)

  @OptionGroup var instance: InstanceOptions

  @Argument(help: ArgumentHelp("The command, in the words of the server.", valueName: "command"))
  var words: [String] = []

  @Option(help: ArgumentHelp("How long one command may take.", valueName: "seconds"))
  var timeout = 30

  @OptionGroup var options: GlobalOptions

  func validate() throws {
    guard (1...3600).contains(timeout) else { throw ValidationError("--timeout takes 1 to 3600 seconds") }
  }

  func run() async throws {
    let berth = try options.open()
    let record = try berth.find(instance.instance, app: instance.app)
    guard words.isEmpty else { return try await give(words.joined(separator: " "), berth, record) }
    try berth.requireConsole(of: record)
    if Output.isInteractive { Output.notice("\(record.title): one command on each line; Ctrl-D ends") }
    while let line = next(record) {
      guard line.contains(where: { !$0.isWhitespace }) else { continue }
      do { try await give(line, berth, record) } catch let error as BerthError where Output.isInteractive {
        Output.failureLine(error)
      }
    }
  }

  private func next(_ record: InstanceRecord) -> String? {
    // Reading a line cannot be cancelled, and nothing is under way meanwhile.
    Output.isInteractive ? Output.ask("\(record.title)>") : Signals.endingAtOnce { readLine() }
  }

  private func give(_ command: String, _ berth: Berth, _ record: InstanceRecord) async throws {
    let reply = try await berth.console(command, of: record, seconds: timeout)
    if options.json { return try Output.json(reply, isCompact: words.isEmpty) }
    if !reply.text.isEmpty { Output.line(reply.text) }
    try Output.finish()
  }
}
