import Glibc

/// The end of this process as a power cut would make it: nothing is taken back, closed or said.
public enum SuddenEnd {
  public static func now() { kill(getpid(), SIGKILL) }

  /// Stops this process until somebody has it go on (`SIGCONT`), so that the host can become another one meanwhile.
  public static func notYet() { raise(SIGSTOP) }
}
