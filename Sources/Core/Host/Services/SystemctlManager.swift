import BerthKit
import Foundation

/// A systemd manager by `systemctl`: the host's, a person's or a sandbox's.
///
/// No call has a limit of its own, since a service may take as long as it likes to start. Instead the manager is asked
/// now and then whether it still answers. An order is given up when it is silent twice in a row, a question at once.
public struct SystemctlManager: ServiceManager {
  /// How long a manager may be silent.
  public struct Patience: Sendable {
    /// Between two looks whether it still answers, while it carries out an order.
    public var order: Duration
    /// Between two such looks while a question waits.
    public var question: Duration
    /// For the answer to such a look.
    public var answer: Duration

    public init(
      order: Duration = .seconds(15), question: Duration = .seconds(3), answer: Duration = .seconds(10)
    ) {
      self.order = order
      self.question = question
      self.answer = answer
    }
  }

  /// How many units one call names at most: the kernel takes 2 MiB of arguments (execve(2)).
  private static let unitsPerCall = 10_000

  private let runner: any ProcessRunner
  private let files: any FileTree
  private let paths: ScopePaths
  private let arguments: [String]
  private let environment: [String: String]
  private let patience: Patience

  /// - Parameter environment: what makes `systemctl --user` find its manager; nothing for the host's own.
  public init(
    runner: any ProcessRunner, files: any FileTree, paths: ScopePaths, environment: [String: String] = [:],
    patience: Patience = Patience()
  ) {
    self.runner = runner
    self.files = files
    self.paths = paths
    self.patience = patience
    // systemctl would give up on a manager that is busy, before we have found out whether it is. It says times in its own zone.
    self.environment = environment.merging(["SYSTEMD_BUS_TIMEOUT": "1h", "TZ": "UTC"]) { own, _ in own }
    arguments = paths.scope == .system ? [] : ["--user"]
  }

  public func isReachable() async -> Bool {
    // The time that systemctl itself allows does not count until the manager has taken up the connection.
    let result = try? await runner.run(command(["show", "--property=Version"]), within: patience.answer)
    return result?.status == 0
  }

  public func states(matching patterns: [String]) async throws -> [String: UnitState] {
    let output = try await answer(
      ["list-units", "--all", "--full", "--plain", "--no-legend", "--no-pager"], of: patterns)
    var states: [String: UnitState] = [:]
    for line in output.split(separator: "\n") {
      // UNIT LOAD ACTIVE SUB DESCRIPTION
      let words = line.split(separator: " ", maxSplits: 4, omittingEmptySubsequences: true)
      guard words.count >= 4 else { continue }
      states[String(words[0])] = UnitState(active: String(words[2]), sub: String(words[3]))
    }
    return states
  }

  public func failedUnits(matching patterns: [String]) async throws -> Set<String> {
    let output = try await answer(
      ["list-units", "--all", "--full", "--plain", "--no-legend", "--no-pager", "--state=failed"], of: patterns)
    return Set(output.split(separator: "\n").compactMap { $0.split(separator: " ").first.map(String.init) })
  }

  public func runs(of jobs: [String]) async throws -> [String: TimedRun] {
    guard !jobs.isEmpty else { return [:] }
    func timer(_ job: String) -> String { "\(job.dropLast(".service".count)).timer" }
    let blocks = try await blocks(
      ["ActiveState", "Result", "ExecMainStartTimestamp", "NextElapseUSecRealtime", "LastTriggerUSec"],
      of: jobs + jobs.map(timer))
    let pairs = jobs.map { job in
      let (service, timer) = (blocks[job] ?? [:], blocks[timer(job)] ?? [:])
      let start = Self.time(service["ExecMainStartTimestamp"])
      let isRunning = service["ActiveState"] == "activating"
      // Without a run of its own a unit says 'success'. One that could not even begin has failed, and no program of it ran.
      let result = service["Result"].flatMap { start == nil && $0 == "success" ? nil : $0 == "success" }
      return (
        job,
        TimedRun(
          last: start ?? Self.time(timer["LastTriggerUSec"]), succeeded: isRunning ? nil : result,
          next: Self.time(timer["NextElapseUSecRealtime"]))
      )
    }
    return Dictionary(pairs, uniquingKeysWith: { first, _ in first })
  }

