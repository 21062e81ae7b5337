import BerthHost
import BerthKit
import Foundation

/// A sandbox for one test: made in a folder of its own, ended and removed afterwards, with a look at what was left.
public struct SandboxFixture: Sendable {
  /// The sandbox's folder.
  public let root: String
  /// A folder for plugins of the test's own, searched last.
  public var plugins: String { "\(root)-plugins" }

  /// Runs a test in a sandbox.
  ///
  /// - Throws: what the test throws, or ``Leftovers`` when something is still there afterwards.
  public static func with<Result>(_ body: (SandboxFixture) async throws -> Result) async throws -> Result {
    await Turnstile.sandboxes.enter()
    let result: Result
    do { result = try await alone(body) } catch {
      await Turnstile.sandboxes.leave()
      throw error
    }
    await Turnstile.sandboxes.leave()
    return result
  }

  /// Runs a test with two sandboxes, as two machines that share their ports.
  public static func withTwo<Result>(_ body: (SandboxFixture, SandboxFixture) async throws -> Result) async throws
    -> Result
  {
    // One place for both: two tests that each wait for a second one would wait for ever.
    try await with { first in try await alone { second in try await body(first, second) } }
  }

  private static func alone<Result>(_ body: (SandboxFixture) async throws -> Result) async throws -> Result {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
      "berth-test-\(UUID().uuidString.prefix(8))")
    let fixture = SandboxFixture(root: folder.path)
    // A sandbox that is named has to be there, unless something is made in it.
    for folder in [fixture.root, fixture.plugins] {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }
    let result: Result
    do { result = try await body(fixture) } catch {
      _ = try? await fixture.end()
      throw error
    }
    try await fixture.end()
    return result
  }

  /// Runs the program in this sandbox.
  @discardableResult
  public func berth(_ words: String..., environment: [String: String] = [:]) async throws -> BerthRun {
    try await berth(words, environment: environment)
  }

  @discardableResult
  public func berth(_ words: [String], environment: [String: String] = [:]) async throws -> BerthRun {
    try await BerthProgram.run(Self.pinned(words) + reach, environment: environment)
  }

  /// The options that lead to the sandbox and its plugins.
  public var reach: [String] { ["--root", root, "--plugins", plugins] }

  /// Debian's servers that several tests install.
  private static let servers: Set = [
    "armagetron", "freeciv", "icecast", "luanti", "mosquitto", "mumble", "openarena", "postgres", "redis", "teeworlds",
  ]

  /// The words with a port of the test's own, where a server would else have its default one.
  ///
  /// Sandboxes share the machine's ports without knowing of each other: what one stops for a moment, to restore or to
  /// update it, another would take in that moment.
  private static func pinned(_ words: [String]) -> [String] {
    guard words.count > 1, words[0] == "install", servers.contains(words[1]), !words.contains("--port") else {
      return words
    }
    return words + ["--port", "\(FreePorts.block(10))"]
  }

  /// Puts a plugin in place, for this test alone.
  public func addPlugin(_ id: String, _ yaml: String) throws {
    try FileManager.default.createDirectory(atPath: "\(plugins)/\(id)", withIntermediateDirectories: true)
    try yaml.write(toFile: "\(plugins)/\(id)/plugin.yaml", atomically: true, encoding: .utf8)
  }

  /// Every path below the sandbox but for what every command may touch: the journal, the registry's and manager's own.
  public func tree() -> [String] {
    let volatile = ["state/journal", "state/private", "state/registry.sqlite", "state/locks"]
    let paths = FileManager.default.enumerator(atPath: root)?.compactMap { $0 as? String } ?? []
    return paths.filter { path in !volatile.contains { path.hasPrefix($0) } }.sorted()
  }

  /// What a test left behind that it should not have.
  public struct Leftovers: Error, CustomStringConvertible { public let description: String }

  private func end() async throws {
    let name = runtimeName
    let down = try await berth("host", "down")
    try? FileManager.default.removeItem(atPath: root)
    try? FileManager.default.removeItem(atPath: plugins)
    guard down.status == 0 else { throw Leftovers(description: "host down: \(down.errors)") }
    guard let name else { return }
    var left = ["/run/\(name)", "/tmp/\(name)"].filter(FileManager.default.fileExists)
    for hierarchy in ["/sys/fs/cgroup", "/sys/fs/cgroup/systemd", "/sys/fs/cgroup/unified"] {
      let names = (try? FileManager.default.contentsOfDirectory(atPath: hierarchy)) ?? []
      left += names.filter { $0 == name }.map { "\(hierarchy)/\($0)" }
    }
    let mounts = (try? String(contentsOfFile: "/proc/self/mountinfo", encoding: .utf8)) ?? ""
    left += mounts.split(separator: "\n").filter { $0.contains(root) || $0.contains(name) }.map(String.init)
    left += Self.processes(mentioning: root)
    guard left.isEmpty else { throw Leftovers(description: left.joined(separator: "\n")) }
  }

  /// The name of the runtime folder and the cgroups; nil while the manager was never up.
  private var runtimeName: String? {
    let folders = ["/run", "/tmp"].flatMap { folder in
      ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).filter { $0.hasPrefix("berth-") }
        .map { (folder, $0) }
    }
    return folders.first { folder, name in
      let units = "\(folder)/\(name)/base-units"
      return FileManager.default.fileExists(atPath: units) && Self.processes(mentioning: root).isEmpty == false
        && environmentOfManager(name).contains(root)
    }?.1
  }

  private func environmentOfManager(_ name: String) -> String {
    for process in (try? FileManager.default.contentsOfDirectory(atPath: "/proc"))?.compactMap({ Int($0) }) ?? [] {
      let variables = FileManager.default.contents(atPath: "/proc/\(process)/environ").map {
        String(decoding: $0, as: UTF8.self)
      }
      if let variables, variables.contains("/\(name)"), variables.contains("XDG_RUNTIME_DIR") { return variables }
    }
    return ""
  }

  /// Whether a process other than this one has a text in its arguments.
  public static func isMentioned(_ text: String) -> Bool { !processes(mentioning: text).isEmpty }

  private static func processes(mentioning text: String) -> [String] {
    let numbers = ((try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []).compactMap { Int($0) }
    return numbers.filter { $0 != Int(getpid()) }.compactMap { number in
      let line = FileManager.default.contents(atPath: "/proc/\(number)/cmdline").map {
        String(decoding: $0.map { $0 == 0 ? 32 : $0 }, as: UTF8.self)
      }
      return line.flatMap { $0.contains(text) ? "process \(number): \($0)" : nil }
    }
  }
}
