/// What a process was started with.
public enum StartEnvironment {
  /// Bytes. A service has no more than a few settings there.
  private static let longest = 1 << 17

  /// The variables of a process, as far as it still shows them; none where they cannot be read. A service's settings may have
  /// changed since it was started, and what runs has the former ones.
  ///
  /// The process can write anything there. Nobody may rely on it for more than what that process does itself.
  public static func of(_ process: Int) -> [String: String] {
    // It may have the kernel show all of its memory there: prctl(2), PR_SET_MM_MAP.
    SocketTable.contents("/proc/\(process)/environ", atMost: longest).split(separator: "\0").reduce(into: [:]) {
      variables, line in
      let parts = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      if parts.count == 2 { variables[String(parts[0])] = String(parts[1]) }
    }
  }
}
