import BerthKit
import Foundation

/// A private `systemd --user` with its own journald, for hosts without one in reach. Everything it leaves on the host
/// lies in the sandbox's folder and its runtime folder.
public struct SandboxHost: Sendable {
  /// What is known of a sandbox's manager.
  public struct State: Sendable, Encodable, Equatable {
    public let isUp: Bool
    /// The processes in its control groups, its own manager's included.
    public let processes: Int
    /// Whether the host enforces memory and task limits on it.
    public let enforcesLimits: Bool
    /// Whether its services see what is mounted on the host while they run.
    public let seesLaterMounts: Bool

    private enum CodingKeys: String, CodingKey {
      case isUp = "up"
      case processes
      case enforcesLimits = "enforces_limits"
      case seesLaterMounts = "sees_later_mounts"
    }
  }

  private static let patience = 20

  private let layout: SandboxLayout
  private let runner: any ProcessRunner
  private let environment: HostEnvironment

  public init(paths: ScopePaths, runner: any ProcessRunner, environment: HostEnvironment) {
    layout = SandboxLayout(paths: paths)
    self.runner = runner
    self.environment = environment
  }

  /// What makes `systemctl --user` talk to this manager.
  public var clientEnvironment: [String: String] {
    ["XDG_RUNTIME_DIR": layout.paths.runtime, "XDG_CONFIG_HOME": layout.paths.config]
  }

  /// Starts the manager and waits until it answers. One that runs is left alone.
  ///
  /// - Parameter wait: seconds for another Berth that starts or stops it, beyond those that a start may take.
  /// - Throws: `sandbox-failed` with the reason and what helps, or `busy`.
  public func up(wait: Int) async throws {
    if await isAnswering() { return }
    try await checkHost()
    try LinuxFileTree().makeFolder(layout.paths.locks, mode: 0o700, owner: nil)
    let turn = try await turn("starting the sandbox's service manager", wait: Self.patience + wait)
    defer { turn.release() }
    if await isAnswering() { return }
    try end()
    try await awaitSupervisor(seconds: Self.patience)
    try prepareFolders()
    // unshare(1) makes the mount namespace; without root a user namespace gives the right to. What the host mounts later comes
    // in, and nothing that is mounted in it goes out.
    let namespaces =
      (environment.isRoot ? [] : ["--user", "--map-current-user", "--keep-caps"]) + [
        "--mount", "--propagation", "slave",
      ]
    let result = try await runner.run(
      Command(
        "setsid",
        ["--fork", "unshare"] + namespaces + ["--", environment.program, "sandbox-supervise", layout.paths.root]))
    guard result.status == 0 else {
      throw BerthError.sandboxFailed("it could not be started", remedy: .berth("host", "up"), cause: result.errorOutput)
    }
    do { try await awaitOutcome() } catch let error as CancellationError {
      try end()
      throw error
    }
  }

  /// Stops the manager with all services, and clears away what it left. One that does not run is no error.
  ///
  /// - Parameter wait: seconds for another Berth that starts or stops it, beyond those that a start may take.
  /// - Throws: `busy`, or an error of the file system.
  public func down(wait: Int) async throws {
    // Where there is no folder for locks, nobody has started it.
    let turn =
      LinuxFileTree().isFolder(layout.paths.locks)
      ? try await turn("stopping the sandbox's service manager", wait: Self.patience + wait) : nil
    defer { turn?.release() }
    if await isAnswering() {
      _ = try await runner.run(Command("systemctl", ["--user", "exit"], environment: clientEnvironment))
      // Services have their own time to stop in.
      try await awaitSupervisor(seconds: 3600)
    }
    try end()
  }

  /// Several commands may find one sandbox without a manager. Two managers in it would end each other's services.
  private func turn(_ purpose: String, wait: Int) async throws -> any HeldLock {
    try await FileLocks(clock: LinuxClock()).take("\(layout.paths.locks)/sandbox.lock", purpose: purpose, wait: wait)
  }

  /// Waits for a supervisor that ends: it removes the runtime folder last, and is a process for a moment more.
  private func awaitSupervisor(seconds: Int) async throws {
    let deadline = ContinuousClock.now + .seconds(seconds)
    while isSupervised || LinuxFileTree().exists(layout.paths.runtime) && !processes.isEmpty,
      ContinuousClock.now < deadline
    {
      try await Task.sleep(for: .milliseconds(20))
    }
  }

  public func state() async -> State {
    State(
      isUp: await isAnswering(), processes: processes.count,
      enforcesLimits: (try? ControlGroups(name: layout.cgroup))?.enforcesLimits ?? false,
      seesLaterMounts: Self.isShared(mounts: SocketTable.contents("/proc/self/mountinfo")))
  }

