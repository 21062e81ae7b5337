import BerthKit

extension ProcessRunner {
  /// Runs a program that is ended when it takes too long.
  ///
  /// - Returns: nil when its time was over.
  func run(_ command: Command, within limit: Duration) async throws -> CommandResult? {
    try await withThrowingTaskGroup(of: CommandResult?.self) { group in
      group.addTask { try await run(command) }
      group.addTask {
        try await Task.sleep(for: limit)
        return nil
      }
      defer { group.cancelAll() }
      return try await group.next() ?? nil
    }
  }

  /// Runs a program that a cancelled task does not end, since it would leave the host half changed.
  func runToItsEnd(_ command: Command) async throws -> CommandResult {
    try await Task { try await run(command) }.value
  }

  /// Runs a program that must succeed and that a cancelled task does not end.
  func succeedToItsEnd(_ command: Command) async throws {
    _ = try await Task { try await succeed(command) }.value
  }
}
