import BerthKit
import Foundation

/// Waits, from within a unit, until its service is there. It is what `ExecStartPost=berth probe …` runs.
public struct Readiness: Sendable {
  /// What one look at a service tells.
  public enum Look: Sendable, Equatable {
    case ready
    /// What it says instead; nil when it says nothing.
    case notYet(String?)
    /// Somebody else has the port, and so waiting is in vain.
    case foreign(PortNumber, owner: String)
  }

  /// Seconds between two looks.
  private static let pause = 0.1
  /// Seconds that a unit has for its start beside those in which it has to be ready.
  private static let leeway = 10

  private let subject: String
  private let timeout: Int
  private let mainProcess: Int?
  private let look: @Sendable () async -> Look

  /// - Parameters:
  ///   - subject: what is looked at, for errors.
  ///   - timeout: seconds until it gives up.
  ///   - mainProcess: the service's main process (`$MAINPID`), so that its death ends the wait.
  public init(of subject: String, timeout: Int, mainProcess: Int?, look: @Sendable @escaping () async -> Look) {
    self.subject = subject
    self.timeout = timeout
    self.mainProcess = mainProcess
    self.look = look
  }

  /// Whether the service has bound a port, or listens on it.
  ///
  /// - Parameter peer: the service's processes.
  public init(port: PortNumber, of peer: Peer, timeout: Int, mainProcess: Int?) {
    self.init(of: "\(port)", timeout: timeout, mainProcess: mainProcess) { Self.look(at: port, of: peer) }
  }

  /// Returns once the service is ready.
  ///
  /// - Throws: `not-ready` after the time, with what it said last, or as soon as the main process is gone;
  ///   `port-in-use` as soon as somebody else has the port.
  public func wait() async throws {
    let deadline = ContinuousClock.now + .seconds(timeout)
    while true {
      let answer: String?
      switch await look() {
      case .ready: return
      case .foreign(let port, let owner): throw BerthError.foreignPort(port, owner: owner)
      case .notYet(let said): answer = said
      }
      if let mainProcess, Self.hasEnded(mainProcess) {
        throw BerthError.notReady("\(subject): the service ended", seconds: timeout)
      }
      guard ContinuousClock.now < deadline else {
        throw BerthError.notReady(subject, seconds: timeout, answer: answer)
      }
      try await Task.sleep(for: .seconds(Self.pause))
    }
  }

  /// Returns once a process has ended, or the time is over.
  ///
  /// - Parameter timeout: seconds.
  public static func waitForEnd(of process: Int, timeout: Int) async throws {
    let deadline = ContinuousClock.now + .seconds(timeout)
    while !hasEnded(process), ContinuousClock.now < deadline { try await Task.sleep(for: .seconds(pause)) }
  }

  private static func hasEnded(_ process: Int) -> Bool { kill(pid_t(process), 0) != 0 && errno == ESRCH }

  /// Looks whose the sockets on a port are. One that is not the service's would get what is meant for it, on whatever
  /// address it is.
  static func look(at port: PortNumber, of peer: Peer) -> Look {
    let sockets = SocketTable.sockets(on: port)
    guard !sockets.isEmpty else { return .notYet(nil) }
    let own = peer.own(among: sockets)
    let others = sockets.filter { !own.contains($0.inode) }
    guard !others.isEmpty else { return .ready }
    // Between the looks at the table and at the processes it may have been closed.
    let now = SocketTable.sockets(on: port)
    let still = others.filter { other in now.contains { $0.inode == other.inode } }
    guard !still.isEmpty else { return .notYet(nil) }
    return .foreign(port, owner: SocketTable.owner(of: still))
  }

  /// Makes sure that this process may read a file. The service's unit runs it with the service's own rights and view, so it
  /// follows links as the service does.
  ///
  /// - Parameter instance: whose it is.
  /// - Throws: `unreadable-file`.
  public static func requireReadable(_ file: String, of instance: (app: String, id: String)) throws {
    let descriptor = open(file, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
    guard descriptor >= 0 else { throw BerthError.unreadableFile(file, of: instance, String(cString: strerror(errno))) }
    defer { close(descriptor) }
    var info = stat()
    guard fstat(descriptor, &info) == 0, info.st_mode & S_IFMT == S_IFREG else {
      throw BerthError.unreadableFile(file, of: instance, "it is no regular file")
    }
  }

  /// Returns when nobody has any of these ports, which it is before their service starts, and closed connections keep none of
  /// them from it any more.
  ///
  /// - Parameter patience: seconds for whoever has one for a moment only, as a Berth that looks whether it is free.
  /// - Throws: `port-in-use`.
  public static func requireFree(_ ports: [PortNumber], patience: Double = 1) async throws {
    let start = ContinuousClock.now
    for port in ports {
      while true {
        let verdict = Self.verdict(
          on: LivePorts.hold(on: port), waited: ContinuousClock.now - start, patience: patience)
        if verdict == .begin { break }
        if verdict == .refuse {
          throw BerthError.foreignPort(port, owner: SocketTable.owner(of: SocketTable.sockets(on: port)))
        }
        try await Task.sleep(for: .seconds(pause))
      }
    }
  }

  /// What a start does about a port of its service.
  enum Verdict { case begin, wait, refuse }

  static func verdict(on hold: LivePorts.Hold, waited: Duration, patience: Double) -> Verdict {
    switch hold {
    case .free: .begin
    case .taken: waited < .seconds(patience) ? .wait : .refuse
    // It may be that the service can bind it all the same, and where it cannot, the manager tries again.
    case .lingering: waited < .seconds(leeway) ? .wait : .begin
    }
  }
}
