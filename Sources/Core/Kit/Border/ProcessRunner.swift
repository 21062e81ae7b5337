/// A program and its argument vector. There is no form that takes a shell string.
public struct Command: Sendable, Equatable {
  /// A name to look up in `PATH`, or an absolute path.
  public var program: String
  public var arguments: [String]
  /// Variables added to, or replacing, those of Berth's own environment.
  public var environment: [String: String]
  /// A file that it reads as its standard input; nil for nothing to read. Only ``ProcessRunner/run(_:)`` hands it over.
  public var input: String?

  public init(
    _ program: String, _ arguments: [String], environment: [String: String] = [:], input: String? = nil
  ) {
    self.program = program
    self.arguments = arguments
    self.environment = environment
    self.input = input
  }

  /// The command as a person would type it, for messages.
  public var line: String {
    ([program] + arguments).map { word in
      word.allSatisfy { $0.isLetter || $0.isNumber || "-_./:=@%+,".contains($0) } && !word.isEmpty
        ? word : "'" + word.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
    }.joined(separator: " ")
  }
}

/// What a finished program left.
public struct CommandResult: Sendable, Equatable {
  public var status: Int32
  public var output: String
  public var errorOutput: String

  public init(status: Int32, output: String, errorOutput: String) {
    self.status = status
    self.output = output
    self.errorOutput = errorOutput
  }
}

/// Runs programs.
public protocol ProcessRunner: Sendable {
  /// Runs a program to its end.
  ///
  /// - Throws: `program-missing` when it is not there. A status other than 0 is no error here.
  func run(_ command: Command) async throws -> CommandResult
  /// Runs a program and hands over what it writes as it comes, in pieces, until it ends or the task is cancelled.
  ///
  /// - Returns: its status.
  func pieces(_ command: Command, each: @Sendable @escaping ([UInt8]) async throws -> Void) async throws -> Int32
}

extension ProcessRunner {
  /// Runs a program that must succeed.
  ///
  /// - Throws: `program-failed` with what it said, when its status is not 0.
  @discardableResult
  public func succeed(_ command: Command) async throws -> String {
    let result = try await run(command)
    guard result.status == 0 else {
      throw BerthError(
        "program-failed", .failure, "'\(command.line)' ended with status \(result.status)",
        remedy: .run(command), cause: String(result.errorOutput.suffix(2000)).trimmingNewlines())
    }
    return result.output
  }
}

extension String {
  func trimmingNewlines() -> String {
    var text = self[...]
    while text.last?.isNewline == true { text.removeLast() }
    return String(text)
  }
}