  /// `Tue 2026-12-01 00:00:14 UTC` as Berth writes it; nil for nothing, and for never.
  private static func time(_ text: String?) -> String? {
    let words = text?.split(separator: " ") ?? []
    guard words.count == 4, words[3] == "UTC" else { return nil }
    return "\(words[1])T\(words[2])Z"
  }

  public func uptimes(of units: [String]) async throws -> [String: Int] {
    guard !units.isEmpty else { return [:] }
    let since = try await blocks(["ActiveState", "ActiveEnterTimestampMonotonic"], of: units)
    var now = timespec()
    clock_gettime(CLOCK_MONOTONIC, &now)
    return since.compactMapValues { block in
      guard block["ActiveState"] == "active", let start = block["ActiveEnterTimestampMonotonic"].flatMap({ Int($0) })
      else { return nil }
      return max(0, now.tv_sec - start / 1_000_000)
    }
  }

  public func mainProcesses(of units: [String]) async throws -> [String: Int] {
    try await blocks(["MainPID"], of: units).compactMapValues {
      $0["MainPID"].flatMap { Int($0) }.flatMap { $0 > 0 ? $0 : nil }
    }
  }

  public func controlGroups(of units: [String]) async throws -> [String: String] {
    try await blocks(["ControlGroup"], of: units).compactMapValues {
      $0["ControlGroup"].flatMap { $0.isEmpty ? nil : $0 }
    }
  }

  public func meter(of units: [String]) async throws -> @Sendable () -> [String: UnitUsage] {
    let own = try await answer(["show", "--property=ControlGroup", "--value"])
    let groups = UnitMeter(
      manager: own.trimmingCharacters(in: .whitespacesAndNewlines), isSystem: paths.scope == .system)
    return { Dictionary(units.map { ($0, groups.usage(of: $0)) }, uniquingKeysWith: { first, _ in first }) }
  }

  /// Properties of units, by the unit's name.
  private func blocks(_ properties: [String], of units: [String]) async throws -> [String: [String: String]] {
    let output = try await answer(["show"] + (["Id"] + properties).map { "--property=\($0)" }, of: units)
    var blocks: [String: [String: String]] = [:]
    var block: [String: String] = [:]
    // One block per unit, an empty line between two; the order of the properties is the manager's.
    for line in output.split(separator: "\n", omittingEmptySubsequences: false) + ["" as Substring] {
      if let equals = line.firstIndex(of: "=") {
        block[String(line[..<equals])] = String(line[line.index(after: equals)...])
      } else if line.isEmpty {
        if let unit = block["Id"] { blocks[unit] = block }
        block = [:]
      }
    }
    return blocks
  }

  public func enabledUnits() throws -> Set<String> {
    files.isFolder(paths.wants) ? Set(try files.list(paths.wants)) : []
  }

  public func reload() async throws { _ = try await answer(["daemon-reload"]) }
  public func stop(_ units: [String]) async throws { _ = try await answer(["stop"], of: units) }
  public func resetFailed(_ units: [String]) async throws {
    for part in parts(units) { _ = try await watched(["reset-failed", "--"] + part) }
  }

  /// Links the units' templates into what wants them, as `systemctl enable` does with the `[Install]` section that all
  /// of Berth's targets have; that takes six times as long, a quarter of what starting the units does. The boot target's
  /// links are read when the host boots. For those of Docker, which may start again at any time, the manager is reloaded.
  ///
  /// - Throws: `manager-refused` where there is no such template, with nothing linked.
  public func enable(_ units: [String]) async throws {
    var wanting: [String: [String]] = [:]
    for template in Set(units.map { paths.unit(UnitName.template(of: $0)) }) {
      guard files.exists(template) else {
        let unit = units.first { paths.unit(UnitName.template(of: $0)) == template } ?? template
        throw BerthError.managerRefused(command(["enable", unit]), "there is no \(template)")
      }
      let isDockers = try files.read(template).split(separator: "\n")
        .contains {
          $0.hasPrefix("WantedBy=") && $0.split(whereSeparator: { "= ".contains($0) }).contains("docker.service")
        }
      wanting[template] = [paths.wants] + (isDockers ? [paths.wants(of: ScopePaths.docker)] : [])
    }
    for folder in Set(wanting.values.joined()) { try files.makeFolder(folder, mode: 0o755, owner: nil) }
    var isReloaded = false
    for unit in units {
      let template = paths.unit(UnitName.template(of: unit))
      for folder in wanting[template] ?? [] where !files.exists("\(folder)/\(unit)") {
        try files.makeLink("\(folder)/\(unit)", to: template)
        isReloaded = isReloaded || folder != paths.wants
      }
    }
    if isReloaded { try await reload() }
  }

