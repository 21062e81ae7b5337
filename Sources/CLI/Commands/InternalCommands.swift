import ArgumentParser
import BerthEngine
import BerthKit
import BerthProof
import Foundation

// Commands that units and Berth itself call. They are no part of the contract and are not shown.

/// `ExecStartPre=+berth probe free udp/8303 tcp/8303`; `ExecStartPre=berth probe readable --app teeworlds --instance ID FILE…`;
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
  /// Whose files they are.
  @Option var app = ""
  @Option var instance = ""
  /// How a person reaches it, for remedies.
  @OptionGroup var options: GlobalOptions

  func run() async throws {
    let wait = UnitCall.Wait(seconds: timeout, mainProcess: Self.mainProcess)
    if transport == "readable" { return try UnitCall.requireReadable(words, of: (app, instance)) }
    if transport == "free" { return try await UnitCall.requireFree(try words.map(Self.port)) }
    if transport == "exec", let program = words.first {
      return try await UnitCall.awaitProgram(Command(program, Array(words.dropFirst())), wait)
    }
    guard words.count == 1, let port = Int(words[0]) else { throw ValidationError("one port") }
    if transport == "http" {
      let statuses = status.split(separator: ",").compactMap { Int($0) }
      return try await UnitCall.awaitHTTP(
        at: address, port: port, path: path, host: host, statuses: statuses, isOwn: own, wait)
    }
    guard let transport = TransportProtocol(rawValue: transport) else {
      throw ValidationError("tcp, udp, http or exec")
    }
    try await UnitCall.awaitPort(PortNumber(transport, port), wait)
  }

  /// The main process of the unit.
  fileprivate static var mainProcess: Int? { ProcessInfo.processInfo.environment["MAINPID"].flatMap { Int($0) } }

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
  /// The variable that has the port.
  @Option var portName: String?
  @Option var fifo: String?
  /// The unit that has to be spoken to.
  @Option var unit: String?
  @Option var timeout: Int

  func run() async throws {
    guard let kind = Console.Kind(rawValue: kind) else { throw ValidationError("no such console") }
    if let fifo { return try await UnitCall.speak(line, kind: kind, fifo: fifo, seconds: timeout) }
    let started = ServiceProbe.mainProcess.map(UnitCall.environment(of:)) ?? [:]
    guard let transport = kind.transport, let unit,
      let port = portName.flatMap({ started[$0] }).flatMap(Int.init) ?? port
    else { throw ValidationError("--port and --unit, or --fifo") }
    // Arguments are seen by everybody.
    let passwordName = "BERTH_CONSOLE_PASSWORD"
    let password = started[passwordName] ?? ProcessInfo.processInfo.environment[passwordName] ?? ""
    let reply = try await UnitCall.speak(
      line, kind: kind, at: Endpoint(transport, address, port), of: unit, password: password, seconds: timeout)
    if !reply.isEmpty { Output.line(password.isEmpty ? reply : reply.replacing(password, with: "•")) }
  }
}

/// `ExecStop=berth await-end --timeout 60`: returns once the main process of the unit has ended, or the time is over. With
/// `--signal SIGTERM` it sends this to the unit's processes first, and kills those that have not ended in time.
struct ServiceEnd: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "await-end", shouldDisplay: false)

  @Option var timeout: Int
  @Option var signal: String?

  func run() async throws {
    guard let process = ServiceProbe.mainProcess else { return }
    guard let signal else { return try await UnitCall.awaitEnd(of: process, seconds: timeout) }
    try await validating { try await UnitCall.end(by: signal, seconds: timeout) }
  }
}

/// `ExecStartPre=+berth pin FOLDER KIND:NAME:PATH… [FOLDER …]`: pins what a unit mounts; see
/// ``UnitCall/pin(_:missing:)``. What has no path is passed over, and a folder without a name too, since some instances
/// lack what others have.
struct PinSources: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "pin", shouldDisplay: false)

  @Argument var words: [String]

  func run() throws {
    try validating {
      try UnitCall.pin(words) { path in
        Output.notice("there is no folder '\(path)' to serve; it is served from the next start on after it was made")
      }
    }
  }
}

/// A word that a unit file cannot have, as the parser says it.
private func validating<Result>(_ body: () throws -> Result) throws -> Result {
  do { return try body() } catch let word as UnitCall.BadWord { throw ValidationError(word.message) }
}

private func validating(_ body: () async throws -> Void) async throws {
  do { try await body() } catch let word as UnitCall.BadWord { throw ValidationError(word.message) }
}

/// `ExecStopPost=+berth unpin FOLDER…`: takes away what a unit has pinned.
struct UnpinSources: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "unpin", shouldDisplay: false)

  @Argument var folders: [String]

  func run() throws { try UnitCall.unpin(folders) }
}

/// `ExecStartPre=berth mount-sources KIND:NAME:PATH…`: fails where a path leads through a link that the instance can have made.
/// What has no path is passed over.
struct MountSourcesCheck: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "mount-sources", shouldDisplay: false)

  @Argument var words: [String]

  func run() throws { try validating { try UnitCall.requireSources(words) } }
}

/// `ExecStart=berth sqlite-snapshot --root DIR --to DIR data/world/*.sqlite`.
struct SQLiteSnapshotCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "sqlite-snapshot", shouldDisplay: false)

  @Option var root: String
  @Option var to: String
  @Argument var patterns: [String]

  func run() throws {
    let (count, damaged) = try UnitCall.snapshot(of: root, to: to, patterns)
    for name in damaged { Output.line("\(name) is damaged") }
    Output.line("\(count) \(count == 1 ? "database" : "databases") copied")
  }
}

/// The supervisor of a sandbox, in a mount namespace that `unshare` has made.
struct SandboxSupervise: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "sandbox-supervise", shouldDisplay: false)

  @Argument var root: String

  func run() throws { try OwnProgram.superviseSandbox(root) }
}

/// Enters cgroups and becomes another program.
struct SandboxEnter: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "sandbox-enter", shouldDisplay: false)

  @Argument(parsing: .captureForPassthrough) var words: [String] = []

  func run() throws {
    guard let separator = words.firstIndex(of: "--"), separator + 1 < words.endIndex else {
      throw ValidationError("cgroup files, '--', a program")
    }
    try OwnProgram.become(Array(words[(separator + 1)...]), enteringGroups: Array(words[..<separator]))
  }
}

/// `unshare --mount berth proof-full-disk PLUGIN --root DIR`: what `berth app test` does on a disk that is full.
struct ProofFullDisk: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "proof-full-disk", shouldDisplay: false)

  @Argument var plugin: String
  @OptionGroup var options: GlobalOptions

  func run() async throws {
    let berth = try options.open(need: .plugins)
    try await FullDisk(try berth.check(plugin).plugin, root: options.root ?? "").run()
  }
}
