import BerthHost
import BerthKit
import Foundation
import TestSupport
import Testing

@Suite("A fleet file that comes from a program")
struct FleetInputTests {
  /// Runs the program as a shell's pipeline or substitution would have it.
  private static func bash(_ line: String, _ box: SandboxFixture, _ text: String) async throws -> CommandResult {
    let file = try box.write("fleet.yaml", text)
    let program = "\(BerthProgram.path) --root \(box.root) --plugins \(box.plugins)"
    return try await SubprocessRunner().run(
      Command("/bin/bash", ["-c", line.replacing("BERTH", with: program).replacing("FILE", with: file)]))
  }

  @Test(
    "is read from stdin and from a shell's substitution, as from a path",
    arguments: [
      "BERTH plan -f - < FILE", "cat FILE | BERTH plan -f -", "BERTH plan -f <(cat FILE)", "BERTH plan -f FILE",
    ])
  func read(_ line: String) async throws {
    try await SandboxFixture.with { box in
      try box.addPlugin("idle", FixturePlugins.idle())
      let run = try await Self.bash(line, box, "schema: 1\ninstances:\n  - { app: idle, name: piped }\n")
      #expect(run.status == 1 && run.output.contains("idle/piped"), "\(run.output)\(run.errorOutput)")
    }
  }

  @Test("is refused with its line, and with bytes that are no text")
  func refused() async throws {
    try await SandboxFixture.with { box in
      let wrong = try await Self.bash(
        "BERTH --json plan -f - < FILE", box, "schema: 1\ninstances:\n  - { app: nothing }\n")
      #expect(wrong.status == 65)
      let error = try JSON(parsing: wrong.errorOutput)
      #expect(error["where"].text == "-:3" && error["remedy"].text?.hasPrefix("berth plan -f -") == true)
      let bytes = try await Self.bash("printf 'schema: 1\\xff' | BERTH --json apply -f -", box, "")
      #expect(bytes.status == 65 && bytes.errorOutput.contains("UTF-8"), "\(bytes.errorOutput)")
    }
  }

  @Test("is applied when it is confirmed, since nobody can be asked")
  func applied() async throws {
    try await SandboxFixture.with { box in
      try box.addPlugin("idle", FixturePlugins.idle())
      let text = "schema: 1\ninstances:\n  - { app: idle, name: piped, enabled: false }\n"
      let run = try await Self.bash("BERTH apply -f - < FILE", box, text)
      #expect(run.status == 0, "\(run.errorOutput)")
      #expect(try await box.berth("list", "idle", "--json").json().list.count == 1)
    }
  }
}
