import BerthHost
import BerthKit
import Foundation
import TestSupport
import Testing

@Suite("A console that is a server's standard input")
struct InputConsoleTests {
  /// What the scribe has written down.
  private func book(_ box: SandboxFixture, _ report: JSON) throws -> String {
    try String(contentsOfFile: "\(try #require(report["dir"].text))/data/book", encoding: .utf8)
  }

  @Test("takes commands, is told to save before a backup and to end before a stop, and is gone with its server")
  func scribe() async throws {
    try await SandboxFixture.with { box in
      try box.addPlugin("scribe", FixturePlugins.scribe)
      let run = try await box.berth("install", "scribe", "--json")
      try #require(run.status == 0, "\(run.errors)")
      let report = try run.json()
      let pipe = "\(try #require(report["dir"].text))/stdin"

      let line = #"it's "50%" $HOME; `x` \n"#
      let reply = try await box.berth("console", "scribe", line)
      #expect(reply.status == 0 && reply.output == "noted: \(line)\n", "\(reply.output)\(reply.errors)")
      let told = try await box.berth("console", "scribe", "--json", "again").json()
      #expect(told["reply"].text == "noted: again" && told["command"].text == "again")

      let backup = try await box.berth("backup", "scribe")
      #expect(backup.status == 0, "\(backup.errors)")
      #expect(try book(box, report) == "\(line)|again")

      // Another instance has a standard input of its own.
      try #require(try await box.berth("install", "scribe", "--instance-name", "Other").status == 0)
      #expect(try await box.berth("console", "scribe", "--instance", "Other", "aside").output == "noted: aside\n")

      let stop = try await box.berth("stop", "scribe")
      #expect(stop.status == 0, "\(stop.errors)")
      #expect(try book(box, report) == "\(line)|again|exit good night")
      #expect(!FileManager.default.fileExists(atPath: pipe))
      let silent = try await box.berth("console", "scribe", "too late")
      #expect(silent.status != 0 && silent.errors.contains("berth start scribe"), "\(silent.errors)")
      #expect(try await box.berth("status", "scribe", "--json").json()["status"].text == "stopped")

      #expect(try await box.berth("start", "scribe").status == 0)
      #expect(try await box.berth("restart", "scribe").status == 0)
      #expect(try await box.berth("console", "scribe", "a new day").output == "noted: a new day\n")
      #expect(try await box.berth("doctor").status == 0)
      #expect(try await box.berth("remove", "scribe", "--all", "--yes").status == 0)
      let units = try FileManager.default.contentsOfDirectory(atPath: "\(box.root)/config/systemd/user")
      #expect(!units.contains { $0.hasPrefix("scribe") }, "\(units)")
    }
  }

  @Test("stays open for a panel that attaches to it: what is typed arrives, and what the server says is seen")
  func attached() async throws {
    try await SandboxFixture.with { box in
      try box.addPlugin("scribe", FixturePlugins.scribe)
      let run = try await box.berth("install", "scribe", "--json")
      let script = try #require(try run.json()["dir"].text) + "/manage.py"
      let (seen, over) = ("\(box.plugins)/seen", "\(box.plugins)/over")
      // The input stays open until the answer was seen.
      let line = "(echo first; until [ -e '\(over)' ]; do sleep 0.2; done) | '\(script)' --console-attach > '\(seen)'"
      async let attached = SubprocessRunner().run(Command("/bin/sh", ["-c", line]))
      for _ in 0..<300 where !SandboxFixture.text(seen).contains("noted: first") {
        try await Task.sleep(for: .milliseconds(200))
      }
      #expect(FileManager.default.createFile(atPath: over, contents: nil))
      let ended = try await attached
      #expect(ended.status == 0, "\(ended.errorOutput)")
      #expect(SandboxFixture.text(seen).ranges(of: "noted: first").count == 1)
      #expect(try await box.berth("stop", "scribe").status == 0)
      let late = try await SubprocessRunner().run(
        Command("/bin/sh", ["-c", "echo late | '\(script)' --console-attach"]))
      #expect(
        late.errorOutput.contains("does not run") || late.errorOutput.contains("not running"), "\(late.errorOutput)")
    }
  }
}
