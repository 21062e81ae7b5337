import BerthHost
import BerthKit
import Foundation
import TestSupport
import Testing

@Suite("What a person sees")
struct TerminalTests {
  @Test("on a terminal install asks for what is required, again after a wrong answer, and a script gets an error")
  func asking() async throws {
    try await SandboxFixture.with { box in
      let yaml = FixturePlugins.idle("asking")
        .replacing(
          "  greeting:", with: "  players: { type: int, min: 1, max: 9, help: How many may play }\n  greeting:")
      try box.addPlugin("asking", yaml)
      #expect(try await box.berth("install", "asking").status == 64)
      // script(1) gives its command a terminal and passes on what it reads itself.
      let answers = "\(box.plugins)/answers"
      try "12\n4\n".write(toFile: answers, atomically: true, encoding: .utf8)
      let command = "\(BerthProgram.path) install asking --root \(box.root) --plugins \(box.plugins) < /dev/tty"
      let result = try await SubprocessRunner().run(
        Command(
          "/bin/sh",
          [
            "-c",
            "(sleep 1; head -n 1 \(answers); sleep 1; tail -n 1 \(answers); sleep 4) | script -qec '\(command)' /dev/null",
          ]))
      #expect(result.output.contains("How many may play"), "\(result.output)")
      #expect(result.output.contains("1 to 9"), "\(result.output)")
      let report = try await box.berth("status", "asking", "--reveal", "--json").json()
      #expect(report["settings"]["players"].text == "4")
    }
  }

  @Test("on a terminal install asks for a name and what the plugin has people asked, and an empty answer leaves it")
  func asked() async throws {
    try await SandboxFixture.with { box in
      let yaml = FixturePlugins.idle("asked")
        .replacing("greeting: { type: string,", with: "greeting: { type: string, ask: true,")
        .replacing("protocol: udp, default", with: "protocol: udp, ask: true, default")
      try box.addPlugin("asked", yaml)
      let port = FreePorts.block(1)
      let command = "\(BerthProgram.path) install asked --root \(box.root) --plugins \(box.plugins) < /dev/tty"
      let answers = ["North", "", "99999", "\(port)"].map { "echo \($0); sleep 1; " }.joined()
      let result = try await SubprocessRunner().run(
        Command("/bin/sh", ["-c", "(sleep 1; \(answers) sleep 15) | script -qec '\(command)' /dev/null"]))
      #expect(result.output.contains("name? [none]") && result.output.contains("99999"), "\(result.output)")
      let report = try await box.berth("status", "asked", "--reveal", "--json").json()
      #expect(report["instance_name"].text == "North", "\(result.output)")
      #expect(report["ports"][0]["port"].integer == port)
      #expect(report["settings"]["greeting"].text == "hello from North")
      // A script is not asked.
      try await box.succeed("install", "asked")
    }
  }

  @Test("without a terminal there are no colours and stdout holds the result alone")
  func plainOutput() async throws {
    try await SandboxFixture.with { box in
      try box.addPlugin("idle", FixturePlugins.idle())
      let run = try await box.berth("install", "idle")
      #expect(!run.output.contains("\u{1B}") && !run.errors.contains("\u{1B}"))
      #expect(!run.output.contains("starting the sandbox"))
      let lines = try await box.berth("install", "idle", "--progress", "json").errors.split(separator: "\n")
      #expect(!lines.isEmpty && lines.allSatisfy { (try? JSON(parsing: String($0)))?["step"].integer != nil })
    }
  }

  @Test("the help of every command has a sentence, and that of the root has examples and exit codes")
  func help() async throws {
    let root = try await BerthProgram.run(["--help"])
    #expect(root.status == 0)
    for word in ["EXAMPLES", "EXIT STATUS", "75 busy", "install", "remove", "ports", "host"] {
      #expect(root.output.contains(word), "\(word)")
    }
    #expect(!root.output.contains("sandbox-supervise"))
    for command in [
      "app", "install", "list", "status", "start", "stop", "restart", "enable", "disable", "logs", "remove", "ports",
      "host",
    ] {
      let run = try await BerthProgram.run([command, "--help"])
      #expect(run.status == 0 && run.output.contains("OVERVIEW: "), "\(command)")
    }
    #expect(try await BerthProgram.run(["--version"]).output == "0.2.0\n")
    #expect(try await BerthProgram.run(["--generate-completion-script", "bash"]).output.contains("berth"))
  }

  @Test("--dry-run prints the plan and changes nothing; no secret is in it")
  func dryRun() async throws {
    try await SandboxFixture.with { box in
      let files = box.tree()
      let run = try await box.berth("install", "mumble", "--set", "password=swordfish", "--dry-run", "--json")
      #expect(run.status == 0, "\(run.errors)")
      #expect(!run.output.contains("swordfish"))
      let kinds = try run.json()["steps"].list.compactMap { $0["kind"].text }
      #expect(kinds.last == "settle" && kinds.contains("share-units") && kinds.contains("start"))
      #expect(box.tree().filter { !files.contains($0) && !["config", "state"].contains($0) } == [])
      #expect(try await box.berth("list", "--json").output == "[\n\n]\n")
    }
  }
}
