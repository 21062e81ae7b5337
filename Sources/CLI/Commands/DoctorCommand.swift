import ArgumentParser
import BerthEngine
import BerthKit

struct DoctorCommand: AsyncParsableCommand, ReadingCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "Compare registry, files, units, ports and processes; exits with 1 on a difference.",
    discussion: "Changes nothing. Each difference is named with the command that mends it.")

  @OptionGroup var options: GlobalOptions

  func run() async throws {
    let findings = try await options.open().doctor()
    if options.json {
      try Output.json(findings)
    } else if findings.isEmpty {
      Output.line("everything is as it should be")
    } else {
      for finding in findings {
        Output.line(VisibleText.line("\(finding.subject): \(finding.problem)"))
        Output.line(VisibleText.line("  remedy: \(finding.remedy.whole)"))
      }
    }
    if !findings.isEmpty { throw ExitCode(1) }
  }
}
