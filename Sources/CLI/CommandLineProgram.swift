import ArgumentParser
import BerthEngine
import BerthKit
import Foundation

/// The program: finds the command, runs it, and turns whatever went wrong into one error and one exit status.
public enum CommandLineProgram {
  /// Does what the words of this process say, and exits with another status than 0 when that failed.
  public static func run() async {
    OwnProgram.raiseFileLimit()
    let typed = Array(CommandLine.arguments.dropFirst())
    let wantsJSON = typed.prefix { $0 != "--" }.contains(GlobalFlag.json.word)
    do {
      try CommandWords.requireText()
      try CommandWords.requireOneReach(CommandWords.typed)
      try await Signals.run { try await perform(CommandWords.typed) }
      try Output.finish()
    } catch let error as BerthError {
      Output.failure(error, json: wantsJSON)
      exit(Signals.exitStatus ?? error.kind.exitStatus)
    } catch is Output.ReaderGone {
      exit(0)
    } catch let error where error is CancellationError {
      exit(Signals.exitStatus ?? 130)
    } catch {
      let status = answer(to: error, json: wantsJSON)
      do { try Output.finish() } catch is Output.ReaderGone { exit(status) } catch let failure {
        let failure = BerthError(anything: failure)
        Output.failure(failure, json: wantsJSON)
        exit(failure.kind.exitStatus)
      }
      exit(status)
    }
  }

  private static func perform(_ words: [String]) async throws {
    var command = try command(words)
    guard var command = command as? any AsyncParsableCommand else { return try command.run() }
    // systemd takes the death of a probe by a signal for what it is, but not an exit status of its own.
    if !(command is ServiceProbe || command is ServiceEnd) {
      Signals.listen(changesNothing: command is any ReadingCommand)
    }
    try await command.run()
  }

  /// The command that is meant.
  static func command(_ words: [String]) throws -> any ParsableCommand {
    // Each start of each service calls some of them; to make the parser of all commands would take longer than their answer.
    if let unitsOwn = BerthCommand.internalCommands.first(where: { $0.configuration.commandName == words.first }) {
      return try unitsOwn.parse(Array(words.dropFirst()))
    }
    // What a manage script is told is read by `ManageOrder`; to make this parser would take longer than most of the answers.
    guard words.count > 1, words[0] == InstanceManage.configuration.commandName, !words[1].hasPrefix("-") else {
      try requireCommand(words.first)
      return try BerthCommand.parseAsRoot(words)
    }
    var command = InstanceManage()
    command.app = words[1]
    command.words = Array(words.dropFirst(2))
    return command
  }

  /// The parser would take a mistyped command for an argument of the program itself.
  private static func requireCommand(_ word: String?) throws {
    guard let word, !word.hasPrefix("-"), word != "help" else { return }
    let known = BerthCommand.configuration.subcommands.flatMap {
      [$0.configuration.commandName].compactMap { $0 } + $0.configuration.aliases
    }
    guard !known.contains(word) else { return }
    let near = BerthError.nearestPhrase(word, known)
    throw BerthError("usage", .usage, "there is no command '\(word)'\(near)", remedy: .berth("--help"))
  }

  /// Prints what the parser has to say: help on stdout, everything else on stderr.
  ///
  /// - Returns: the exit status.
  private static func answer(to error: any Error, json: Bool) -> Int32 {
    let status = BerthCommand.exitCode(for: error)
    if json, status == .validationFailure {
      Output.failure(
        // The command that was typed says itself what it takes.
        BerthError("usage", .usage, BerthCommand.message(for: error), remedy: Remedy([])), json: true)
    } else if status.isSuccess {
      Output.content(HelpText.of(error, columns: Output.columns(STDOUT_FILENO)))
    } else if status == .validationFailure {
      Output.error(HelpText.of(error, columns: Output.columns(STDERR_FILENO)))
    } else if !(error is ExitCode) {
      let failure = BerthError(anything: error)
      Output.failure(failure, json: json)
      return failure.kind.exitStatus
    }
    return status.rawValue
  }
}
