import ArgumentParser
import BerthEngine
import BerthHost
import BerthKit
import BerthQuery
import BerthStore
import Foundation

// Commands that units and Berth itself call. They are no part of the contract and are not shown.

/// `ExecStartPre=+berth probe free udp/8303 tcp/8303`; `ExecStartPre=berth probe readable FILE…`;
/// `ExecStartPost=+berth probe udp 8303 --timeout 30`, `probe http 8096 --own --path /health --timeout 30`, or
/// `probe exec --timeout 30 -- PROGRAM ARGUMENT…`.
struct ServiceProbe: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "probe", shouldDisplay: false)

  @Argument var transport: String
  @Argument var words: [String] = []
  @Option var timeout = 0
  @Option var address = "127.0.0.1"
  /// Whether only an answer of the unit's own processes counts.
  @Flag var own = false
  @Option var path = "/"
  @Option var host: String?
  @Option var status = "200"

  func run() async throws {
    let process = ProcessInfo.processInfo.environment["MAINPID"].flatMap { Int($0) }
    func waiting(_ subject: String, look: @Sendable @escaping () async -> Readiness.Look) -> Readiness {
      Readiness(of: subject, timeout: timeout, mainProcess: process, look: look)
    }
    if transport == "readable" { return try words.forEach(Readiness.requireReadable) }
    if transport == "free" { return try await Readiness.requireFree(try words.map(Self.port)) }
    if transport == "exec", let program = words.first {
      let question = ProgramQuestion(Command(program, Array(words.dropFirst())), runner: SubprocessRunner())
      return try await waiting(question.subject, look: question.look).wait()
    }
    guard words.count == 1, let port = Int(words[0]) else { throw ValidationError("one port") }
    if transport == "http" {
      let statuses = status.split(separator: ",").compactMap { Int($0) }
      let question = HTTPQuestion(
        address: address, port: port, path: path, host: host, statuses: statuses,
        peer: own ? try Self.unit() : nil)
      return try await waiting(question.subject, look: question.look).wait()
    }
    guard let transport = TransportProtocol(rawValue: transport) else {
      throw ValidationError("tcp, udp, http or exec")
    }
    try await Readiness(
      port: PortNumber(transport, port), of: try Self.unit(), timeout: timeout, mainProcess: process
    ).wait()
  }

  private static func unit() throws -> Peer {
    guard let peer = Peer.unit() else { throw BerthError.noUnit("berth probe") }
    return peer
  }

  /// `udp/8303`.
  private static func port(_ text: String) throws -> PortNumber {
    let parts = text.split(separator: "/").map(String.init)
    guard parts.count == 2, let transport = TransportProtocol(rawValue: parts[0]), let number = Int(parts[1]),
      (1...65535).contains(number)
    else { throw ValidationError("'\(text)' is no port such as udp/8303") }
    return PortNumber(transport, number)
  }
}

/// `ExecStop=berth speak teeworlds --address 127.0.0.1 --timeout 5 --port 8303 -- "say good night"`.
struct ConsoleSpeak: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "speak", shouldDisplay: false)

  @Argument var kind: String
  @Argument var line: String
  @Option var address = "127.0.0.1"
  @Option var port: Int?
  @Option var fifo: String?
  /// The unit that has to be spoken to.
  @Option var unit: String?
  @Option var timeout: Int

  func run() async throws {
    guard let kind = Console.Kind(rawValue: kind) else { throw ValidationError("no such console") }
    if let fifo {
      return try await BerthError.speaking("the console", in: kind.rawValue, at: fifo, seconds: Double(timeout)) {
        try await InputConsole(fifo, through: SocketConnector(), seconds: Double(timeout)).run(line)
      }
    }
    guard let transport = kind.transport, let port, let unit else {
      throw ValidationError("--port and --unit, or --fifo")
    }
    guard let peer = Peer.unit(unit) else { throw BerthError.noUnit("berth speak") }
    // Arguments are seen by everybody.
    let password = ProcessInfo.processInfo.environment["BERTH_CONSOLE_PASSWORD"] ?? ""
    let console = ServerConsole(
      kind, at: Endpoint(transport, address, port), of: peer, password: password, through: SocketConnector(),
      seconds: Double(timeout))
    let reply = try await BerthError.speaking("the console", in: kind.rawValue, at: "\(port)", seconds: Double(timeout))
    {
      try await console.run(line)
    }
    if !reply.isEmpty { Output.line(reply.replacing(password, with: "•")) }
  }
}

