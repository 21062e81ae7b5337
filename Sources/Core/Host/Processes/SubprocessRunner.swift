import BerthKit
import Glibc
import Subprocess

#if canImport(System)
  import System
#else
  import SystemPackage
#endif

/// Runs programs by swift-subprocess, with the locale's neutral words and no input.
public struct SubprocessRunner: ProcessRunner {
  /// The most that is kept of what a program writes.
  private static let outputLimit = 64 << 20

  public init() {}

  public func run(_ command: Command) async throws -> CommandResult {
    do {
      let result = try await Subprocess.run(
        Self.executable(command), arguments: Arguments(command.arguments), environment: Self.environment(command),
        output: .bytes(limit: Self.outputLimit), error: .bytes(limit: Self.outputLimit))
      return CommandResult(
        status: Self.status(result.terminationStatus), output: String(decoding: result.standardOutput, as: UTF8.self),
        errorOutput: String(decoding: result.standardError, as: UTF8.self))
    } catch let error as SubprocessError where error.code == .executableNotFound {
      throw BerthError.programMissing(command.program)
    }
  }

  public func lines(
    _ command: Command, each: @Sendable @escaping (String) async throws -> Void
  ) async throws -> Int32 {
    do {
      let result = try await Subprocess.run(
        Self.executable(command), arguments: Arguments(command.arguments), environment: Self.environment(command),
        input: .none, output: .sequence, error: .discarded
      ) { execution in
        for try await line in execution.standardOutput.strings() { try await each(line) }
      }
      return Self.status(result.terminationStatus)
    } catch let error as SubprocessError where error.code == .executableNotFound {
      throw BerthError.programMissing(command.program)
    }
  }

  /// Where the program is. It is looked up here, since trying to start it in every folder costs a process each.
  private static func executable(_ command: Command) throws -> Executable {
    if command.program.contains("/") { return .path(FilePath(command.program)) }
    let folders = (getenv("PATH").map { String(cString: $0) } ?? "/usr/sbin:/usr/bin:/sbin:/bin").split(separator: ":")
    guard let folder = folders.first(where: { access("\($0)/\(command.program)", X_OK) == 0 }) else {
      throw BerthError.programMissing(command.program)
    }
    return .path(FilePath("\(folder)/\(command.program)"))
  }

  private static func environment(_ command: Command) -> Environment {
    var updates: [Environment.Key: String?] = ["LC_ALL": "C.UTF-8"]
    for (name, value) in command.environment { updates[Environment.Key(stringLiteral: name)] = value }
    return .inherit.updating(updates)
  }

  private static func status(_ status: TerminationStatus) -> Int32 {
    switch status {
    case .exited(let code): code
    case .signaled(let signal): 128 + signal
    }
  }
}
