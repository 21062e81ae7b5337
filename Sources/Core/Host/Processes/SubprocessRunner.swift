import BerthFiles
import BerthKit
import Glibc
import Subprocess

#if canImport(System)
  import System
#else
  import SystemPackage
#endif

/// Runs programs by swift-subprocess, with the locale's neutral words and no input.
///
/// Each is the leader of a process group of its own, so that Ctrl-C on the terminal reaches Berth alone, which then
/// decides what to end. A cancelled task ends the program it waits for, and nothing that this program has started.
public struct SubprocessRunner: ProcessRunner {
  /// The most that is kept of what a program writes.
  private static let outputLimit = 64 << 20

  public init() {}

  public func run(_ command: Command) async throws -> CommandResult {
    try await explained(command) {
      let configuration = try Self.configuration(command)
      guard let input = command.input else {
        return try Self.result(
          await Subprocess.run(
            configuration, output: .bytes(limit: Self.outputLimit), error: .bytes(limit: Self.outputLimit)))
      }
      guard let file = try RegularFile.open(input) else { throw BerthError.fileSystem("cannot read", input) }
      defer { withExtendedLifetime(file) {} }
      return try Self.result(
        await Subprocess.run(
          configuration,
          input: .fileDescriptor(FileDescriptor(rawValue: file.descriptor), closeAfterSpawningProcess: false),
          output: .bytes(limit: Self.outputLimit), error: .bytes(limit: Self.outputLimit)))
    }
  }

  private static func result(_ result: ExecutionResult<Void, BytesOutput, BytesOutput>) throws -> CommandResult {
    CommandResult(
      status: try status(result.terminationStatus),
      output: String(decoding: result.standardOutput, as: UTF8.self),
      errorOutput: String(decoding: result.standardError, as: UTF8.self))
  }

  public func pieces(
    _ command: Command, each: @Sendable @escaping ([UInt8]) async throws -> Void
  ) async throws -> Int32 {
    try await explained(command) {
      let result = try await Subprocess.run(
        try Self.configuration(command), input: .none, output: .sequence, error: .discarded
      ) { execution in
        for try await piece in execution.standardOutput { try await each(piece.withUnsafeBytes { Array($0) }) }
      }
      return try Self.status(result.terminationStatus)
    }
  }

  private func explained<Result>(_ command: Command, _ body: () async throws -> Result) async throws -> Result {
    do { return try await body() } catch {
      // Whatever broke off because the program was ended is no fault of its own.
      if Task.isCancelled { throw CancellationError() }
      if let error = error as? SubprocessError, error.code == .executableNotFound {
        throw BerthError.programMissing(command.program)
      }
      throw error
    }
  }

  private static func configuration(_ command: Command) throws -> Configuration {
    let (program, arguments) = OpenFiles.restoring(try path(of: command.program), command.arguments)
    var options = PlatformOptions()
    options.processGroupID = 0
    return Configuration(
      executable: .path(FilePath(program)), arguments: Arguments(arguments), environment: environment(command),
      platformOptions: options)
  }

  /// Where the program is. It is looked up here, since trying to start it in every folder costs a process each.
  static func path(of program: String) throws -> String {
    if program.contains("/") {
      guard access(program, F_OK) == 0 else { throw BerthError.programMissing(program) }
      return program
    }
    let folders = (getenv("PATH").map { String(cString: $0) } ?? "/usr/sbin:/usr/bin:/sbin:/bin").split(separator: ":")
    guard let folder = folders.first(where: { access("\($0)/\(program)", X_OK) == 0 }) else {
      throw BerthError.programMissing(program)
    }
    return "\(folder)/\(program)"
  }

  private static func environment(_ command: Command) -> Environment {
    var updates: [Environment.Key: String?] = ["LC_ALL": "C.UTF-8"]
    for (name, value) in command.environment { updates[Environment.Key(stringLiteral: name)] = value }
    return .inherit.updating(updates)
  }

  private static func status(_ status: TerminationStatus) throws -> Int32 {
    switch status {
    case .exited(let code): return code
    case .signaled(let signal):
      try Task.checkCancellation()
      return 128 + signal
    }
  }
}
