import BerthKit

/// A systemd manager by `systemctl`: the host's, a person's or a sandbox's.
public struct SystemctlManager: ServiceManager {
  private let runner: any ProcessRunner
  private let files: any FileTree
  private let paths: ScopePaths
  private let arguments: [String]
  private let environment: [String: String]

  /// - Parameter environment: what makes `systemctl --user` find its manager; nothing for the host's own.
  public init(runner: any ProcessRunner, files: any FileTree, paths: ScopePaths, environment: [String: String] = [:]) {
    self.runner = runner
    self.files = files
    self.paths = paths
    self.environment = environment
    arguments = paths.scope == .system ? [] : ["--user"]
  }

  public func isReachable() async -> Bool {
    let result = try? await runner.run(command(["show", "--property=Version"]))
    return result?.status == 0
  }

  public func states(matching patterns: [String]) async throws -> [String: UnitState] {
    guard !patterns.isEmpty else { return [:] }
    let output = try await answer(
      ["list-units", "--all", "--full", "--plain", "--no-legend", "--no-pager", "--"] + patterns)
    var states: [String: UnitState] = [:]
    for line in output.split(separator: "\n") {
      // UNIT LOAD ACTIVE SUB DESCRIPTION
      let words = line.split(separator: " ", maxSplits: 4, omittingEmptySubsequences: true)
      guard words.count >= 4 else { continue }
      states[String(words[0])] = UnitState(active: String(words[2]), sub: String(words[3]))
    }
    return states
  }

  public func mainProcesses(of units: [String]) async throws -> [String: Int] {
    guard !units.isEmpty else { return [:] }
    let output = try await answer(["show", "--property=Id", "--property=MainPID", "--"] + units)
    var processes: [String: Int] = [:]
    var unit = ""
    var process = 0
    // One block per unit, an empty line between two; the order of the two properties is the manager's.
    for line in output.split(separator: "\n", omittingEmptySubsequences: false) + ["" as Substring] {
      if line.hasPrefix("Id=") { unit = String(line.dropFirst(3)) }
      if line.hasPrefix("MainPID=") { process = Int(line.dropFirst(8)) ?? 0 }
      if line.isEmpty {
        if process > 0 { processes[unit] = process }
        (unit, process) = ("", 0)
      }
    }
    return processes
  }

  public func enabledUnits() throws -> Set<String> {
    files.isFolder(paths.wants) ? Set(try files.list(paths.wants)) : []
  }

  public func reload() async throws { _ = try await answer(["daemon-reload"]) }
  public func enable(_ units: [String]) async throws { _ = try await answer(["enable", "--quiet", "--"] + units) }
  public func disable(_ units: [String]) async throws { _ = try await answer(["disable", "--quiet", "--"] + units) }
  public func stop(_ units: [String]) async throws { _ = try await answer(["stop", "--"] + units) }
  public func resetFailed(_ units: [String]) async throws {
    _ = try await runner.run(command(["reset-failed", "--"] + units))
  }

  public func start(_ units: [String]) async throws { try await job("start", units) }
  public func restart(_ units: [String]) async throws { try await job("restart", units) }

  public func foreignUnit(_ name: String) -> String? {
    let kind = paths.scope == .system ? "system" : "user"
    let folders = ["/usr/local/lib/systemd/\(kind)", "/usr/lib/systemd/\(kind)", "/lib/systemd/\(kind)"]
    return folders.map { "\($0)/\(name)" }.first { files.exists($0) }
  }

  // MARK: Calls

  private func command(_ words: [String]) -> Command {
    Command("systemctl", arguments + words, environment: environment)
  }

  private func answer(_ words: [String]) async throws -> String {
    let command = command(words)
    let result = try await runner.run(command)
    guard result.status == 0 else {
      guard await isReachable() else { throw BerthError.managerSilent(result.errorOutput) }
      throw BerthError.managerRefused(command.line, result.errorOutput)
    }
    return result.output
  }

  /// A job that ends with a failed unit ends `systemctl` with 1; which unit it was is asked afterwards, of all at once.
  private func job(_ verb: String, _ units: [String]) async throws {
    let result = try await runner.run(command([verb, "--"] + units))
    guard result.status == 0 else {
      guard await isReachable() else { throw BerthError.managerSilent(result.errorOutput) }
      return
    }
  }
}
