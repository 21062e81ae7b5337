import BerthEngine
import BerthKit
import Glibc

/// What a person is asked who calls a manage script with no words.
struct ManageMenu {
  let app: String
  /// Which instances are meant, and in which scope.
  let words: [String]

  /// Whether there is somebody who can be asked.
  static var isPossible: Bool { isatty(STDIN_FILENO) == 1 && isatty(STDOUT_FILENO) == 1 }

  /// What a person is asked for.
  private static let verbs: [ManageVerb] = [
    .isRunning, .start, .stop, .restart, .hasPlayers, .logs, .backup, .checkUpdate, .update, .getConfigs,
  ]

  /// Asks what shall be done and does it, until there is nothing more.
  func run(_ manifest: Manifest) async throws {
    let verbs = Self.verbs.filter { $0.isAvailable(manifest) }
    while true {
      Output.line("\(manifest.name)")
      for (number, verb) in zip(1..., verbs) { Output.line("  \(number)  \(verb.rawValue): \(verb.help)") }
      guard let text = Output.ask("Which one? (nothing ends)"), !text.isEmpty else { return }
      guard let number = Int(text), verbs.indices.contains(number - 1) else { continue }
      var command = InstanceManage()
      command.app = app
      command.words = words + [verbs[number - 1].rawValue]
      do { try await command.run() } catch let error as BerthError { Output.failure(error, json: false) } catch {
        // A question that is answered with no is no failure here.
        if error is CancellationError { throw error }
      }
    }
  }
}
