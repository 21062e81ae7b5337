import BerthHost
import BerthKit
import Foundation
import TestSupport
import Testing

/// An app that keeps files: some are copied while it runs, for the others it is stopped.
enum ChestPlugin {
  /// - Parameters:
  ///   - hasSecret: whether it has a random secret in its config file.
  ///   - data: what else is said of the set `data`, such as `, hot: true`.
  ///   - config: the same for the set `config`.
  ///   - sets: more lines of `backup`, without an indent.
  ///   - exec: Perl that the service runs.
  ///   - extra: more keys of the plugin.
  static func yaml(
    port: Int, id: String = "chest", version: String = "1", hasSecret: Bool = true, data: String = "",
    config: String = "", sets: [String] = [], exec: String = "sleep 1 while 1", extra: String = ""
  ) -> String {
    """
    schema: 1
    id: \(id)
    name: Chest
    summary: Keeps what is put into it
    category: other
    version: "\(version)"
    programs: { perl: [/usr/bin/perl], touch: [/usr/bin/touch], sleep: [/usr/bin/sleep] }
    settings:
      note: { type: string, default: first }
      \(hasSecret ? "key: { type: secret, length: 16 }" : "")
    ports:
      game: { protocol: udp, default: \(port) }
    services:
      main:
        exec: ["{{programs.perl}}", -le, "\(exec)"]
        workdir: "{{paths.data}}"
        stop: { grace: 2s }
    config:
      app.conf: { format: properties, values: { note: "{{settings.note}}", port: "{{ports.game}}"\(hasSecret ? #", key: "{{settings.key}}""# : "") } }
    backup:
      \(sets.joined(separator: "\n  "))
      data: { files: ["{{paths.data}}"], exclude: ["*.tmp"]\(data) }
      config: { files: ["{{paths.config}}"], hot: true\(config) }
    \(extra)
    """
  }
}

/// An instance as tests of backups handle it: what is in its folders, and its archives.
struct Chest {
  let box: SandboxFixture
  let app: String
  let folder: String

  /// Installs an instance of an app.
  static func install(_ box: SandboxFixture, _ app: String = "chest", _ words: String...) async throws -> Chest {
    let run = try await box.berth(["install", app, "--json"] + words)
    try #require(run.status == 0, "\(run.errors)")
    return Chest(box: box, app: app, folder: try #require(try run.json()["dir"].text))
  }

  func path(_ name: String) -> String { "\(folder)/\(name)" }
  func text(_ name: String) -> String? {
    FileManager.default.contents(atPath: path(name)).map { String(decoding: $0, as: UTF8.self) }
  }
  func exists(_ name: String) -> Bool {
    var status = stat()
    return lstat(path(name), &status) == 0
  }

  /// Writes a file as the instance's own user.
  func put(_ name: String, _ text: String) throws {
    let folder = URL(fileURLWithPath: path(name)).deletingLastPathComponent().path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try Data(text.utf8).write(to: URL(fileURLWithPath: path(name)))
    try own(name)
  }

  /// Gives a path, and the folders above it, to the instance's own user.
  func own(_ name: String) throws {
    var status = stat()
    try #require(lstat(path("data"), &status) == 0)
    var name = name
    while name.contains("/") {
      try #require(lchown(path(name), status.st_uid, status.st_gid) == 0)
      name = String(name[..<(name.lastIndex(of: "/") ?? name.startIndex)])
    }
  }

  func remove(_ name: String) throws { try FileManager.default.removeItem(atPath: path(name)) }

  /// Makes a backup and gives its report.
  @discardableResult
  func backup(_ words: String...) async throws -> JSON {
    let run = try await box.berth(["backup", app, "--json"] + words)
    try #require(run.status == 0, "\(run.errors)")
    return try run.json()
  }

  /// The app's backups, newest first.
  func backups() async throws -> [JSON] { try await box.succeed("backups", "list", app, "--json").json().list }

  @discardableResult
  func restore(_ words: String...) async throws -> JSON {
    let run = try await box.berth(["restore", app, "--yes", "--json"] + words)
    try #require(run.status == 0, "\(run.errors)")
    return try run.json()
  }

  func status() async throws -> JSON { try await box.succeed("status", app, "--json").json() }
  /// The process of the service; nil when it does not run.
  func process() async throws -> Int? { try await status()["services"][0]["main_pid"].integer }

  /// Everything is well: the doctor finds nothing.
  func expectSound(_ what: Comment = "") async throws {
    let doctor = try await box.berth("doctor", "--json")
    #expect(doctor.status == 0, "\(what): \(doctor.output)\(doctor.errors)")
  }
}

extension JSON {
  /// What there is of an archive on the disk.
  var archive: Data { FileManager.default.contents(atPath: self["path"].text ?? "") ?? Data() }
  /// The first port of an instance's report, and the one of a role.
  var port: Int { self["ports"][0]["port"].integer ?? 0 }
  func port(_ role: String) -> Int { self["ports"].list.first { $0["role"].text == role }?["port"].integer ?? 0 }
  var number: Double? { if case .number(let number) = self { number } else { nil } }
  var isTrue: Bool { self == .boolean(true) }
}

extension Array where Element: Sendable {
  func asyncMap<Result>(_ body: (Element) async throws -> Result) async rethrows -> [Result] {
    var results: [Result] = []
    for element in self { results.append(try await body(element)) }
    return results
  }
}
