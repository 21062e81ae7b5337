import BerthHost
import BerthKit
import Foundation

extension SandboxFixture {
  /// There is no manager of this sandbox.
  public struct NoManager: Error {
    public init() {}
  }

  /// The program has ended before it was sent a signal.
  public struct Gone: Error {}

  /// The process of the sandbox's service manager.
  public func manager() throws -> pid_t {
    let wanted = "XDG_CONFIG_HOME=\(root)/config"
    for number in Self.processes() where Self.text("/proc/\(number)/comm") == "systemd\n" {
      if Self.text("/proc/\(number)/environ").split(separator: "\0").contains(wanted[...]) { return pid_t(number) }
    }
    throw NoManager()
  }

  /// What a program needs to talk to the manager.
  public func client() throws -> [String: String] {
    let variables = Self.text("/proc/\(try manager())/environ").split(separator: "\0")
    let pairs = variables.compactMap { variable -> (String, String)? in
      let parts = variable.split(separator: "=", maxSplits: 1).map(String.init)
      return parts.count == 2 && parts[0].hasPrefix("XDG_") ? (parts[0], parts[1]) : nil
    }
    return Dictionary(pairs) { first, _ in first }
  }

  /// What the manager says to `systemctl`.
  public func systemctl(_ words: String...) async throws -> String {
    try await SubprocessRunner().run(Command("systemctl", ["--user"] + words, environment: try client())).output
  }

  /// Runs a test's part while the manager answers nobody.
  public func withSilentManager<Result>(_ body: () async throws -> Result) async throws -> Result {
    let process = try manager()
    kill(process, SIGSTOP)
    defer { kill(process, SIGCONT) }
    return try await body()
  }

  /// All processes of this machine.
  public static func processes() -> [Int] {
    ((try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []).compactMap { Int($0) }
  }

  /// Those with a text in their words.
  public static func processes(with text: String) -> [Int] {
    processes().filter { Self.text("/proc/\($0)/cmdline").contains(text) }
  }

  /// Runs the program here and sends it signals, half a second apart, once there is a process with a text in its words.
  public func run(_ words: [String], once text: String, signals: [Int32]) async throws -> BerthRun {
    let words = words + reach
    async let run = BerthProgram.run(words)
    for _ in 0..<600 where Self.processes(with: text).isEmpty { try await Task.sleep(for: .milliseconds(50)) }
    let line = ([BerthProgram.path] + words).joined(separator: "\0") + "\0"
    for signal in signals {
      try await Task.sleep(for: .milliseconds(500))
      guard let process = Self.processes().first(where: { Self.text("/proc/\($0)/cmdline") == line }) else {
        throw Gone()
      }
      kill(pid_t(process), signal)
    }
    return try await run
  }

  /// A file of the kernel's, which says nothing of its size; nothing when it cannot be read.
  public static func text(_ path: String) -> String {
    FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) } ?? ""
  }

  /// Writes a file beside the plugins, which goes with the sandbox.
  ///
  /// - Returns: its path.
  public func write(_ name: String, _ text: String) throws -> String {
    let path = "\(plugins)/\(name)"
    try text.write(toFile: path, atomically: true, encoding: .utf8)
    return path
  }

  /// Runs the program, which has to end with 0.
  ///
  /// - Throws: ``Failed`` with what it said.
  @discardableResult
  public func succeed(_ words: String...) async throws -> BerthRun {
    let run = try await berth(words)
    guard run.status == 0 else { throw Failed(description: "\(words): status \(run.status), \(run.errors)") }
    return run
  }

  /// The program should have succeeded.
  public struct Failed: Error, CustomStringConvertible { public let description: String }
}
