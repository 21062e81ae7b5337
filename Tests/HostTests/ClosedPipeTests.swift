import Foundation
import TestSupport
import Testing

@Suite("Output that nobody reads to its end")
struct ClosedPipeTests {
  /// Runs a command whose reader has gone before the first word.
  ///
  /// - Parameter signal: what becomes of SIGPIPE in it, which a service manager has programs ignore.
  private func run(_ box: SandboxFixture, _ words: [String], signal: String) throws -> (status: Int32, errors: String) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments =
      ["\(signal)=PIPE", BerthProgram.path] + words + ["--root", box.root, "--plugins", box.plugins]
    let (output, errors) = (Pipe(), Pipe())
    (process.standardOutput, process.standardError) = (output, errors)
    try output.fileHandleForReading.close()
    try process.run()
    let said = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    let died = process.terminationReason == .uncaughtSignal && process.terminationStatus == SIGPIPE
    return (died ? 0 : process.terminationStatus, said)
  }

  @Test(
    "is no failure of any command, whatever becomes of the signal", arguments: ["--default-signal", "--ignore-signal"])
  func quiet(_ signal: String) async throws {
    try await SandboxFixture.with { box in
      try box.addPlugin("idle", FixturePlugins.idle())
      try await box.succeed("install", "idle")
      let fleet = try box.write("fleet.yaml", "schema: 1\ninstances:\n  - { app: idle }\n")
      for words in [
        ["list", "--json"], ["app", "list"], ["app", "show", "idle"], ["export"], ["logs", "idle"],
        ["logs", "idle", "--json"], ["plan", "-f", fleet], ["apply", "-f", fleet], ["config", "list", "idle"],
        ["capabilities", "idle"], ["restart", "idle"],
        ["manage", "idle", "--logs"], ["manage", "idle", "get-services"],
      ] {
        let run = try run(box, words, signal: signal)
        #expect(run.status == 0 && !run.errors.contains("error"), "\(words): \(run.status) \(run.errors)")
      }
      // The control: a failure is one all the same.
      #expect(try run(box, ["config", "set", "idle", "no-such=1"], signal: signal).status == 64)
    }
  }
}
