import BerthKit

extension ManageOrder {
  /// The help, by which panels find out what a script can do.
  ///
  /// - Parameter isForAll: whether it is that of a script for all instances, which are told apart by `--service` alone: such
  ///   a one is of the second generation to a panel.
  public static func help(_ manifest: Manifest, version: String, isForAll: Bool = false) -> String {
    isForAll ? commands(manifest, version) : options(manifest, version)
  }

  /// In the form of Python's argparse: the first generation's.
  private static func options(_ manifest: Manifest, _ version: String) -> String {
    let options = [
      ("-h, --help", "show this help message and exit"), ("--debug", "say every step"),
      ("--instance INSTANCE", "the instance: its id or its name; 'default' unless it is said"),
      ("--service SERVICE", "only this service of it"),
      ("--max-backups MAX_BACKUPS", "with --backup: keep no more than so many; 0 for all"),
      ("--patience SECONDS", "answer after so long; what is not over by then goes on by itself"),
    ]
    let verbs = available(manifest).flatMap { verb in
      verb.words.map { word in
        (([" --\(word)"] + verb.operands).joined(separator: " ").dropFirst().description, verb.help)
      }
    }
    let lines = (options + verbs).map { word, help in
      word.count > 28
        ? "  \(word)\n\(String(repeating: " ", count: 32))\(help)"
        : "  \(word)\(String(repeating: " ", count: 30 - word.count))\(help)"
    }
    return """
      usage: manage [--instance INSTANCE] [--service SERVICE] OPTION

      \(manifest.name), managed by Berth \(version). Each option is a subcommand too, without its dashes.

      options:
      \(lines.joined(separator: "\n"))
      """
  }

  /// In the form of Python's typer: the second generation's.
  private static func commands(_ manifest: Manifest, _ version: String) -> String {
    let options = [
      ("--service NAME", "the service; all of the app's unless it is said"),
      ("--patience SECONDS", "answer after so long; what is not over by then goes on by itself"),
      ("--help", "show this help"),
    ]
    let verbs = available(manifest).map { ($0.rawValue, $0.help) }
    return """
      Usage: manage COMMAND [--service NAME] [OPERAND]...

      \(manifest.name), managed by Berth \(version).

      \(box("Options", options))
      \(box("Commands", verbs))
      """
  }

  private static func available(_ manifest: Manifest) -> [ManageVerb] {
    ManageVerb.allCases.filter { $0.isAvailable(manifest) }
  }

  private static func box(_ title: String, _ lines: [(word: String, help: String)]) -> String {
    func fill(_ text: String, _ width: Int, _ sign: Character = " ") -> String {
      text + String(repeating: sign, count: max(0, width - text.count))
    }
    let first = lines.map(\.word.count).max() ?? 0
    let rows = lines.map { "\(fill($0.word, first))  \($0.help)" }
    let width = rows.map(\.count).max() ?? 0
    return
      (["╭\(fill("─ \(title) ", width + 2, "─"))╮"] + rows.map { "│ \(fill($0, width)) │" }
      + ["╰\(fill("", width + 2, "─"))╯"]).joined(separator: "\n")
  }
}
