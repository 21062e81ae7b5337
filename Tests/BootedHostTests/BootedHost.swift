import BerthHost
import BerthKit
import Foundation
import TestSupport
import Testing

/// Everything that needs a host with systemd as process 1. The tests share that host, so they run one after another.
@Suite("On a host that systemd booted", .serialized)
struct BootedHostTests {}

/// The throw-away host that the tests run in; `scripts/test` boots it and runs them there as root.
enum BootedHost {
  /// Where the tests are run instead.
  struct NotThrowAway: Error, CustomStringConvertible {
    let description = "this changes users, packages and units of the host; run it in a throw-away one: scripts/test"
  }

  /// - Throws: ``NotThrowAway`` on any other machine.
  static func require() throws {
    let files = FileManager.default
    let isGuest = files.fileExists(atPath: "/var/lib/berth-test/apt") && files.fileExists(atPath: "/run/systemd/system")
    guard isGuest, getuid() == 0 else { throw NotThrowAway() }
    // The checkout and the toolchain may lie below it, and the guest's other users have to reach them.
    chmod("/root", 0o755)
    // A container has no kernel of its own and so no modules; the folder is there for the tests of who may see it.
    try files.createDirectory(atPath: "/usr/lib/modules", withIntermediateDirectories: true)
  }

  /// The words that a command prints; its status does not matter.
  static func output(_ program: String, _ arguments: String...) async throws -> String {
    try await SubprocessRunner().run(Command(program, arguments)).output.trimmingCharacters(in: .whitespacesAndNewlines)
  }

  static func run(_ program: String, _ arguments: String...) async throws {
    try await SubprocessRunner().succeed(Command(program, arguments))
  }

  /// A folder for plugins, readable for everybody, for one test.
  static func withPlugins(_ body: (String) async throws -> Void) async throws {
    let folder = "/var/tmp/berth-plugins-\(UUID().uuidString.prefix(8))"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try await body(folder)
  }
}

/// A person at the command line: who they are, and what they always say.
struct Person: Sendable {
  var user: String?
  var environment: [String: String] = [:]
  var flags: [String] = []

  static let root = Person()
  /// The user whose manager lingers.
  static let `operator` = Person(user: "operator", environment: ["XDG_RUNTIME_DIR": "/run/user/1000"])

  /// The same person with a folder of plugins.
  func with(plugins: String) -> Person {
    Person(user: user, environment: environment, flags: flags + ["--plugins", plugins])
  }

  @discardableResult
  func berth(_ words: String...) async throws -> BerthRun { try await berth(words) }

  @discardableResult
  func berth(_ words: [String]) async throws -> BerthRun {
    guard let user else { return try await BerthProgram.run(words + flags, environment: environment) }
    let variables = ["HOME": "/home/\(user)"].merging(environment) { _, own in own }
    return try await BerthProgram.run(words + flags, environment: variables, through: ["runuser", "-u", user, "--"])
  }

  /// Installs an instance and gives its report.
  func install(_ words: String...) async throws -> JSON {
    let run = try await berth(["install"] + words + ["--json"])
    try #require(run.status == 0, "\(run.errors)")
    return try run.json()
  }

  /// What an instance has written, once it holds a text; what there is after ten seconds.
  func log(_ app: String, until text: String) async throws -> String {
    var log = ""
    for _ in 0..<50 {
      log = try await berth("logs", app, "--lines", "500").output
      if log.contains(text) { break }
      try await Task.sleep(for: .milliseconds(200))
    }
    return log
  }
}

/// Everything of a host that an instance adds to: two of them are equal when nothing is left.
struct HostPicture: Equatable, CustomStringConvertible {
  let lines: Set<String>

  /// - Parameters:
  ///   - folders: what to look at; Berth's own registry and locks in them stay, and do not count.
  ///   - person: whose instances and ports count.
  static func take(of folders: [String], _ person: Person) async throws -> HostPicture {
    var lines: Set<String> = []
    for folder in folders {
      let paths = FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? []
      lines.formUnion(paths.map { "\(folder)/\($0)" })
    }
    let volatile = ["/registry.sqlite", "/locks", "/instances", "/trash", ".wants"]
    lines = lines.filter { line in !volatile.contains { line.hasSuffix($0) || line.contains("\($0)-") } }
    for file in ["/etc/passwd", "/etc/group"] {
      lines.formUnion(try String(contentsOfFile: file, encoding: .utf8).split(separator: "\n").map(String.init))
    }
    lines.formUnion(try await person.berth("list", "--json").json().list.compactMap { $0["instance_id"].text })
    lines.formUnion(
      try await person.berth("ports", "--json").json().list.compactMap { $0["port"].integer.map { "port \($0)" } })
    return HostPicture(lines: lines)
  }

  var description: String { lines.sorted().joined(separator: "\n") }

  /// What is here and not there.
  func added(to former: HostPicture) -> [String] { lines.subtracting(former.lines).sorted() }

  static let systemFolders = [
    "/etc/systemd/system", "/var/lib/berth", "/etc/berth", "/var/backups/berth", "/var/lib/warlock",
  ]
  static let operatorFolders =
    ["systemd/user", "berth"].map { "/home/operator/.config/\($0)" }
    + ["/home/operator/.local/state/berth", "/home/operator/.local/share/berth"]
}

/// Small plugins, so that a test can make a service do what it needs.
enum Plugin {
  static func put(_ id: String, in folder: String, perl: String, stop: String = "{ grace: 2s }", extra: String = "")
    throws
  {
    let yaml = """
      schema: 1
      id: \(id)
      name: \(id)
      summary: Only for a test
      category: other
      version: "1"
      programs: { perl: [/usr/bin/perl] }
      ports:
        game: { protocol: udp, default: 41000 }
      services:
        main:
          exec: ["{{programs.perl}}", -le, "\(perl)"]
          stop: \(stop)
      \(extra)
      """
    try FileManager.default.createDirectory(atPath: "\(folder)/\(id)", withIntermediateDirectories: true)
    try yaml.write(toFile: "\(folder)/\(id)/plugin.yaml", atomically: true, encoding: .utf8)
  }
}