  public func disable(_ units: [String]) async throws {
    // The folders stay, as another Berth may be about to put a link into one.
    for unit in units { try files.remove("\(paths.wants)/\(unit)") }
    let dockers = units.map { "\(paths.wants(of: ScopePaths.docker))/\($0)" }.filter(files.exists)
    for link in dockers { try files.remove(link) }
    if !dockers.isEmpty { try await reload() }
  }

  public func start(_ units: [String]) async throws { try await job(["start"], units) }
  public func restart(_ units: [String]) async throws { try await job(["restart"], units) }
  public func begin(_ order: UnitOrder, _ units: [String]) async throws {
    try await job([order.rawValue, "--no-block"], units)
  }

  public func foreignUnit(_ name: String) -> String? {
    let kind = paths.scope == .system ? "system" : "user"
    let folders = ["/usr/local/lib/systemd/\(kind)", "/usr/lib/systemd/\(kind)", "/lib/systemd/\(kind)"]
    return folders.map { "\($0)/\(name)" }.first { files.exists($0) }
  }

  // MARK: Calls

  private func command(_ words: [String]) -> Command {
    Command("systemctl", arguments + words, environment: environment)
  }

  private func parts(_ units: [String]) -> [[String]] {
    stride(from: 0, to: units.count, by: Self.unitsPerCall).map {
      Array(units[$0..<min($0 + Self.unitsPerCall, units.count)])
    }
  }

  private func answer(_ words: [String], of units: [String]) async throws -> String {
    var output: [String] = []
    for part in parts(units) { output.append(try await answer(words + ["--"] + part)) }
    return output.joined(separator: "\n")
  }

  private func answer(_ words: [String]) async throws -> String {
    let result = try await watched(words)
    guard result.status == 0 else {
      guard await isReachable() else { throw BerthError.managerSilent(result.errorOutput) }
      throw BerthError.managerRefused(command(words), result.errorOutput)
    }
    return result.output
  }

  /// A job that ends with a failed unit ends `systemctl` with 1; which unit it was is asked afterwards, of all at once.
  private func job(_ words: [String], _ units: [String]) async throws {
    for part in parts(units) {
      let result = try await watched(words + ["--"] + part)
      guard result.status != 0 else { continue }
      guard await isReachable() else { throw BerthError.managerSilent(result.errorOutput) }
    }
  }

  /// Runs `systemctl` to its end, unless the manager falls silent meanwhile.
  ///
  /// - Throws: `no-manager` then. What the manager was told before, it does all the same once it goes on.
  private func watched(_ words: [String]) async throws -> CommandResult {
    let command = command(words)
    let isQuestion = ["list-units", "show"].contains(words[0])
    return try await withThrowingTaskGroup(of: CommandResult?.self) { group in
      group.addTask { try await runner.run(command) }
      group.addTask {
        try await awaitSilence(
          lookingEvery: isQuestion ? patience.question : patience.order, times: isQuestion ? 1 : 2)
        return nil
      }
      defer { group.cancelAll() }
      guard let result = try await group.next() ?? nil else {
        throw BerthError.managerSilent("it fell silent, and 'systemctl \(words[0])' waited in vain")
      }
      return result
    }
  }

  /// - Parameter times: how many looks in a row find it silent: once for a question. What waits for an order waits as long as
  ///   the manager works.
  private func awaitSilence(lookingEvery pause: Duration, times: Int) async throws {
    var silences = 0
    var last: ManagerWork?
    while silences < times {
      try await Task.sleep(for: pause)
      guard await !isReachable() else {
        (silences, last) = (0, nil)
        continue
      }
      try Task.checkCancellation()
      let work = ManagerWork(environment: environment, process: last?.process)
      // The first look has nothing to compare with.
      silences = last.flatMap { work?.goesOn(since: $0) } == true ? 1 : silences + 1
      last = work
    }
  }
}
