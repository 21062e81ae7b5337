import ArgumentParser
import BerthEngine
import BerthPlan
import Foundation

/// What a person lets a file from elsewhere have.
struct GrantOptions: ParsableArguments {
  @Option(
    parsing: .singleValue,
    help: ArgumentHelp(
      "Take what a file from elsewhere asks for; several with commas, may be repeated. 'all' for a file of your own.",
      valueName: "items"))
  var accept: [String] = []

  var accepted: Set<String> { Self.items(accept) }

  static func items(_ words: [String]) -> Set<String> {
    Set(
      words.flatMap { $0.split(separator: ",") }.map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty })
  }

  /// Asks a person for each thing that a plan leaves open. No answer for all stands for these: a script says `--accept`.
  ///
  /// - Parameter file: such as `the archive`.
  /// - Returns: nothing where nobody can be asked.
  static func ask(_ plan: Plan, from file: String, _ options: GlobalOptions) -> [(Grant, isTaken: Bool)] {
    guard Output.isInteractive, !options.json, !options.yes else { return [] }
    return Grant.combined(plan.openGrants).map { grant in
      let answer = Output.ask("Take \(grant.text) from \(file)? [y/N]")?.lowercased()
      return (grant, ["y", "yes"].contains(answer))
    }
  }
}
