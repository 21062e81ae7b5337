import BerthKit
import Foundation

/// The host's Caddy and nginx, as Debian packages them.
public struct LocalProxies: WebProxies {
  private let runner: any ProcessRunner
  private let files: any FileTree

  public init(runner: any ProcessRunner, files: any FileTree) {
    self.runner = runner
    self.files = files
  }

  public func check(_ change: SiteChange, of kind: ProxyConfig.Kind) async throws {
    let program = ProxyProgram.of(kind)
    guard files.isExecutable(program.path) else {
      // What nobody reads may go.
      if change.written.isEmpty { return }
      throw BerthError.noProxy(kind, program.path)
    }
    guard files.isFolder(kind.root) else { throw BerthError.noProxy(kind, kind.root) }
    let trial = try await ProxyTrial(kind, runner: runner)
    do { try await look(at: change, trial) } catch {
      trial.remove()
      throw error
    }
    trial.remove()
  }

  private func look(at change: SiteChange, _ trial: ProxyTrial) async throws {
    let kind = trial.kind
    // What is no good without any site of Berth's is somebody else's to mend.
    try trial.clear()
    let theirs = try await trial.run()
    guard theirs.isGood else { throw BerthError.proxyBroken(kind, theirs.output, remedy: trial.program.remedy) }
    guard theirs.readsSites else { throw BerthError.proxyNoSites(kind, line: trial.program.importLine) }
    // Whoever reaches the proxy's own orders has all of its sites, keys and files. Taking a site away is no reason to wait.
    if !change.written.isEmpty, let address = Self.openAdmin(kind, configuration: theirs.configuration) {
      throw BerthError.proxyAdmin(kind, address)
    }
    let ours = try await trial.answer(to: change)
    let fresh = ours.conflicts.subtracting(theirs.conflicts)
    guard !ours.isGood || !fresh.isEmpty else { return }
    // What was wrong before with a site of Berth's is not for this change to mend, nor to be held up by.
    let before = try await trial.answer(to: SiteChange())
    guard before.isGood else { throw BerthError.proxyBroken(kind, before.output, remedy: trial.program.remedy) }
    let added = fresh.subtracting(before.conflicts)
    guard ours.isGood, added.isEmpty else {
      let complaint = ours.isGood ? added.sorted().joined(separator: "\n") : ours.output
      let theirs =
        kind == .nginx ? TakenNames.nginxFiles(ours.configuration) : TakenNames.files(in: kind.root, files)
      throw BerthError.badSite(
        change.written.keys.sorted(), kind, complaint, taken: TakenNames(complaint, in: theirs).lines)
    }
  }

  public func openAdmin(_ kind: ProxyConfig.Kind) async throws -> String? {
    guard kind == .caddy, let adapted = try await adapted() else { return nil }
    return Self.openAdmin(kind, configuration: adapted)
  }

  private static func openAdmin(_ kind: ProxyConfig.Kind, configuration: String) -> String? {
    guard kind == .caddy else { return nil }
    return CaddyAdmin(json: configuration).openAddress(isShut: CaddyAdmin.isShut)
      // What was closed in the file only is open until Caddy is started anew.
      ?? OpenDoors.all().first { $0.program == .caddy }?.address
  }

  /// The configuration of Caddy's as it reads it; nil where there is none that it can read.
  private func adapted() async throws -> String? {
    let program = ProxyProgram.of(.caddy)
    guard files.isExecutable(program.path), files.isFolder(ProxyConfig.Kind.caddy.root) else { return nil }
    let words = program.question.filter { $0 != "--validate" }
    let result = try await runner.run(Command(program.path, words, environment: ["HOME": "/nonexistent"]))
    return result.status == 0 ? result.output : nil
  }

  /// Caddy is told by its own orders to reload. Where it takes none it has to start anew.
  private func verb(for kind: ProxyConfig.Kind) async throws -> String {
    guard kind == .caddy, let adapted = try await adapted() else { return "reload" }
    return CaddyAdmin(json: adapted) == .off ? "restart" : "reload"
  }

  private func isRunning(_ unit: String) async throws -> Bool {
    try await runner.run(Command("systemctl", ["is-active", "--quiet", "--", unit])).status == 0
  }

  public func keepsAnswering(_ kind: ProxyConfig.Kind) async throws -> Bool {
    guard try await isRunning(ProxyProgram.of(kind).unit) else { return false }
    return try await verb(for: kind) == "reload"
  }

  public func reload(_ kind: ProxyConfig.Kind) async throws {
    let unit = ProxyProgram.of(kind).unit
    guard try await isRunning(unit) else { return }
    let workers = kind == .nginx ? try await NginxWorkers(of: unit, runner) : nil
    let result = try await runner.run(Command("systemctl", [try await verb(for: kind), "--", unit]))
    guard result.status == 0 else { throw BerthError.proxyReload(kind, unit, result.errorOutput) }
    if let workers, try await !workers.areRelieved() {
      throw BerthError.proxyReload(kind, unit, "its workers from before are still at work after 10 s")
    }
  }
}

/// Where no proxy is set up: in every scope but the host's own.
public struct NoProxies: WebProxies {
  public init() {}

  public func check(_ change: SiteChange, of kind: ProxyConfig.Kind) async throws {}
  public func openAdmin(_ kind: ProxyConfig.Kind) async throws -> String? { nil }
  public func keepsAnswering(_ kind: ProxyConfig.Kind) async throws -> Bool { false }
  public func reload(_ kind: ProxyConfig.Kind) async throws {}
}
