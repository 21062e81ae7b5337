import BerthHost
import BerthKit

/// What the program does with its own processes.
public enum OwnProgram {
  /// Raises the number of files that may be open: a batch holds a lock and port claims for each instance.
  public static func raiseFileLimit() { OpenFiles.raiseLimit() }

  /// Runs this program again in a process that outlives this one, and waits for its end, but not for ever.
  ///
  /// - Returns: what it left; nil where it is still at work.
  public static func runDetached(
    _ words: [String], environment: [String: String], seconds: Int
  ) async throws -> CommandResult? {
    try await DetachedProgram.run(HostEnvironment().program, words, environment: environment, seconds: seconds)
  }

  /// Is the supervisor of a sandbox, in a mount namespace that `unshare` has made.
  public static func superviseSandbox(_ root: String) throws {
    let environment = HostEnvironment()
    let resolved = try ScopeResolver(environment: environment) { _ in false }.resolve(ScopeRequest(root: root))
    SandboxSupervisor(paths: resolved.paths, program: environment.program).run()
  }

  /// Enters control groups and becomes another program.
  public static func become(_ words: [String], enteringGroups groups: [String]) throws {
    try ProgramStart.become(words, enteringGroups: groups)
  }
}