/// `ExecStop=berth await-end --timeout 60`: returns once the main process of the unit has ended, or the time is over.
struct ServiceEnd: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "await-end", shouldDisplay: false)

  @Option var timeout: Int

  func run() async throws {
    let process = ProcessInfo.processInfo.environment["MAINPID"].flatMap { Int($0) }
    if let process { try await Readiness.waitForEnd(of: process, timeout: timeout) }
  }
}

/// `ExecStartPre=+berth pin FOLDER KIND:NAME:PATH… [FOLDER …]`: pins what a unit mounts; see ``SourcePins``. What has no path
/// is passed over, and a folder without a name too, since some instances lack what others have.
struct PinSources: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "pin", shouldDisplay: false)

  @Argument var words: [String]

  func run() throws {
    var folders: [(folder: String, pins: [SourcePins.Pin])] = []
    for word in words where !word.isEmpty {
      if word.hasPrefix("/") {
        folders.append((word, []))
      } else if let pin = SourcePins.Pin(word), !folders.isEmpty {
        if !pin.source.isEmpty { folders[folders.count - 1].pins.append(pin) }
      } else {
        throw ValidationError("'\(word)' is neither a folder nor a source such as own:0:/srv/data")
      }
    }
    try SourcePins.enterManagersMounts()
    for (folder, pins) in folders {
      for path in try SourcePins.pin(pins, in: folder) {
        Output.notice("there is no folder '\(path)' to serve; it is served from the next start on after it was made")
      }
    }
  }
}

/// `ExecStopPost=+berth unpin FOLDER…`: takes away what a unit has pinned.
struct UnpinSources: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "unpin", shouldDisplay: false)

  @Argument var folders: [String]

  func run() throws {
    try SourcePins.enterManagersMounts()
    for folder in folders { SourcePins.unpin(folder) }
  }
}

/// `ExecStartPre=berth mount-sources KIND:NAME:PATH…`: fails where a path leads through a link that the instance can have made.
/// What has no path is passed over.
struct MountSourcesCheck: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "mount-sources", shouldDisplay: false)

  @Argument var words: [String]

  func run() throws {
    for word in words where !word.isEmpty {
      guard let pin = SourcePins.Pin(word) else {
        throw ValidationError("'\(word)' is no source such as own:0:/srv/data")
      }
      if !pin.source.isEmpty { try SourcePins.require(pin) }
    }
  }
}

/// `ExecStart=berth sqlite-snapshot --root DIR --to DIR data/world/*.sqlite`.
struct SQLiteSnapshotCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "sqlite-snapshot", shouldDisplay: false)

  @Option var root: String
  @Option var to: String
  @Argument var patterns: [String]

  func run() throws {
    let (count, damaged) = try SQLiteSnapshot(
      root: root, target: to, patterns: patterns.map { PathPattern($0) }, files: LinuxFileTree()
    ).take()
    for name in damaged { Output.line("\(name) is damaged") }
    Output.line("\(count) \(count == 1 ? "database" : "databases") copied")
  }
}

/// The supervisor of a sandbox, in a mount namespace that `unshare` has made.
struct SandboxSupervise: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "sandbox-supervise", shouldDisplay: false)

  @Argument var root: String

  func run() throws {
    let environment = HostEnvironment()
    let resolved = try ScopeResolver(environment: environment) { _ in false }.resolve(ScopeRequest(root: root))
    SandboxSupervisor(paths: resolved.paths, program: environment.program).run()
  }
}

/// Enters cgroups and becomes another program.
struct SandboxEnter: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "sandbox-enter", shouldDisplay: false)

  @Argument(parsing: .captureForPassthrough) var words: [String] = []

  func run() throws {
    guard let separator = words.firstIndex(of: "--"), separator + 1 < words.endIndex else {
      throw ValidationError("cgroup files, '--', a program")
    }
    try ProgramStart.become(Array(words[(separator + 1)...]), enteringGroups: Array(words[..<separator]))
  }
}
