import Foundation
import TestSupport
import Testing

@Suite("The remedy of an instance that was taken back as a whole")
struct LastingRemedyTests {
  /// Runs what a remedy says, which names the sandbox itself.
  private func follow(_ remedy: String) async throws -> BerthRun {
    #expect(remedy.hasPrefix("berth "), "\(remedy)")
    return try await BerthProgram.run(remedy.split(separator: " ").dropFirst().map(String.init))
  }

  @Test(
    "can be typed as it is, and what the service wrote is in the error and in the operation",
    arguments: [("failing", "the map is missing"), ("deaf", "still loading")])
  func installs(_ app: String, _ words: String) async throws {
    try await SandboxFixture.with { box in
      let port = FreePorts.block(10)
      try box.addPlugin("failing", FixturePlugins.failing.replacing("11100", with: "\(port)"))
      try box.addPlugin("deaf", FixturePlugins.deaf.replacing("11200", with: "\(port)"))
      let fleet = try box.write("fleet.yaml", "schema: 1\ninstances:\n  - { app: \(app) }\n")
      for (command, remedy) in [
        (["install", app], "berth install \(app) "), (["apply", "-f", fleet], "berth operations show "),
        (["apply", "-f", fleet, "--keep-going"], "berth operations show "),
        (["manage", app, "install"], "berth operations show "),
      ] {
        let run = try await box.berth(command + ["--json"])
        #expect(run.status == 70, "\(run.errors)")
        #expect(run.errors.contains(words), "\(run.errors)")
        let text = try #require(try run.failure()["remedy"].text)
        #expect(text.hasPrefix(remedy), "\(command): \(text)")
        let followed = try await follow(text)
        #expect(followed.status == 0, "\(followed.errors)")
        if command[0] == "install" {
          // Not started, it stays, and its log with it.
          #expect(try await box.berth("start", app).status == 70)
          #expect(try await box.berth("logs", app).output.contains(words))
          try await box.succeed("remove", app, "--yes")
        } else {
          #expect(followed.output.contains(words), "\(followed.output)")
        }
      }
    }
  }

  @Test("is the operation after a job that failed and a clone that did not get ready")
  func jobs() async throws {
    try await SandboxFixture.with { box in
      let yaml = FixturePlugins.slow(
        port: FreePorts.block(10), until: "go",
        extra: "backup: { data: { files: [\"{{paths.data}}\"] } }\n"
          + "jobs: { copy: { at: [clone], exec: [/usr/bin/perl, -e, \"die qq(no copies here)\"] } }")
      try box.addPlugin("slow", yaml)
      try await box.succeed("install", "slow", "--no-start")
      let clone = try await box.berth("clone", "slow", "--instance-name", "Copy", "--json")
      #expect(clone.status == 70 && clone.errors.contains("no copies here"), "\(clone.errors)")
      let remedy = try #require(try clone.failure()["remedy"].text)
      #expect(remedy.hasPrefix("berth operations show "), "\(remedy)")
      #expect(try await follow(remedy).output.contains("no copies here"))
    }
  }

  @Test("is never to leave a wrong word in the command, and finds the plugin whose manage script was asked")
  func wrongWords() async throws {
    try await SandboxFixture.with { box in
      try box.addPlugin("idle", FixturePlugins.idle())
      try await box.succeed("install", "idle", "--no-start")
      let pair = try await box.berth("config", "set", "idle", "greeting", "--json")
      #expect(pair.status == 64 && pair.errors.contains("'greeting' has no key"), "\(pair.errors)")
      #expect(try pair.failure()["remedy"].text == "write it as greeting=VALUE")
      let manage = try await box.berth("manage", "idle", "remove-service", "--json")
      #expect(manage.status == 64, "\(manage.errors)")
      let help = try await follow(try #require(try manage.failure()["remedy"].text))
      #expect(help.status == 0 && help.output.contains("\noptions:"), "\(help.errors)")
      let parsed = try await box.berth("operations", "show", "--json")
      #expect(try parsed.failure()["remedy"].text == "berth operations --help")
    }
  }

  @Test("is to say the name of a clone, where that was left out")
  func clone() async throws {
    try await SandboxFixture.with { box in
      try box.addPlugin(
        "idle", FixturePlugins.idle(extra: "backup: { data: { files: [\"{{paths.data}}\"], hot: true } }"))
      try await box.succeed("install", "idle")
      let run = try await box.berth("clone", "idle", "--json")
      #expect(run.status == 64, "\(run.errors)")
      let remedy = try #require(try run.failure()["remedy"].text)
      #expect(remedy.hasPrefix("berth clone idle ") && remedy.contains(" --instance-name NAME"), "\(remedy)")
      #expect(try await box.berth("backups", "list", "--json").json().list.isEmpty)
      let done = try await follow(remedy)
      #expect(done.status == 0, "\(done.errors)")
      #expect(try await box.berth("list", "--json").json().list.count == 2)
    }
  }
}
