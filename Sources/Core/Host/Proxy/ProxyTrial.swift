import BerthKit
import Foundation

/// A copy of a proxy's whole configuration, in which a change is tried.
///
/// The proxy sees it in the place of the real one, in a mount namespace of its own, so that paths in it mean what they will
/// mean and no text has to be changed for it.
struct ProxyTrial {
  let kind: ProxyConfig.Kind
  let program: ProxyProgram
  private let folder: TemporaryFolder
  private let runner: any ProcessRunner

  private var copied: String { "\(folder.path)/copy" }

  init(_ kind: ProxyConfig.Kind, runner: any ProcessRunner) async throws {
    self.kind = kind
    self.runner = runner
    program = .of(kind)
    // No space is in its path, by which the manager parts a list of paths.
    folder = try TemporaryFolder(below: ScopePaths.system.temporary)
    do { try await copy() } catch {
      remove()
      throw error
    }
  }

  /// Copies what is there now, with owners and modes, in the place of an earlier copy.
  func copy() async throws {
    try? FileManager.default.removeItem(atPath: copied)
    try await runner.succeed(Command("cp", ["--archive", "--", kind.root, copied]))
    try makeFolder(place(of: kind.sites))
  }

  /// Takes Berth's own sites out, and puts a mark among the sites.
  func clear() throws {
    for name in try FileManager.default.contentsOfDirectory(atPath: place(of: kind.sites))
    where name.hasPrefix(ProxyConfig.Kind.prefix) {
      try FileManager.default.removeItem(atPath: place(of: "\(kind.sites)/\(name)"))
    }
    try write(program.mark.text, to: place(of: "\(kind.sites)/\(program.mark.name)"))
  }

  /// Changes the copy as the real one will be changed.
  func apply(_ change: SiteChange) throws {
    for path in change.removed where FileManager.default.fileExists(atPath: place(of: path)) {
      try FileManager.default.removeItem(atPath: place(of: path))
    }
    for (path, text) in change.written {
      let target = place(of: path)
      try makeFolder(ScopePaths.folder(of: target))
      try write(text, to: target)
    }
  }

  /// What the proxy says of the configuration of now with a change.
  func answer(to change: SiteChange) async throws -> ProxyAnswer {
    try await copy()
    try apply(change)
    return try await run()
  }

  /// Has the proxy read it.
  func run() async throws -> ProxyAnswer {
    let result = try await runner.run(command([program.path] + program.question))
    // What cannot even be asked is nobody's mistake in a configuration.
    if result.status != 0 { try await runner.succeed(command(["/usr/bin/true"])) }
    return ProxyAnswer(result, program)
  }

  private func command(_ words: [String]) -> Command {
    var properties = ["BindReadOnlyPaths=\(copied):\(kind.root)"]
    if let user = program.user {
      // Its certificates are left alone: what it makes up for this goes with the private folder.
      properties += [
        "User=\(user)", "PrivateTmp=yes", "Environment=XDG_DATA_HOME=/tmp/data",
        "Environment=XDG_CONFIG_HOME=/tmp/config",
      ]
    }
    let options = ["--wait", "--pipe", "--quiet", "--collect"] + properties.flatMap { ["--property", $0] }
    return Command("systemd-run", options + ["--"] + words)
  }

  func remove() { folder.remove() }

  // The proxy's own user reads it, whatever this process's mask is.
  private func makeFolder(_ path: String) throws {
    guard !FileManager.default.fileExists(atPath: path) else { return }
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
  }

  private func write(_ text: String, to path: String) throws {
    try Data(text.utf8).write(to: URL(fileURLWithPath: path))
    try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: path)
  }

  /// Where in the copy a file of the real configuration is.
  private func place(of path: String) -> String { copied + path.dropFirst(kind.root.count) }
}
