import BerthHost
import BerthKit
import BerthQuery
import BerthStore

/// What Berth's own units call the program for: each is a look at the host, or a change of it, that a unit file cannot do
/// by itself.
public enum UnitCall {
  /// A word of a unit file that cannot be understood.
  public struct BadWord: Error {
    public let message: String
  }

  // MARK: Readiness

  /// - Throws: an error for the first file that cannot be read.
  ///
  /// - Parameter instance: whose config files they are.
  public static func requireReadable(_ paths: [String], of instance: (app: String, id: String)) throws {
    try paths.forEach { try Readiness.requireReadable($0, of: instance) }
  }

  /// - Throws: `port-in-use`.
  public static func requireFree(_ ports: [PortNumber]) async throws { try await Readiness.requireFree(ports) }

  /// What a unit is waited for with.
  public struct Wait: Sendable {
    /// Seconds until it is given up.
    let seconds: Int
    /// The service's main process, whose death ends the wait.
    let mainProcess: Int?

    public init(seconds: Int, mainProcess: Int?) { (self.seconds, self.mainProcess) = (seconds, mainProcess) }

    fileprivate func wait(for subject: String, _ look: @Sendable @escaping () async -> Readiness.Look) async throws {
      try await Readiness(of: subject, timeout: seconds, mainProcess: mainProcess, look: look).wait()
    }
  }

  /// Returns once a program ends well.
  ///
  /// - Throws: `not-ready`.
  public static func awaitProgram(_ program: Command, _ wait: Wait) async throws {
    let question = ProgramQuestion(program, runner: SubprocessRunner())
    try await wait.wait(for: question.subject, question.look)
  }

  /// Returns once a web server answers as it should.
  ///
  /// - Parameters:
  ///   - host: the name that is asked for; nil for the address.
  ///   - isOwn: whether only an answer of the unit's own processes counts.
  /// - Throws: `not-ready`.
  public static func awaitHTTP(
    at address: String, port: Int, path: String, host: String?, statuses: [Int], isOwn: Bool, _ wait: Wait
  ) async throws {
    let question = HTTPQuestion(
      address: address, port: port, path: path, host: host, statuses: statuses,
      peer: isOwn ? try unit(for: "berth probe") : nil)
    try await wait.wait(for: question.subject, question.look)
  }

  /// Returns once the unit's processes have bound a port, or listen on it.
  ///
  /// - Throws: `not-ready` or `port-in-use`.
  public static func awaitPort(_ port: PortNumber, _ wait: Wait) async throws {
    try await Readiness(
      port: port, of: try unit(for: "berth probe"), timeout: wait.seconds, mainProcess: wait.mainProcess
    ).wait()
  }

  /// Returns once a process has ended, or the time is over.
  public static func awaitEnd(of process: Int, seconds: Int) async throws {
    try await Readiness.waitForEnd(of: process, timeout: seconds)
  }

  /// Ends the unit that calls: sends a signal to its other processes, and kills those that have not ended in time.
  ///
  /// - Parameter signal: its name, such as `SIGTERM`.
  /// - Throws: ``BadWord``.
  public static func end(by signal: String, seconds: Int) async throws {
    guard let number = UnitEnd.number(of: signal) else { throw BadWord(message: "'\(signal)' is no signal for a stop") }
    try await UnitEnd(of: try unit(for: "berth await-end")).end(by: number, seconds: seconds)
  }

  private static func unit(_ name: String? = nil, for command: String) throws -> Peer {
    guard let peer = Peer.unit(name) else { throw BerthError.noUnit(command) }
    return peer
  }

  // MARK: Consoles

  /// What a process was started with; see ``StartEnvironment``.
  public static func environment(of process: Int) -> [String: String] { StartEnvironment.of(process) }

  /// Says a line to a console that reads a FIFO.
  public static func speak(_ line: String, kind: Console.Kind, fifo: String, seconds: Int) async throws {
    try await BerthError.speaking("the console", in: kind.rawValue, at: fifo, seconds: Double(seconds)) {
      try await InputConsole(fifo, through: SocketConnector(), seconds: Double(seconds)).run(line)
    }
  }

  /// Says a line to the console of a unit's server.
  ///
  /// - Returns: what it answers.
  /// - Throws: that there is no such unit, or what the conversation throws.
  public static func speak(
    _ line: String, kind: Console.Kind, at endpoint: Endpoint, of unit: String, password: String, seconds: Int
  ) async throws -> String {
    let console = ServerConsole(
      kind, at: endpoint, of: try self.unit(unit, for: "berth speak"), password: password, through: SocketConnector(),
      seconds: Double(seconds))
    return try await BerthError.speaking(
      "the console", in: kind.rawValue, at: "\(endpoint.port)", seconds: Double(seconds)
    ) { try await console.run(line) }
  }

  // MARK: Mounts

  /// Pins what a unit mounts; see ``SourcePins``. What has no path is passed over, and a folder without a name too, since
  /// some instances lack what others have.
  ///
  /// - Parameters:
  ///   - words: folders, each with its sources behind it.
  ///   - missing: told of each folder to serve that is not there.
  /// - Throws: ``BadWord``, or what pinning throws.
  public static func pin(_ words: [String], missing: (String) -> Void) throws {
    var folders: [(folder: String, pins: [SourcePins.Pin])] = []
    for word in words where !word.isEmpty {
      if word.hasPrefix("/") {
        folders.append((word, []))
      } else if let pin = SourcePins.Pin(word), !folders.isEmpty {
        if !pin.source.isEmpty { folders[folders.count - 1].pins.append(pin) }
      } else {
        throw BadWord(message: "'\(word)' is neither a folder nor a source such as own:0:/srv/data")
      }
    }
    try SourcePins.enterManagersMounts()
    for (folder, pins) in folders { try SourcePins.pin(pins, in: folder).forEach(missing) }
  }

  /// Takes away what a unit has pinned.
  public static func unpin(_ folders: [String]) throws {
    try SourcePins.enterManagersMounts()
    for folder in folders { SourcePins.unpin(folder) }
  }

  /// Fails where a path leads through a link that the instance can have made. What has no path is passed over.
  ///
  /// - Throws: ``BadWord``, or an error for the first such path.
  public static func requireSources(_ words: [String]) throws {
    for word in words where !word.isEmpty {
      guard let pin = SourcePins.Pin(word) else {
        throw BadWord(message: "'\(word)' is no source such as own:0:/srv/data")
      }
      if !pin.source.isEmpty { try SourcePins.require(pin) }
    }
  }

  // MARK: Databases

  /// Copies the SQLite databases of an instance that others write meanwhile.
  ///
  /// - Returns: how many there are, and which of them are damaged.
  public static func snapshot(
    of root: String, to target: String, _ patterns: [String]
  ) throws -> (count: Int, damaged: [String]) {
    try SQLiteSnapshot(
      root: root, target: target, patterns: patterns.map { PathPattern($0) }, files: LinuxFileTree()
    ).take()
  }
}