  /// Whether the host hands on what is mounted below `/`, by proc_pid_mountinfo(5). systemd makes it so on the hosts that it
  /// boots.
  static func isShared(mounts table: String) -> Bool {
    let roots = table.split(separator: "\n").map { $0.split(separator: " ") }.filter { $0.count > 6 && $0[4] == "/" }
    return roots.last?[6...].prefix { $0 != "-" }.contains { $0.hasPrefix("shared:") } ?? false
  }

  // MARK: Parts

  private var processes: [Int] {
    guard let groups = try? ControlGroups(name: layout.cgroup) else { return [] }
    return ControlGroups.processes(in: groups.tops)
  }

  /// Whether the supervisor is still there; it leaves its cgroup before it clears away.
  private var isSupervised: Bool {
    SocketTable.processes().contains { number in
      let words = SocketTable.contents("/proc/\(number)/cmdline").split(separator: "\0")
      return words.contains("sandbox-supervise") && words.last.map(String.init) == layout.paths.root
    }
  }

  private func isAnswering() async -> Bool {
    guard LinuxFileTree().exists("\(layout.paths.runtime)/systemd/private") else { return false }
    let command = Command("systemctl", ["--user", "show", "--property=Version"], environment: clientEnvironment)
    return (try? await runner.run(command, within: SystemctlManager.Patience().answer))?.status == 0
  }

  /// What can be found out before anything is started.
  private func checkHost() async throws {
    let files = LinuxFileTree()
    for program in ["/lib/systemd/systemd", "/lib/systemd/systemd-journald"] where !files.isExecutable(program) {
      throw BerthError.sandboxFailed("systemd is not installed", remedy: "apt-get install systemd")
    }
    let namespace = environment.isRoot ? ["--mount"] : ["--user", "--mount"]
    let trial = try await runner.run(Command("unshare", namespace + ["true"]))
    guard trial.status == 0 else {
      throw BerthError.sandboxFailed(
        "this \(environment.isRoot ? "host" : "user") may not make namespaces", remedy: "run it as root",
        cause: trial.errorOutput)
    }
    _ = try ControlGroups(name: layout.cgroup)
  }

  private func prepareFolders() throws {
    let files = LinuxFileTree()
    for folder in [layout.paths.config, layout.paths.units, layout.paths.journal, layout.home] {
      try files.makeFolder(folder, mode: 0o755, owner: nil)
    }
    try files.makeFolder(layout.paths.runtime, mode: 0o700, owner: nil)
    // A runtime folder below /tmp could be someone else's.
    var info = stat()
    guard lstat(layout.paths.runtime, &info) == 0, info.st_uid == getuid(), info.st_mode & S_IFMT == S_IFDIR else {
      throw BerthError.sandboxFailed(
        "\(layout.paths.runtime) belongs to someone else", remedy: "ls -ld \(layout.paths.runtime)")
    }
    chmod(layout.paths.runtime, 0o700)
    if !files.exists(layout.machineID) {
      let id = UUID().uuidString.lowercased().filter { $0 != "-" }
      try files.write("\(id)\n", to: layout.machineID, mode: 0o644, owner: nil, anchor: nil)
    }
    if environment.isRoot { try SandboxUsers(paths: layout.paths).renew() }
  }

  private func awaitOutcome() async throws {
    let deadline = ContinuousClock.now + .seconds(Self.patience)
    while ContinuousClock.now < deadline {
      let outcome = SocketTable.contents(layout.outcome)
      if outcome == "ready" { return }
      if !outcome.isEmpty {
        try end()
        let lines = outcome.split(separator: "\n", maxSplits: 1)
        throw BerthError.sandboxFailed(
          "it did not start", remedy: "run it as root, or use a host that systemd booted",
          cause: lines.joined(separator: ": "))
      }
      try await Task.sleep(for: .milliseconds(10))
    }
    try end()
    throw BerthError.sandboxFailed("it did not answer within \(Self.patience) s", remedy: .berth("host", "status"))
  }

  /// Ends whatever is left in our own cgroups and removes the runtime folder. Everything in them is ours.
  private func end() throws {
    if let groups = try? ControlGroups(name: layout.cgroup) {
      for _ in 0..<100 {
        let left = ControlGroups.processes(in: groups.tops)
        if left.isEmpty { break }
        for process in left { kill(pid_t(process), SIGKILL) }
        usleep(20_000)
      }
      groups.remove()
    }
    try LinuxFileTree().remove(layout.paths.runtime)
  }
}
