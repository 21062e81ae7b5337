import BerthHost
import BerthKit
import Foundation
import TestSupport
import Testing

@Suite("A question makes nothing")
struct QuestionTests {
  /// What asks about apps, whatever instances there are.
  private static let aboutApps = [
    ["app", "list"], ["app", "show", "idle"], ["app", "check", "idle"], ["capabilities", "idle"],
    ["install", "idle", "--dry-run"],
  ]

  /// What asks about instances. There are none.
  private static let aboutInstances = [
    ["list"], ["ports"], ["operations", "list"], ["backups", "list"], ["export"], ["list", "idle"],
    ["update", "--all"],
    ["backups", "verify", "--all"], ["operations", "recover"], ["backups", "prune", "--all"], ["stop", "--all"],
  ]

  private static func inFolder(_ body: (_ root: String, _ plugins: String) async throws -> Void) async throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
      "berth-test-\(UUID().uuidString.prefix(8))"
    ).path
    try FileManager.default.createDirectory(atPath: "\(folder)/plugins/idle", withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try FixturePlugins.idle().write(toFile: "\(folder)/plugins/idle/plugin.yaml", atomically: true, encoding: .utf8)
    try await body("\(folder)/box", "\(folder)/plugins")
  }

  @Test("in a folder that is no sandbox yet, neither a registry nor a folder")
  func empty() async throws {
    try await Self.inFolder { root, plugins in
      try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: false)
      let fleet = "\(plugins)/fleet.yaml"
      try "schema: 1\ninstances:\n  - { app: idle }\n".write(toFile: fleet, atomically: true, encoding: .utf8)
      for words in Self.aboutApps + Self.aboutInstances + [
        ["plan", "-f", fleet], ["host", "status"], ["doctor"], ["host", "down"],
      ] {
        let run = try await BerthProgram.run(["--root", root, "--plugins", plugins] + words)
        #expect(run.status == 0 || run.status == 1 || run.status == 64, "\(words): \(run.status), \(run.errors)")
        #expect(!run.errors.contains("readonly"), "\(words): \(run.errors)")
        #expect(try FileManager.default.contentsOfDirectory(atPath: root) == [], "\(words)")
      }
      #expect(try await BerthProgram.run(["list", "--json", "--root", root]).output == "[\n\n]\n")
    }
  }

  @Test("in a folder that is no sandbox yet, nothing where what was asked for is refused")
  func refused() async throws {
    try await Self.inFolder { root, plugins in
      let fleet = "\(plugins)/fleet.yaml"
      try "schema: 1\ninstances:\n  - { app: idle, settings: { no-such: 1 } }\n"
        .write(toFile: fleet, atomically: true, encoding: .utf8)
      // Two that want one port, and one with limits that nobody has confirmed.
      let (full, asking) = ("\(plugins)/full.yaml", "\(plugins)/asking.yaml")
      try """
      schema: 1
      instances:
        - { app: idle, name: a, ports: { game: 31999 } }
        - { app: idle, name: b, ports: { game: 31999 } }
      """.write(toFile: full, atomically: true, encoding: .utf8)
      try "schema: 1\ninstances:\n  - { app: idle, dir: \(plugins)/new }\n"
        .write(toFile: asking, atomically: true, encoding: .utf8)
      for words in [
        ["install", "idle", "--instance-name", "a\u{202E}b"], ["install", "idle", "--set", "no-such=1"],
        ["install", "nothing"],
        ["install", "idle", "--instance-id", "x"], ["install", "idle", "--port", "main=99999"], ["apply", "-f", fleet],
        ["restore", "idle", "--archive", "/no/such.tar"], ["apply", "-f", full], ["apply", "-f", full, "--keep-going"],
        ["apply", "-f", asking], ["backups", "import", fleet],
        ["manage", "idle", "install", "--non-interactive", "--port=99999"],
        ["manage", "idle", "install", "--non-interactive", "--instance-name=a\u{202E}b"],
        ["manage", "idle", "create-service", "--name=a\u{202E}b"],
      ] {
        let run = try await BerthProgram.run(words + ["--root", root, "--plugins", plugins])
        #expect([64, 65, 66, 73, 77].contains(run.status), "\(words): \(run.status), \(run.errors)")
        #expect(!FileManager.default.fileExists(atPath: root), "\(words)")
      }
    }
  }

  @Test("a sandbox that is not there is an error where instances are meant, with the one that is near, and is not made")
  func mistyped() async throws {
    try await Self.inFolder { root, plugins in
      for words in Self.aboutInstances + [["start", "idle"], ["logs", "idle"], ["remove", "idle", "--yes"]] {
        let run = try await BerthProgram.run(words + ["--root", root, "--plugins", plugins, "--json"])
        #expect(run.status == 64, "\(words): \(run.errors)")
        #expect(try run.failure()["code"].text == "no-sandbox")
        #expect(run.output.isEmpty)
      }
      // What is said of apps does not depend on it.
      for words in Self.aboutApps {
        let run = try await BerthProgram.run(words + ["--root", root, "--plugins", plugins])
        #expect(run.status == 0, "\(words): \(run.errors)")
      }
      let named = try await BerthProgram.run(["list", "--json"], environment: ["BERTH_ROOT": root])
      #expect(try named.failure()["code"].text == "no-sandbox")
      #expect(!FileManager.default.fileExists(atPath: root))
      // The control: an installation makes it, and then a neighbour of that name is offered.
      try FileManager.default.createDirectory(atPath: "\(root)/state", withIntermediateDirectories: true)
      #expect(FileManager.default.createFile(atPath: "\(root)/state/registry.sqlite", contents: nil))
      let near = try await BerthProgram.run(["list", "--root", "\(root)x", "--json"]).failure()
      #expect(near["summary"].text?.contains("did you mean '\(root)'?") == true)
      #expect(near["remedy"].text == "berth list --json --root \(root)")
    }
  }

  @Test("a folder of plugins that is not there, or is one plugin's, is an error of every command")
  func plugins() async throws {
    try await Self.inFolder { _, plugins in
      for folder in ["\(plugins)-typo", "\(plugins)/idle"] {
        for words in [
          ["app", "list"], ["list"], ["install", "idle", "--dry-run"], ["manage", "idle", "--get-services"],
        ] {
          let run = try await BerthProgram.run(words + ["--plugins", folder, "--root", plugins, "--json"])
          #expect(run.status == 64, "\(words): \(run.errors)")
          #expect(try run.failure()["code"].text == "no-plugin-folder")
          #expect(try run.failure()["summary"].text?.contains(folder) == true)
        }
      }
      // The control.
      #expect(try await BerthProgram.run(["app", "show", "idle", "--plugins", plugins, "--root", plugins]).status == 0)
    }
  }
}
