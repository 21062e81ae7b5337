import BerthKit

/// A program whose end with 0 says that a service is ready.
public struct ProgramQuestion: Sendable {
  private let command: Command
  private let runner: any ProcessRunner

  public init(_ command: Command, runner: any ProcessRunner) {
    self.command = command
    self.runner = runner
  }

  /// What is run.
  public var subject: String { ([command.program] + command.arguments).joined(separator: " ") }

  /// Runs it once; the first line that it writes is the answer, its errors before its output.
  public func look() async -> Readiness.Look {
    do {
      let result = try await runner.run(command)
      guard result.status != 0 else { return .ready }
      let lines = (result.errorOutput + "\n" + result.output).split(separator: "\n")
      return .notYet(lines.first.map(String.init) ?? "status \(result.status)")
    } catch { return .notYet("\(error)") }
  }
}
