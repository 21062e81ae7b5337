import BerthKit

/// The processes of nginx that answer requests.
///
/// A reload is a signal to the first process, which then starts others, and keeps the former ones where it finds that it
/// cannot. So what counts as reloaded is that the former ones answer nobody new.
struct NginxWorkers {
  private let processes: [String]

  init(of unit: String, _ runner: any ProcessRunner) async throws {
    let number = try await runner.succeed(Command("systemctl", ["show", "--property=MainPID", "--value", "--", unit]))
    let main = String(number.prefix { $0.isNumber })
    processes = SocketTable.contents("/proc/\(main)/task/\(main)/children")
      .split(separator: " ").map(String.init)
  }

  /// Waits for it, ten seconds at most.
  func areRelieved() async throws -> Bool {
    for _ in 0..<200 {
      if !processes.contains(where: isAtWork) { return true }
      try await Task.sleep(for: .milliseconds(50))
    }
    return false
  }

  /// One that only ends what it has begun says so in its title.
  private func isAtWork(_ process: String) -> Bool {
    let title = SocketTable.contents("/proc/\(process)/cmdline")
    return title.contains("worker process") && !title.contains("shutting down")
  }
}
