import BerthHost
import BerthKit
import Foundation
import TestSupport
import Testing

@Suite("A file that a person names")
struct NamedFileTests {
  /// Every command that takes the path of a file, with what goes before and behind it.
  static let commands: [(before: [String], after: [String])] = [
    (["plan", "-f"], []), (["apply", "-f"], []), (["apply", "-f"], ["--dry-run"]),
    (["apply", "-f"], ["--keep-going"]),
    (["backups", "import"], []), (["backups", "import"], ["--accept", "size"]),
    (["restore", "idle", "--from"], []), (["restore", "idle", "--from"], ["--verify-only"]),
    (["restore", "idle", "--from"], ["--as", "New"]), (["restore", "idle", "--from"], ["--dry-run"]),
    (["app", "check"], []),
  ]

  /// What may stand there, and how each command ends.
  enum Place: String, CaseIterable {
    case missing, belowFile, folder, fifo, closed

    var status: Int32 { self == .closed ? 77 : 65 }
  }

  @Test(
    "is a bad input file (65) where it is not there or none, and not allowed (77) where it may not be read; with a remedy"
  )
  func all() async throws {
    let folder = "/var/tmp/berth-test-\(UUID().uuidString.prefix(8))"
    let files = FileManager.default
    try files.createDirectory(atPath: "\(folder)/plugins/idle", withIntermediateDirectories: true)
    defer { try? files.removeItem(atPath: folder) }
    for path in [folder, "\(folder)/plugins", "\(folder)/plugins/idle"] {
      try files.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
    }
    try FixturePlugins.idle().write(
      toFile: "\(folder)/plugins/idle/plugin.yaml", atomically: false, encoding: .utf8)
    try "x".write(toFile: "\(folder)/closed.yaml", atomically: false, encoding: .utf8)
    try files.setAttributes([.posixPermissions: 0o600], ofItemAtPath: "\(folder)/closed.yaml")
    try files.createDirectory(atPath: "\(folder)/folder.yaml", withIntermediateDirectories: false)
    try #require(mkfifo("\(folder)/fifo.yaml", 0o644) == 0)
    try await PublicProgram.with { program in
      for place in Place.allCases {
        let path = place == .belowFile ? "\(folder)/closed.yaml/x.yaml" : "\(folder)/\(place.rawValue).yaml"
        for (before, after) in Self.commands {
          let words = before + [path] + after
          let run = try await BerthProgram.run(
            words + ["--root", "\(folder)/box", "--plugins", "\(folder)/plugins", "--json"], timeout: 60,
            through: ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"], program: program)
          #expect(run.status == place.status, "\(place) \(words): \(run.errors)")
          let failure = try run.failure()
          let said = [failure["summary"], failure["where"]].compactMap(\.text).joined(separator: " ")
          #expect(
            said.contains("\(folder)/\(place == .belowFile ? "closed" : place.rawValue).yaml"),
            "\(words): \(run.errors)")
          #expect(failure["remedy"].text?.isEmpty == false, "\(words): \(run.errors)")
          #expect(!files.fileExists(atPath: "\(folder)/box"), "\(words)")
        }
      }
    }
  }
}
