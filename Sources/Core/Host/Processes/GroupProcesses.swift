import Glibc

/// The processes of units, and what they were told.
public enum GroupProcesses {
  /// The processes in these control groups, or below them.
  ///
  /// - Parameter groups: as a service manager names them, such as `/app.slice/app-luanti.slice/luanti@default.service`.
  public static func processes(in groups: [String]) -> [Int] {
    SocketTable.processes().filter { UnitGroup.holds($0, in: groups) }
  }

  /// Kills processes at once (SIGKILL).
  public static func kill(_ processes: [Int]) { for process in processes { Glibc.kill(pid_t(process), SIGKILL) } }

  /// The arguments of a process, its program first; none where it has ended. It can write anything there.
  public static func arguments(of process: Int) -> [String] {
    SocketTable.contents("/proc/\(process)/cmdline").split(separator: "\0", omittingEmptySubsequences: false)
      .dropLast().map(String.init)
  }
}
